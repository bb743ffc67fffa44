/** One port of this machine, tried from the relay address of a TURN server. */
import type { Outcome } from '../model.ts';
import type { ReachSeen } from '../model/far-side.ts';
import { buildStun } from '../wire/stun-message.ts';
import { STUN_ATTRIBUTE, STUN_METHOD } from '../wire/stun-registry.ts';
import { numberAttribute, numberOf, xorAddressAttribute } from '../wire/stun-values.ts';
import { WireError } from '../wire/wire-error.ts';
import type { ByteStream, Endpoint } from '../world.ts';
import { attempt, failureOf, leftOf, sinceMs, waitOf, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';
import { wantToken, type Arrived, type OpenPort } from './open-ports.ts';
import { newTransactionId } from './stun-binding.ts';
import { linkOfStream } from './stun-link.ts';
import { openTurnStream, type Allocation, type TurnAccess } from './turn-allocation.ts';
import { requestTurn, type TurnOutcome } from './turn-session.ts';

type Reached = Outcome<ReachSeen>;

const TOKEN_OCTETS = 16;
/** A datagram may get lost: it is sent again after this time, and then each time after twice as long. */
const FIRST_WAIT_MS = 500;
/** A server that cannot connect says so only after 30 s at the least: whatever it says earlier was no silence. RFC 6062 section 5.2. */
const SERVER_CONNECT_MS = 30_000;
const MAX_ECHO = 1024;

const seen = (ms: number, value: ReachSeen): Reached => ({ ok: true, value, ms });

const newToken = ({ world }: ProbeContext): Buffer => Buffer.from(world.randomHex('turn/token', TOKEN_OCTETS));

/** Where this machine is to be reached: its address as the server sees it, and the port that a client would tell. */
const peerOf = ({ mapped }: Allocation, { local }: OpenPort): Endpoint => ({
  address: mapped.address,
  port: local.port,
});

/** What the server says when it may not, or could not, do its part. */
function refusedBy(outcome: Exclude<TurnOutcome, { ok: true }>): Reached {
  const { code, ...failure } = outcome;
  const { detail, ms } = failure;
  if (code === 403) return seen(ms, { result: 'not-tried', detail: `the server may not: ${detail}` });
  if (code === 447 && ms < SERVER_CONNECT_MS)
    return seen(ms, {
      result: 'refused',
      detail: `${detail}; it does not say which, but a time-out would have taken 30 s (RFC 6062 section 5.2)`,
    });
  if (code === 447) return seen(ms, { result: 'timeout', detail: `${detail}; it does not say which` });
  return failure;
}

/** Leave to send to this machine; the port does not count. RFC 8656 section 10. */
export function askPermission(context: ProbeContext, { session, mapped }: Allocation): Promise<TurnOutcome> {
  const attributes = (transactionId: string) => [
    xorAddressAttribute(STUN_ATTRIBUTE.XOR_PEER_ADDRESS, mapped, transactionId),
  ];
  return requestTurn(context, session, { method: STUN_METHOD.CREATE_PERMISSION, attributes });
}

function sendIndication(
  context: ProbeContext,
  allocation: Allocation,
  { to, data }: { to: Endpoint; data: Uint8Array },
) {
  const { link, server } = allocation.session;
  const transactionId = newTransactionId(context);
  const attributes = [
    xorAddressAttribute(STUN_ATTRIBUTE.XOR_PEER_ADDRESS, to, transactionId),
    { type: STUN_ATTRIBUTE.DATA, value: data },
  ];
  const bytes = buildStun({ class: 'indication', method: STUN_METHOD.SEND, transactionId, attributes });
  return link.send(server, bytes, waitOf(context));
}

async function sendUntilHeard(
  context: ProbeContext,
  allocation: Allocation,
  port: OpenPort,
): Promise<{ arrived?: Arrived; sent: number }> {
  const { world, timeoutMs, signal } = context;
  const from = world.now();
  const deadline = from + timeoutMs;
  const token = newToken(context);
  let sent = 0;
  for (let interval = FIRST_WAIT_MS; world.now() < deadline; interval *= 2) {
    await sendIndication(leftOf(context, from), allocation, { to: peerOf(allocation, port), data: token });
    sent += 1;
    const left = Math.max(1, Math.min(interval, deadline - world.now()));
    try {
      return { arrived: await port.expect(wantToken(token), { timeoutMs: left, signal }), sent };
    } catch (error) {
      if (failureOf(error).reason !== 'timeout') throw error;
    }
  }
  return { sent };
}

/** Sends a token through the relay to a UDP port until it has arrived, or time is up. `permission`: the answer to askPermission. */
export async function reachUdp(
  context: ProbeContext,
  { allocation, permission }: { allocation: Allocation; permission: TurnOutcome },
  port: OpenPort,
): Promise<Reached> {
  if (!permission.ok) return refusedBy(permission);
  const heard = await attempt(context, () => sendUntilHeard(context, allocation, port));
  if (!heard.ok) return heard;
  const { arrived, sent } = heard.value;
  const datagrams = sent === 1 ? 'one datagram' : `${sent} datagrams`;
  if (arrived === undefined)
    return seen(heard.ms, { result: 'timeout', detail: `nothing arrived of ${datagrams} from the relay` });
  return seen(heard.ms, {
    result: 'reached',
    detail: `the token of ${datagrams} from the relay arrived`,
    from: formatEndpoint(arrived.from),
  });
}

/** Joins a new connection to the one that the server has opened to this machine. RFC 6062 section 4.3. */
async function bindData(
  context: ProbeContext,
  { allocation, stream }: { allocation: Allocation; stream: ByteStream },
  connectionId: number,
): Promise<TurnOutcome> {
  // The nonce of the control connection saves a round trip; where it is not taken, the new one is this connection's own.
  const session = { ...allocation.session, link: linkOfStream(stream) };
  const attributes = [numberAttribute(STUN_ATTRIBUTE.CONNECTION_ID, connectionId)];
  return requestTurn(context, session, { method: STUN_METHOD.CONNECTION_BIND, attributes });
}

async function isEchoed(context: ProbeContext, stream: ByteStream, token: Buffer): Promise<boolean> {
  const deadline = context.world.now() + context.timeoutMs;
  let heard = Buffer.alloc(0);
  try {
    while (!heard.includes(token) && heard.length < MAX_ECHO) {
      const timeoutMs = Math.max(1, deadline - context.world.now());
      heard = Buffer.concat([heard, await stream.receive({ timeoutMs, signal: context.signal })]);
    }
  } catch (error) {
    failureOf(error);
  }
  return heard.includes(token);
}

async function arrival(context: ProbeContext, port: OpenPort, token: Uint8Array): Promise<Arrived | undefined> {
  try {
    return await port.expect(wantToken(token), waitOf(context));
  } catch (error) {
    if (failureOf(error).reason !== 'timeout') throw error;
    return undefined;
  }
}

/** Sends a token over the joined connections and looks where it comes out. */
async function sendToken(context: ProbeContext, stream: ByteStream, port: OpenPort): Promise<ReachSeen> {
  const from = context.world.now();
  const token = newToken(context);
  await stream.send(token, waitOf(context));
  const left = leftOf(context, from);
  const [arrived, echoed] = await Promise.all([arrival(left, port, token), isEchoed(left, stream, token)]);
  if (arrived === undefined)
    return {
      result: 'no-echo',
      detail: 'the server reached an open port, and nothing that it sent there arrived here',
    };
  const detail = echoed
    ? 'the token arrived, and its echo went back'
    : 'the token arrived, but its echo did not go back';
  return { result: 'reached', detail, from: formatEndpoint(arrived.from) };
}

/** Lets the server connect to a TCP port, and sends a token both ways. RFC 6062 sections 4.3 and 5.2. */
export async function reachTcp(
  context: ProbeContext,
  { allocation, access }: { allocation: Allocation; access: TurnAccess },
  port: OpenPort,
): Promise<Reached> {
  const from = context.world.now();
  const attributes = (transactionId: string) => [
    xorAddressAttribute(STUN_ATTRIBUTE.XOR_PEER_ADDRESS, peerOf(allocation, port), transactionId),
  ];
  const connected = await requestTurn(context, allocation.session, { method: STUN_METHOD.CONNECT, attributes });
  if (!connected.ok && connected.reason === 'timeout')
    return seen(connected.ms, { result: 'timeout', detail: `the server was not connected in ${context.timeoutMs} ms` });
  if (!connected.ok) return refusedBy(connected);
  let stream: ByteStream | undefined;
  try {
    const id = numberOf(connected.value, STUN_ATTRIBUTE.CONNECTION_ID);
    if (id === undefined) throw new WireError('connection-id', 'a Connect success without CONNECTION-ID');
    ({ stream } = await openTurnStream(leftOf(context, from), access));
    const bound = await bindData(leftOf(context, from), { allocation, stream }, id);
    if (!bound.ok) return { ...bound, detail: `the server reached an open port, and then: ${bound.detail}` };
    const value = await sendToken(leftOf(context, from), stream, port);
    return seen(sinceMs(context, from), value);
  } catch (error) {
    return { ok: false, ...failureOf(error), ms: sinceMs(context, from) };
  } finally {
    stream?.close();
  }
}
