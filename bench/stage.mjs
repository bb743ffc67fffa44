// Where a benchmark runs: near and far are two network namespaces, and the line between them takes half of the round trip each way.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const ROUND_TRIP_MS = 50;
/** The address of the far side, as the near side sees it. */
export const FAR = '198.18.0.2';

const HERE = import.meta.dirname;
const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });

async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`${child.spawnargs.join(' ')} ended before it was ready`);
}

/** Starts one of servers.mjs; gives what it says of itself, and `stop`. */
async function startServer(before, [kind, address, settings]) {
  const [command, ...args] = [...before, process.execPath, join(HERE, 'servers.mjs'), kind, address];
  const child = spawn(command, [...args, JSON.stringify(settings ?? {})], { stdio: ['pipe', 'pipe', 'inherit'] });
  return { ...JSON.parse(await firstLine(child)), stop: () => child.stdin.end() };
}

async function runOnStage() {
  const [near, far] = ['near', 'far'].map((side) => `sipdiag-${side}-${process.pid}`);
  for (const name of [near, far]) ip('netns', 'add', name);
  const line = spawn('python3', [join(HERE, 'line.py'), String(ROUND_TRIP_MS / 2), near, far], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    await firstLine(line);
    const again = ['netns', 'exec', near, process.execPath, ...process.argv.slice(1)];
    const script = spawn('ip', again, { stdio: 'inherit', env: { ...process.env, SIPDIAG_BENCH_FAR: far } });
    // Whoever ends this process early wants the namespaces gone all the same.
    process.once('SIGTERM', () => script.kill());
    const [code] = await once(script, 'close');
    return code;
  } finally {
    line.stdin.end();
    await once(line, 'close');
    for (const name of [near, far]) ip('netns', 'del', name);
  }
}

/**
 * Runs the script that calls it a second time on the near side, and gives that one the means to start servers: `near` ones on
 * loopback, `far` ones behind the line. Needs Linux and root.
 */
export async function enterStage() {
  const far = process.env['SIPDIAG_BENCH_FAR'];
  if (far === undefined) {
    if (process.getuid?.() !== 0) throw new Error('the line between near and far needs Linux and root');
    process.exit(await runOnStage());
  }
  return {
    near: (kind, settings) => startServer([], [kind, '127.0.0.1', settings]),
    far: (kind, settings) => startServer(['ip', 'netns', 'exec', far], [kind, FAR, settings]),
  };
}
