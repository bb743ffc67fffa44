import type { Target, Transport } from '../model.ts';
import type { DnsRecord, Fate, RecordFate, Server } from '../model/dns.ts';
import { stepName, type ProfileStep } from '../profiles.ts';
import { NAPTR_SERVICES, type NaptrService } from '../profiles/naptr-services.ts';
import { recordVerdict } from '../wire/dns-answer.ts';
import { absenceOf, isAllowed, listed, readSrv, type Choice, type StepReading } from './step-reading.ts';

type NaptrData = NonNullable<DnsRecord['naptr']>;

/** More records than services are registered can only be a mistake or an attack. */
const MAX_RECORDS = 32;

const serviceOf = ({ services }: NaptrData): NaptrService | undefined =>
  NAPTR_SERVICES.find(({ service }) => service === services.toUpperCase());

/** The SRV name that a client asks for next; undefined where the record leads to none. RFC 3263 section 4.1. */
export function srvNameOf(record: DnsRecord): string | undefined {
  const { naptr } = record;
  if (naptr === undefined || naptr.flags.toLowerCase() !== 's') return undefined;
  if (recordVerdict(record).verdict !== 'use' || naptr.replacement === '.') return undefined;
  return serviceOf(naptr)?.transport == null ? undefined : naptr.replacement;
}

/** Order first, then preference. RFC 3403 section 4.1. */
const byOrder = (a: DnsRecord, b: DnsRecord): number =>
  (a.naptr?.order ?? 0) - (b.naptr?.order ?? 0) || (a.naptr?.preference ?? 0) - (b.naptr?.preference ?? 0);

interface Refusal {
  fate: Fate;
  why: string;
}

const FLAGS: Readonly<Record<string, string>> = {
  '': 'it has no flag: SIP takes records with the flag "s" only',
  a: 'flag "a" (addresses): SIP takes records with the flag "s" only',
  u: 'flag "u" (a URI, as ENUM uses it): SIP takes records with the flag "s" only',
  p: 'flag "p" (a protocol of its own): SIP takes records with the flag "s" only',
};

function faultOf(record: DnsRecord, naptr: NaptrData): Refusal | undefined {
  const verdict = recordVerdict(record);
  if (verdict.verdict === 'ignore-record') {
    const both = verdict.fault === 'naptr-both';
    return { fate: 'broken', why: `it holds ${both ? 'both' : 'neither'} a regular expression and a replacement` };
  }
  const flag = naptr.flags.toLowerCase();
  if (flag !== 's') return { fate: 'ignored', why: FLAGS[flag] ?? 'its flag is not known' };
  if (naptr.replacement === '.') return { fate: 'ignored', why: 'it leads by a regular expression, not to a name' };
  return undefined;
}

/** Why a client of this target passes the record over before it asks for what it leads to. */
function passedOver(record: DnsRecord, naptr: NaptrData, target: Target): Refusal | undefined {
  const service = serviceOf(naptr);
  if (service === undefined) return { fate: 'ignored', why: `the service "${naptr.services}" is not one of SIP` };
  const fault = faultOf(record, naptr);
  if (fault !== undefined) return fault;
  const { transport } = service;
  if (transport === null) return { fate: 'ignored', why: service.passedOver ?? 'not used' };
  if (target.scheme === 'sips' && transport !== 'tls')
    return { fate: 'ignored', why: 'a sips: URI allows SIPS+ services only' };
  return isAllowed(target, transport) ? undefined : { fate: 'ignored', why: `${transport} was not asked for` };
}

interface Taken {
  servers: Server[];
  records: RecordFate[];
  served: Map<Transport, string>;
}

function takeRecord(choice: Choice, taken: Taken, record: DnsRecord): void {
  const { naptr, text } = record;
  if (naptr === undefined) return;
  const refusal = passedOver(record, naptr, choice.target);
  const transport = serviceOf(naptr)?.transport;
  if (refusal !== undefined || transport == null) {
    taken.records.push({ text, ...(refusal ?? { fate: 'ignored', why: 'not used' }) });
    return;
  }
  const earlier = taken.served.get(transport);
  if (earlier !== undefined) {
    taken.records.push({ text, fate: 'ignored', why: `${earlier} serves ${transport} and comes first` });
    return;
  }
  const name = naptr.replacement;
  const read = readSrv(choice, name, { transport, via: `SRV ${name} (NAPTR ${naptr.services})` });
  if (read.servers.length > 0) {
    taken.served.set(transport, name);
    taken.servers.push(...read.servers);
  }
  const lead = read.fate === 'used' ? `leads to ${read.why}` : `${name}: ${read.why}`;
  taken.records.push({ text, fate: read.fate === 'absent' ? 'broken' : read.fate, why: lead });
}

/**
 * Reads the NAPTR records of the domain, and the SRV records that they lead to. Every service that the client may use is a way
 * in; of two records for one transport the first counts. RFC 3263 section 4.1.
 */
export function readNaptr(choice: Choice, step: ProfileStep): StepReading {
  const lookup = choice.answers.lookUp(stepName(step, choice.domain), 'NAPTR');
  if (lookup.state !== 'found') return { ...absenceOf(lookup), records: [], servers: [] };
  const taken: Taken = { servers: [], records: [], served: new Map() };
  for (const record of lookup.records.toSorted(byOrder).slice(0, MAX_RECORDS)) takeRecord(choice, taken, record);
  const { servers, records } = taken;
  const alive = servers.filter(({ addresses }) => addresses.length > 0);
  if (alive.length > 0) return { fate: 'used', why: listed(alive), records, servers };
  const broken = records.some(({ fate }) => fate === 'broken');
  const refused = records.some(({ fate }) => fate === 'refused');
  if (servers.length > 0) return { fate: 'broken', why: 'no target that it leads to has an address', records, servers };
  if (broken) return { fate: 'broken', why: 'none of its records leads to an SRV record', records, servers };
  if (refused) return { fate: 'refused', why: 'its SRV records say that the service is not offered', records, servers };
  return { fate: 'ignored', why: 'no record of a service that the client uses', records, servers };
}
