/** What goes wrong in the world, and what `sipdiag doctor` has to make of it: one row for each scene. */
import type { Rung, RungResult, Verdict } from '../../src/model.ts';
import type { BindOptions } from './real/bind.ts';
import { blockRules } from './real/namespaces.ts';
import { DOMAIN, HOST, type Stage } from './real/stage.ts';
import { APEX, a, aaaa, cname, naptr, srv } from './real/zone-records.ts';

export type Ladder = Record<Rung, RungResult['status']>;

export interface Expected {
  status: Verdict['status'];
  rung: Rung | null;
  findingId: string | null;
  code: number;
  rungs: Ladder;
  /** Words that the first sentence must hold: the names and numbers that a reader needs. */
  says: string[];
}

export interface Scene {
  name: string;
  /** Lines of the zone fuzzybunny.local; absent: every transport of the good server is published. */
  records?: (stage: Stage) => string[];
  /** What BIND is told beyond that; 'silent': a name server that never answers stands in its place. */
  dns?: Partial<BindOptions> | 'silent';
  /** Default: the sign-in address toml@fuzzybunny.local. */
  target?: (stage: Stage) => string;
  args?: (stage: Stage) => string[];
  /** Whether the test authority is trusted (--ca); default yes. */
  trust?: 'yes' | 'no';
  expected: Expected;
}

/** In the network of namespaces; BIND and Kamailio serve without a fault, the router is what differs. */
export interface NetworkScene {
  name: string;
  rules: string;
  args?: string[];
  expected: Expected;
}

const NOT_TESTED: Ladder = {
  dns: 'not-tested',
  connect: 'not-tested',
  tls: 'not-tested',
  certificate: 'not-tested',
  sip: 'not-tested',
  auth: 'not-tested',
  callback: 'not-tested',
  media: 'not-tested',
};
const ALL_PASSED: Ladder = {
  ...NOT_TESTED,
  dns: 'passed',
  connect: 'passed',
  tls: 'passed',
  certificate: 'passed',
  sip: 'passed',
};

const healthy = (says: string[], rungs: Partial<Ladder> = {}): Expected => {
  return { status: 'healthy', rung: null, findingId: null, code: 0, rungs: { ...ALL_PASSED, ...rungs }, says };
};
type Fault = { rung: Rung; findingId: string; says: string[] };
/** The rungs that are not named are as in a world without a fault. */
const broken = (fault: Fault, rungs: Partial<Ladder> = {}): Expected => {
  return { status: 'broken', code: 1, ...fault, rungs: { ...ALL_PASSED, [fault.rung]: 'failed', ...rungs } };
};
const degraded = (fault: Fault, code = 0): Expected => {
  return { status: 'degraded', code, ...fault, rungs: { ...ALL_PASSED, [fault.rung]: 'warning' } };
};
/** Nothing above the first rung could be tried. */
const brokenDns = (findingId: string, says: string[]): Expected => {
  return { status: 'broken', rung: 'dns', findingId, code: 1, rungs: { ...NOT_TESTED, dns: 'failed' }, says };
};

interface Published {
  address: string;
  udpPort: number;
  tcpPort: number;
  tlsPort: number;
}

/** Every transport of one server, under one host name. */
export function publish(server: Published, target = 'sip'): string[] {
  return [
    srv('_sips._tcp', { target, port: server.tlsPort }),
    srv('_sip._tcp', { target, port: server.tcpPort }),
    srv('_sip._udp', { target, port: server.udpPort }),
    server.address.includes(':') ? aaaa('sip', server.address) : a('sip', server.address),
  ];
}

const tlsOnly = (target: string, port: number): string => srv('_sips._tcp', { target, port });
const NO_DNS = { dns: 'not-tested' } as const;
const NO_TLS = { tls: 'not-tested', certificate: 'not-tested' } as const;
const NO_TCP = { connect: 'not-tested', ...NO_TLS } as const;

/** Nothing out of the ordinary. */
export const PLAIN_SCENE: Scene = {
  name: 'SRV records for UDP, TCP and TLS',
  expected: healthy([`${HOST}:5061 (tls), ${HOST}:5060 (tcp), ${HOST}:5060 (udp)`]),
};

export const SILENT_RESOLVER_SCENE: Scene = {
  name: 'the name server is silent',
  dns: 'silent',
  args: () => ['--timeout', '1500'],
  expected: brokenDns('resolver.timeout', ['did not answer any question']),
};

export const HEALTHY_SCENES: readonly Scene[] = [
  PLAIN_SCENE,
  {
    name: 'NAPTR records in front of the SRV records',
    records: ({ good }) => [
      ...publish(good),
      naptr(APEX, { order: 10, preference: 10, service: 'SIPS+D2T', replacement: '_sips._tcp' }),
      naptr(APEX, { order: 20, preference: 10, service: 'SIP+D2T', replacement: '_sip._tcp' }),
      naptr(APEX, { order: 30, preference: 10, service: 'SIP+D2U', replacement: '_sip._udp' }),
    ],
    expected: healthy([`${HOST}:5061 (tls)`]),
  },
  {
    name: 'no SRV records, an address alone, default ports',
    records: ({ good }) => [a(APEX, good.address)],
    expected: healthy([`${DOMAIN}:5061 (tls)`, `${DOMAIN}:5060 (tcp)`]),
  },
  {
    name: 'a server that speaks UDP alone, found by its address',
    records: ({ udpOnly }) => [a(APEX, udpOnly.address)],
    expected: healthy([`SIP answers at ${DOMAIN}:5060 (udp).`], NO_TCP),
  },
  {
    name: 'IPv6 alone, on ports that only the SRV records tell',
    records: ({ ipv6 }) => publish(ipv6),
    expected: healthy([`${HOST}:`]),
  },
  { name: 'sips: demands TLS', target: () => `sips:toml@${DOMAIN}`, expected: healthy([`${HOST}:5061 (tls)`]) },
  { name: '--transport tls', args: () => ['--transport', 'tls'], expected: healthy([`${HOST}:5061 (tls)`]) },
  {
    name: '--transport udp opens no connection',
    args: () => ['--transport', 'udp'],
    expected: healthy([`${HOST}:5060 (udp)`], NO_TCP),
  },
  {
    name: 'the domain alone, without a user',
    target: () => DOMAIN,
    expected: healthy([`${HOST}:5061 (tls)`]),
  },
  {
    name: 'host:port for a client with a configured server',
    records: ({ good }) => [a(APEX, good.address)],
    target: () => `${DOMAIN}:5061`,
    expected: healthy([`${DOMAIN}:5061 (tls)`]),
  },
  {
    name: 'host:port of the port in the clear',
    records: ({ good }) => [a(APEX, good.address)],
    target: () => `sip:toml@${DOMAIN}:5060`,
    expected: healthy([`${DOMAIN}:5060 (tcp)`], NO_TLS),
  },
  {
    name: 'host:port of a host that is no SIP domain',
    records: ({ expired }) => publish(expired),
    target: ({ expired }) => `${HOST}:${expired.udpPort}`,
    args: () => ['--transport', 'tcp,udp'],
    expected: healthy([`${HOST}:`, '(tcp)', '(udp)'], NO_TLS),
  },
  {
    name: 'an address and a port',
    target: ({ good }) => `${good.address}:5060`,
    expected: healthy([':5060 (tcp)', ':5060 (udp)'], { ...NO_DNS, ...NO_TLS }),
  },
  {
    name: '--server names an IPv6 address and a port, and --transport what is spoken there',
    args: ({ ipv6 }) => ['--server', `[::1]:${ipv6.tlsPort}`, '--transport', 'tls', '--verify-name', HOST],
    expected: healthy(['(tls)'], NO_DNS),
  },
  {
    name: 'an IPv6 address and a port that is not customary',
    target: ({ ipv6 }) => `[::1]:${ipv6.tcpPort}`,
    expected: healthy(['(tcp)', '(udp)'], { ...NO_DNS, ...NO_TLS }),
  },
  {
    name: '--server names the host, discovery is left out',
    args: () => ['--server', HOST],
    expected: healthy([`${HOST}:5061 (tls)`]),
  },
  {
    name: '--server names the address and the certificate is checked by --verify-name',
    args: ({ good }) => ['--server', `${good.address}:5061`, '--verify-name', HOST, '--sni', HOST],
    expected: healthy([':5061 (tls)'], NO_DNS),
  },
];

export const FAULTY_SCENES: readonly Scene[] = [
  {
    name: 'the SRV target does not exist',
    records: () => [tlsOnly('gone', 5061), srv('_sip._tcp', { target: 'gone', port: 5060 })],
    expected: brokenDns('srv-target.missing', [`gone.${DOMAIN}`, `_sips._tcp.${DOMAIN}`]),
  },
  {
    name: 'nothing listens on the published TCP port',
    records: ({ good, deadPort }) => [...publish({ ...good, tcpPort: deadPort })],
    expected: broken({
      rung: 'connect',
      findingId: 'tcp-reach.refused',
      says: [HOST, 'nothing listens on port', `_sip._tcp.${DOMAIN}`],
    }),
  },
  {
    name: 'nothing listens on the only published port',
    records: ({ good, deadPort }) => [tlsOnly('sip', deadPort), a('sip', good.address)],
    expected: broken(
      {
        rung: 'connect',
        findingId: 'tcp-reach.refused',
        says: [HOST, 'nothing listens on port', `_sips._tcp.${DOMAIN}`],
      },
      { ...NO_TLS, sip: 'not-tested' },
    ),
  },
  {
    name: 'the certificate has expired',
    records: ({ expired }) => publish(expired),
    expected: broken({ rung: 'certificate', findingId: 'cert-dates.expired', says: [HOST, 'expired 2 days ago'] }),
  },
  {
    name: 'the certificate is for another host',
    records: ({ misnamed }) => publish(misnamed),
    expected: broken({ rung: 'certificate', findingId: 'cert-name.mismatch', says: [HOST, 'example.net'] }),
  },
  {
    name: 'nobody here trusts the authority',
    trust: 'no',
    expected: broken({ rung: 'certificate', findingId: 'cert-chain.untrusted-root', says: ['root'] }),
  },
  {
    name: 'the server does not serve the domain',
    records: ({ foreign }) => publish(foreign),
    expected: broken({ rung: 'auth', findingId: 'registration.domain-not-served', says: ['404', DOMAIN] }),
  },
  {
    name: 'the registrar does not know the user',
    target: () => `sip:nobody@${DOMAIN}`,
    expected: broken({
      rung: 'auth',
      findingId: 'registration.unknown-user',
      says: ['404 User Not Found', 'does not know the user'],
    }),
  },
  {
    name: 'one of two servers of an SRV set is dead',
    records: ({ good, deadPort }) => [...publish(good), tlsOnly('sip', deadPort)],
    expected: degraded({ rung: 'connect', findingId: 'tcp-reach.refused', says: ['Clients can still use'] }),
  },
  {
    name: 'the same with --fail-on warning',
    records: ({ good, deadPort }) => [...publish(good), tlsOnly('sip', deadPort)],
    args: () => ['--fail-on', 'warning'],
    expected: degraded({ rung: 'connect', findingId: 'tcp-reach.refused', says: ['Clients can still use'] }, 1),
  },
  {
    name: 'the SRV target is an alias that works',
    records: ({ good }) => [...publish(good, 'front'), cname('front', 'sip')],
    expected: degraded({ rung: 'dns', findingId: 'srv-target.alias', says: [`front.${DOMAIN}`, HOST] }),
  },
  {
    name: 'the domain does not exist',
    dns: { zones: { local: '' } },
    expected: brokenDns('domain.not-found', [DOMAIN]),
  },
  {
    name: 'the name server refuses to answer for this domain',
    dns: { zones: { 'another.example': '' } },
    expected: brokenDns('resolver.failure', ['REFUSED', '127.']),
  },
  {
    name: 'the name server answers SERVFAIL',
    dns: { zones: { [DOMAIN]: 'sip A not-an-address' }, brokenZones: 'servfail' },
    expected: brokenDns('resolver.failure', ['SERVFAIL']),
  },
  SILENT_RESOLVER_SCENE,
];

export const NETWORK_SCENES: readonly NetworkScene[] = [
  { name: 'lets everything through', rules: '', expected: healthy([`${HOST}:5061 (tls)`]) },
  {
    name: 'drops port 53',
    rules: blockRules('udp dport 53'),
    args: ['--timeout', '1500'],
    expected: brokenDns('resolver.timeout', ['203.0.113.10']),
  },
  {
    name: 'drops TCP to the SIP ports',
    rules: blockRules('tcp dport { 5060, 5061 }'),
    args: ['--timeout', '1000'],
    expected: broken({ rung: 'connect', findingId: 'tcp-reach.timeout', says: ['203.0.113.10:5061'] }, NO_TLS),
  },
  {
    name: 'drops TCP to the TLS port alone',
    rules: blockRules('tcp dport 5061'),
    args: ['--timeout', '1000'],
    expected: broken({ rung: 'connect', findingId: 'tcp-reach.timeout', says: ['203.0.113.10:5061'] }, NO_TLS),
  },
  {
    name: 'rejects TCP to the SIP ports',
    rules: blockRules('tcp dport { 5060, 5061 }', 'reject'),
    expected: broken({ rung: 'connect', findingId: 'tcp-reach.unreachable', says: ['203.0.113.10:5061'] }, NO_TLS),
  },
  {
    name: 'resets TCP to the SIP ports',
    rules: blockRules('tcp dport { 5060, 5061 }', 'reset'),
    expected: broken({ rung: 'connect', findingId: 'tcp-reach.refused', says: ['203.0.113.10:5061'] }, NO_TLS),
  },
  {
    name: 'drops UDP to the SIP port',
    rules: blockRules('udp dport 5060'),
    args: ['--timeout', '1000'],
    expected: broken({ rung: 'sip', findingId: 'sip-answer.none', says: ['203.0.113.10:5060', 'udp'] }),
  },
];
