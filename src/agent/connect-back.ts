import type { AskedPort, PortResult } from '../wire/agent-protocol.ts';
import { plainAddress } from './address-policy.ts';
import type { ByteStream, DatagramSocket, Endpoint, Net, Wait } from '../world.ts';

/** What is read of an answer before it is given up: the nonce has 16 octets. */
const MAX_ECHO_OCTETS = 1024;
/** Times after which the one datagram is sent again, for UDP loses some: all together are smaller than the ask. */
const RESEND_MS = [300, 600] as const;

/** One port of one ask, and how it is tried. */
export interface CallPlan {
  net: Pick<Net, 'connect' | 'openUdp'>;
  /** The source address of the control connection, and nothing else. */
  address: string;
  asked: AskedPort;
  wait: Wait;
}

export interface Called {
  result: PortResult;
  /** A sentence fragment in words of this program alone. */
  detail: string;
}

const NOTHING: Called = { result: 'timeout', detail: 'nothing came back' };
const ECHOED: Called = { result: 'open-and-echoed', detail: 'the nonce came back' };
const OTHER_SERVICE: Called = {
  result: 'open-no-echo',
  detail: 'something else came back: another service has the port',
};

const RESULTS: Readonly<Record<string, Called>> = {
  timeout: NOTHING,
  refused: { result: 'refused', detail: 'the port is closed, or a firewall rejects' },
  unreachable: { result: 'unreachable', detail: 'a router or firewall on the way says so' },
  'no-network': { result: 'unreachable', detail: 'the agent has no route there' },
};

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && error.name === 'NetError' && 'code' in error ? String(error.code) : undefined;

/** What a failed attempt says; anything but a failure of the network is our own fault. */
function calledOf(error: unknown): Called {
  const code = codeOf(error);
  if (code === undefined) throw error;
  return RESULTS[code] ?? { result: 'unreachable', detail: `the agent could not try (${code})` };
}

const beginsWith = (bytes: Uint8Array, nonce: Uint8Array): boolean =>
  bytes.length >= nonce.length && nonce.every((octet, at) => bytes[at] === octet);

/** What comes back on a connection until it is the nonce or cannot be. */
async function readEcho(stream: ByteStream, nonce: Uint8Array, wait: Wait): Promise<Called> {
  let read: Uint8Array = new Uint8Array(0);
  try {
    await stream.send(nonce, wait);
    while (read.length < nonce.length) {
      const piece = await stream.receive(wait);
      read = Buffer.concat([read, piece.subarray(0, MAX_ECHO_OCTETS)]);
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    const detail = code === 'timeout' ? 'nothing was sent back' : 'it was closed without an answer';
    return { result: 'open-no-echo', detail };
  }
  if (beginsWith(read, nonce)) return ECHOED;
  return OTHER_SERVICE;
}

async function callTcp({ net, address, asked, wait }: CallPlan, nonce: Uint8Array): Promise<Called> {
  const until = performance.now() + wait.timeoutMs;
  const stream = await net.connect({ address, port: asked.port }, wait);
  try {
    return await readEcho(stream, nonce, { ...wait, timeoutMs: Math.max(1, until - performance.now()) });
  } finally {
    stream.close();
  }
}

/** Answers of the asked port alone count: anybody may send a datagram. */
async function awaitEcho(
  socket: DatagramSocket,
  to: Endpoint,
  { nonce, wait }: { nonce: Uint8Array; wait: Wait },
): Promise<Called> {
  const until = performance.now() + wait.timeoutMs;
  // Strangers may send as much as they like: the wait ends all the same.
  for (let left = wait.timeoutMs; left > 0; left = until - performance.now()) {
    const { bytes, from } = await socket.receive({ ...wait, timeoutMs: left });
    if (plainAddress(from.address) !== to.address || from.port !== to.port) continue;
    if (beginsWith(bytes, nonce)) return ECHOED;
    return OTHER_SERVICE;
  }
  return NOTHING;
}

async function callUdp({ net, address, asked, wait }: CallPlan, nonce: Uint8Array): Promise<Called> {
  const to = { address, port: asked.port };
  const socket = await net.openUdp(to);
  const resend = RESEND_MS.filter((ms) => ms < wait.timeoutMs).map((ms) =>
    // A datagram that cannot be sent is a datagram lost.
    setTimeout(() => void socket.send(to, nonce).catch(() => undefined), ms),
  );
  try {
    await socket.send(to, nonce);
    return await awaitEcho(socket, to, { nonce, wait });
  } finally {
    for (const timer of resend) clearTimeout(timer);
    socket.close();
  }
}

/** Tries one port once: sends the nonce, and waits for it to come back. */
export async function callBack(plan: CallPlan): Promise<Called> {
  const nonce = Buffer.from(plan.asked.nonce, 'hex');
  try {
    return await (plan.asked.transport === 'tcp' ? callTcp(plan, nonce) : callUdp(plan, nonce));
  } catch (error) {
    return calledOf(error);
  }
}
