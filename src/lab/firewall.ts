import type { DatagramSocket, Endpoint, Net } from '../world.ts';
import { moved } from './habits.ts';

/** What becomes of connections that a witness opens to its guest: a firewall rejects them, or a NAT leads them to another machine. */
export type InboundTcp = 'open' | keyof Detours['tcp'];

/** The same for datagrams, which may also be dropped: all of them, or those to odd ports (of RTCP, RFC 3550 section 11). */
export type InboundUdp = 'open' | keyof Detours['udp'] | 'even-only';

/** A SIP ALG: it rewrites the messages to the SIP port, or to every port; or it swallows those to the SIP port. */
export type Alg = 'none' | 'rewrites' | 'rewrites-everywhere' | 'swallows';

export interface Firewall {
  inboundTcp: InboundTcp;
  inboundUdp: InboundUdp;
  alg: Alg;
  /** Whether the ALG takes a port for that of SIP. */
  isSipPort: (port: number) => boolean;
}

/** Where traffic goes that does not reach the guest. */
export interface Detours {
  tcp: Record<'refused' | 'redirected', Endpoint>;
  udp: Record<'refused' | 'redirected' | 'dropped', Endpoint>;
}

function udpDetour(to: Endpoint, udp: InboundUdp, detours: Detours): Endpoint {
  if (udp === 'open' || (udp === 'even-only' && to.port % 2 === 0)) return to;
  return detours.udp[udp === 'even-only' ? 'dropped' : udp];
}

/** A NAT for datagrams: what comes back seems to come from where it was sent to. */
async function openThrough(net: Net, to: Endpoint, there: Endpoint): Promise<DatagramSocket> {
  const socket = await net.openUdp(there);
  return {
    ...socket,
    send: (_to, bytes) => socket.send(there, bytes),
    receive: async (wait) => ({ ...(await socket.receive(wait)), from: to }),
  };
}

const rewritten = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/^(?:Via|Contact): .*$/gm, moved),
    'latin1',
  );

/** What arrives at a port of the witness. */
function behindAlg(socket: DatagramSocket, { alg, isSipPort }: Firewall): DatagramSocket {
  if (alg === 'none') return socket;
  return {
    ...socket,
    async receive(wait) {
      for (;;) {
        const arrived = await socket.receive(wait);
        if (alg !== 'rewrites-everywhere' && !isSipPort(socket.local.port)) return arrived;
        if (alg !== 'swallows') return { ...arrived, bytes: rewritten(arrived.bytes) };
      }
    },
  };
}

/** The network of a witness that has a firewall between itself and its guests. */
export function behindFirewall(net: Net, firewall: Firewall, detours: Detours): Net {
  const { inboundTcp: tcp, inboundUdp: udp } = firewall;
  return {
    ...net,
    connect: (to, wait) => net.connect(tcp === 'open' ? to : detours.tcp[tcp], wait),
    openUdp: (to) => openThrough(net, to, udpDetour(to, udp, detours)),
    bindUdp: async (on) => behindAlg(await net.bindUdp(on), firewall),
  };
}
