import type { ReachObservation, ReachSeen } from '../model/far-side.ts';
import { headerValue } from '../wire/sip-message.ts';
import { callBack, type Call, type CallResult } from './call-back.ts';
import type { CallbackContact } from './callback-contacts.ts';
import { failureOf, offsetMs, sinceMs, type ProbeContext } from './context.ts';
import type { LoggedIn } from './logged-in.ts';
import type { OpenPort } from './open-ports.ts';
import type { SipResult } from './sip-exchange.ts';
import type { SipWay } from './sip-line.ts';

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

type Round = Pick<ReachObservation['about'], 'connection' | 'idleSeconds'>;

function reachOf(session: Session, round: Round, seen: { at: number; from: number; results: CallResult }) {
  const { context, server, contacts } = session;
  const ms = sinceMs(context, seen.from);
  return contacts.flatMap(({ address, port }): ReachObservation[] => {
    const value = seen.results.get(port);
    if (value === undefined) return [];
    const about = { witness: 'sip' as const, server, use: 'sip' as const, transport: 'tcp' as const, address, port };
    const subject = `TCP port ${port} from the SIP server ${server}, ${wordsOf(round)}`;
    const isCancelled = context.signal?.aborted === true && value.result === 'timeout';
    const outcome = isCancelled
      ? { ok: false as const, reason: 'cancelled' as const, detail: 'the run was ended before it was done', ms }
      : { ok: true as const, value, ms };
    return [{ kind: 'reach', subject, at: seen.at, about: { ...about, ...round }, outcome }];
  });
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
  return called.ok ? reachOf(session, round, { at, from, results: called.seen }) : [];
}

/** Leaves the connection alone, but reads it: what the server sends is answered, and an end is noticed. */
async function stayIdle({ context, who }: Session, seconds: number): Promise<{ closedAfter?: number }> {
  const from = context.world.now();
  const until = from + seconds * 1000;
  try {
    while (context.world.now() < until) {
      await who.channel.receive({ timeoutMs: until - context.world.now(), signal: context.signal });
    }
  } catch (error) {
    const { reason } = failureOf(error);
    if (reason === 'closed' || reason === 'reset') {
      const closedAfter = sinceMs(context, from) / 1000;
      await restOf(context, until);
      return { closedAfter };
    }
  }
  return {};
}

async function restOf({ world, signal }: ProbeContext, until: number): Promise<void> {
  const ms = until - world.now();
  if (ms <= 0 || signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function afterIdle(session: Session, registered: SipResult): Promise<ReachObservation[]> {
  const { idleSeconds } = session.plan;
  if (idleSeconds === undefined) return [];
  const { closedAfter } = await stayIdle(session, idleSeconds);
  const seen = await oneRound(session, { connection: 'kept', idleSeconds }, registered);
  if (closedAfter === undefined) return seen;
  const after = `after ${Math.round(closedAfter)} s of silence`;
  // Who ended it is told once.
  const endedText = (detail: string): string =>
    detail.endsWith(' ended the connection') ? `${detail} ${after}` : `${detail}; the connection was ended ${after}`;
  return seen.map((one) =>
    one.outcome.ok
      ? {
          ...one,
          outcome: { ...one.outcome, value: { ...one.outcome.value, detail: endedText(one.outcome.value.detail) } },
        }
      : one,
  );
}

/** A 200 lists the Contacts that are registered now; one that lists none has registered nobody. RFC 3261 section 10.3 step 8. */
const listsNobody = ({ response }: SipResult): boolean =>
  response !== undefined && headerValue(response, 'contact') === undefined;

const UNLISTED: ReachSeen = {
  result: 'not-tried',
  detail: 'the server took the REGISTER, and lists no Contact in its answer: nobody is registered there',
};

function nobodyRegistered(session: Session): ReachObservation[] {
  const { context, contacts } = session;
  const results: CallResult = new Map(contacts.map(({ port }) => [port, UNLISTED]));
  return reachOf(session, { connection: 'kept' }, { at: offsetMs(context), from: context.world.now(), results });
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
