import type { Failure, Observation, Outcome } from '../model.ts';
import type { TracedMessage } from '../wire/traced-message.ts';
import type { NetFailure, Wait, World } from '../world.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { TrustStore } from './trust.ts';

/** What every probe is handed. */
export interface ProbeContext {
  world: World;
  /** `world.now()` at the start of the run. */
  startedAt: number;
  /** Limit of one step in milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Absent: no certificate can be verified. */
  trust?: TrustStore | undefined;
  /** Takes every SIP message, as it is: masking is the business of whoever writes it down. */
  trace?: ((message: TracedMessage) => void) | undefined;
  /** Told of what is seen at once: it can be worked on while the next answers are awaited. */
  seen?: ((one: Observation) => void) | undefined;
  /** Answers that runs beside and before this one were given. */
  answers?: AnswerCache | undefined;
}

export const waitOf = (context: ProbeContext): Wait => ({ timeoutMs: context.timeoutMs, signal: context.signal });

/** For what is left of a step that began at `from`, by the world's clock: waits in a row share one limit. */
export const leftOf = (context: ProbeContext, from: number): ProbeContext => ({
  ...context,
  timeoutMs: Math.max(1, Math.ceil(context.timeoutMs - (context.world.now() - from))),
});

/** Times in reports carry hundredths of a millisecond: more is noise. */
export const sinceMs = (context: ProbeContext, from: number): number =>
  Math.max(0, Math.round((context.world.now() - from) * 100) / 100);

/** Milliseconds since the start of the run. */
export const offsetMs = (context: ProbeContext): number => sinceMs(context, context.startedAt);

// The class itself lives in net/, which a probe never imports: it is known by its name.
const isNetFailure = (error: unknown): error is NetFailure => error instanceof Error && error.name === 'NetError';

export const asBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Turns what a remote did wrong into a reason; anything else is our own fault and goes on as an exception. */
export function failureOf(error: unknown): Omit<Failure, 'ok' | 'ms'> {
  if (isNetFailure(error)) {
    const { code, message, alert, received, handshake } = error;
    return {
      reason: code,
      detail: message,
      ...(alert === undefined ? {} : { alert }),
      ...(received === undefined ? {} : { received: asBase64(received) }),
      ...(handshake === undefined ? {} : { octets: handshake.serverFlight.length }),
    };
  }
  if (error instanceof Error && error.name === 'WireError') return { reason: 'malformed', detail: error.message };
  throw error;
}

/** Runs one attempt and times it. */
export async function attempt<T>(context: ProbeContext, work: () => Promise<T>): Promise<Outcome<T>> {
  const from = context.world.now();
  try {
    const value = await work();
    return { ok: true, value, ms: sinceMs(context, from) };
  } catch (error) {
    return { ok: false, ...failureOf(error), ms: sinceMs(context, from) };
  }
}

/** Runs `work` on every item side by side, at most `limit` at a time; results keep the order of the items. */
export async function sideBySide<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
