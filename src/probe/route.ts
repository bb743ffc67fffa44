import type { RouteObservation, Server } from '../model/dns.ts';
import { attempt, offsetMs, sideBySide, type ProbeContext } from './context.ts';

/** As many as one domain has servers in practice. */
const MAX_HOSTS = 16;
const SIDE_BY_SIDE = 16;

const hasIpv6Only = ({ addresses }: Server): boolean =>
  addresses.length > 0 && addresses.every((address) => address.includes(':'));

/**
 * Whether this machine knows a way to the servers that have IPv6 addresses alone. The kernel looks for one when a UDP socket is
 * connected, and nothing is sent (RFC 6724 section 2).
 */
export async function probeRoutes(context: ProbeContext, servers: readonly Server[]): Promise<RouteObservation[]> {
  const byHost = new Map(servers.filter(hasIpv6Only).map((server) => [server.host, server]));
  return sideBySide([...byHost.values()].slice(0, MAX_HOSTS), SIDE_BY_SIDE, async ({ host, port, set, addresses }) => {
    const at = offsetMs(context);
    const address = addresses[0] ?? '';
    const outcome = await attempt(context, async () => {
      const socket = await context.world.net.openUdp({ address, port });
      socket.close();
      return { local: socket.local.address };
    });
    return { kind: 'route', subject: `${host} ${address}`, at, about: { host, address, set }, outcome };
  });
}
