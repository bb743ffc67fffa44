import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { explainBindError } from '../net/bind-error.ts';
import { MAX_MIRRORED_OCTETS, type AgentMirrored, type MirrorPort } from '../wire/agent-protocol.ts';
import type { DatagramSocket, Endpoint, Net } from '../world.ts';
import { plainAddress } from './address-policy.ts';

/** Messages that one session gets mirrored: two transports, two ports, a repetition of each. */
const MAX_PER_SESSION = 8;
/** Connections to one mirror port at the same time, and for how long, in milliseconds. */
const MAX_CONNECTIONS = 64;
const CONNECTION_MS = 3000;
/** RFC 3261 section 19.1.2: where a SIP ALG listens. */
const SIP_PORT = 5060;
/** How a message names its session: in a header that nothing in between knows. */
const SESSION = /sipdiag-session-([0-9a-f]{32})/;

/** Whose messages are mirrored, and how it hears of them: on its control connection, so that nobody is sent what they have not sent. */
export interface MirrorSession {
  address: string;
  tell(mirrored: AgentMirrored): void;
}

export interface Mirror {
  ports: readonly MirrorPort[];
  /** Mirrors from now on what carries this session and comes from its address. The function given ends it, and tells how many there were. */
  open(session: string, whose: MirrorSession): () => number;
  close(): void;
}

export interface MirrorPlan {
  net: Pick<Net, 'bindUdp'>;
  address: string;
  /** 0: chosen by the system. */
  ports: readonly number[];
  /** Which of them stands for the port of SIP: the first, whatever its number; absent: 5060. */
  sipPort?: 'first' | undefined;
  /** Somebody without a session sent something. */
  onStranger(from: Endpoint): void;
}

interface Room {
  /** Whether anybody of this address has a session. */
  knows(address: string): boolean;
  take(arrived: Pick<MirrorPort, 'transport' | 'port'>, from: string, bytes: Uint8Array): 'taken' | 'stranger';
}

function createRoom(sessions: ReadonlyMap<string, MirrorSession & { left: number }>): Room {
  return {
    knows: (address) => [...sessions.values()].some((one) => one.address === address),
    take({ transport, port }, from, bytes) {
      const [, name = ''] = SESSION.exec(Buffer.from(bytes).toString('latin1')) ?? [];
      const session = sessions.get(name);
      if (session === undefined || session.address !== from || session.left === 0) return 'stranger';
      session.left -= 1;
      const message = Buffer.from(bytes).toString('base64');
      session.tell({ type: 'mirrored', transport, port, message });
      return 'taken';
    },
  };
}

/** Takes what one connection sends until it ends, and no more than fits into one message. */
function hear(socket: Socket, end: (bytes: Uint8Array) => void): void {
  let bytes: Uint8Array = new Uint8Array(0);
  const limit = setTimeout(() => socket.destroy(), CONNECTION_MS);
  socket.once('close', () => clearTimeout(limit));
  socket.on('data', (piece) => {
    bytes = Buffer.concat([bytes, piece]);
    if (bytes.length > MAX_MIRRORED_OCTETS) socket.destroy();
  });
  socket.once('end', () => end(bytes));
}

async function mirrorTcp({ address, onStranger }: MirrorPlan, port: number, room: Room): Promise<() => void> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => open.delete(socket));
    const from = { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    const turnAway = (): void => {
      onStranger(from);
      socket.destroy();
    };
    if (!room.knows(from.address)) return turnAway();
    hear(socket, (bytes) => {
      if (room.take({ transport: 'tcp', port }, from.address, bytes) === 'stranger') turnAway();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  try {
    server.listen({ host: address, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    throw explainBindError(error, { address, port });
  }
  server.on('error', () => undefined);
  return () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
}

async function hearDatagrams(socket: DatagramSocket, { onStranger }: MirrorPlan, room: Room): Promise<void> {
  const { port } = socket.local;
  try {
    for (;;) {
      const { bytes, from } = await socket.receive({ timeoutMs: Infinity });
      const known = bytes.length <= MAX_MIRRORED_OCTETS && room.knows(from.address);
      if (!known || room.take({ transport: 'udp', port }, from.address, bytes) === 'stranger') onStranger(from);
    }
  } catch (error) {
    // The socket was closed: the agent ends.
    if (!(error instanceof Error) || error.name !== 'NetError') throw error;
  }
}

interface OpenedPort {
  ports: MirrorPort[];
  close(): void;
}

/** A mirror port to be opened. */
interface Door {
  asked: number;
  stands: 'for-sip' | 'for-its-number';
}

/** The same port for UDP and TCP: the system chooses one for UDP, which for TCP may be taken. */
async function openPort(plan: MirrorPlan, { asked, stands }: Door, room: Room): Promise<OpenedPort> {
  const socket = await plan.net.bindUdp({ address: plan.address, port: asked });
  const { port } = socket.local;
  try {
    const closeTcp = await mirrorTcp(plan, port, room);
    void hearDatagrams(socket, plan, room);
    const way = stands === 'for-sip' || port === SIP_PORT ? 'sip-port' : 'control-port';
    return {
      ports: [
        { transport: 'udp', port, way },
        { transport: 'tcp', port, way },
      ],
      close() {
        socket.close();
        closeTcp();
      },
    };
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Ports of the system's choice that are tried until one is free for both transports. */
const DRAWS = 4;

async function openAnyPort(plan: MirrorPlan, door: Door, room: Room): Promise<OpenedPort> {
  for (let draw = 1; ; draw += 1) {
    try {
      return await openPort(plan, door, room);
    } catch (error) {
      if (door.asked !== 0 || draw === DRAWS) throw error;
    }
  }
}

/** Opens the mirror ports, all or none. Throws NetError as `Net.listen`. */
export async function openMirror(plan: MirrorPlan): Promise<Mirror> {
  const sessions = new Map<string, MirrorSession & { left: number }>();
  const room = createRoom(sessions);
  const opened: OpenedPort[] = [];
  const close = (): void => {
    for (const one of opened) one.close();
  };
  try {
    for (const [index, asked] of plan.ports.entries()) {
      const stands = plan.sipPort === 'first' && index === 0 ? 'for-sip' : 'for-its-number';
      opened.push(await openAnyPort(plan, { asked, stands }, room));
    }
  } catch (error) {
    close();
    throw error;
  }
  return {
    ports: opened.flatMap(({ ports }) => ports),
    open(session, whose) {
      const entry = { ...whose, left: MAX_PER_SESSION };
      sessions.set(session, entry);
      return () => {
        sessions.delete(session);
        return MAX_PER_SESSION - entry.left;
      };
    },
    close,
  };
}
