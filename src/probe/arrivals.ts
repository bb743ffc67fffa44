import type { Endpoint, Wait } from '../world.ts';

/** What somebody on the far side sends that this side waits for. */
export interface Wanted {
  /** All that has come on one connection so far, from its first octet (none at first), or one datagram. */
  matches(bytes: Uint8Array): boolean;
  /** Sent back to where it came from; undefined: nothing. */
  answer(bytes: Uint8Array): Uint8Array | undefined;
}

export interface Arrived {
  from: Endpoint;
  bytes: Uint8Array;
}

/** A connection, or a datagram, that came to an open port. */
export interface Visit extends Arrived {
  reply(bytes: Uint8Array): Promise<void>;
  /** Lets go of it. */
  end(): void;
}

/** Where what arrives on one port meets those who wait for it. */
export interface Arrivals {
  /** Shows a visit, again whenever more of it has come; true: it has been ended, answered if somebody took it. */
  show(visit: Visit): Promise<boolean>;
  expect(wanted: Wanted, wait: Wait): Promise<Arrived>;
  /** Ends what nobody has asked for, now and later; safe to call twice. */
  close(): void;
}

/** Visits that nobody has asked for yet: a further one takes the place of the oldest, so that a port scan costs nothing. */
const MAX_HELD = 16;
/** Longest delay that a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const failed = (code: 'timeout' | 'cancelled', message: string): Error =>
  Object.assign(new Error(message), { name: 'NetError', code });

/** Whoever sent it may be gone before the answer leaves: it has arrived all the same. */
async function answer(visit: Visit, wanted: Wanted): Promise<void> {
  const bytes = wanted.answer(visit.bytes);
  try {
    if (bytes !== undefined) await visit.reply(bytes);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NetError') throw error;
  } finally {
    visit.end();
  }
}

interface Waiter {
  wanted: Wanted;
  take(arrived: Arrived): void;
}

function inTime(wait: Wait, begin: (waiterOf: (arrived: Arrived) => void) => () => void): Promise<Arrived> {
  const { timeoutMs, signal } = wait;
  if (signal?.aborted === true) return Promise.reject(failed('cancelled', 'the run was cancelled'));
  return new Promise((resolve, reject) => {
    let letGo = (): void => undefined;
    const end = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      letGo();
      act();
    };
    const cancel = (): void => end(() => reject(failed('cancelled', 'the run was cancelled')));
    const expire = (): void => end(() => reject(failed('timeout', `nothing arrived within ${timeoutMs} ms`)));
    const timer = timeoutMs <= LONGEST_TIMER_MS ? setTimeout(expire, timeoutMs) : undefined;
    signal?.addEventListener('abort', cancel);
    letGo = begin((arrived) => end(() => resolve(arrived)));
  });
}

/** Visits that nobody has asked for yet; once it is closed, none is kept. */
function createShelf() {
  let held: Visit[] = [];
  let state: 'open' | 'closed' = 'open';
  return {
    /** True: it was ended and not kept. */
    keep(visit: Visit): boolean {
      if (state === 'closed') {
        visit.end();
        return true;
      }
      if (!held.includes(visit)) held.push(visit);
      if (held.length > MAX_HELD) held.shift()?.end();
      return false;
    },
    find: (wanted: Wanted): Visit | undefined => held.find(({ bytes }) => wanted.matches(bytes)),
    release(visit: Visit): void {
      held = held.filter((one) => one !== visit);
    },
    close(): void {
      state = 'closed';
      for (const visit of held.splice(0)) visit.end();
    },
  };
}

/** The desk of one port. `what` it was that came is decided by those who wait, each of whom sees only what is its own. */
export function createArrivals(): Arrivals {
  const waiters = new Set<Waiter>();
  const gone = new WeakSet<Visit>();
  const shelf = createShelf();
  const hand = async (visit: Visit, takers: readonly Waiter[]): Promise<void> => {
    shelf.release(visit);
    gone.add(visit);
    const { from, bytes } = visit;
    const [first] = takers;
    if (first !== undefined) await answer(visit, first.wanted);
    for (const one of takers) one.take({ from, bytes });
  };
  return {
    async show(visit) {
      if (gone.has(visit)) return true;
      const takers = [...waiters].filter(({ wanted }) => wanted.matches(visit.bytes));
      if (takers.length === 0) return shelf.keep(visit);
      await hand(visit, takers);
      return true;
    },
    expect: (wanted, wait) =>
      inTime(wait, (take) => {
        const waiter: Waiter = { wanted, take };
        waiters.add(waiter);
        const visit = shelf.find(wanted);
        if (visit !== undefined) void hand(visit, [waiter]);
        return () => waiters.delete(waiter);
      }),
    close: () => shelf.close(),
  };
}
