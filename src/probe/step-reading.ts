import type { Target, Transport } from '../model.ts';
import type { DiscoveryStep, Fate, RecordFate, Server } from '../model/dns.ts';
import { stepName, type ProfileStep } from '../profiles.ts';
import { isServiceRefused } from '../wire/dns-answer.ts';
import type { Answers, HostLookup, Lookup } from '../wire/dns-lookup.ts';
import type { OrderedSrv } from './srv-order.ts';

/** What the walk of one profile rests on. */
export interface Choice {
  target: Target;
  domain: string;
  /** The answers of the resolver that decides. */
  answers: Answers;
  /** The order of one SRV set, drawn once: all profiles of a run see the same client. */
  orderOf: (name: string, lookup: Lookup) => OrderedSrv[];
}

/** What one name holds, before the rules of a profile are put to it. 'used': it leads to servers, dead ones included. */
export interface StepReading {
  fate: Fate;
  why: string;
  records: RecordFate[];
  servers: Server[];
  /** Nobody has answered for the name: what it holds is not known. */
  unanswered?: true;
}

export const isAllowed = (target: Target, transport: Transport): boolean =>
  (target.scheme === 'sip' || transport === 'tls') &&
  (target.transports.length === 0 || target.transports.includes(transport));

export const questionOf = (step: ProfileStep, domain: string): string => {
  const type = { naptr: 'NAPTR', srv: 'SRV', host: 'A/AAAA', http: 'A/AAAA' }[step.kind];
  return `${stepName(step, domain)} ${type}`;
};

const lastAlias = ({ chain }: Pick<Lookup, 'chain'>): string => chain.at(-1)?.host ?? '';
const behind = (lookup: Pick<Lookup, 'chain'>): string =>
  lookup.chain.length === 0 ? '' : `, through the alias ${lastAlias(lookup)}`;

/** Fate and words of a name that leads to no record. */
export function absenceOf(lookup: Pick<Lookup, 'state' | 'chain'> & { detail?: string }): {
  fate: Fate;
  why: string;
  unanswered?: true;
} {
  const subject = lookup.chain.length === 0 ? 'the name' : `the end of its alias, ${lastAlias(lookup)},`;
  switch (lookup.state) {
    case 'nxdomain':
      return lookup.chain.length === 0
        ? { fate: 'absent', why: 'the name does not exist' }
        : { fate: 'broken', why: `${subject} does not exist` };
    case 'nodata':
      return lookup.chain.length === 0
        ? { fate: 'absent', why: 'the name has no such record' }
        : { fate: 'broken', why: `${subject} has no such record` };
    case 'failed':
      return { fate: 'broken', why: `no answer: ${lookup.detail ?? ''}`, unanswered: true };
    case 'loop':
      return { fate: 'broken', why: 'its aliases (CNAME) run in a circle' };
    case 'too-long':
      return { fate: 'broken', why: 'its chain of aliases (CNAME) is too long to follow' };
    default:
      return { fate: 'not-checked', why: 'the name was not looked up' };
  }
}

/** Why a client cannot use the target of an SRV record; undefined where it can. */
function deadTarget({ port, target }: OrderedSrv, host: HostLookup): string | undefined {
  if (target === '.') return 'the target "." says that the service is not offered';
  if (port === 0) return 'port 0 cannot be used';
  switch (host.state) {
    case 'addressed':
      return undefined;
    case 'nxdomain':
      return `${target} does not exist`;
    case 'nodata':
      return `${target} has neither an A nor an AAAA record`;
    default:
      return `${target}: ${absenceOf({ ...host, state: host.state }).why}`;
  }
}

const share = ({ priority, sharePercent }: OrderedSrv, all: readonly OrderedSrv[]): string =>
  all.length === 1 ? 'the only target' : `priority ${priority}, tried first by ${sharePercent} % of the clients`;

/** Reads one SRV name: its targets in the order of a client, each with its addresses. RFC 2782. */
export function readSrv(choice: Choice, name: string, way: { transport: Transport; via: string }): StepReading {
  const lookup = choice.answers.lookUp(name, 'SRV');
  if (lookup.state !== 'found') return { ...absenceOf(lookup), records: [], servers: [] };
  if (isServiceRefused(lookup.records)) {
    const why = 'the target "." says that the service is not offered';
    const records = lookup.records.map(({ text }): RecordFate => ({ text, fate: 'refused', why }));
    return { fate: 'refused', why, records, servers: [] };
  }
  const ordered = choice.orderOf(name, lookup);
  const read = ordered.map((one) => {
    const host = choice.answers.host(one.target);
    const dead = deadTarget(one, host);
    const { priority, weight, port, target, sharePercent } = one;
    const { addresses } = host;
    const record: RecordFate = {
      text: one.record.text,
      fate: dead === undefined ? 'used' : 'broken',
      why: dead ?? `${share(one, ordered)}${behind(host)}`,
      sharePercent,
      addresses,
    };
    const server: Server = { ...way, host: target, port, addresses, published: true, set: name, priority, weight };
    return { record, servers: target === '.' || port === 0 ? [] : [server] };
  });
  const servers = read.flatMap((one) => one.servers);
  const records = read.map((one) => one.record);
  const alive = servers.filter(({ addresses }) => addresses.length > 0);
  if (alive.length > 0) return { fate: 'used', why: listed(alive), records, servers };
  return { fate: 'broken', why: records.map((one) => one.why).join('; '), records, servers };
}

/** At most this many servers are named in one line. */
const MAX_LISTED = 4;

export function listed(servers: readonly Server[]): string {
  const texts = [...new Set(servers.map(({ host, port }) => `${host}:${port}`))];
  const rest = texts.length - MAX_LISTED;
  return rest > 0 ? `${texts.slice(0, MAX_LISTED).join(', ')} and ${rest} more` : texts.join(', ');
}

/** Reads the addresses of a host that the profile asks for by name. */
export function readHost(choice: Choice, step: ProfileStep): StepReading {
  const name = stepName(step, choice.domain);
  const host = choice.answers.host(name);
  if (host.state !== 'addressed') {
    return { ...absenceOf({ ...host, state: host.state }), records: [], servers: [] };
  }
  const { addresses } = host;
  const why = `${addresses.join(', ')}${behind(host)}`;
  const records = addresses.map((text): RecordFate => ({ text, fate: 'used', why: 'address' }));
  if (step.transport === 'https' || step.transport === 'any') return { fate: 'used', why, records, servers: [] };
  const { transport, port } = step;
  // Default ports are custom, not a promise: one of the transports that answers is enough.
  const server = { transport, host: name, port, addresses, via: `address of ${name}`, published: false, set: name };
  return { fate: 'used', why, records, servers: [server] };
}

export type StepFate = Pick<DiscoveryStep, 'fate' | 'why' | 'records'>;
