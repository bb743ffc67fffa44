import type { Pins } from './pins.ts';
import type { Observation, Target, Transport } from '../model.ts';
import type { Server } from '../model/dns.ts';
import { isAddress } from './endpoint-text.ts';

interface NamedServer {
  target: Target;
  server: { host: string; port?: number };
  pinned: Pins;
  lookUp: (host: string) => Promise<{ observations: Observation[]; addresses: string[] }>;
}

const TLS_PORTS = new Set([5061, 443, 5067]);

/** The transports that a port is known for; for any other port all three are tried, and one that answers is enough. */
function transportsOf(port: number | undefined, target: Target): { transport: Transport; port: number }[] {
  const usual: Record<Transport, number> = { udp: 5060, tcp: 5060, tls: 5061 };
  const wanted: Transport[] = target.transports.length > 0 ? target.transports : ['udp', 'tcp', 'tls'];
  const allowed = target.scheme === 'sips' ? wanted.filter((one) => one === 'tls') : wanted;
  const known = allowed.filter((transport) => {
    if (port === undefined || target.transports.length > 0 || target.scheme === 'sips') return true;
    return TLS_PORTS.has(port) ? transport === 'tls' : port !== 5060 || transport !== 'tls';
  });
  return known.map((transport) => ({ transport, port: port ?? usual[transport] }));
}

/** A server that the user named: no service discovery (RFC 3263 section 4.2, explicit port or numeric host). */
export async function namedServers(named: NamedServer): Promise<{ observations: Observation[]; servers: Server[] }> {
  const { target, server, pinned } = named;
  const ways = transportsOf(server.port, target);
  const pins = ways.map(({ port }) => pinned.get(`${server.host}:${port}`));
  const literal = isAddress(server.host) ? [server.host] : undefined;
  const needsLookup = literal === undefined && pins.includes(undefined);
  const looked = needsLookup ? await named.lookUp(server.host) : { observations: [], addresses: [] };
  const promised = target.transports.length > 0 || ways.length === 1;
  const servers = ways.map(({ transport, port }, index): Server => {
    const pin = pins[index];
    const addresses = pin === undefined ? (literal ?? looked.addresses) : [pin.address];
    const via = pin === undefined ? 'given by the user' : 'pinned with --resolve';
    // Transports that the user did not name are tried by custom: one that answers is enough.
    const set = promised ? `${transport} ${server.host}:${port}` : server.host;
    return { transport, host: server.host, port, addresses, via, published: promised, set };
  });
  return { observations: looked.observations, servers };
}
