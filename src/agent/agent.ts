/** The witness on the far side: tells whoever asks whether it reaches their ports. Never a reflector, never a scanner. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { explainBindError } from '../net/bind-error.ts';
import { NetError } from '../net/net-error.ts';
import { kindOfAddress } from '../pki/address-kind.ts';
import { AGENT_VERSION, formatLine } from '../wire/agent-protocol.ts';
import type { Endpoint, TlsServerSettings, World } from '../world.ts';
import { ownAddresses } from './address-policy.ts';
import { createAgentLog, type LogEntry } from './agent-log.ts';
import { receive } from './control.ts';
import { guestText, refuse, type Desk } from './desk.ts';
import { createGuests, type Guest, type GuestLimits } from './guests.ts';
import { openMirror, type Mirror } from './mirror.ts';
import type { PortPolicy } from './port-policy.ts';
import { createRates, type Rate } from './rates.ts';

/** What an agent bears. */
export interface AgentLimits extends GuestLimits {
  /** Asks of one source (an IPv6 /64 is one), and of all together. */
  perSourceRate: Rate;
  rate: Rate;
  /** Sources that are remembered for the rate. */
  sources: number;
  /** Asks that are served at the same time. */
  served: number;
}

/** Half a dozen runs of a technician in a row are well inside, a flood is not. `serveMs`: 10 s for the ports, and a little. */
const LIMITS: AgentLimits = {
  all: 512,
  perSource: 32,
  askMs: 5000,
  serveMs: 11_000,
  leaveMs: 1000,
  perSourceRate: { burst: 30, perMinute: 30 },
  rate: { burst: 64, perMinute: 1200 },
  sources: 4096,
  served: 32,
};
/** Without a token anybody asks. */
const OPEN_RATE: Rate = { burst: 12, perMinute: 6 };
const SWEEP_MS = 250;

export interface AgentPlan {
  world: Pick<World, 'net' | 'now' | 'randomHex'>;
  listen: Endpoint;
  /** Absent: anybody is served. */
  token?: (() => string) | undefined;
  /** Absent: plain TCP. */
  tls?: TlsServerSettings | undefined;
  ports: PortPolicy;
  private: 'allowed' | 'refused';
  /** Where SIP messages are mirrored; 0: a port of the system's choice. Empty: nowhere. */
  mirrorPorts: readonly number[];
  /** Which of them stands for the port of SIP: the first, whatever its number; absent: 5060. */
  sipPort?: 'first' | undefined;
  software: string;
  limits?: Partial<AgentLimits>;
  log(entry: LogEntry): void;
  /** After each ask that was served. */
  onServed?(): void;
}

export interface Agent {
  local: Endpoint;
  mirror: Mirror['ports'];
  /** Ends everything that is under way; safe to call twice. */
  stop(): Promise<void>;
}

function deskOf(plan: AgentPlan, limits: AgentLimits): Desk {
  const { world, token, ports, software, log } = plan;
  return {
    world,
    token,
    ports,
    addresses: {
      private: plan.private,
      loopback: kindOfAddress(plan.listen.address) === 'loopback' ? 'allowed' : 'refused',
      own: ownAddresses,
    },
    software,
    perSource: createRates(limits.perSourceRate, limits.sources),
    together: createRates(limits.rate, 1),
    mostServed: limits.served,
    guests: createGuests(limits),
    mirror: undefined,
    log: createAgentLog(log, world.now),
    onServed: () => plan.onServed?.(),
  };
}

async function secureContextOf(tls: TlsServerSettings | undefined): Promise<SecureContext | undefined> {
  if (tls === undefined) return undefined;
  const { createSecureContext } = await import('node:tls');
  return createSecureContext({ cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' });
}

/** The handshake is bounded as the ask is: by the time that the guest has for asking. */
async function greetOverTls(desk: Desk, guest: Guest, secureContext: SecureContext): Promise<void> {
  const { TLSSocket } = await import('node:tls');
  const stream = new TLSSocket(guest.socket, { isServer: true, secureContext });
  stream.on('error', () => {
    desk.log.refused(guestText(guest), 'tls');
    guest.socket.destroy();
  });
  stream.once('secure', () => {
    guest.stream = stream;
    receive(desk, guest);
  });
}

function turnAway(desk: Desk, socket: Socket): void {
  desk.log.refused(`${socket.remoteAddress}:${socket.remotePort}`, 'crowded');
  const detail = 'too many connections of your address';
  socket.end(formatLine({ type: 'error', code: 'busy', detail, versions: [AGENT_VERSION] }));
  socket.destroySoon();
}

function welcome(desk: Desk, socket: Socket, context: SecureContext | undefined): void {
  // Without a listener an error of a socket ends the process.
  socket.on('error', () => socket.destroy());
  const guest = desk.guests.admit(socket, desk.world.now());
  if (guest === 'crowded') return turnAway(desk, socket);
  socket.once('close', () => {
    if (guest.phase === 'asking') desk.log.refused(guestText(guest), 'left');
    desk.guests.leave(guest);
  });
  if (context !== undefined) return void greetOverTls(desk, guest, context);
  guest.stream = socket;
  receive(desk, guest);
}

/** Whoever is slow is told so; whoever does not go then is put out. */
function sweep(desk: Desk): void {
  for (const guest of desk.guests.late(desk.world.now())) {
    const canHear = guest.phase === 'asking' && guest.stream !== undefined;
    if (canHear) refuse(desk, guest, { code: 'slow', detail: 'no ask came in time' });
    else guest.socket.destroy();
  }
}

async function bind(server: Server, on: Endpoint): Promise<Endpoint> {
  try {
    server.listen({ host: on.address, port: on.port, backlog: 511 });
    await once(server, 'listening');
  } catch (error) {
    throw explainBindError(error, on);
  }
  // Failing to accept (no descriptors left) is the guest's disappointment, not the end of this process.
  server.on('error', () => undefined);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new NetError('address', 'the agent has no port');
  return { address: bound.address, port: bound.port };
}

/** Starts an agent. Throws NetError 'in-use', 'privileged' or 'address', and what OpenSSL says of a certificate or key. */
export async function startAgent(plan: AgentPlan): Promise<Agent> {
  const open = plan.token === undefined ? { perSourceRate: OPEN_RATE } : {};
  const desk = deskOf(plan, { ...LIMITS, ...open, ...plan.limits });
  const context = await secureContextOf(plan.tls);
  const onStranger = (from: Endpoint): void => desk.log.refused(`${from.address}:${from.port}`, 'stranger');
  const { net } = plan.world;
  if (plan.mirrorPorts.length > 0)
    desk.mirror = await openMirror({
      net,
      address: plan.listen.address,
      ports: plan.mirrorPorts,
      sipPort: plan.sipPort,
      onStranger,
    });
  const server = createServer({ noDelay: true }, (socket) => welcome(desk, socket, context));
  const local = await bind(server, plan.listen).catch((error: unknown) => {
    desk.mirror?.close();
    throw error;
  });
  const sweeper = setInterval(() => sweep(desk), SWEEP_MS).unref();
  const stop = async (): Promise<void> => {
    clearInterval(sweeper);
    desk.mirror?.close();
    desk.log.flush();
    for (const guest of desk.guests.all()) guest.socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  return { local, mirror: desk.mirror?.ports ?? [], stop };
}
