import type { Failure, Observation } from '../model.ts';
import type { MappedObservation, ReachObservation, WitnessObservation, WitnessSeen } from '../model/far-side.ts';
import { offsetMs, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';
import type { OpenPort } from './open-ports.ts';
import { withAllocation, type Allocation, type Relayed, type TurnAccess } from './turn-allocation.ts';
import { createLoginGate } from './turn-login-gate.ts';
import { askPermission, reachTcp, reachUdp } from './turn-reach.ts';

export interface TurnPlan extends Omit<TurnAccess, 'gate'> {
  ports: readonly OpenPort[];
}

const NAMES = { udp: 'UDP', tcp: 'TCP', tls: 'TLS' } as const;
const PROVES: Readonly<Record<Relayed, string>> = {
  udp: 'whether a datagram from its relay address, a stranger to the firewall, arrives here',
  tcp: 'whether a TCP connection from its relay address, a stranger to the firewall, arrives here',
};
const CANNOT = 'say whether other addresses get through where the firewall lets in some only';

const serverText = ({ label, transport }: TurnAccess): string => `the TURN server ${label} over ${NAMES[transport]}`;

function witnessOf(
  { access, at, relayed }: { access: TurnAccess; at: number; relayed: Relayed },
  used: { allocation: Allocation } | Failure,
): WitnessObservation {
  const about = { witness: 'turn' as const, server: access.label, transport: access.transport };
  const head = { kind: 'witness' as const, subject: `${serverText(access)}, for ${NAMES[relayed]} ports`, at, about };
  if ('reason' in used) return { ...head, outcome: used };
  const { software, unverified, ms } = used.allocation;
  const value: WitnessSeen = {
    proves: PROVES[relayed],
    cannot: CANNOT,
    ...(software === undefined ? {} : { software }),
    ...(unverified === undefined ? {} : { unverified }),
  };
  return { ...head, outcome: { ok: true, value, ms } };
}

const mappedBy = (access: TurnAccess, at: number, { session, mapped }: Allocation): MappedObservation => ({
  kind: 'mapped',
  subject: `the address of this machine as ${serverText(access)} sees it`,
  at,
  about: { witness: 'turn', server: access.label, transport: access.transport },
  outcome: {
    ok: true,
    value: { local: formatEndpoint(session.link.local), seen: formatEndpoint(mapped) },
    ms: 0,
  },
});

const reachBy = (
  access: TurnAccess,
  { port, mapped }: { port: OpenPort; mapped: { address: string } },
  { at, outcome }: Pick<ReachObservation, 'at' | 'outcome'>,
): ReachObservation => ({
  kind: 'reach',
  subject: `${NAMES[port.transport]} port ${port.local.port} from ${serverText(access)}`,
  at,
  about: {
    witness: 'turn',
    server: access.label,
    use: port.use,
    transport: port.transport,
    address: mapped.address,
    port: port.local.port,
  },
  outcome,
});

async function reachAll(
  context: ProbeContext,
  { access, ports }: { access: TurnAccess; ports: readonly OpenPort[] },
  allocation: Allocation,
): Promise<ReachObservation[]> {
  const at = offsetMs(context);
  const permission =
    allocation.relayed === 'udp' && ports.length > 0 ? await askPermission(context, allocation) : undefined;
  const reach = (port: OpenPort) =>
    permission === undefined
      ? reachTcp(context, { allocation, access }, port)
      : reachUdp(context, { allocation, permission }, port);
  return Promise.all(
    ports.map(async (port) => reachBy(access, { port, mapped: allocation.mapped }, { at, outcome: await reach(port) })),
  );
}

/** One allocation, and all ports that can be tried from it. */
async function probeRelay(context: ProbeContext, access: TurnAccess, share: Share): Promise<Observation[]> {
  const { relayed, ports } = share;
  const at = offsetMs(context);
  const used = await withAllocation(context, { access, relayed }, (allocation) =>
    reachAll(context, { access, ports }, allocation),
  );
  const witness = witnessOf({ access, at, relayed }, used);
  if ('reason' in used) return [witness];
  return [witness, mappedBy(access, at, used.allocation), ...used.value];
}

interface Share {
  relayed: Relayed;
  ports: readonly OpenPort[];
}

/** An allocation relays one transport; one for TCP wants a connection of its own, over TCP or TLS (RFC 6062 section 4.1). */
function sharesOf(ports: readonly OpenPort[]): Share[] {
  const over = (relayed: Relayed): Share => ({
    relayed,
    ports: ports.filter(({ transport }) => transport === relayed),
  });
  const shares = [over('udp'), over('tcp')].filter((share) => share.ports.length > 0);
  return shares.length > 0 ? shares : [over('udp')];
}

/**
 * Lets a TURN server, a third party, try to reach ports of this machine from its relay address: UDP by datagrams of a token, TCP
 * by RFC 6062. All ports are tried side by side; the allocations are given back at the end, also when the run is cancelled. Gives
 * what the server is good for, the address of this machine as it sees it, and a word on each port.
 */
export async function probeTurn(context: ProbeContext, { ports, ...plan }: TurnPlan): Promise<Observation[]> {
  const access = { ...plan, gate: createLoginGate() };
  const results = await Promise.all(
    sharesOf(ports).map((share) => {
      const way = share.relayed === 'tcp' && access.transport === 'udp' ? ('tcp' as const) : access.transport;
      return probeRelay(context, { ...access, transport: way }, share);
    }),
  );
  return results.flat();
}
