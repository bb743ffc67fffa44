import type { ReachObservation, ReachSeen } from '../model/far-side.ts';
import { headerValue } from '../wire/sip-message.ts';
import { answerRequest } from './answer-request.ts';
import { callBack, type Call, type Called } from './call-back.ts';
import type { CallbackContact } from './callback-contacts.ts';
import { failureOf, offsetMs, sinceMs, type ProbeContext } from './context.ts';
import type { LoggedIn } from './logged-in.ts';
import type { OpenPort } from './open-ports.ts';
import type { SipResult } from './sip-exchange.ts';
import { inVain, type SipWay } from './sip-line.ts';

export interface SipWitnessPlan {
  way: SipWay;
  /** TCP listeners on the address that this machine uses towards the server; not used over TLS. */
  ports: readonly OpenPort[];
  /** How long the registering connection is left silent before the server is asked again. */
  idleSeconds?: number | undefined;
  /** Whether the server answers OPTIONS at all; where it does not, its silence says nothing of our ports. */
  options: 'answered' | 'unanswered';
}

/** A connection on which Contacts of this run are registered. */
export interface Session {
  context: ProbeContext;
  plan: SipWitnessPlan;
  server: string;
  who: LoggedIn;
  contacts: readonly CallbackContact[];
  close(): void;
}

/** What the 200 says of how the client will be reached. RFC 5626 section 6; MS-SIP section 3.1.4.2. */
function proofIn({ response }: SipResult): string | undefined {
  if (response === undefined) return undefined;
  const text = response.headers.map(({ name, value }) => `${name}: ${value.slice(0, 1024)}`);
  const required = text.some((line) => /^require:.*\boutbound\b/i.test(line));
  const microsoft = text.some((line) => /\bms-received-(?:port|cid)=/i.test(line));
  return required ? 'Require: outbound in its answer' : microsoft ? 'ms-received-cid in its answer' : undefined;
}

type Round = Pick<ReachObservation['about'], 'connection' | 'idleSeconds'> & {
  /** The connection ended so many seconds into the silence; absent: it still stands. */
  endedAfter?: number | undefined;
};

/** An end that is itself what came of asking is told once. */
function withEnd({ seen, unanswered }: Called, { endedAfter }: Round): ReachSeen {
  if (endedAfter === undefined) return seen;
  const after = `after ${Math.round(endedAfter)} s of silence`;
  const detail =
    unanswered === 'closed' ? `${seen.detail} ${after}` : `${seen.detail}; the connection was ended ${after}`;
  return { ...seen, detail };
}

function outcomeOf({ context }: Session, round: Round, { called, ms }: { called: Called; ms: number }) {
  const isCancelled = context.signal?.aborted === true && called.seen.result === 'timeout';
  if (isCancelled)
    return { ok: false as const, reason: 'cancelled' as const, detail: 'the run was ended before it was done', ms };
  return { ok: true as const, value: withEnd(called, round), ms };
}

function reachAt(
  session: Session,
  round: Round,
  { at, contact, outcome }: Pick<ReachObservation, 'at' | 'outcome'> & { contact: CallbackContact },
): ReachObservation {
  const { server } = session;
  const { address, port } = contact;
  const { endedAfter: _endedAfter, ...way } = round;
  const about = { witness: 'sip' as const, server, use: 'sip' as const, transport: 'tcp' as const, address, port };
  const subject = `TCP port ${port} from the SIP server ${server}, ${wordsOf(round)}`;
  return { kind: 'reach', subject, at, about: { ...about, ...way }, outcome };
}

function wordsOf({ connection, idleSeconds }: Round): string {
  return idleSeconds === undefined ? `connection ${connection ?? 'kept'}` : `after ${idleSeconds} s of silence`;
}

async function oneRound(session: Session, round: Round, registered: SipResult): Promise<ReachObservation[]> {
  const { context, plan, contacts, who } = session;
  const at = offsetMs(context);
  const from = context.world.now();
  const kept = round.connection === 'kept' ? who.channel : undefined;
  const isTls = plan.way.about.transport === 'tls';
  const ports = isTls ? [] : plan.ports.filter(({ local }) => contacts.some(({ port }) => port === local.port));
  const call: Call = { way: plan.way, contacts, ports, kept, proof: proofIn(registered), options: plan.options };
  const called = await callBack(context, call);
  const ms = sinceMs(context, from);
  return contacts.flatMap((contact) => {
    if (!called.ok) return reachAt(session, round, { at, contact, outcome: { ok: false, ...inVain(called), ms } });
    const one = called.seen.get(contact.port);
    if (one === undefined) return [];
    return reachAt(session, round, { at, contact, outcome: outcomeOf(session, round, { called: one, ms }) });
  });
}

/** Answers what the server asks: it gives up a client that says nothing. */
async function listenOnce({ context, who }: Session, until: number): Promise<void> {
  const timeoutMs = Math.max(1, until - context.world.now());
  for (const { message, reply } of await who.channel.receive({ timeoutMs, signal: context.signal })) {
    const tag = context.world.randomHex('sip/callback/tag', 8);
    const answer = message.kind === 'request' ? answerRequest(message, tag) : undefined;
    if (answer !== undefined) await reply(answer);
  }
}

/** Leaves the connection alone, but reads it: what the server asks is answered, and an end is noticed. */
async function stayIdle(session: Session, seconds: number): Promise<Pick<Round, 'endedAfter'>> {
  const { context } = session;
  const from = context.world.now();
  const until = from + seconds * 1000;
  try {
    while (context.world.now() < until) await listenOnce(session, until);
  } catch (error) {
    const { reason } = failureOf(error);
    const endedAfter = sinceMs(context, from) / 1000;
    await restOf(context, until);
    if (reason === 'closed' || reason === 'reset') return { endedAfter };
  }
  return {};
}

async function restOf({ world, signal }: ProbeContext, until: number): Promise<void> {
  const ms = until - world.now();
  if (ms <= 0 || signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}

async function afterIdle(session: Session, registered: SipResult): Promise<ReachObservation[]> {
  const { idleSeconds } = session.plan;
  if (idleSeconds === undefined) return [];
  const ended = await stayIdle(session, idleSeconds);
  return oneRound(session, { connection: 'kept', idleSeconds, ...ended }, registered);
}

/** A 200 lists the Contacts that are registered now; one that lists none has registered nobody. RFC 3261 section 10.3 step 8. */
const listsNobody = ({ response }: SipResult): boolean =>
  response !== undefined && headerValue(response, 'contact') === undefined;

const UNLISTED: ReachSeen = {
  result: 'not-tried',
  detail: 'the server took the REGISTER, and lists no Contact in its answer: nobody is registered there',
};

function nobodyRegistered(session: Session): ReachObservation[] {
  const at = offsetMs(session.context);
  return session.contacts.map((contact) =>
    reachAt(session, { connection: 'kept' }, { at, contact, outcome: { ok: true, value: UNLISTED, ms: 0 } }),
  );
}

const arrived = (seen: readonly ReachObservation[]): boolean =>
  seen.every(({ outcome }) => outcome.ok && (outcome.value.result === 'reached' || outcome.value.result === 'reused'));

/** What does not come with the connection open cannot come without it: a second time-out would say nothing more. */
export async function allRounds(session: Session, registered: SipResult): Promise<ReachObservation[]> {
  if (listsNobody(registered)) return nobodyRegistered(session);
  const kept = await oneRound(session, { connection: 'kept' }, registered);
  if (!arrived(kept)) return kept;
  const idle = await afterIdle(session, registered);
  if (session.plan.way.about.transport === 'tls') return [...kept, ...idle];
  session.close();
  return [...kept, ...idle, ...(await oneRound(session, { connection: 'closed' }, registered))];
}
