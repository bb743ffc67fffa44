/** What may stand in a zone, and what `sipdiag dns` and `sipdiag doctor` have to make of it: one row for each scene. */
import type { Verdict } from '../../src/model.ts';
import type { Kamailio } from './real/kamailio.ts';
import { DOMAIN, HOST } from './real/stage.ts';
import { APEX, a, cname, naptr, srv } from './real/zone-records.ts';
import { publish } from './scenes.ts';

export type Ending = Pick<Verdict, 'status' | 'rung' | 'findingId'> & { code: number };

export interface DnsScene {
  name: string;
  /** Lines of the zone fuzzybunny.local. */
  records: (server: Kamailio) => string[];
  /** Further zones. */
  zones?: (server: Kamailio) => Record<string, string>;
  args?: string[];
  dns: Ending;
  /** Absent: the same as `dns`. */
  doctor?: Ending;
  /** All findings of the rung dns, notes included, as 'id severity'. */
  findings: string[];
  /** Words that the texts of these findings must hold, or the summary where there is none. */
  says: string[];
}

/** A host of another domain, which the certificate of the server covers as well. */
export const FOREIGN_HOST = 'sip.hoster.example';

const HEALTHY: Ending = { status: 'healthy', rung: null, findingId: null, code: 0 };
const broken = (findingId: string, rung: Ending['rung'] = 'dns'): Ending => {
  return { status: 'broken', rung, findingId, code: 1 };
};
const degraded = (findingId: string): Ending => ({ status: 'degraded', rung: 'dns', findingId, code: 0 });

const hosting = (server: Kamailio): Record<string, string> => ({ 'hoster.example': a('sip', server.address) });

interface Rule {
  service: string;
  replacement: string;
  order?: number;
  flags?: string;
  regexp?: string;
}
const rule = ({ order = 10, ...rest }: Rule): string => naptr(APEX, { order, preference: 10, ...rest });

/** Aliases of which the last leads back to the first. */
const circle = (...names: string[]): string[] =>
  names.map((name, at) => cname(name, names[at + 1] ?? names[0] ?? name));

export const HEALTHY_ZONES: readonly DnsScene[] = [
  {
    name: 'SRV records for every transport',
    records: (server) => publish(server),
    dns: HEALTHY,
    findings: [],
    says: [`${HOST}:5061 (tls), ${HOST}:5060 (tcp), ${HOST}:5060 (udp)`],
  },
  {
    name: 'NAPTR records in front of them',
    records: (server) => [
      ...publish(server),
      rule({ service: 'SIPS+D2T', replacement: '_sips._tcp' }),
      rule({ service: 'SIP+D2T', replacement: '_sip._tcp', order: 20 }),
      rule({ service: 'SIP+D2U', replacement: '_sip._udp', order: 30 }),
    ],
    dns: HEALTHY,
    findings: [],
    says: [`${HOST}:5061 (tls), ${HOST}:5060 (tcp), ${HOST}:5060 (udp)`],
  },
  {
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
    name: 'NAPTR records of other applications beside the SRV records',
    records: (server) => [
      ...publish(server),
      rule({ service: 'E2U+email', replacement: '.', flags: 'u', regexp: '!^.*$!mailto:info@fuzzybunny.local!' }),
    ],
    dns: HEALTHY,
    findings: [],
    says: [`${HOST}:5061 (tls)`],
  },
  {
    name: 'the names of Microsoft alone',
    records: ({ address, tlsPort }) => [srv('_sip._tls', { target: 'sip', port: tlsPort }), a('sip', address)],
    dns: HEALTHY,
    findings: [],
    says: [`${HOST}:5061 (tls)`],
  },
  {
    name: 'the names of both worlds',
    records: (server) => [...publish(server), srv('_sip._tls', { target: 'sip', port: server.tlsPort })],
    dns: HEALTHY,
    findings: [],
    says: [`${HOST}:5061 (tls)`],
  },
  {
    name: 'a target in another domain, which no rule of RFC 3263 forbids',
    records: ({ tlsPort }) => [srv('_sips._tcp', { target: `${FOREIGN_HOST}.`, port: tlsPort })],
    zones: hosting,
    dns: HEALTHY,
    findings: [],
    says: [`${FOREIGN_HOST}:5061 (tls)`],
  },
  {
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
export const NOTED_ZONES: readonly DnsScene[] = [
  {
    name: 'the TTL is 0',
    records: (server) => ['$TTL 0', ...publish(server)],
    dns: HEALTHY,
    findings: ['dns-ttl.zero info'],
    says: [`_sips._tcp.${DOMAIN} SRV`, `${HOST} A`],
  },
  {
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
    name: 'TLS for Microsoft alone, TCP for RFC 3263',
    records: ({ address, tcpPort, tlsPort }) => [
      srv('_sip._tls', { target: 'sip', port: tlsPort }),
      srv('_sip._tcp', { target: 'sip', port: tcpPort }),
      a('sip', address),
    ],
    dns: HEALTHY,
    findings: ['srv-records.family-confusion info'],
    says: [`_sip._tls.${DOMAIN} only`, `asks for _sips._tcp.${DOMAIN}`],
  },
  {
    name: 'a foreign target for clients of Microsoft alone, while RFC 3263 decides',
    records: (server) => [...publish(server), srv('_sip._tls', { target: `${FOREIGN_HOST}.`, port: server.tlsPort })],
    zones: hosting,
    dns: HEALTHY,
    findings: ['srv-target.foreign-domain info'],
    says: [`_sip._tls.${DOMAIN} points to ${FOREIGN_HOST}, which is outside ${DOMAIN}`, 'DisableStrictDNSNaming=1'],
  },
  {
    name: 'an address alone',
    records: ({ address }) => [a(APEX, address)],
    dns: HEALTHY,
    findings: ['srv-records.absent info'],
    says: [`tls ${DOMAIN}:5061`],
  },
];

export const FAULTY_ZONES: readonly DnsScene[] = [
  {
    name: 'an alias as target, which works',
    records: (server) => [...publish(server, 'front'), cname('front', 'sip')],
    dns: degraded('srv-target.alias'),
    findings: ['srv-target.alias warning'],
    says: [`front.${DOMAIN}`, `an alias (CNAME) of ${HOST}`, 'RFC 2782'],
  },
  {
    name: 'an alias as target, whose end does not exist',
    records: ({ tlsPort }) => [srv('_sips._tcp', { target: 'front', port: tlsPort }), cname('front', 'gone')],
    dns: broken('srv-target.missing'),
    findings: ['srv-target.missing error'],
    says: [`front.${DOMAIN}, an alias of gone.${DOMAIN}`, 'does not exist'],
  },
  {
    name: 'a target that exists without an address',
    records: ({ tlsPort }) => [srv('_sips._tcp', { target: 'sip', port: tlsPort }), 'sip TXT "soon"'],
    dns: broken('srv-target.no-address'),
    findings: ['srv-target.no-address error'],
    says: [HOST, 'neither an A nor an AAAA record'],
  },
  {
    name: 'one of two targets is missing',
    records: (server) => [...publish(server), srv('_sips._tcp', { target: 'gone', port: 5061, priority: 10 })],
    dns: degraded('srv-target.missing'),
    findings: ['srv-target.missing warning'],
    says: [`gone.${DOMAIN}`, 'Other targets of the same name can still be used'],
  },
  {
    name: 'a foreign target for the client of --profile lync',
    records: (server) => [...publish(server), srv('_sip._tls', { target: `${FOREIGN_HOST}.`, port: server.tlsPort })],
    zones: hosting,
    args: ['--profile', 'lync'],
    dns: broken('srv-target.foreign-domain'),
    findings: ['srv-target.foreign-domain error'],
    says: [FOREIGN_HOST, `outside ${DOMAIN}`, 'refused (0x80EE0042', 'DisableStrictDNSNaming=1 refused'],
  },
  {
    name: 'the only NAPTR record leads to a name that does not exist',
    records: ({ address }) => [rule({ service: 'SIPS+D2T', replacement: '_sips._tpc' }), a('sip', address)],
    dns: broken('naptr.broken'),
    findings: ['naptr.broken error'],
    says: ['SIPS+D2T', `_sips._tpc.${DOMAIN}`, 'There is no other way'],
  },
  {
    name: 'a NAPTR record leads to nothing, and the SRV records stand in',
    records: (server) => [...publish(server), rule({ service: 'SIPS+D2T', replacement: '_sips._tpc' })],
    dns: degraded('naptr.broken'),
    findings: ['naptr.broken warning'],
    says: [`Clients that fall back reach ${HOST}:5061`],
  },
  {
    name: 'a NAPTR record for TCP leads to the TLS port',
    records: ({ address, tlsPort }) => [
      rule({ service: 'SIP+D2T', replacement: '_sip._tcp' }),
      srv('_sip._tcp', { target: 'sip', port: tlsPort }),
      a('sip', address),
    ],
    dns: degraded('naptr.port-mismatch'),
    doctor: broken('sip-answer.closed', 'sip'),
    findings: ['naptr.port-mismatch warning'],
    says: ['SIP+D2T', `port 5061 of ${HOST}`, 'the port of TLS'],
  },
  {
    name: 'an SRV record for TLS names the port in the clear',
    records: ({ address, tcpPort }) => [srv('_sips._tcp', { target: 'sip', port: tcpPort }), a('sip', address)],
    dns: degraded('srv-port.unexpected'),
    doctor: broken('tls-service.plaintext', 'tls'),
    findings: ['srv-port.unexpected warning'],
    says: ['port 5060', 'the port of SIP in the clear'],
  },
  {
    name: 'every service has the target "."',
    records: () => ['_sips._tcp', '_sip._tcp', '_sip._udp'].map((name) => srv(name, { target: '.', port: 0 })),
    dns: broken('srv-target.null'),
    findings: ['srv-target.null error'],
    says: [`_sips._tcp.${DOMAIN}`, 'have the target "."', 'does not offer this service'],
  },
  {
    name: 'an SRV record with port 0',
    records: ({ address }) => [srv('_sips._tcp', { target: 'sip', port: 0 }), a('sip', address)],
    dns: broken('srv-port.zero'),
    findings: ['srv-port.zero error'],
    says: [`_sips._tcp.${DOMAIN}`, `port 0 of ${HOST}`],
  },
  {
    name: 'a circle of aliases',
    records: ({ tlsPort }) => [srv('_sips._tcp', { target: 'one', port: tlsPort }), ...circle('one', 'two', 'three')],
    dns: broken('cname.loop'),
    findings: ['cname.loop error'],
    says: [`one.${DOMAIN} -> two.${DOMAIN} -> three.${DOMAIN} -> one.${DOMAIN}`],
  },
  {
    name: 'a circle of aliases at the name of the service itself',
    records: () => circle('_sips._tcp', '_moved._tcp'),
    dns: broken('cname.loop'),
    findings: ['cname.loop error'],
    says: [`_sips._tcp.${DOMAIN} -> _moved._tcp.${DOMAIN} -> _sips._tcp.${DOMAIN}`],
  },
  {
    name: '_sip._tls alone, for a client of RFC 3263',
    records: ({ address, tlsPort }) => [srv('_sip._tls', { target: 'sip', port: tlsPort }), a('sip', address)],
    args: ['--profile', 'rfc3263'],
    dns: broken('srv-records.family-confusion'),
    findings: ['srv-records.family-confusion error'],
    says: [`publishes TLS as _sip._tls.${DOMAIN} only`, `asks for _sips._tcp.${DOMAIN}`],
  },
  {
    name: '_sips._tcp alone, for a client of --profile lync',
    records: ({ address, tlsPort }) => [srv('_sips._tcp', { target: 'pool', port: tlsPort }), a('pool', address)],
    args: ['--profile', 'lync'],
    dns: broken('srv-records.family-confusion'),
    findings: ['srv-records.family-confusion error'],
    says: [`publishes TLS as _sips._tcp.${DOMAIN} only`, `asks for _sip._tls.${DOMAIN}`],
  },
  {
    name: 'an internal name whose server is gone hides the external one',
    records: ({ address, tlsPort }) => [
      srv('_sipinternaltls._tcp', { target: 'old', port: 5061 }),
      srv('_sip._tls', { target: 'sip', port: tlsPort }),
      a('sip', address),
    ],
    dns: broken('srv-records.shadowed'),
    findings: ['srv-records.shadowed error'],
    says: [`_sipinternaltls._tcp.${DOMAIN} hides _sip._tls.${DOMAIN}`, `old.${DOMAIN} does not exist`],
  },
  {
    name: 'nothing but a web server',
    records: () => [a('www', '127.255.255.254')],
    dns: broken('domain.no-address'),
    findings: ['domain.no-address error'],
    says: [`The domain ${DOMAIN} exists`, 'no SIP server'],
  },
];
