import type { Attempt, Outcome, Transport } from '../model.ts';
import type { Server } from '../model/dns.ts';
import type { PathObservation } from '../model/sip.ts';
import { attempt, offsetMs, sideBySide, waitOf, type ProbeContext } from './context.ts';
import { familyOf, isAddress } from './endpoint-text.ts';
import type { Pins } from './pins.ts';

interface MatrixPlan {
  servers: readonly Server[];
  pinned: Pins;
  families: readonly (4 | 6)[];
  /** Who says where a name leads: the operating system, as for every other program, or the DNS servers that were named. */
  names: 'system' | 'dns';
}

/** The system has four threads for lookups by default; more would wait inside it and look slow. */
const LOOKUPS_SIDE_BY_SIDE = 4;
/** Rows of the matrix; 16 servers by address and by name over two families are more than anybody runs. */
const MAX_ROWS = 64;

type Where = { source: PathObservation['about']['source']; outcome: Outcome<{ addresses: string[] }> };

async function lookUp(context: ProbeContext, server: Server, plan: MatrixPlan): Promise<Where> {
  const pin = plan.pinned.get(`${server.host}:${server.port}`);
  if (pin !== undefined) return { source: 'pinned', outcome: { ok: true, value: { addresses: [pin.address] }, ms: 0 } };
  if (plan.names === 'dns')
    return { source: 'dns', outcome: { ok: true, value: { addresses: [...server.addresses] }, ms: 0 } };
  const outcome = await attempt(context, async () => ({
    addresses: await context.world.net.systemLookup(server.host, waitOf(context)),
  }));
  return { source: 'system', outcome };
}

async function pathTo(context: ProbeContext, server: Server, plan: MatrixPlan): Promise<PathObservation> {
  const at = offsetMs(context);
  const { transport, host, port, published, set } = server;
  const { source, outcome } = await lookUp(context, server, plan);
  const expected = server.addresses.filter((one) => plan.families.includes(familyOf(one)));
  return {
    kind: 'path',
    subject: `${transport} ${host}:${port}`,
    at,
    about: { transport, host, port, published, set, source, expected },
    outcome,
  };
}

const rowKey = ({ transport, address, port, host }: Attempt): string => `${transport} ${address} ${port} ${host}`;

function attemptTo(
  plan: MatrixPlan,
  server: Server,
  { address, by }: Required<Pick<Attempt, 'address' | 'by'>>,
): Attempt {
  const { transport, host, published, set } = server;
  const pin = plan.pinned.get(`${host}:${server.port}`);
  const port = pin?.address === address ? pin.port : server.port;
  return { transport, host: by === 'address' ? address : host, address, port, published, set, by };
}

/**
 * The rows of the matrix: each server by each of its addresses, without any name, and by its name, wherever that leads to. What
 * differs between the two is name resolution, and over TLS the certificate.
 */
export async function planMatrix(
  context: ProbeContext,
  plan: MatrixPlan,
): Promise<{ paths: PathObservation[]; attempts: Attempt[] }> {
  const named = plan.servers.filter(({ host }) => !isAddress(host));
  const paths = await sideBySide(named, LOOKUPS_SIDE_BY_SIDE, (server) => pathTo(context, server, plan));
  const isWanted = ({ address }: Attempt): boolean => plan.families.includes(familyOf(address));
  const byName = named.flatMap((server, index) => {
    const outcome = paths[index]?.outcome;
    return outcome?.ok === true
      ? outcome.value.addresses.map((address) => attemptTo(plan, server, { address, by: 'name' }))
      : [];
  });
  const byAddress = plan.servers.flatMap((server) =>
    server.addresses.map((address) => attemptTo(plan, server, { address, by: 'address' })),
  );
  const rows = new Map([...byAddress, ...byName].filter(isWanted).map((one) => [rowKey(one), one]));
  return { paths, attempts: [...rows.values()].slice(0, MAX_ROWS) };
}

const TRANSPORT_RANK: Record<Transport, number> = { tls: 0, tcp: 2, udp: 4 };

/** A way's name at the sign-in gate. */
export const wayOf = (about: Attempt): string => `${about.by ?? 'name'} ${rowKey(about)}`;

/** Who tries the password first: over TLS, where it can be verified who asks for it, before TCP, before UDP; by name first. */
export function rankWays(attempts: readonly Attempt[]): Attempt[] {
  const rankOf = ({ transport, by }: Attempt): number => TRANSPORT_RANK[transport] + (by === 'address' ? 1 : 0);
  return attempts.toSorted((a, b) => rankOf(a) - rankOf(b));
}
