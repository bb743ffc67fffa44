/** Zones in which a client finds its server. */
import { DOMAIN, HOST } from '../real/stage.ts';
import { APEX, a, srv } from '../real/zone-records.ts';
import { publish } from './ladder-row.ts';
import { HEALTHY } from './row.ts';
import { FOREIGN_HOST, hosting, rule, type Zone } from './zone-row.ts';

export const HEALTHY_ZONES: readonly Zone[] = [
  {
    id: 'plain',
    name: 'SRV records for every transport',
    records: (server) => publish(server),
    dns: HEALTHY,
    findings: [],
    says: [`${HOST} (tls 5061, tcp 5060, udp 5060)`],
  },
  {
    id: 'naptr',
    name: 'NAPTR records in front of them',
    records: (server) => [
      ...publish(server),
      rule({ service: 'SIPS+D2T', replacement: '_sips._tcp' }),
      rule({ service: 'SIP+D2T', replacement: '_sip._tcp', order: 20 }),
      rule({ service: 'SIP+D2U', replacement: '_sip._udp', order: 30 }),
    ],
    dns: HEALTHY,
    findings: [],
    says: [`${HOST} (tls 5061, tcp 5060, udp 5060)`],
  },
  {
    id: 'naptr-elsewhere',
    name: 'a NAPTR record that leads to SRV records of another name',
    records: ({ address, tlsPort }) => [
      rule({ service: 'SIPS+D2T', replacement: '_sips._tcp.voice' }),
      srv('_sips._tcp.voice', { target: 'sip', port: tlsPort }),
      a('sip', address),
    ],
    dns: HEALTHY,
    findings: [],
    says: [`${HOST}:5061 (tls)`],
  },
  {
    id: 'naptr-foreign',
    name: 'NAPTR records of other applications beside the SRV records',
    records: (server) => [
      ...publish(server),
      rule({ service: 'E2U+email', replacement: '.', flags: 'u', regexp: '!^.*$!mailto:info@fuzzybunny.local!' }),
    ],
    dns: HEALTHY,
    findings: [],
    says: [`${HOST} (tls 5061, tcp 5060, udp 5060)`],
  },
  {
    id: 'microsoft',
    name: 'the names of Microsoft alone',
    records: ({ address, tlsPort }) => [srv('_sip._tls', { target: 'sip', port: tlsPort }), a('sip', address)],
    dns: HEALTHY,
    findings: [],
    says: [`${HOST}:5061 (tls)`],
  },
  {
    id: 'both-worlds',
    name: 'the names of both worlds',
    records: (server) => [...publish(server), srv('_sip._tls', { target: 'sip', port: server.tlsPort })],
    dns: HEALTHY,
    findings: [],
    says: [`${HOST} (tls 5061, tcp 5060, udp 5060)`],
  },
  {
    id: 'hosted',
    name: 'a target in another domain, which no rule of RFC 3263 forbids',
    records: ({ tlsPort }) => [srv('_sips._tcp', { target: `${FOREIGN_HOST}.`, port: tlsPort })],
    zones: hosting,
    dns: HEALTHY,
    findings: [],
    says: [`${FOREIGN_HOST}:5061 (tls)`],
  },
  {
    id: 'dotted-label',
    name: 'a target with a dot inside a label, beside a host that is spelt alike',
    records: ({ address, tcpPort }) => [
      srv('_sip._tcp', { target: String.raw`front\.desk`, port: tcpPort }),
      a(String.raw`front\.desk`, address),
      a('front.desk', '127.255.255.254'),
    ],
    dns: HEALTHY,
    findings: [],
    says: [String.raw`front\.desk.fuzzybunny.local:5060 (tcp)`],
  },
  {
    id: 'blank-label',
    name: 'a target with a space and an escape character in its label',
    records: ({ address, tcpPort }) => [
      srv('_sip._tcp', { target: String.raw`front\032desk\027`, port: tcpPort }),
      a(String.raw`front\032desk\027`, address),
    ],
    dns: HEALTHY,
    findings: [],
    says: [String.raw`front\032desk\027.fuzzybunny.local:5060 (tcp)`],
  },
];

/** Nothing that would keep a client from its server, and yet worth a word. */
export const NOTED_ZONES: readonly Zone[] = [
  {
    id: 'ttl-zero',
    name: 'the TTL is 0',
    records: (server) => ['$TTL 0', ...publish(server)],
    dns: HEALTHY,
    findings: ['dns-ttl.zero info'],
    says: [`_sips._tcp.${DOMAIN} SRV`, `${HOST} A`],
  },
  {
    id: 'no-udp',
    name: 'the target "." rules UDP out',
    records: (server) => [
      ...publish(server).filter((line) => !line.startsWith('_sip._udp ')),
      srv('_sip._udp', { target: '.', port: 0 }),
    ],
    dns: HEALTHY,
    findings: ['srv-target.null info'],
    says: [`_sip._udp.${DOMAIN} has the target "."`],
  },
  {
    id: 'tls-for-microsoft',
    name: 'TLS for Microsoft alone, TCP for RFC 3263',
    records: ({ address, tcpPort, tlsPort }) => [
      srv('_sip._tls', { target: 'sip', port: tlsPort }),
      srv('_sip._tcp', { target: 'sip', port: tcpPort }),
      a('sip', address),
    ],
    dns: HEALTHY,
    findings: ['srv-records.family-confusion info'],
    says: [`_sip._tls.${DOMAIN} only`, `ask for _sips._tcp.${DOMAIN}`],
  },
  {
    id: 'hosted-microsoft',
    name: 'a foreign target for clients of Microsoft alone, while RFC 3263 decides',
    records: (server) => [...publish(server), srv('_sip._tls', { target: `${FOREIGN_HOST}.`, port: server.tlsPort })],
    zones: hosting,
    dns: HEALTHY,
    findings: ['srv-target.foreign-domain info'],
    says: [`_sip._tls.${DOMAIN} points to ${FOREIGN_HOST}, which is outside ${DOMAIN}`, 'DisableStrictDNSNaming=1'],
  },
  {
    id: 'address-alone',
    name: 'an address alone',
    records: ({ address }) => [a(APEX, address)],
    dns: HEALTHY,
    findings: ['srv-records.absent info'],
    says: [`tls ${DOMAIN}:5061`],
  },
];
