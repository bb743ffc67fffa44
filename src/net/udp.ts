import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Datagram, DatagramSocket, Endpoint } from '../world.ts';
import { familyOf, showEndpoint } from './endpoint.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { NetError } from './net-error.ts';
import { codeOf, explainSystemError } from './system-error.ts';

/** A port that is already ours is drawn again this often; ephemeral ports are tens of thousands. */
const DRAWS = 8;

/** While ICMP errors keep coming, a datagram is offered this often and then counts as lost on the way. */
const SEND_ATTEMPTS = 3;

/** The kernel reports these on a connected socket when an ICMP error came back for an earlier datagram. */
const ICMP_CODES: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES', 'EHOSTDOWN']);

/** Opens the sockets of one Net. */
export interface UdpRoom {
  open(towards: Endpoint): Promise<DatagramSocket>;
}

/**
 * Two sockets share each local port: one is connected to the peer, since only a connected socket hears ICMP errors and knows
 * the local address towards the peer; the other takes what comes from anybody else. The kernel prefers the connected one.
 * Sharing needs SO_REUSEADDR, under which the kernel may draw a port that is ours already: `ports` keeps them apart.
 */
export function createUdpRoom(): UdpRoom {
  const ports = new Set<string>();
  return {
    async open(towards) {
      for (let draw = 0; draw < DRAWS; draw += 1) {
        const connected = await openConnected(towards);
        const { address, port } = connected.address();
        const key = `${address.includes(':') ? 6 : 4}/${port}`;
        if (!ports.has(key)) {
          ports.add(key);
          connected.once('close', () => ports.delete(key));
          return socketOf(connected, await openListening({ address, port }), towards);
        }
        connected.close();
      }
      throw new NetError('address', 'no free UDP port found');
    },
  };
}

/** Addresses are all that a socket is given here: node:dns, which takes a millisecond to load, has nothing to look up. Nobody reads the family. */
function takeAddress(
  address: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  process.nextTick(done, null, address, 0);
}

async function createSocket(family: 4 | 6): Promise<Socket> {
  const { createSocket: create } = await import('node:dgram');
  const socket = create({ type: family === 4 ? 'udp4' : 'udp6', reuseAddr: true, lookup: takeAddress });
  // Without a listener an error of a socket ends the process.
  socket.on('error', () => undefined);
  return socket;
}

async function openConnected(to: Endpoint): Promise<Socket> {
  const socket = await createSocket(familyOf(to));
  try {
    socket.connect(to.port, to.address);
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    socket.close();
    throw explainSystemError(error, `UDP towards ${showEndpoint(to)}`, 'here');
  }
}

/** Undefined where the port cannot be shared: then answers of the peer alone are heard. */
async function openListening(local: Endpoint): Promise<Socket | undefined> {
  // Windows hands datagrams of a shared port to either socket.
  if (process.platform === 'win32') return undefined;
  const socket = await createSocket(local.address.includes(':') ? 6 : 4);
  try {
    socket.bind({ address: local.address, port: local.port, exclusive: true });
    await once(socket, 'listening');
    return socket;
  } catch {
    // The connected socket still does what most callers need.
    socket.close();
    return undefined;
  }
}

function socketOf(connected: Socket, listening: Socket | undefined, peer: Endpoint): DatagramSocket {
  const { address, port } = connected.address();
  const inbox = createInbox<Datagram>(`receive on UDP port ${port}`, () => undefined);
  listen(connected, inbox);
  if (listening !== undefined) listen(listening, inbox);
  const send = async (to: Endpoint, bytes: Uint8Array): Promise<void> => {
    const gone = inbox.ended();
    if (gone !== undefined) throw gone;
    familyOf(to);
    if (to.address === peer.address && to.port === peer.port) await sendConnected(connected, bytes, inbox);
    else await sendTo(listening, to, bytes);
  };
  const close = (): void => {
    if (inbox.ended() !== undefined) return;
    inbox.end(new NetError('closed', `UDP port ${port} was closed on this side`));
    connected.close();
    listening?.close();
  };
  return { local: { address, port }, send, receive: (wait) => inbox.take(wait), close };
}

function listen(socket: Socket, inbox: Inbox<Datagram>): void {
  const what = `UDP port ${socket.address().port}`;
  socket.on('message', (message, { address, port }) => {
    // A full inbox loses datagrams, as a full kernel buffer would.
    if (!inbox.isFull()) inbox.put({ bytes: new Uint8Array(message), from: { address, port } }, message.length);
  });
  socket.on('error', (error) => inbox.note(explainSystemError(error, what)));
}

/** An ICMP error belongs to an earlier datagram and has kept this one from being sent: it goes to the reader, and this one again. */
async function sendConnected(socket: Socket, bytes: Uint8Array, inbox: Inbox<Datagram>): Promise<void> {
  for (let attempt = 0; attempt < SEND_ATTEMPTS; attempt += 1) {
    try {
      await transmit((done) => socket.send(bytes, done), 'send');
      return;
    } catch (error) {
      if (!(error instanceof NetError) || !ICMP_CODES.has(codeOf(error.cause))) throw error;
      inbox.note(error);
    }
  }
}

async function sendTo(socket: Socket | undefined, to: Endpoint, bytes: Uint8Array): Promise<void> {
  if (socket === undefined)
    throw new NetError('address', `this socket sends to its peer only, not to ${showEndpoint(to)}`);
  await transmit((done) => socket.send(bytes, to.port, to.address, done), `send to ${showEndpoint(to)}`);
}

function transmit(start: (done: (error: Error | null) => void) => void, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error ? reject(explainSystemError(error, what)) : resolve()));
  });
}
