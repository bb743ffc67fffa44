/** Zones in which some or all clients do not find their server. */
import { DOMAIN, HOST } from '../real/stage.ts';
import { a, cname, srv } from '../real/zone-records.ts';
import { publish } from './ladder-row.ts';
import { broken, degraded } from './row.ts';
import { FOREIGN_HOST, hosting, rule, type Zone } from './zone-row.ts';

/** Aliases of which the last leads back to the first. */
const circle = (...names: string[]): string[] =>
  names.map((name, at) => cname(name, names[at + 1] ?? names[0] ?? name));

export const FAULTY_ZONES: readonly Zone[] = [
  {
    id: 'alias',
    name: 'an alias as target, which works',
    records: (server) => [...publish(server, 'front'), cname('front', 'sip')],
    dns: degraded('dns', 'srv-target.alias'),
    findings: ['srv-target.alias warning'],
    says: [`front.${DOMAIN}`, `an alias (CNAME) of ${HOST}`, 'RFC 2782'],
  },
  {
    id: 'alias-dead',
    name: 'an alias as target, whose end does not exist',
    records: ({ tlsPort }) => [srv('_sips._tcp', { target: 'front', port: tlsPort }), cname('front', 'gone')],
    dns: broken('dns', 'srv-target.missing'),
    findings: ['srv-target.missing error'],
    says: [`front.${DOMAIN}, an alias of gone.${DOMAIN}`, 'does not exist'],
  },
  {
    id: 'no-address',
    name: 'a target that exists without an address',
    records: ({ tlsPort }) => [srv('_sips._tcp', { target: 'sip', port: tlsPort }), 'sip TXT "soon"'],
    dns: broken('dns', 'srv-target.no-address'),
    findings: ['srv-target.no-address error'],
    says: [HOST, 'neither an A nor an AAAA record'],
  },
  {
    id: 'one-missing',
    name: 'one of two targets is missing',
    records: (server) => [...publish(server), srv('_sips._tcp', { target: 'gone', port: 5061, priority: 10 })],
    dns: degraded('dns', 'srv-target.missing'),
    findings: ['srv-target.missing warning'],
    says: [`gone.${DOMAIN}`, 'Other targets of the same name can still be used'],
  },
  {
    id: 'hosted-lync',
    name: 'a foreign target for the client of --profile lync',
    records: (server) => [...publish(server), srv('_sip._tls', { target: `${FOREIGN_HOST}.`, port: server.tlsPort })],
    zones: hosting,
    args: '--profile lync',
    dns: broken('dns', 'srv-target.foreign-domain'),
    findings: ['srv-target.foreign-domain error'],
    says: [FOREIGN_HOST, `outside ${DOMAIN}`, 'refused (0x80EE0042', 'DisableStrictDNSNaming=1 refused'],
  },
  {
    id: 'naptr-dead',
    name: 'the only NAPTR record leads to a name that does not exist',
    records: ({ address }) => [rule({ service: 'SIPS+D2T', replacement: '_sips._tpc' }), a('sip', address)],
    dns: broken('dns', 'naptr.broken'),
    findings: ['naptr.broken error'],
    says: ['SIPS+D2T', `_sips._tpc.${DOMAIN}`, 'There is no other way'],
  },
  {
    id: 'naptr-dead-srv',
    name: 'a NAPTR record leads to nothing, and the SRV records stand in',
    records: (server) => [...publish(server), rule({ service: 'SIPS+D2T', replacement: '_sips._tpc' })],
    dns: degraded('dns', 'naptr.broken'),
    findings: ['naptr.broken warning'],
    says: [`Clients that fall back reach ${HOST}:5061`],
  },
  {
    id: 'naptr-crossed',
    name: 'a NAPTR record for TCP leads to the TLS port',
    records: ({ address, tlsPort }) => [
      rule({ service: 'SIP+D2T', replacement: '_sip._tcp' }),
      srv('_sip._tcp', { target: 'sip', port: tlsPort }),
      a('sip', address),
    ],
    dns: degraded('dns', 'naptr.port-mismatch'),
    doctor: broken('sip', 'sip-answer.closed'),
    findings: ['naptr.port-mismatch warning'],
    says: ['SIP+D2T', `port 5061 of ${HOST}`, 'the port of TLS'],
  },
  {
    id: 'port-clear',
    name: 'an SRV record for TLS names the port in the clear',
    records: ({ address, tcpPort }) => [srv('_sips._tcp', { target: 'sip', port: tcpPort }), a('sip', address)],
    dns: degraded('dns', 'srv-port.unexpected'),
    doctor: broken('tls', 'tls-service.plaintext'),
    findings: ['srv-port.unexpected warning'],
    says: ['port 5060', 'the port of SIP in the clear'],
  },
  {
    id: 'target-null',
    name: 'every service has the target "."',
    records: () => ['_sips._tcp', '_sip._tcp', '_sip._udp'].map((name) => srv(name, { target: '.', port: 0 })),
    dns: broken('dns', 'srv-target.null'),
    findings: ['srv-target.null error'],
    says: [`_sips._tcp.${DOMAIN}`, 'have the target "."', 'does not offer this service'],
  },
  {
    id: 'port-zero',
    name: 'an SRV record with port 0',
    records: ({ address }) => [srv('_sips._tcp', { target: 'sip', port: 0 }), a('sip', address)],
    dns: broken('dns', 'srv-port.zero'),
    findings: ['srv-port.zero error'],
    says: [`_sips._tcp.${DOMAIN}`, `port 0 of ${HOST}`],
  },
  {
    id: 'alias-circle',
    name: 'a circle of aliases',
    records: ({ tlsPort }) => [srv('_sips._tcp', { target: 'one', port: tlsPort }), ...circle('one', 'two', 'three')],
    dns: broken('dns', 'cname.loop'),
    findings: ['cname.loop error'],
    says: [`one.${DOMAIN} -> two.${DOMAIN} -> three.${DOMAIN} -> one.${DOMAIN}`],
  },
  {
    id: 'service-circle',
    name: 'a circle of aliases at the name of the service itself',
    records: () => circle('_sips._tcp', '_moved._tcp'),
    dns: broken('dns', 'cname.loop'),
    findings: ['cname.loop error'],
    says: [`_sips._tcp.${DOMAIN} -> _moved._tcp.${DOMAIN} -> _sips._tcp.${DOMAIN}`],
  },
  {
    id: 'family-rfc3263',
    name: '_sip._tls alone, for a client of RFC 3263',
    records: ({ address, tlsPort }) => [srv('_sip._tls', { target: 'sip', port: tlsPort }), a('sip', address)],
    args: '--profile rfc3263',
    dns: broken('dns', 'srv-records.family-confusion'),
    findings: ['srv-records.family-confusion error'],
    says: [`publishes TLS as _sip._tls.${DOMAIN} only`, `ask for _sips._tcp.${DOMAIN}`],
  },
  {
    id: 'family-lync',
    name: '_sips._tcp alone, for a client of --profile lync',
    records: ({ address, tlsPort }) => [srv('_sips._tcp', { target: 'pool', port: tlsPort }), a('pool', address)],
    args: '--profile lync',
    dns: broken('dns', 'srv-records.family-confusion'),
    findings: ['srv-records.family-confusion error'],
    says: [`publishes TLS as _sips._tcp.${DOMAIN} only`, `ask for _sip._tls.${DOMAIN}`],
  },
  {
    id: 'shadowed',
    name: 'an internal name whose server is gone hides the external one',
    records: ({ address, tlsPort }) => [
      srv('_sipinternaltls._tcp', { target: 'old', port: 5061 }),
      srv('_sip._tls', { target: 'sip', port: tlsPort }),
      a('sip', address),
    ],
    dns: broken('dns', 'srv-records.shadowed'),
    findings: ['srv-records.shadowed error'],
    says: [`_sipinternaltls._tcp.${DOMAIN} hides _sip._tls.${DOMAIN}`, `old.${DOMAIN} does not exist`],
  },
  {
    id: 'web-server-only',
    name: 'nothing but a web server',
    records: () => [a('www', '127.255.255.254')],
    dns: broken('dns', 'domain.no-address'),
    findings: ['domain.no-address error'],
    says: [`The domain ${DOMAIN} exists`, 'no SIP server'],
  },
];
