/** A resolver that tells the truth, and name servers of the zones that it knows, which need not. */
import { lookUp, nameServerRecord, addressRecord, hostRecords, srvRecord } from '../../src/lab/zone.ts';
import type { Report } from '../../src/model.ts';
import type { DnsRecord } from '../../src/model/dns.ts';
import type { Pins } from '../../src/probe/pins.ts';
import { decodeMessage } from '../../src/wire/dns-message.ts';
import { encodeResponse } from '../../src/wire/dns-response.ts';
import type { Endpoint } from '../../src/world.ts';
import type { RunRequest } from '../../src/run.ts';
import { questionsTo } from './hostile-run.ts';
import { startHostileUdp, type AtEnd, type DatagramBehaviour } from './hostile-server.ts';

export const DOMAIN = 'fuzzybunny.local';
const PARENT = 'local';
const ADDRESS = '127.0.0.1';
const [SERVFAIL, NXDOMAIN] = [2, 3];

export type Making = (query: Uint8Array) => Uint8Array;

/** What a zone holds that names these hosts as its name servers, each with an address. */
export const zoneOf = (name: string, hosts: readonly string[]): DnsRecord[] => [
  ...hostRecords(name, ADDRESS).filter(({ type }) => type === 'SOA'),
  ...hosts.flatMap((host) => [nameServerRecord(name, host), addressRecord(host, ADDRESS)]),
  srvRecord(`_sip._tcp.${name}`, `sip.${name}`, 5060),
  addressRecord(`sip.${name}`, ADDRESS),
];

export const sends =
  (make: Making, times = 1): DatagramBehaviour =>
  (query, send) => {
    for (let left = times; left > 0; left -= 1) send(make(query));
  };

/** The findings on the name servers, without the ports, which are drawn anew each time. */
export const told = ({ findings }: Report): string[] =>
  findings
    .filter(({ id }) => id.startsWith('authority.'))
    .map(({ id, text }) => `${id}: ${text.replaceAll(/ \(127[^)]*\)/g, '')}`);

const isUnder = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** The answer of a server that holds these records. */
export const holding =
  (records: readonly DnsRecord[], flags: readonly 'aa'[] = ['aa']): Making =>
  (bytes) => {
    const query = decodeMessage(bytes);
    const [question = { name: '', type: 'A' as const }] = query.questions;
    const { status, answers, authority } = lookUp(records, question);
    return encodeResponse({ query, flags, rcode: status === 'nxdomain' ? NXDOMAIN : 0, answers, authority });
  };

/** Names others: the zone there, its name servers, and the address of each. RFC 1034 section 4.3.2 step 3b. */
export const referring =
  (to: (name: string) => { zone: string; hosts: readonly string[]; addresses?: number }): Making =>
  (bytes) => {
    const query = decodeMessage(bytes);
    const { zone, hosts, addresses = 1 } = to(query.questions[0]?.name ?? '');
    const glue = hosts.flatMap((host) =>
      Array.from({ length: addresses }, (_, at) => addressRecord(host, `127.0.${at >> 8}.${at & 255}`)),
    );
    return encodeResponse({ query, authority: hosts.map((host) => nameServerRecord(zone, host)), additional: glue });
  };

interface Stage {
  /** What the resolver holds. */
  records: readonly DnsRecord[];
  /** The zone that the resolver itself cannot reach. */
  lost?: string;
  /** Where name servers are: those that are named, and all others; without those, where DNS says. */
  at: { named?: Readonly<Record<string, Endpoint>>; others?: Endpoint };
}

/** A name server is where the stage has it, whatever its name and its address. */
function pinsOf({ named = {}, others }: Stage['at']): Pins {
  const pins = new Map<string, Endpoint>();
  pins.get = (place) => (place.endsWith(':53') ? (named[place.slice(0, -3)] ?? others) : undefined);
  return pins;
}

/** `sipdiag dns fuzzybunny.local --authority`; counts what the resolver is asked. */
export async function stageAuthorities({ records, lost, at }: Stage, atEnd: AtEnd) {
  let heard = 0;
  const whole = holding(records, []);
  const behaviour: DatagramBehaviour = (bytes, send) => {
    heard += 1;
    const query = decodeMessage(bytes);
    const name = query.questions[0]?.name.toLowerCase() ?? '';
    send(lost !== undefined && isUnder(name, lost) ? encodeResponse({ query, rcode: SERVFAIL }) : whole(bytes));
  };
  const endpoint = await startHostileUdp(behaviour, { atEnd });
  const request = (timeoutMs: number): RunRequest =>
    questionsTo({ label: 'resolver', endpoint }, { authority: 'asked', pinned: pinsOf(at), timeoutMs });
  return { request, heard: () => heard };
}

/** The zone above, which knows the domain by its own name server alone. */
export const aboveOnly = zoneOf(PARENT, [`ns.${PARENT}`]);
