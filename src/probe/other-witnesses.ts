import type { Failure, Observation } from '../model.ts';
import type { Witness, WitnessObservation } from '../model/far-side.ts';
import type { Endpoint } from '../world.ts';
import { offsetMs, type ProbeContext } from './context.ts';
import { formatEndpoint, isAddress } from './endpoint-text.ts';
import type { OtherWitness } from './far-side.ts';
import type { AnnouncePorts } from './manual-witness.ts';

interface Place {
  /** A name or an address. */
  host: string;
  port: number;
}

type RelayTransport = 'udp' | 'tcp' | 'tls';

/** The witnesses besides the SIP server that the user names. Passwords and tokens are in closures. */
export interface NamedWitnesses {
  stun?: Place | undefined;
  turn?: (Place & { transport: RelayTransport }) | undefined;
  /** Absent: those of the SIP account. */
  turnCredentials?: { user: string; password: () => string } | undefined;
  agent?: (Place & { tls: 'tls' | 'tcp'; token?: (() => string) | undefined }) | undefined;
  /** Tells somebody which ports wait for what is sent from the far side; the witness `manual` needs it. */
  announce?: AnnouncePorts | undefined;
}

/** A STUN or TURN server that the domain publishes: `Relay` of discover-relays.ts. */
interface Published {
  kind: 'stun' | 'turn';
  transport: RelayTransport;
  host: string;
  server: Endpoint;
}

export interface OthersPlan {
  named: NamedWitnesses;
  via: readonly Witness[] | undefined;
  /** Those of the SIP account. */
  account: { user: string; password: () => string } | undefined;
  /** The addresses of a host, or why there are none. */
  lookUp: (host: string) => Promise<{ addresses: string[]; detail: string }>;
  /** The servers that the domain publishes; asked only where somebody is wanted whom the user has not named. */
  discover: () => Promise<readonly Published[]>;
}

interface Found {
  observations: Observation[];
  others: OtherWitness[];
}

type Asked = Exclude<Witness, 'sip' | 'manual'>;
/** Where a witness is: its address is known, or it is to be looked up. */
type Spot = Place & { address?: string };

const NOBODY: Found = { observations: [], others: [] };
const NAMES = { stun: 'the STUN server', turn: 'the TURN server', agent: 'the agent at' } as const;
/** A published server over TLS keeps the user name to itself; UDP is what every one of them speaks. */
const PREFERRED: readonly RelayTransport[] = ['tls', 'udp', 'tcp'];

const labelOf = ({ host, port }: Place): string => formatEndpoint({ address: host, port });

/** A witness that cannot be asked at all: nothing was sent to it. */
function inVain(
  context: ProbeContext,
  { witness, server }: { witness: Asked; server: string },
  failure: Pick<Failure, 'reason' | 'detail'>,
): Found {
  const observation: WitnessObservation = {
    kind: 'witness',
    subject: `${NAMES[witness]} ${server}`.trim(),
    at: offsetMs(context),
    about: { witness, server },
    outcome: { ok: false, ...failure, ms: 0 },
  };
  return { observations: [observation], others: [] };
}

/** Where the witness is, or why nobody knows. */
async function placeOf(plan: OthersPlan, spot: Spot): Promise<{ to: Endpoint } | { detail: string }> {
  const { host, port } = spot;
  if (spot.address !== undefined) return { to: { address: spot.address, port } };
  if (isAddress(host)) return { to: { address: host, port } };
  const { addresses, detail } = await plan.lookUp(host);
  const [address] = addresses;
  if (address !== undefined) return { to: { address, port } };
  return { detail: `no address was found for ${host}${detail === '' ? '' : ` (${detail})`}` };
}

async function located(
  context: ProbeContext,
  plan: OthersPlan,
  { witness, spot, found }: { witness: Asked; spot: Spot; found: (to: Endpoint, label: string) => Found },
): Promise<Found> {
  const place = await placeOf(plan, spot);
  const server = labelOf(spot);
  if ('to' in place) return found(place.to, server);
  return inVain(context, { witness, server }, { reason: 'address', detail: place.detail });
}

const isWanted = ({ via }: OthersPlan, witness: Witness): boolean => via === undefined || via.includes(witness);

/** Somebody who was asked for by name and is not to be had. */
function missing(context: ProbeContext, plan: OthersPlan, witness: 'stun' | 'turn'): Found {
  if (plan.via?.includes(witness) !== true) return NOBODY;
  const detail = `no ${witness.toUpperCase()} server was named, and the domain publishes none that can be asked`;
  return inVain(context, { witness, server: '' }, { reason: 'address', detail });
}

const spotOf = ({ host, server }: Published): Spot => ({ host, ...server });

async function stunOf(context: ProbeContext, plan: OthersPlan): Promise<Found> {
  if (!isWanted(plan, 'stun')) return NOBODY;
  const published = plan.named.stun === undefined ? await plan.discover() : [];
  const [first] = published.filter(({ kind }) => kind === 'stun').map(spotOf);
  const spot = plan.named.stun ?? first;
  if (spot === undefined) return missing(context, plan, 'stun');
  return located(context, plan, {
    witness: 'stun',
    spot,
    found: (server, label) => {
      const ask: OtherWitness['ask'] = async (at) => (await import('./stun.ts')).probeStun(at, { server, label });
      return { observations: [], others: [{ witness: 'stun', uses: [], towards: server, ask }] };
    },
  });
}

/** Only where there is an account to ask it with. */
async function publishedTurn(plan: OthersPlan): Promise<(Spot & { transport: RelayTransport }) | undefined> {
  if (plan.named.turn !== undefined || plan.account === undefined) return undefined;
  const turns = (await plan.discover()).filter(({ kind }) => kind === 'turn');
  const [first] = PREFERRED.flatMap((transport) => turns.filter((one) => one.transport === transport));
  return first && { ...spotOf(first), transport: first.transport };
}

async function turnOf(context: ProbeContext, plan: OthersPlan): Promise<Found> {
  if (!isWanted(plan, 'turn')) return NOBODY;
  const spot = plan.named.turn ?? (await publishedTurn(plan));
  if (spot === undefined) return missing(context, plan, 'turn');
  const credentials = plan.named.turnCredentials ?? plan.account;
  if (credentials === undefined) {
    const about = { witness: 'turn' as const, server: labelOf(spot) };
    return inVain(context, about, { reason: 'denied', detail: 'no user and password were given for it' });
  }
  const { transport, host } = spot;
  return located(context, plan, {
    witness: 'turn',
    spot,
    found: (server, label) => {
      const access = { server, label, transport, credentials, ...(isAddress(host) ? {} : { host }) };
      const ask: OtherWitness['ask'] = async (at, ports) =>
        (await import('./turn.ts')).probeTurn(at, { ...access, ports });
      return { observations: [], others: [{ witness: 'turn', uses: ['sip', 'media'], towards: server, ask }] };
    },
  });
}

async function agentOf(context: ProbeContext, plan: OthersPlan): Promise<Found> {
  const { agent } = plan.named;
  if (agent === undefined || !isWanted(plan, 'agent')) return NOBODY;
  const { host, tls, token } = agent;
  return located(context, plan, {
    witness: 'agent',
    spot: agent,
    found: (server) => {
      const ask: OtherWitness['ask'] = async (at, ports) =>
        (await import('./ask-agent.ts')).probeAgent(at, { server, host, tls, token, ports, mirror: 'asked' });
      return { observations: [], others: [{ witness: 'agent', uses: ['sip', 'media'], towards: server, ask }] };
    },
  });
}

/** A person takes his time: he is asked for by name only. */
function manualOf(plan: OthersPlan): Found {
  const { announce } = plan.named;
  if (announce === undefined || plan.via?.includes('manual') !== true) return NOBODY;
  const ask: OtherWitness['ask'] = async (at, ports) =>
    (await import('./manual-witness.ts')).probeManual(at, { ports, announce });
  return { observations: [], others: [{ witness: 'manual', uses: ['sip', 'media'], ask }] };
}

/** The witnesses besides the SIP server, ready to be asked; what stands in the way of one is an observation. */
export async function otherWitnesses(context: ProbeContext, plan: OthersPlan): Promise<Found> {
  let discovering: ReturnType<OthersPlan['discover']> | undefined;
  const once: OthersPlan = { ...plan, discover: () => (discovering ??= plan.discover()) };
  const found = await Promise.all([stunOf(context, once), turnOf(context, once), agentOf(context, once)]);
  return {
    observations: found.flatMap(({ observations }) => observations),
    others: [...found, manualOf(once)].flatMap(({ others }) => others),
  };
}
