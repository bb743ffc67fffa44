/** One thing that is wrong with the domain or its server. */
import { DOMAIN, HOST, type Stage } from '../real/stage.ts';
import { a, cname, srv } from '../real/zone-records.ts';
import { brokenDns, failed, NO_TLS, publish, row, tlsOnly, type LadderScene } from './ladder-row.ts';
import { broken, degraded } from './row.ts';

const withDeadTwin = ({ good, deadPort }: Stage): string[] => [...publish(good), tlsOnly('sip', deadPort)];

export const SILENT_RESOLVER_SCENE: LadderScene = row(
  {
    id: 'ladder-dns-silent',
    name: 'the name server is silent',
    dns: 'silent',
    args: '--timeout 1500',
    servers: ['silent port'],
  },
  brokenDns('resolver.timeout', ['did not answer any question']),
);

export const FAULTY_LADDER: readonly LadderScene[] = [
  row(
    {
      id: 'ladder-target-missing',
      name: 'the SRV target does not exist',
      records: () => [tlsOnly('gone', 5061), srv('_sip._tcp', { target: 'gone', port: 5060 })],
    },
    brokenDns('srv-target.missing', [`gone.${DOMAIN}`, `_sips._tcp.${DOMAIN}`]),
  ),
  row(
    {
      id: 'ladder-tcp-refused',
      name: 'nothing listens on the published TCP port',
      records: ({ good, deadPort }) => [...publish({ ...good, tcpPort: deadPort })],
    },
    failed(broken('connect', 'tcp-reach.refused'), [HOST, 'nothing listens on port', `_sip._tcp.${DOMAIN}`]),
  ),
  row(
    {
      id: 'ladder-tls-refused',
      name: 'nothing listens on the only published port',
      records: ({ good, deadPort }) => [tlsOnly('sip', deadPort), a('sip', good.address)],
    },
    failed(broken('connect', 'tcp-reach.refused'), [HOST, 'nothing listens on port', `_sips._tcp.${DOMAIN}`], {
      ...NO_TLS,
      sip: 'not-tested',
    }),
  ),
  row(
    { id: 'ladder-expired', name: 'the certificate has expired', records: ({ expired }) => publish(expired) },
    failed(broken('certificate', 'cert-dates.expired'), [HOST, 'expired 2 days ago']),
  ),
  row(
    {
      id: 'ladder-wrong-name',
      name: 'the certificate is for another host',
      records: ({ misnamed }) => publish(misnamed),
    },
    failed(broken('certificate', 'cert-name.mismatch'), [HOST, 'example.net']),
  ),
  row(
    { id: 'ladder-untrusted', name: 'nobody here trusts the authority', untrusted: true },
    failed(broken('certificate', 'cert-chain.untrusted-root'), ['root']),
  ),
  row(
    {
      id: 'ladder-domain-not-served',
      name: 'the server does not serve the domain',
      records: ({ foreign }) => publish(foreign),
    },
    failed(broken('auth', 'registration.domain-not-served'), ['404', DOMAIN]),
  ),
  row(
    { id: 'ladder-unknown-user', name: 'the registrar does not know the user', target: `sip:nobody@${DOMAIN}` },
    failed(broken('auth', 'registration.unknown-user'), ['404 User Not Found', 'does not know the user']),
  ),
  row(
    { id: 'ladder-one-dead', name: 'one of two servers of an SRV set is dead', records: withDeadTwin },
    failed(degraded('connect', 'tcp-reach.refused'), ['Clients can still use']),
  ),
  row(
    {
      id: 'ladder-one-dead-fail-on',
      name: 'the same with --fail-on warning',
      records: withDeadTwin,
      args: '--fail-on warning',
    },
    failed({ ...degraded('connect', 'tcp-reach.refused'), code: 1 }, ['Clients can still use']),
  ),
  row(
    {
      id: 'ladder-alias',
      name: 'the SRV target is an alias that works',
      records: ({ good }) => [...publish(good, 'front'), cname('front', 'sip')],
    },
    failed(degraded('dns', 'srv-target.alias'), [`front.${DOMAIN}`, HOST]),
  ),
  row(
    { id: 'ladder-no-domain', name: 'the domain does not exist', dns: { zones: { local: '' } } },
    brokenDns('domain.not-found', [DOMAIN]),
  ),
  row(
    {
      id: 'ladder-dns-refused',
      name: 'the name server refuses to answer for this domain',
      dns: { zones: { 'another.example': '' } },
    },
    brokenDns('resolver.failure', ['REFUSED', '127.']),
  ),
  row(
    {
      id: 'ladder-dns-servfail',
      name: 'the name server answers SERVFAIL',
      dns: { zones: { [DOMAIN]: 'sip A not-an-address' }, brokenZones: 'servfail' },
    },
    brokenDns('resolver.failure', ['SERVFAIL']),
  ),
  SILENT_RESOLVER_SCENE,
];
