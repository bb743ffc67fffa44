import type { Reason } from '../model.ts';
import type { DnsAnswer, DnsRecord } from '../model/dns.ts';
import { readAnswer, type AnswerReading } from '../wire/dns-answer.ts';
import { isRead, type DnsMessage } from '../wire/dns-types.ts';
import { lifetimeOf } from './answer-cache.ts';
import type { Question } from './ask-dns.ts';
import { conclude, fail, sharedKey, spentMs, type Lane, type Pending, type Session } from './ask-session.ts';

/** Response codes of servers from before EDNS. RFC 6891 section 7. */
const FORMERR = 1;
const NOTIMP = 4;
const BADVERS = 16;

function share(session: Session, { question }: Pending, seen: { value: DnsAnswer; message: DnsMessage }): void {
  const { answers, world } = session.context;
  const life = { now: world.now(), ttl: lifetimeOf(seen.value, seen.message) };
  answers?.put(sharedKey(session, question), seen.value, life);
}

const STATUS = { use: 'answer', 'no-data': 'nodata', 'no-such-name': 'nxdomain' } as const;
const REASONS = {
  servfail: 'servfail',
  refused: 'refused-query',
  rcode: 'rcode',
  truncated: 'truncated',
  malformed: 'malformed',
} as const satisfies Record<string, Reason>;

/** A server from before EDNS refuses the question for its OPT record: it is asked again without. */
function dislikesEdns(pending: Pending, reading: AnswerReading): boolean {
  if (reading.kind !== 'rcode' || pending.edns === 'without') return false;
  const { rcode } = reading.message;
  return rcode === FORMERR || rcode === NOTIMP || rcode === BADVERS;
}

/** More name servers no zone has; one address or two of each come along. */
const MAX_REFERRED = 32;
const MAX_GLUE = 64;

/** RFC 1034 section 4.3.1: no answer, not authoritative, NS records in the authority section. */
function referralOf(
  { plan }: Session,
  { aa, answers, authority, additional }: DnsMessage,
): Pick<DnsAnswer, 'referral'> {
  if (plan.recursion !== 'not-desired' || aa || answers.length > 0) return {};
  const servers = authority
    .filter(isRead)
    .filter(({ type }) => type === 'NS')
    .slice(0, MAX_REFERRED);
  const hosts = new Set(servers.map(({ host }) => host));
  const glue = additional.filter(isRead).filter(({ name, address }) => address !== undefined && hosts.has(name));
  return servers.length === 0 ? {} : { referral: [...servers, ...glue.slice(0, MAX_GLUE)] };
}

/** Servers rotate the records of a set, and two runs against the same world should give the same report. Aliases keep their order. */
function inFixedOrder(records: readonly DnsRecord[], { type }: Question): DnsRecord[] {
  const isData = (record: DnsRecord): boolean => record.type === type;
  const data = records.filter(isData).sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)));
  return [...records.filter((record) => !isData(record)), ...data];
}

export interface Arrived {
  lane: Lane;
  bytes: Uint8Array;
  via: DnsAnswer['via'];
}

function settle(
  session: Session,
  pending: Pending,
  { reading, arrived }: { reading: AnswerReading; arrived: Arrived },
) {
  switch (reading.kind) {
    case 'use':
    case 'no-data':
    case 'no-such-name': {
      session.edns = pending.edns;
      const value: DnsAnswer = {
        status: STATUS[reading.kind],
        records: inFixedOrder(reading.records, pending.question),
        via: arrived.via,
        tries: pending.tries,
        authoritative: reading.message.aa,
        ...referralOf(session, reading.message),
        ...(session.unverified === undefined ? {} : { unverified: session.unverified }),
      };
      share(session, pending, { value, message: reading.message });
      return conclude(session, pending, { ok: true, value, ms: spentMs(session, pending) });
    }
    case 'servfail':
    case 'refused':
    case 'rcode':
    case 'truncated':
    case 'malformed':
      return fail(session, pending, { reason: REASONS[reading.kind], detail: reading.detail });
    case 'retry-tcp':
      arrived.lane.pending.delete(pending.id);
      // Fetching the whole answer is a step of its own.
      pending.deadline = session.context.world.now() + session.context.timeoutMs;
      session.whole.queue.push(pending);
      return session.whole.bell.abort('rung');
    case 'drop':
      // A stray proves nothing: the true answer may still come.
      return undefined;
  }
}

/** Takes in one message. What answers no open question is passed over. Never throws for what the octets hold. */
export function takeIn(session: Session, arrived: Arrived): 'answer' | 'stray' {
  const { lane, bytes, via } = arrived;
  const id = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  const pending = lane.pending.get(id);
  if (pending === undefined || bytes.length < 2) return 'stray';
  const transport = via === 'udp' ? 'udp' : 'tcp';
  const reading = readAnswer({ query: { id, ...pending.question }, bytes, transport });
  if (dislikesEdns(pending, reading)) {
    pending.edns = 'without';
    // That one was answered: the next is no repetition.
    pending.tries = 0;
    lane.pending.delete(id);
    lane.queue.push(pending);
    return 'answer';
  }
  settle(session, pending, { reading, arrived });
  return reading.kind === 'drop' ? 'stray' : 'answer';
}
