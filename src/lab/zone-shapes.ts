import type { DnsRecord } from '../model/dns.ts';
import {
  addressRecord,
  aliasRecord,
  hostRecords,
  naptrRecord,
  sipZone,
  srvRecord,
  standbyRecord,
  type PublishedServices,
} from './zone.ts';

/** What a domain publishes, whole or with one mistake. */
export type ZoneShape =
  | 'complete'
  | 'empty'
  | 'no-address'
  | 'no-service'
  | 'no-tls'
  | 'microsoft-only'
  | 'internal-leaked'
  | 'foreign-target'
  | 'target-missing'
  | 'target-missing-tcp'
  | 'target-without-address'
  | 'target-alias'
  | 'target-null'
  | 'one-server-dead'
  | 'pool-first'
  | 'domain-address'
  | 'alias-loop'
  | 'alias-chain'
  | 'naptr-broken'
  | 'naptr-crossed'
  | 'port-zero'
  | 'port-of-tcp'
  | 'ttl-zero'
  | 'name-server-missing';

interface Site {
  domain: string;
  services: PublishedServices;
  /** A TCP port of the same address on which nothing listens. */
  deadPort: number;
  /** Where the second registrar listens, if there is one. */
  poolPort: number | undefined;
}

/** One more than clients follow, and as many as the lab follows itself. */
const LONG_CHAIN = 17;

const names = (domain: string) => ({
  tls: `_sips._tcp.${domain}`,
  tcp: `_sip._tcp.${domain}`,
  udp: `_sip._udp.${domain}`,
  host: `sip.${domain}`,
});

const without = (zone: readonly DnsRecord[], name: string): DnsRecord[] => zone.filter((one) => one.name !== name);

function complete({ domain, services }: Site): DnsRecord[] {
  return sipZone(domain, services, 'with-address');
}

/** The target of every SRV record, described by records of another kind than its address. */
function hostAs(site: Site, described: (host: string) => DnsRecord[]): DnsRecord[] {
  const { host } = names(site.domain);
  return [...without(complete(site), host), ...described(host)];
}

/** The records of Microsoft's clients in place of those of RFC 3263. */
function microsoft({ domain, services }: Site, records: readonly DnsRecord[]): DnsRecord[] {
  const address = addressRecord(`sip.${domain}`, services.tls.address);
  return [...hostRecords(domain, services.udp.address), address, ...records];
}

function chainFrom(host: string, address: string): DnsRecord[] {
  const links = Array.from({ length: LONG_CHAIN }, (_, at) => (at === 0 ? host : `hop${at}.${host}`));
  const aliases = links.map((link, at) => aliasRecord(link, `hop${at + 1}.${host}`));
  return [...aliases, addressRecord(`hop${LONG_CHAIN}.${host}`, address)];
}

const SHAPES: Readonly<Record<ZoneShape, (site: Site) => DnsRecord[]>> = {
  complete,
  empty: () => [],
  'no-address': ({ domain, services }) => hostRecords(domain, services.udp.address),
  'no-service': ({ domain, services: { udp } }) => [
    ...hostRecords(domain, udp.address),
    addressRecord(domain, udp.address),
  ],
  'no-tls': (site) => without(complete(site), names(site.domain).tls),
  'microsoft-only': (site) =>
    microsoft(site, [srvRecord(`_sip._tls.${site.domain}`, `sip.${site.domain}`, site.services.tls.port)]),
  'internal-leaked': (site) =>
    microsoft(site, [
      srvRecord(`_sipinternaltls._tcp.${site.domain}`, `pool.${site.domain}`, site.services.tls.port),
      srvRecord(`_sip._tls.${site.domain}`, `sip.${site.domain}`, site.services.tls.port),
    ]),
  'foreign-target': (site) =>
    microsoft(site, [
      srvRecord(`_sipinternaltls._tcp.${site.domain}`, 'sip.other.example', site.services.tls.port),
      addressRecord('sip.other.example', site.services.tls.address),
    ]),
  'target-missing': ({ domain, services }) => sipZone(domain, services, 'missing'),
  'target-missing-tcp': (site) => {
    const { tcp } = names(site.domain);
    return [...without(complete(site), tcp), srvRecord(tcp, `old.${site.domain}`, site.services.tcp.port)];
  },
  'target-without-address': (site) =>
    // A name exists when anything lies below it (RFC 8020 section 2).
    hostAs(site, (host) => [srvRecord(`_sip._udp.${host}`, host, site.services.udp.port)]),
  'target-alias': (site) =>
    hostAs(site, (host) => [
      aliasRecord(host, `node1.${site.domain}`),
      addressRecord(`node1.${site.domain}`, site.services.udp.address),
    ]),
  'target-null': ({ domain, services }) => {
    const { tls, tcp, udp } = names(domain);
    return [...hostRecords(domain, services.udp.address), ...[tls, tcp, udp].map((name) => srvRecord(name, '', 0))];
  },
  'one-server-dead': (site) => {
    const { tls, host } = names(site.domain);
    const second = `sip2.${site.domain}`;
    const address = site.services.tls.address;
    return [
      ...without(complete(site), tls),
      srvRecord(tls, second, site.deadPort),
      standbyRecord(tls, host, site.services.tls.port),
      addressRecord(second, address),
    ];
  },
  'pool-first': (site) => {
    const { tcp, host } = names(site.domain);
    const pool = `pool.${site.domain}`;
    return [
      ...without(complete(site), tcp),
      srvRecord(tcp, pool, site.poolPort ?? site.deadPort),
      standbyRecord(tcp, host, site.services.tcp.port),
      addressRecord(pool, site.services.tcp.address),
    ];
  },
  'domain-address': (site) => [...complete(site), addressRecord(site.domain, site.services.tcp.address)],
  'alias-loop': (site) =>
    hostAs(site, (host) => [aliasRecord(host, `edge.${site.domain}`), aliasRecord(`edge.${site.domain}`, host)]),
  'alias-chain': (site) => hostAs(site, (host) => chainFrom(host, site.services.udp.address)),
  'naptr-broken': (site) => [
    ...without(complete(site), names(site.domain).tls),
    naptrRecord(site.domain, 'SIPS+D2T', `_sips._tcp.old.${site.domain}`),
  ],
  'naptr-crossed': (site) => [
    ...complete(site),
    naptrRecord(site.domain, 'SIPS+D2T', names(site.domain).tls),
    naptrRecord(site.domain, 'SIP+D2U', names(site.domain).tcp),
  ],
  'port-zero': ({ domain, services: { udp } }) => {
    const { tls, host } = names(domain);
    return [...hostRecords(domain, udp.address), srvRecord(tls, host, 0), addressRecord(host, udp.address)];
  },
  'port-of-tcp': ({ domain, services: { udp } }) => {
    const { tls, host } = names(domain);
    return [...hostRecords(domain, udp.address), srvRecord(tls, host, 5060), addressRecord(host, udp.address)];
  },
  'name-server-missing': (site) => without(complete(site), `ns.${site.domain}`),
  'ttl-zero': (site) => complete(site).map((record) => ({ ...record, ttl: 0 })),
};

/** The zone of that shape. */
export function zoneOf(shape: ZoneShape, site: Site): DnsRecord[] {
  return SHAPES[shape](site);
}
