import { buildRequest } from '../wire/sip-request.ts';
import type { MirrorPort } from '../wire/agent-protocol.ts';
import type { DatagramSocket, Endpoint } from '../world.ts';
import { waitOf, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';

/** A datagram may be lost: after this many milliseconds it is sent again, once. */
const RESEND_MS = 500;
const encoder = new TextEncoder();

/** One message to one mirror port, and how it gets there. */
export interface MirrorPlan {
  /** Address of the agent, never another. */
  address: string;
  to: MirrorPort;
  session: string;
}

/** RFC 4566: an offer of one audio stream from this machine. */
function sdpFrom({ address }: Endpoint): Uint8Array {
  const family = address.includes(':') ? 'IP6' : 'IP4';
  const lines = [
    'v=0',
    `o=sipdiag 1 1 IN ${family} ${address}`,
    's=-',
    `c=IN ${family} ${address}`,
    't=0 0',
    'm=audio 5350 RTP/AVP 0 8',
    'a=rtpmap:0 PCMU/8000',
    'a=sendrecv',
  ];
  return encoder.encode(`${lines.join('\r\n')}\r\n`);
}

/** An INVITE with all that a SIP ALG rewrites: Via, Contact, a Call-ID with the address, SDP. It is for the mirror; nobody's phone rings. */
function mirrorMessage(context: ProbeContext, { address, to, session }: MirrorPlan, local: Endpoint): Uint8Array {
  const random = (use: string, octets: number): string =>
    context.world.randomHex(`mirror/${to.transport}/${to.port}/${use}`, octets);
  const here = formatEndpoint(local);
  const host = here.slice(0, here.lastIndexOf(':'));
  const there = `sip:mirror@${formatEndpoint({ address, port: to.port })}`;
  return buildRequest({
    method: 'INVITE',
    uri: there,
    transport: to.transport === 'udp' ? 'UDP' : 'TCP',
    sentBy: local,
    branch: random('branch', 12),
    fromUri: `sip:sipdiag@${host}`,
    fromTag: random('tag', 8),
    toUri: there,
    callId: `${random('call-id', 12)}@${local.address}`,
    cseq: 1,
    contact: `<sip:sipdiag@${here};transport=${to.transport}>`,
    extra: [
      { name: 'X-Sipdiag', value: `sipdiag-session-${session}` },
      { name: 'Content-Type', value: 'application/sdp' },
    ],
    body: sdpFrom(local),
  });
}

/** A message that is on its way. */
export interface SentMessage {
  bytes: Uint8Array;
  close(): void;
}

/** Nobody answers on this socket: the wait for an answer is the pause. */
async function sendAgain(
  socket: DatagramSocket,
  to: Endpoint,
  { bytes, signal }: { bytes: Uint8Array; signal: AbortSignal },
) {
  try {
    await socket.receive({ timeoutMs: RESEND_MS, signal });
  } catch (error) {
    const wanted = error instanceof Error && 'code' in error && error.code === 'timeout';
    // ICMP errors and the end of the run: the message has had its chance.
    if (wanted) await socket.send(to, bytes).catch(() => undefined);
  }
}

/** Sends a message to a mirror port. `signal` fires when its word has come. Throws NetError. */
export async function sendToMirror(context: ProbeContext, plan: MirrorPlan, signal: AbortSignal): Promise<SentMessage> {
  const { net } = context.world;
  const to = { address: plan.address, port: plan.to.port };
  if (plan.to.transport === 'tcp') {
    const wait = { ...waitOf(context), signal };
    const stream = await net.connect(to, wait);
    const bytes = mirrorMessage(context, plan, stream.local);
    await stream.send(bytes, wait);
    // The end of the stream is the end of the message: its Content-Length may be rewritten.
    stream.close();
    return { bytes, close: () => undefined };
  }
  const socket = await net.openUdp(to);
  const bytes = mirrorMessage(context, plan, socket.local);
  await socket.send(to, bytes);
  void sendAgain(socket, to, { bytes, signal });
  return { bytes, close: () => socket.close() };
}
