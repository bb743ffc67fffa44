import { setMaxListeners } from 'node:events';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { createLocalRunner, type RunnerSettings } from './local-runner.ts';
import type { ServerGate } from './server-gate.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** The one gate of the batch stands in the thread that reads the input: this asks there. */
function distantGate(send: (message: FromWorker) => void): ServerGate & { hear: (message: ToWorker) => void } {
  const waiting = new Map<number, { resolve: (leave: () => void) => void; reject: (error: Error) => void }>();
  let tickets = 0;
  return {
    enter(connections) {
      const ticket = (tickets += 1);
      return new Promise((resolve, reject) => {
        waiting.set(ticket, { resolve, reject });
        send({ kind: 'enter', ticket, connections: [...connections] });
      });
    },
    hear(message) {
      if (message.kind !== 'go' && message.kind !== 'refused') return;
      const one = waiting.get(message.ticket);
      waiting.delete(message.ticket);
      if (message.kind === 'go') one?.resolve(() => send({ kind: 'leave', ticket: message.ticket }));
      else one?.reject(new Error('the batch was ended'));
    },
  };
}

function serve(port: MessagePort, settings: Omit<RunnerSettings, 'gate' | 'signal'>): Promise<void> {
  const send = (message: FromWorker): void => port.postMessage(message);
  const gate = distantGate(send);
  const ending = new AbortController();
  // Every target that is under way listens.
  setMaxListeners(0, ending.signal);
  const runner = createLocalRunner({ ...settings, gate, signal: ending.signal });
  const runJob = async (id: number, job: Parameters<typeof runner.run>[0]): Promise<void> => {
    try {
      send({ kind: 'result', id, result: await runner.run(job) });
    } catch (error) {
      send({ kind: 'fault', id, text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  };
  return new Promise((resolve) => {
    port.on('message', (message: ToWorker) => {
      gate.hear(message);
      if (message.kind === 'job') void runJob(message.id, message.job);
      if (message.kind === 'abort') ending.abort();
      if (message.kind !== 'end') return;
      port.close();
      resolve();
    });
    send({ kind: 'ready' });
  });
}

/** Runs jobs for the thread that started this one, until it says that there are no more. */
export async function serveAsWorker(settings: Omit<RunnerSettings, 'gate' | 'signal'>): Promise<void> {
  if (parentPort !== null) await serve(parentPort, settings);
}
