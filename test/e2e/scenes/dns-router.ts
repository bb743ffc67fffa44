/** DNS across a router: what it lets through to port 53, and servers that this machine has no way to. */
import { blockRules } from '../real/namespaces.ts';
import type { Kamailio } from '../real/kamailio.ts';
import { DOMAIN, HOST } from '../real/stage.ts';
import { a, aaaa, srv } from '../real/zone-records.ts';
import { COMMANDS, dnsRow, type DnsCommand, type DnsTale } from './dns-row.ts';
import { publish } from './ladder-row.ts';
import { broken, degraded, HEALTHY, type Row } from './row.ts';

/** Where Kamailio and BIND stand. */
export const SERVER = '203.0.113.10';

export type DnsRouterScene = Row<'dns-router', { rules: string; records: (server: Kamailio) => string[] }>;

interface Tale extends DnsTale {
  rules?: string;
  records?: (server: Kamailio) => string[];
}

const TYPED = `sip:toml@${DOMAIN} --resolver ${SERVER} --ca {root} --timeout 1000`;

const rowOf = (command: DnsCommand, { rules = '', records = publish, ...tale }: Tale): DnsRouterScene =>
  dnsRow({ stage: 'dns-router', command, typed: TYPED, world: { rules, records } }, tale);

const NOTHING_ABOVE = { connect: 'not-tested', sip: 'not-tested' } as const;

/** Too long for one datagram, though every target is the one server. */
function manyTargets(): string[] {
  const label = 'pool'.repeat(15);
  const names = Array.from({ length: 8 }, (_, index) => `${index}.${label}.${label}.${label}`);
  return names.flatMap((name, index) => [
    srv('_sip._tcp', { target: name, port: 5060, priority: index }),
    a(name, SERVER),
  ]);
}

/** Too long for one datagram, and of no use to a client of SIP. */
const waste = (): string[] =>
  Array.from(
    { length: 40 },
    (_, index) => `@ NAPTR ${index} 0 "u" "E2U+x" "!^.*$!mailto:${'x'.repeat(40)}@${DOMAIN}!" .`,
  );

const ipv6 = (name: string): string[] => [srv('_sips._tcp', { target: name, port: 5061 }), aaaa(name, '2001:db8::10')];

/** The address is private to whoever asks for it: here the client's own loopback, where nothing listens. */
const leak = (): string[] => [
  srv('_sipinternaltls._tcp', { target: 'inside', port: 5061 }),
  a('inside', '127.0.0.9'),
  srv('_sip._tls', { target: 'sip', port: 5061 }),
  a('sip', SERVER),
];

const TALES: readonly Tale[] = [
  { id: 'open', name: 'nothing is wrong', ending: HEALTHY, findings: [], says: [`${HOST} (tls 5061`] },
  {
    id: 'dropped',
    name: 'a firewall drops port 53',
    rules: blockRules('udp dport 53', 'drop'),
    ending: broken('dns', 'resolver.timeout'),
    findings: ['resolver.timeout error'],
    says: [`${SERVER}:53 did not answer any question within`],
    rungs: NOTHING_ABOVE,
  },
  {
    id: 'rejected',
    name: 'a firewall rejects port 53',
    rules: blockRules('udp dport 53', 'reject'),
    ending: broken('dns', 'resolver.unreachable'),
    findings: ['resolver.unreachable error'],
    says: [`${SERVER}:53`, 'cannot be reached'],
    rungs: NOTHING_ABOVE,
  },
  {
    id: 'long',
    name: 'an answer is too long for a datagram, and is fetched over TCP',
    records: manyTargets,
    ending: HEALTHY,
    findings: [],
  },
  {
    id: 'long-no-tcp',
    name: 'the deciding answer was cut, and TCP port 53 is shut',
    rules: blockRules('tcp dport 53'),
    records: manyTargets,
    ending: broken('dns', 'resolver.truncated-no-tcp'),
    findings: ['resolver.truncated-no-tcp error'],
  },
  {
    id: 'waste-no-tcp',
    name: 'an answer was cut that nobody needs, and TCP port 53 is shut',
    rules: blockRules('tcp dport 53'),
    records: (server) => [...publish(server), ...waste()],
    ending: degraded('dns', 'resolver.truncated-no-tcp'),
    findings: ['resolver.truncated-no-tcp warning'],
    says: ['1 of'],
  },
  {
    id: 'ipv6',
    name: 'a server with IPv6 alone, for a machine without it',
    records: () => ipv6('sip'),
    ending: broken('dns', 'address-family.unreachable'),
    findings: ['address-family.unreachable error'],
    says: [`${HOST} has IPv6 addresses only (2001:db8::10), and this machine has no IPv6`],
  },
  {
    id: 'ipv6-beside',
    name: 'a server with IPv6 alone, beside one that has IPv4',
    records: (server) => [...publish(server), ...ipv6('six')],
    ending: HEALTHY,
    findings: ['address-family.unreachable info'],
  },
  {
    id: 'leak',
    name: 'an internal name that is published outside hides the external one',
    records: leak,
    ending: broken('dns', 'srv-records.shadowed'),
    findings: ['srv-records.shadowed error', 'srv-target.foreign-domain info'],
    says: [`_sipinternaltls._tcp.${DOMAIN} hides _sip._tls.${DOMAIN}`, 'private address 127.0.0.9'],
  },
  {
    id: 'leak-rfc3263',
    name: 'the same is a fault of Microsoft clients alone when RFC 3263 decides',
    records: () => [...leak(), srv('_sips._tcp', { target: 'sip', port: 5061 })],
    ending: degraded('dns', 'srv-records.shadowed'),
    findings: ['srv-records.shadowed warning'],
  },
];

/** One command after the other: a router sends a few ICMP errors a second only. */
export const DNS_ROUTER: readonly DnsRouterScene[] = COMMANDS.flatMap((command) =>
  TALES.map((tale) => rowOf(command, tale)),
);
