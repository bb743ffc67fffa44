import { addFingerprint, buildStun, parseStun, type StunMessage } from '../wire/stun-message.ts';
import { STUN_ATTRIBUTE, STUN_METHOD } from '../wire/stun-registry.ts';
import { numberOf, plainAddressAttribute, textAttribute, xorAddressAttribute } from '../wire/stun-values.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';
import { SEEN_ADDRESS } from './habits.ts';
import { listenUdp, type UdpListener } from './listener.ts';
import { closedUdpPort, type Rack } from './rack.ts';

/**
 * A STUN server and what stands before it: none; one where nothing listens; a NAT with a mapping for each address of the far
 * side; or a firewall that lets answers in from the addresses that were asked only, or from those addresses and ports only.
 */
export type StunPlan = 'none' | 'closed' | 'mapping-by-address' | 'filtering-by-address' | 'filtering-by-port';

/** The other address of RFC 5780: loopback too, on Linux and Windows without further ado; macOS has to be given it. */
const SECOND_ADDRESS = '127.0.0.2';
/** RFC 5780 section 7.2. */
const CHANGE_ADDRESS = 0x04;
const CHANGE_PORT = 0x02;

/** Bits of a place: which of the two addresses and of the two ports it is. */
const OTHER_PORT = 1;
const OTHER_ADDRESS = 2;

/** From which place a request wants its answer, or nothing where it would not come through. */
function answeringPlace(asked: number, change: number, plan: StunPlan): number | undefined {
  const address = (change & CHANGE_ADDRESS) === 0 ? 0 : OTHER_ADDRESS;
  const port = (change & CHANGE_PORT) === 0 ? 0 : OTHER_PORT;
  if (address !== 0 && plan.startsWith('filtering')) return undefined;
  if (port !== 0 && plan === 'filtering-by-port') return undefined;
  return asked ^ address ^ port;
}

/** As a NAT would have it that draws a port for each address of the far side. */
const mappedBy = (plan: StunPlan, from: Endpoint, asked: number): Endpoint =>
  plan === 'mapping-by-address'
    ? { address: SEEN_ADDRESS, port: 40_000 + ((from.port + (asked & OTHER_ADDRESS)) % 20_000) }
    : from;

function answerTo({ method, transactionId }: StunMessage, mapped: Endpoint, other: Endpoint): Uint8Array {
  const attributes = [
    xorAddressAttribute(STUN_ATTRIBUTE.XOR_MAPPED_ADDRESS, mapped, transactionId),
    plainAddressAttribute(STUN_ATTRIBUTE.OTHER_ADDRESS, other),
    textAttribute(STUN_ATTRIBUTE.SOFTWARE, 'sipdiag-lab'),
  ];
  return addFingerprint(buildStun({ class: 'success', method, transactionId, attributes }));
}

function readRequest(bytes: Uint8Array): { request: StunMessage; change: number } | undefined {
  try {
    const request = parseStun(bytes);
    if (request.class !== 'request' || request.method !== STUN_METHOD.BINDING) return undefined;
    return { request, change: numberOf(request, STUN_ATTRIBUTE.CHANGE_REQUEST) ?? 0 };
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/**
 * Binding over UDP from two addresses with two ports each, as RFC 5780 wants it: what the second ones say tells a NAT from a
 * firewall. Gives the first place; undefined: there is none. Throws NetError.
 */
export async function startStunServer(rack: Rack, address: string, plan: StunPlan): Promise<Endpoint | undefined> {
  if (plan === 'none') return undefined;
  if (plan === 'closed') return rack.add(closedUdpPort({ address, port: 0 }));
  const places: UdpListener[] = [];
  const open = async (at: Endpoint): Promise<UdpListener> => {
    const asked = places.length;
    const place = await listenUdp(at, (bytes, from) => {
      const [read, other] = [readRequest(bytes), places[asked ^ OTHER_ADDRESS ^ OTHER_PORT]];
      const answering = read && answeringPlace(asked, read.change, plan);
      if (read === undefined || answering === undefined || other === undefined) return;
      places[answering]?.send(answerTo(read.request, mappedBy(plan, from, asked), other.endpoint), from);
    });
    places.push(place);
    return place;
  };
  const first = await rack.add(open({ address, port: 0 }));
  const { port } = await rack.add(open({ address, port: 0 }));
  await rack.add(open({ address: SECOND_ADDRESS, port: first.port }));
  await rack.add(open({ address: SECOND_ADDRESS, port }));
  return first;
}
