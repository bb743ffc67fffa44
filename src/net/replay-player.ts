import { differenceOf, showCall, type Call } from './tape-difference.ts';
import { readError } from './tape-values.ts';
import { TapeError, type Tape, type TapeEvent } from './tape.ts';

/** Plays the events of a tape to a program that asks for them. */
export interface Player {
  /**
   * Waits for the recorded end of an operation; `read` makes the result of what the tape holds. Throws the recorded
   * NetError, and TapeError for what the tape does not hold.
   */
  play<T>(call: Call, read: (value: unknown) => T): Promise<{ ch: number; value: T }>;
  /** Takes note of a close; what is wrong with it shows in every later call and in `finish`. */
  close(ch: number): void;
  now(): number;
  finish(): void;
}

/** An event, and who waits for it once the program has asked. */
interface Slot {
  event: TapeEvent;
  called: 'not yet' | 'called';
  settle?: { resolve(): void; reject(error: TapeError): void };
}

export function createPlayer(tape: Tape, stallMs: number): Player {
  const slots: Slot[] = tape.events.map((event) => ({ event, called: 'not yet' }));
  const delivery = createDelivery(slots, stallMs);
  const claim = createClaim(slots, delivery);
  return {
    async play(call, read) {
      const slot = claim(call);
      await new Promise<void>((resolve, reject) => {
        slot.settle = { resolve, reject };
        delivery.await(slot);
        delivery.proceed();
      });
      const { ch, ok, error } = slot.event;
      if (error !== undefined) throw readError(error);
      return { ch, value: read(ok) };
    },
    close(ch) {
      try {
        claim({ ch, op: 'close' });
        delivery.proceed();
      } catch (error) {
        // A close must not throw, since it stands where other errors pass; the player is broken from here on.
        if (!(error instanceof TapeError)) throw error;
      }
    },
    now: () => tape.header.startedAt + delivery.at(),
    finish() {
      const broken = delivery.broken();
      if (broken !== undefined) throw broken;
      const left = slots.slice(delivery.done());
      const [first] = left;
      if (first === undefined) return;
      throw delivery.fail(`the program left ${left.length} events of the tape aside, first ${showCall(first.event)}`);
    },
  };
}

/** Finds the slot of a call, and breaks the replay when there is none. */
function createClaim(slots: readonly Slot[], delivery: Delivery): (call: Call) => Slot {
  const calls = indexCalls(slots);
  return (call) => {
    const broken = delivery.broken();
    if (broken !== undefined) throw broken;
    const queue = calls.get(keyOf(call)) ?? [];
    const slot = choose(queue, call);
    if (slot === undefined) {
      throw delivery.fail(`the tape holds no further ${showCall(call)}${describeRest(slots, call)}`);
    }
    const difference = differenceOf(slot.event, call);
    if (difference !== undefined) throw delivery.fail(`the tape holds ${difference}`);
    queue.splice(queue.indexOf(slot), 1);
    slot.called = 'called';
    return slot;
  };
}

/** Operations on a channel come in its order; the others are told apart by what they ask. */
function keyOf({ ch, op, args }: Call): string {
  return ch === undefined ? `${op} ${JSON.stringify(args)}` : `${ch} ${op}`;
}

const OPENING: ReadonlySet<string> = new Set([
  'connect',
  'startTls',
  'openHttps',
  'openUdp',
  'systemLookup',
  'systemResolvers',
]);

/** Operations of one channel that run side by side, so that they may end in another order than they began. */
const SIDE_BY_SIDE: ReadonlySet<string> = new Set(['sendTo', 'post']);

/** A stream keeps its order; datagrams and requests that are under way at once do not. */
function choose(queue: readonly Slot[], call: Call): Slot | undefined {
  const [first] = queue;
  if (!SIDE_BY_SIDE.has(call.op)) return first;
  return queue.find((slot) => differenceOf(slot.event, call) === undefined) ?? first;
}

/** The slots by key, each queue in the order of the calls: channels are numbered so, and operations on a channel end so. */
function indexCalls(slots: readonly Slot[]): Map<string, Slot[]> {
  const calls = new Map<string, Slot[]>();
  for (const slot of slots) {
    const { ch, op, args } = slot.event;
    const key = keyOf(OPENING.has(op) ? { op, args } : { ch, op });
    const queue = calls.get(key);
    if (queue === undefined) calls.set(key, [slot]);
    else queue.push(slot);
  }
  for (const queue of calls.values()) queue.sort((one, other) => one.event.ch - other.event.ch);
  return calls;
}

function describeRest(slots: readonly Slot[], call: Call): string {
  const rest = slots.filter((slot) => slot.called === 'not yet' && slot.event.op === call.op);
  if (rest.length === 0) return '';
  const shown = rest.slice(0, 3).map((slot) => showCall(slot.event));
  return `; it still holds ${shown.join(', ')}${rest.length > 3 ? ' …' : ''}`;
}

interface Delivery {
  /** Counts a slot among those that somebody waits for. */
  await(slot: Slot): void;
  /** Sees to it that the next end is delivered once it was asked for. */
  proceed(): void;
  /** Breaks the replay: all who wait, and all who ask later, get this error. */
  fail(message: string): TapeError;
  broken(): TapeError | undefined;
  at(): number;
  /** How many events were delivered. */
  done(): number;
}

function createDelivery(slots: readonly Slot[], stallMs: number): Delivery {
  const waiting = new Set<Slot>();
  let next = 0;
  let at = 0;
  let error: TapeError | undefined;
  let turn: NodeJS.Immediate | undefined;
  let stall: NodeJS.Timeout | undefined;
  const fail = (message: string): TapeError => {
    error ??= new TapeError(message);
    clearTimeout(stall);
    for (const slot of waiting) slot.settle?.reject(error);
    waiting.clear();
    return error;
  };
  const proceed = (): void => {
    clearTimeout(stall);
    // A close has no end that anybody waits for.
    while (slots[next]?.called === 'called' && slots[next]?.event.op === 'close') next += 1;
    if (error !== undefined || turn !== undefined) return;
    if (slots[next]?.called === 'called') turn = setImmediate(deliver);
    else if (waiting.size > 0) stall = setTimeout(() => fail(describeStall(slots[next], waiting)), stallMs);
  };
  const deliver = (): void => {
    turn = undefined;
    const slot = slots[next];
    if (error !== undefined || slot === undefined) return;
    next += 1;
    at = slot.event.at;
    waiting.delete(slot);
    slot.settle?.resolve();
    proceed();
  };
  const join = (slot: Slot): void => void waiting.add(slot);
  return { await: join, proceed, fail, broken: () => error, at: () => at, done: () => next };
}

function describeStall(head: Slot | undefined, waiting: Iterable<Slot>): string {
  const asked = [...waiting].slice(0, 3).map((slot) => showCall(slot.event));
  const held = head === undefined ? 'nothing' : showCall(head.event);
  return `the replay stands still: the tape goes on with ${held}, the program waits for ${asked.join(', ')}`;
}
