/** A real server as a child process: started, waited for by asking it, ended by its id. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { onProcessExit, type Stoppable } from './clean-up.ts';

/** Time in ms that a server gets to start on a busy machine. */
const START_LIMIT_MS = 15_000;
/** Time in ms between SIGTERM and SIGKILL. */
const TERM_LIMIT_MS = 4_000;
const POLL_MS = 20;
/** What is kept of a server's output, in characters; a server that fills more has its oldest lines dropped. */
const LOG_LIMIT = 4 * 1024 * 1024;

export interface ServerSettings {
  /** For messages. */
  name: string;
  command: string[];
  /** The network namespace to run in; absent: that of the tests. */
  namespace?: string | undefined;
  env?: Record<string, string> | undefined;
  /** A folder that belongs to the server and is removed with it. */
  folder: string;
  /** Asks the server whether it serves; a rejection counts as 'not yet'. */
  ready(log: string): Promise<boolean>;
}

export interface ServerProcess extends Stoppable {
  pid: number;
  /** Its folder, which exists as long as it does. */
  folder: string;
  /** Standard output and standard error so far. */
  log(): string;
}

/** Polls until `probe` gives true. Throws Error with `what` when `limitMs` have passed. A rejection counts as 'not yet'. */
async function waitUntil(what: string, probe: () => Promise<boolean>, limitMs = START_LIMIT_MS): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await probe().catch(() => false))) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await pause(POLL_MS);
  }
}

/** The command as run in a network namespace. The id of the process stays that of the command. */
export function inNamespace(namespace: string | undefined, command: string[]): string[] {
  return namespace === undefined ? command : ['ip', 'netns', 'exec', namespace, ...command];
}

/** True when the process belongs to the group and runs; in a container whose init reaps nothing, zombies stay for ever. */
function runsInGroup(process: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, 'latin1');
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state !== 'Z' && Number(itsGroup) === group;
  } catch {
    return false;
  }
}

function groupLives(pid: number): boolean {
  try {
    process.kill(-pid, 0);
  } catch {
    return false;
  }
  return readdirSync('/proc').some((entry) => /^\d+$/.test(entry) && runsInGroup(entry, pid));
}

/** Sends a signal to a process and all that it has started in its group. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended meanwhile, which is what was wanted.
  }
}

/** True while a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Debian keeps servers in sbin folders, which the path of a plain user lacks. */
export function pathWithSbin(): string {
  return `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
}

function launch(settings: ServerSettings): ChildProcess {
  // The signal at the death of the parent is for the case that a test process is killed outright and no hook of it runs.
  const [program, ...args] = ['setpriv', '--pdeathsig', 'TERM', ...inNamespace(settings.namespace, settings.command)];
  if (program === undefined) throw new Error('no command');
  return spawn(program, args, {
    cwd: settings.folder,
    env: { LC_ALL: 'C', ...settings.env, PATH: pathWithSbin() },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group, so that forked workers end with it.
    detached: true,
  });
}

async function endGroup(name: string, pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // Already gone; its workers may not be.
  }
  const gone = () => Promise.resolve(!groupLives(pid));
  await waitUntil(`${name} ends`, gone, TERM_LIMIT_MS).catch(async () => {
    signalGroup(pid, 'SIGKILL');
    await waitUntil(`${name} (process ${pid}) ends after SIGKILL`, gone, TERM_LIMIT_MS);
  });
}

function collectOutput(child: ChildProcess): () => string {
  let text = '';
  const append = (chunk: string) => {
    text = (text + chunk).slice(-LOG_LIMIT);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', append);
  child.on('error', (error) => append(`${error.message}\n`));
  return () => text;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Starts a server and waits until it serves. Throws Error with the end of its log when it does not; nothing is left then. */
export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  const child = launch(settings);
  const log = collectOutput(child);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const removeFolder = () => {
    rmSync(settings.folder, { recursive: true, force: true });
  };
  const { pid } = child;
  if (pid === undefined) {
    removeFolder();
    throw new Error(`${settings.name} cannot be started: ${settings.command.join(' ')}`);
  }
  const callOff = onProcessExit(() => {
    signalGroup(pid, 'SIGKILL');
    removeFolder();
  });
  const end = async () => {
    await endGroup(settings.name, pid);
    callOff();
    removeFolder();
  };
  let ending: Promise<void> | undefined;
  const stop = () => (ending ??= end());
  let served = false;
  const readyOrEnded = async () => {
    served = await settings.ready(log()).catch(() => false);
    return served || hasEnded(child);
  };
  const late = await waitUntil(`${settings.name} serves`, readyOrEnded).catch((error: unknown) => error);
  if (late !== undefined || !served) {
    await stop();
    // Its last words may still be on the way when it is gone already.
    await closed;
    throw new Error(`${settings.name} has not come up (exit code ${child.exitCode}):\n${log().slice(-3000)}`, {
      cause: late,
    });
  }
  return { pid, folder: settings.folder, log, stop };
}
