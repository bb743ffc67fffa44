import type { Failure } from '../model.ts';
import type { Wait } from '../world.ts';
import {
  idOf,
  openHttpsCarrier,
  openTcpCarrier,
  openTlsCarrier,
  openUdpCarrier,
  type Arrival,
  type Carrier,
} from './ask-carrier.ts';
import { takeIn } from './ask-arrival.ts';
import { departing, fail, type Lane, type Pending, type Session } from './ask-session.ts';
import { failureOf } from './context.ts';

type Opener = (session: Session, wait: Wait) => Promise<Carrier>;

interface Run {
  session: Session;
  lane: Lane;
  open: Opener;
  carrier?: Carrier | undefined;
  /** Answers since the connection was opened. */
  answers: number;
  /** Connections that were ended because an answer was too large. */
  cut: number;
  /** Messages since then that answer nothing that was asked. */
  strays: number;
}

/** Messages on one connection that answer nothing: an honest server sends none; each may have 64 KiB. */
const MAX_STRAYS = 64;

/** One answer in a zone may be too large; a server that gives nothing else is not asked on and on. */
const MAX_CUT = 2;

const isBusy = ({ queue, pending }: Lane): boolean => queue.length > 0 || pending.size > 0;

/** Whatever a failed TCP connection cost, the fault is the truncated answer. */
const behindTruncation = (why: Omit<Failure, 'ok' | 'ms'>): Omit<Failure, 'ok' | 'ms'> => ({
  reason: 'truncated',
  detail: `the answer over UDP was truncated, and over TCP: ${why.detail}`,
});

/** What is open in a lane gets this end. */
function failAll({ session, lane }: Run, why: Omit<Failure, 'ok' | 'ms'>): void {
  const shown = lane === session.whole && why.reason !== 'cancelled' ? behindTruncation(why) : why;
  for (const pending of [...lane.pending.values(), ...lane.queue.splice(0)]) fail(session, pending, shown);
}

async function depart({ session, lane, carrier }: Run, pending: Pending): Promise<void> {
  try {
    const bytes = departing(session, pending, carrier?.repeats ?? 'transport');
    lane.pending.set(pending.id, pending);
    const timeoutMs = Math.max(1, pending.deadline - session.context.world.now());
    await carrier?.send(bytes, { timeoutMs, signal: session.context.signal });
  } catch (error) {
    // A name that cannot be asked is no fault of the server, and of no other question.
    if (!(error instanceof Error) || error.name !== 'WireError') throw error;
    fail(session, pending, { reason: 'other', detail: `this name cannot be asked: ${error.message}` });
  }
}

async function sendQueued(run: Run, carrier: Carrier): Promise<void> {
  const { lane } = run;
  const room = Math.max(0, carrier.window - lane.pending.size);
  await Promise.all(lane.queue.splice(0, room).map((pending) => depart(run, pending)));
}

/** Over a connection nobody but the server can have sent the strays: it does answer, but not what was asked. */
function unanswered({ session, strays }: Run, { repeats }: Carrier, pending: Pending): Omit<Failure, 'ok' | 'ms'> {
  const tries = repeats === 'client' ? ` to ${pending.tries} ${pending.tries === 1 ? 'try' : 'tries'}` : '';
  const others = strays === 0 ? '' : `; what came (${strays}) answers nothing that was asked`;
  const detail = `no answer${tries} in ${session.context.timeoutMs} ms${others}`;
  return { reason: strays > 0 && repeats === 'transport' ? 'malformed' : 'timeout', detail };
}

async function resendOrGiveUp(run: Run, carrier: Carrier): Promise<void> {
  const { session, lane } = run;
  const now = session.context.world.now();
  for (const pending of lane.pending.values()) {
    if (now >= pending.deadline) {
      const why = unanswered(run, carrier, pending);
      fail(session, pending, lane === session.whole ? behindTruncation(why) : why);
    } else if (carrier.repeats === 'client' && now >= pending.resendAt) {
      await depart(run, pending);
    }
  }
}

function nextEvent({ pending }: Lane, carrier: Carrier): number {
  const times = [...pending.values()].map(({ deadline, resendAt }) =>
    carrier.repeats === 'client' ? Math.min(deadline, resendAt) : deadline,
  );
  return Math.min(...times);
}

const isEnded = ({ context }: Session): boolean => context.signal?.aborted === true;
const CANCELLED = { reason: 'cancelled', detail: 'the run was ended' } as const;
const ENDED: ReadonlySet<string> = new Set(['closed', 'reset']);

const tooManyStrays = (): Error =>
  Object.assign(new Error(`more than ${MAX_STRAYS} messages that answer nothing that was asked`), {
    name: 'WireError',
  });

function takeStray(run: Run, message: Uint8Array, { via, repeats }: Pick<Carrier, 'via' | 'repeats'>): void {
  run.strays += 1;
  if (run.strays > MAX_STRAYS && repeats === 'transport') throw tooManyStrays();
  // The answer to one request of HTTP: no other will come.
  const pending = via === 'https' ? run.lane.pending.get(idOf(message)) : undefined;
  if (pending !== undefined)
    fail(run.session, pending, { reason: 'malformed', detail: 'an answer to another question' });
}

function takeArrival(run: Run, arrival: Arrival, { via, repeats }: Carrier): void {
  const { session, lane } = run;
  if (arrival instanceof Uint8Array) {
    if (takeIn(session, { lane, bytes: arrival, via }) === 'answer') run.answers += 1;
    else takeStray(run, arrival, { via, repeats });
    return;
  }
  const why = failureOf(arrival.error);
  // The connection has ended for all.
  if (ENDED.has(why.reason)) throw arrival.error;
  const pending = lane.pending.get(arrival.id);
  if (pending === undefined) return;
  if (why.reason === 'too-large') {
    if (run.cut >= MAX_CUT) throw arrival.error;
    // It has cost the others their connection, and they are asked over a new one.
    run.cut += 1;
    run.answers += 1;
  }
  fail(session, pending, why);
}

async function listenOnce(run: Run, carrier: Carrier): Promise<void> {
  const { session, lane } = run;
  const { context } = session;
  const timeoutMs = Math.max(1, nextEvent(lane, carrier) - context.world.now());
  if (isEnded(session)) return failAll(run, CANCELLED);
  try {
    for (const arrival of await carrier.receive({ timeoutMs, signal: lane.bell.signal }))
      takeArrival(run, arrival, carrier);
  } catch (error) {
    const { reason } = failureOf(error);
    const wokenUp = reason === 'cancelled' && !isEnded(session);
    if (reason !== 'timeout' && !wokenUp) throw error;
  }
  if (isEnded(session)) failAll(run, CANCELLED);
}

/**
 * A server may end a connection that has served some questions (RFC 7766 section 6.2.4): the others go over a new one.
 * Anything else that ends a connection ends what is under way on it.
 */
function afterFailure(run: Run, error: unknown): void {
  const { lane, carrier, answers } = run;
  const why = failureOf(error);
  carrier?.close();
  run.carrier = undefined;
  run.answers = 0;
  run.strays = 0;
  const served = answers > 0 && carrier?.repeats === 'transport' && ENDED.has(why.reason);
  if (!served) return failAll(run, why);
  lane.queue.unshift(...lane.pending.values());
  lane.pending.clear();
}

async function serveOnce(run: Run): Promise<void> {
  const { session, lane, open } = run;
  const { signal, timeoutMs } = session.context;
  try {
    run.carrier ??= await open(session, { timeoutMs, signal });
    await sendQueued(run, run.carrier);
    if (lane.pending.size > 0) {
      await listenOnce(run, run.carrier);
      await resendOrGiveUp(run, run.carrier);
    }
  } catch (error) {
    afterFailure(run, error);
  }
}

const rung = ({ bell }: Lane): Promise<void> =>
  new Promise((resolve) => {
    if (bell.signal.aborted) resolve();
    else bell.signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Serves a lane until it is idle and `isDone` says that nothing more can come. */
async function serveLane(run: Run, isDone: () => boolean): Promise<void> {
  const { lane } = run;
  for (;;) {
    if (lane.bell.signal.aborted) lane.bell = new AbortController();
    if (isBusy(lane)) await serveOnce(run);
    else if (isDone()) break;
    else await rung(lane);
  }
  run.carrier?.close();
}

const openerOf = ({ resolver }: Session): Opener => {
  if (resolver.over === undefined) return openUdpCarrier;
  return resolver.over.kind === 'tls' ? openTlsCarrier : openHttpsCarrier;
};

/** Asks everything that is queued in the session, and what comes of it. Never rejects for what a server did. */
export async function runLanes(session: Session): Promise<void> {
  const { main, whole } = session;
  const serveMain = async (): Promise<void> => {
    try {
      await serveLane(
        { session, lane: main, open: openerOf(session), answers: 0, cut: 0, strays: 0 },
        () => !isBusy(whole),
      );
    } finally {
      session.phase = 'ending';
      whole.bell.abort('rung');
    }
  };
  const { signal } = session.context;
  const ringAll = (): void => {
    main.bell.abort('rung');
    whole.bell.abort('rung');
  };
  signal?.addEventListener('abort', ringAll);
  const wholeRun = { session, lane: whole, open: openTcpCarrier, answers: 0, cut: 0, strays: 0 };
  try {
    await Promise.all([serveMain(), serveLane(wholeRun, () => session.phase === 'ending')]);
  } finally {
    signal?.removeEventListener('abort', ringAll);
  }
}
