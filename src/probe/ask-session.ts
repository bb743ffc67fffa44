import type { Failure, Outcome } from '../model.ts';
import type { DnsAnswer, DnsObservation } from '../model/dns.ts';
import { EDNS_SIZE, encodeQuery } from '../wire/dns-message.ts';
import type { DnsPlan, Question, Resolver } from './ask-dns.ts';
import { offsetMs, sinceMs, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';

/** First retransmission; doubles each time (RFC 1035 section 4.2.1 leaves it to the client, most stubs wait far longer). */
const FIRST_RESEND_MS = 500;
/** Questions to one resolver in one run: the profiles need some dozens; more can only come from hostile answers. */
const MAX_QUESTIONS = 512;
/** Some middleboxes lose whatever carries EDNS: the third try goes without (RFC 6891 section 6.2.2). */
const TRIES_WITH_EDNS = 2;

/** A question on its way. */
export interface Pending {
  question: Question;
  id: number;
  /** Milliseconds since the start of the run. */
  at: number;
  /** Undefined until it was sent for the first time. */
  sentAt?: number;
  deadline: number;
  resendAt: number;
  resendMs: number;
  tries: number;
  edns: 'with' | 'without';
}

/** Questions that share a way to the server. */
export interface Lane {
  queue: Pending[];
  /** Sent and not answered, by id. */
  pending: Map<number, Pending>;
  /** Ends the current wait of the lane when there is something new to do. */
  bell: AbortController;
}

export interface Session {
  context: ProbeContext;
  resolver: Resolver;
  plan: DnsPlan;
  done: Map<string, DnsObservation>;
  asked: Map<string, number>;
  main: Lane;
  /** TCP, for the answers that did not fit. */
  whole: Lane;
  phase: 'open' | 'ending';
  /** 'without' once the server has answered only that. */
  edns: Pending['edns'];
  /** Why the certificate of the server proves nothing. */
  unverified?: string;
}

const keyOf = (question: Question): string => `${question.type} ${question.name.toLowerCase()}`;

const HTTPS_PORT = 443;

/** '192.0.2.53:53', 'tls://192.0.2.53:853', 'https://dns.example/dns-query'. */
export function showResolver({ endpoint, over }: Resolver): string {
  if (over === undefined) return formatEndpoint(endpoint);
  if (over.kind === 'tls') return `tls://${formatEndpoint(endpoint)}`;
  const place = formatEndpoint(endpoint);
  return `https://${endpoint.port === HTTPS_PORT ? place.slice(0, -`:${HTTPS_PORT}`.length) : place}${over.path}`;
}

const openLane = (): Lane => ({ queue: [], pending: new Map(), bell: new AbortController() });

export const openSession = (context: ProbeContext, resolver: Resolver, plan: DnsPlan): Session => ({
  context,
  resolver,
  plan,
  done: new Map(),
  asked: new Map(),
  main: openLane(),
  whole: openLane(),
  phase: 'open',
  edns: 'with',
});

function newId({ context, resolver, asked }: Session, question: Question): number {
  const taken = new Set(asked.values());
  for (;;) {
    const id = Number.parseInt(context.world.randomHex(`dns/${showResolver(resolver)}/${keyOf(question)}`, 2), 16);
    if (!taken.has(id)) return id;
  }
}

/** What an answer is shared under. */
export const sharedKey = ({ resolver, plan }: Session, question: Question): string =>
  `${showResolver(resolver)} ${plan.recursion ?? 'desired'} ${keyOf(question)}`;

/** What another run was told a moment ago needs no question. */
function takeShared(session: Session, question: Question): boolean {
  const { context, done, asked } = session;
  const shared = context.answers?.get(sharedKey(session, question), context.world.now());
  if (shared === undefined) return false;
  const key = keyOf(question);
  asked.set(key, -1);
  const value: DnsAnswer = { ...shared.answer, ageMs: Math.round(shared.ageMs) };
  const observation = observe(session, question, { at: offsetMs(context), outcome: { ok: true, value, ms: 0 } });
  done.set(key, observation);
  enqueue(session, session.plan.followUps(observation));
  return true;
}

/** Takes up what was not asked before. */
export function enqueue(session: Session, questions: readonly Question[]): void {
  const { asked, main, context } = session;
  for (const question of questions) {
    const key = keyOf(question);
    if (asked.has(key) || asked.size >= MAX_QUESTIONS || takeShared(session, question)) continue;
    const id = newId(session, question);
    asked.set(key, id);
    const at = offsetMs(context);
    const times = { deadline: Infinity, resendAt: Infinity, resendMs: FIRST_RESEND_MS };
    main.queue.push({ question, id, at, ...times, tries: 0, edns: session.edns });
    main.bell.abort('rung');
  }
}

function observe(
  { resolver }: Session,
  { name, type }: Question,
  seen: { at: number; outcome: Outcome<DnsAnswer> },
): DnsObservation {
  const about = { name, type, resolver: showResolver(resolver), resolverLabel: resolver.label };
  return { kind: 'dns', subject: `${name} ${type}`, at: seen.at, about, outcome: seen.outcome };
}

/** Puts the outcome of a question down, and takes up what follows from it. */
export function conclude(session: Session, pending: Pending, outcome: Outcome<DnsAnswer>): void {
  const { question, at } = pending;
  const observation = observe(session, question, { at, outcome });
  const { main, whole } = session;
  main.pending.delete(pending.id);
  whole.pending.delete(pending.id);
  // The main lane may have nothing left but to wait for the other one.
  if (main.pending.size === 0 && main.queue.length === 0) main.bell.abort('rung');
  session.done.set(keyOf(question), observation);
  enqueue(session, session.plan.followUps(observation));
  session.context.seen?.(observation);
}

/** Milliseconds since the question was first sent; 0 when it was not. */
export const spentMs = ({ context }: Session, { sentAt }: Pending): number =>
  sentAt === undefined ? 0 : sinceMs(context, sentAt);

export const fail = (session: Session, pending: Pending, why: Omit<Failure, 'ok' | 'ms'>): void =>
  conclude(session, pending, { ok: false, ...why, ms: spentMs(session, pending) });

/** The octets of the next try; tries are counted where it is for the client to repeat them. Throws WireError for a name that cannot be asked. */
export function departing(session: Session, pending: Pending, repeats: 'client' | 'transport'): Uint8Array {
  const { context, plan } = session;
  const { id, question } = pending;
  if (pending.tries >= TRIES_WITH_EDNS) pending.edns = 'without';
  const bytes = encodeQuery({
    id,
    ...question,
    recursion: plan.recursion ?? 'desired',
    ...(pending.edns === 'with' ? { ednsSize: EDNS_SIZE } : {}),
  });
  const now = context.world.now();
  if (pending.sentAt === undefined) {
    pending.sentAt = now;
    pending.at = offsetMs(context);
    pending.deadline = now + context.timeoutMs;
  } else {
    pending.resendMs *= 2;
  }
  pending.tries = repeats === 'client' ? pending.tries + 1 : Math.max(1, pending.tries);
  pending.resendAt = now + pending.resendMs;
  return bytes;
}

/** Answers come in any order; the report has them as they were planned, each followed by what it led to. */
export function inPlanOrder({ done, plan }: Session): DnsObservation[] {
  const ordered = new Map<string, DnsObservation>();
  const visit = (question: Question): void => {
    const key = keyOf(question);
    const observation = done.get(key);
    if (observation === undefined || ordered.has(key)) return;
    ordered.set(key, observation);
    for (const next of plan.followUps(observation)) visit(next);
  };
  for (const question of plan.questions) visit(question);
  return [...ordered.values()];
}
