import type { DnsRecord } from '../model/dns.ts';
import type { Endpoint } from '../world.ts';
import { startDnsServer } from './dns-server.ts';
import type { Listener } from './listener.ts';
import { closedUdpPort, type Rack } from './rack.ts';
import { addressRecord, nameServerRecord, srvRecord } from './zone.ts';

/**
 * The second name server of the domain: none; one that does not run; one that does not serve
 * the zone; one that fails for the service of TLS alone; one with an older version of the zone;
 * or one whose address cannot be looked up.
 */
export type SecondNameServer = 'none' | 'closed' | 'lame' | 'partial' | 'stale' | 'unresolved';

/** Where a port of a published host is in truth: the lab takes no port below 1024 from the machine. */
export interface Pin {
  host: string;
  port: number;
  endpoint: Endpoint;
}

/** What DNS says of servers, and where they are. */
export interface Published {
  records: DnsRecord[];
  pins: Pin[];
}

const DNS_PORT = 53;

/** The name server of the domain answers where the resolver of the lab does. */
export const firstNameServer = (domain: string, endpoint: Endpoint): Pin => ({
  host: `ns.${domain}`,
  port: DNS_PORT,
  endpoint,
});

/** As if the last change had not been transferred. */
const older = (zone: readonly DnsRecord[], domain: string): DnsRecord[] =>
  zone.map((one) => (one.srv === undefined ? one : srvRecord(one.name, `old.${domain}`, one.srv.port)));

function start(
  at: Endpoint,
  second: Exclude<SecondNameServer, 'none' | 'unresolved'>,
  { domain, zone }: ZoneOfLab,
): Promise<Listener> {
  if (second === 'closed') return closedUdpPort(at);
  if (second === 'lame') return startDnsServer({ zone: [], at, behaviour: 'refused' });
  if (second === 'partial') return startDnsServer({ zone, at, behaviour: 'healthy', lost: `_sips._tcp.${domain}` });
  return startDnsServer({ zone: older(zone, domain), at, behaviour: 'healthy' });
}

interface ZoneOfLab {
  domain: string;
  zone: readonly DnsRecord[];
}

/** Starts the second name server, where there is one. Throws NetError. */
export async function startSecondNameServer(
  rack: Rack,
  at: Endpoint,
  { second, ...of }: ZoneOfLab & { second: SecondNameServer },
): Promise<Published & { lost?: string }> {
  if (second === 'none') return { records: [], pins: [] };
  const host = `ns2.${of.domain}`;
  const named = nameServerRecord(of.domain, host);
  if (second === 'unresolved') return { records: [named], pins: [], lost: host };
  const records = [named, addressRecord(host, at.address)];
  const endpoint = await rack.add(start(at, second, { ...of, zone: [...of.zone, ...records] }));
  return { records, pins: [{ host, port: DNS_PORT, endpoint }] };
}
