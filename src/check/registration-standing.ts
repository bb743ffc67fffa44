import type { Attempt } from '../model.ts';
import type { DiscoveryObservation } from '../model/dns.ts';
import type { SipObservation } from '../model/sip.ts';

/** What DNS says of the server that an attempt was made on; 0 where it says nothing, as for a server that the user named. */
function priorityOf({ transport, port, address }: Attempt, discovery: readonly DiscoveryObservation[]): number {
  const servers = discovery.flatMap(({ outcome }) => (outcome.ok ? outcome.value.servers : []));
  const mine = servers.find(
    (server) => server.transport === transport && server.port === port && server.addresses.includes(address),
  );
  return mine?.priority ?? 0;
}

const isSame = (a: Attempt, b: Attempt): boolean =>
  a.transport === b.transport && a.address === b.address && a.port === b.port;

/**
 * Whether each of the servers that refuse stands beside one of its set that takes the registration and is tried as early: then
 * some clients sign in. A server of a later priority helps nobody, because a refusal sends no client on (RFC 3263 section 4.3).
 */
export function othersTake(
  refusing: readonly SipObservation[],
  taking: readonly SipObservation[],
  { discovery }: { readonly discovery: readonly DiscoveryObservation[] },
): 'some' | 'none' {
  const stoodInFor = refusing.every(({ about }) =>
    taking.some(
      (other) =>
        other.about.set === about.set &&
        !isSame(other.about, about) &&
        priorityOf(other.about, discovery) <= priorityOf(about, discovery),
    ),
  );
  return stoodInFor ? 'some' : 'none';
}

/** The transports over which each host that refuses takes the registration all the same. */
export function takenOver(refusing: readonly SipObservation[], taking: readonly SipObservation[]): string[] {
  const hosts = new Set(refusing.map(({ about }) => about.host));
  const refused = new Set(refusing.map(({ about }) => about.transport));
  const mine = taking.filter(({ about }) => hosts.has(about.host) && !refused.has(about.transport));
  return hosts.size === 1 ? [...new Set(mine.map(({ about }) => about.transport))] : [];
}
