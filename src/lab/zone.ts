import type { DnsRecord, RecordType } from '../model/dns.ts';
import type { QueryType } from '../wire/dns-types.ts';
import type { Endpoint } from '../world.ts';

/** Short, as a changed lab should be seen at once. */
const TTL_SECONDS = 60;
/** As many as resolvers follow; a loop of aliases ends here. */
const MAX_ALIASES = 16;

/** What a zone says about one question: RFC 1034 section 4.3.2, RFC 2308 section 2. */
export interface ZoneAnswer {
  status: 'answer' | 'nodata' | 'nxdomain';
  /** CNAME records first, in the order in which they were followed. */
  answers: DnsRecord[];
  /** The SOA record when the last name gave no data, as RFC 2308 section 3 asks; empty when the zone has none. */
  authority: DnsRecord[];
}

function isWithin(name: string, ancestor: string): boolean {
  return name === ancestor || name.endsWith(`.${ancestor}`);
}

function negative(zone: readonly DnsRecord[], name: string): Pick<ZoneAnswer, 'status' | 'authority'> {
  // A name exists when anything lies below it, even if it has no record of its own (RFC 8020 section 2).
  const exists = zone.some((record) => isWithin(record.name, name));
  const authority = zone.filter((record) => record.type === 'SOA' && isWithin(name, record.name)).slice(0, 1);
  return { status: exists ? 'nodata' : 'nxdomain', authority };
}

/**
 * Looks a question up in the records, following aliases. Types that have no mnemonic here are given by their number, and
 * have no data. Names are compared without regard to case (RFC 4343).
 */
export function lookUp(zone: readonly DnsRecord[], question: { name: string; type: QueryType }): ZoneAnswer {
  const answers: DnsRecord[] = [];
  let name = question.name.toLowerCase();
  for (let hop = 0; hop <= MAX_ALIASES; hop += 1) {
    const owned = zone.filter((record) => record.name === name);
    const wanted = owned.filter((record) => record.type === question.type);
    answers.push(...wanted);
    if (wanted.length > 0) return { status: 'answer', answers, authority: [] };
    const alias = owned.find((record) => record.type === 'CNAME');
    if (alias?.host === undefined) return { answers, ...negative(zone, name) };
    answers.push(alias);
    name = alias.host.toLowerCase();
  }
  return { status: 'answer', answers, authority: [] };
}

/** The address record of a host: A or AAAA by the look of the literal. */
export function addressRecord(name: string, address: string): DnsRecord {
  const type: RecordType = address.includes(':') ? 'AAAA' : 'A';
  return { name, type, ttl: TTL_SECONDS, text: address, address };
}

/** An SRV record with priority and weight 0; the target '' is the root, which means that the service is not offered. RFC 2782. */
export function srvRecord(name: string, target: string, port: number): DnsRecord {
  const srv = { priority: 0, weight: 0, port, target: target === '' ? '.' : target };
  return { name, type: 'SRV', ttl: TTL_SECONDS, text: `0 0 ${port} ${target}.`, srv };
}

/** The same for a server that is tried when the first one is dead. */
export function standbyRecord(name: string, target: string, port: number): DnsRecord {
  const srv = { priority: 10, weight: 0, port, target };
  return { name, type: 'SRV', ttl: TTL_SECONDS, text: `10 0 ${port} ${target}.`, srv };
}

/** RFC 1034 section 3.6.2. */
export function aliasRecord(name: string, host: string): DnsRecord {
  return { name, type: 'CNAME', ttl: TTL_SECONDS, text: `${host}.`, host };
}

/** RFC 1035 section 3.3.11. */
export function nameServerRecord(zone: string, host: string): DnsRecord {
  return { name: zone, type: 'NS', ttl: TTL_SECONDS, text: `${host}.`, host };
}

/** A record that leads straight on to an SRV name, as RFC 3263 section 4.1 has it. */
export function naptrRecord(name: string, services: string, replacement: string): DnsRecord {
  const naptr = { order: 10, preference: 10, flags: 's', services, regexp: '', replacement };
  return { name, type: 'NAPTR', ttl: TTL_SECONDS, text: `10 10 "s" "${services}" "" ${replacement}.`, naptr };
}

/** Where each transport of the domain is served. */
export interface PublishedServices {
  udp: Endpoint;
  tcp: Endpoint;
  tls: Endpoint;
}

/** What every zone has: its authority, its name server and that server's address. */
export function hostRecords(domain: string, address: string): DnsRecord[] {
  const mname = `ns.${domain}`;
  return [
    {
      name: domain,
      type: 'SOA',
      ttl: TTL_SECONDS,
      text: `${mname}. hostmaster.${domain}. 1 3600 600 86400 ${TTL_SECONDS}`,
      soa: { serial: 1, mname },
    },
    nameServerRecord(domain, mname),
    addressRecord(mname, address),
  ];
}

/**
 * The zone of a SIP domain as RFC 3263 section 4.1 wants it without NAPTR: one SRV record for each transport, all to the host
 * `sip.<domain>`, whose address is there or, for the fault, missing.
 */
export function sipZone(domain: string, services: PublishedServices, host: 'with-address' | 'missing'): DnsRecord[] {
  const target = `sip.${domain}`;
  const zone = [
    ...hostRecords(domain, services.udp.address),
    srvRecord(`_sips._tcp.${domain}`, target, services.tls.port),
    srvRecord(`_sip._tcp.${domain}`, target, services.tcp.port),
    srvRecord(`_sip._udp.${domain}`, target, services.udp.port),
  ];
  return host === 'missing' ? zone : [...zone, addressRecord(target, services.udp.address)];
}
