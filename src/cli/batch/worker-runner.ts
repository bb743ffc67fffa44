import { Worker } from 'node:worker_threads';
import type { Job, Result } from './job.ts';
import type { Runner } from './local-runner.ts';
import type { ServerGate } from './server-gate.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

interface Asked {
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

interface Desk {
  asked: Map<number, Asked>;
  /** Ways out of the gate, by ticket. */
  inside: Map<number, () => void>;
  send: (message: ToWorker) => void;
}

/** What holds for all threads of a batch. */
interface Rules {
  gate: ServerGate;
  signal: AbortSignal;
}

async function letIn(
  desk: Desk,
  message: Extract<FromWorker, { kind: 'enter' }>,
  { gate, signal }: Rules,
): Promise<void> {
  try {
    desk.inside.set(message.ticket, await gate.enter(new Map(message.connections), signal));
    desk.send({ kind: 'go', ticket: message.ticket });
  } catch {
    desk.send({ kind: 'refused', ticket: message.ticket }); // The batch was ended: the worker ends its job.
  }
}

function hear(desk: Desk, message: FromWorker, rules: Rules): void {
  switch (message.kind) {
    case 'ready':
      return;
    case 'enter':
      void letIn(desk, message, rules);
      return;
    case 'leave':
      desk.inside.get(message.ticket)?.();
      desk.inside.delete(message.ticket);
      return;
    case 'result':
      desk.asked.get(message.id)?.resolve(message.result);
      desk.asked.delete(message.id);
      return;
    case 'fault':
      desk.asked.get(message.id)?.reject(new Error(message.text));
      desk.asked.delete(message.id);
  }
}

/**
 * Of one thread, in MiB. What its jobs need at a time is some 15; V8 lets a heap grow by a share of itself before it collects, and the
 * smaller the most that a heap may have, the smaller the share: a long list then takes hardly more than a short one.
 */
const MEMORY = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 12 };

/**
 * Starts a thread that runs jobs with the command line of this one; undefined where none can be started (a single executable
 * has no file to start it from).
 */
export async function startWorkerRunner(
  { script, argv }: { script: string; argv: readonly string[] },
  rules: Rules,
): Promise<Runner | undefined> {
  const worker = new Worker(script, { argv: [...argv], resourceLimits: MEMORY });
  // A thread has no origin, which the rule asks of windows.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  const post = (message: ToWorker): void => worker.postMessage(message);
  const desk: Desk = { asked: new Map(), inside: new Map(), send: post };
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const ready = await new Promise<boolean>((resolve) => {
    worker.once('message', () => resolve(true));
    worker.once('exit', () => resolve(false));
    worker.once('error', () => resolve(false));
  });
  if (!ready) return undefined;
  worker.on('message', (message: FromWorker) => hear(desk, message, rules));
  const failAll = (error: Error): void => {
    for (const { reject } of desk.asked.values()) reject(error);
    desk.asked.clear();
  };
  worker.on('error', failAll);
  worker.once('exit', () => failAll(new Error('a thread has ended before its jobs were done')));
  rules.signal.addEventListener('abort', () => desk.send({ kind: 'abort' }), { once: true });
  let ids = 0;
  return {
    run: (job: Job) =>
      new Promise((resolve, reject) => {
        const id = (ids += 1);
        desk.asked.set(id, { resolve, reject });
        desk.send({ kind: 'job', id, job });
      }),
    busy: () => desk.asked.size,
    async stop() {
      desk.send({ kind: 'end' });
      await ended;
    },
  };
}
