/** Runs one command to its end, with a limit on time and output. */
import { spawn } from 'node:child_process';
import { inNamespace, pathWithSbin, signalGroup } from './server-process.ts';

const DEFAULT_LIMIT_MS = 20_000;
/** In characters, for each of the two streams. */
const OUTPUT_LIMIT = 8 * 1024 * 1024;

export interface RunOptions {
  namespace?: string | undefined;
  /** Added to the environment of the tests. */
  env?: Record<string, string> | undefined;
  cwd?: string | undefined;
  /** Text for standard input; absent: no standard input. */
  input?: string | undefined;
  /** Whole run, in ms; the command and its children are killed after it. */
  timeoutMs?: number | undefined;
}

export interface RunResult {
  /** null when a signal ended the command. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  timedOut: 'yes' | 'no';
}

/** Runs `command` and gives what came of it, whatever that is. Throws Error only when the program cannot be started. */
export function run(command: string[], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = inNamespace(options.namespace, command);
  if (program === undefined) return Promise.reject(new Error('no command'));
  const { promise, resolve, reject } = settling<RunResult>();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env, PATH: options.env?.['PATH'] ?? pathWithSbin() },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const result: RunResult = { code: null, signal: null, stdout: '', stderr: '', timedOut: 'no' };
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    result.stdout = (result.stdout + chunk).slice(-OUTPUT_LIMIT);
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    result.stderr = (result.stderr + chunk).slice(-OUTPUT_LIMIT);
  });
  const limit = setTimeout(() => {
    result.timedOut = 'yes';
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  }, options.timeoutMs ?? DEFAULT_LIMIT_MS);
  child.on('error', (error) => {
    clearTimeout(limit);
    reject(new Error(`${program} cannot be started`, { cause: error }));
  });
  child.on('close', (code, signal) => {
    clearTimeout(limit);
    resolve({ ...result, code, signal });
  });
  // A command that ends without reading its input is judged by its exit code, not by the broken pipe.
  child.stdin?.on('error', () => undefined).end(options.input);
  return promise;
}

interface Settling<T> {
  promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Promise.withResolvers, which Node 20 lacks. */
function settling<T>(): Settling<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Runs `command` and gives its standard output. Throws Error with its messages when it does not end with code 0. */
export async function runOrThrow(command: string[], options: RunOptions = {}): Promise<string> {
  const result = await run(command, options);
  if (result.code === 0) return result.stdout;
  const end = result.timedOut === 'yes' ? 'took too long' : `ended with ${result.code ?? result.signal}`;
  throw new Error(`${command.join(' ')} ${end}:\n${result.stdout}${result.stderr}`);
}
