/** STUN and TURN servers that answer what no honest one does. */
import { buildStun, parseStun, type StunAttribute, type StunMessage } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE as A } from '../../src/wire/stun-registry.ts';
import { createStunFramer, isChannelData } from '../../src/wire/stun-stream.ts';
import { errorCodeAttribute, textAttribute, xorAddressAttribute } from '../../src/wire/stun-values.ts';
import type { DatagramBehaviour, StreamBehaviour } from './hostile-server.ts';

export type Making = (request: StunMessage) => Uint8Array;

const PEER = { address: '127.0.0.1', port: 40_000 };

export const mapped = ({ transactionId }: StunMessage): StunAttribute =>
  xorAddressAttribute(A.XOR_MAPPED_ADDRESS, PEER, transactionId);

export function success(request: StunMessage, attributes: readonly StunAttribute[] = [mapped(request)]): Uint8Array {
  const { method, transactionId } = request;
  return buildStun({ class: 'success', method, transactionId, attributes });
}

/** An error response, with whatever else it carries. */
export const refusal =
  (code: number, ...attributes: StunAttribute[]): Making =>
  ({ method, transactionId }) =>
    buildStun({
      class: 'error',
      method,
      transactionId,
      attributes: [errorCodeAttribute({ code, reason: 'Hostile' }), ...attributes],
    });

export const challenged = (code: number, nonce: string): Making =>
  refusal(code, textAttribute(A.REALM, 'hostile.example'), textAttribute(A.NONCE, nonce));

const withLength =
  (length: number): Making =>
  (request) => {
    const bytes = success(request);
    new DataView(bytes.buffer, bytes.byteOffset).setUint16(2, length);
    return bytes;
  };

/** The first attribute says that it is longer than the message. */
const overlong: Making = (request) => {
  const bytes = success(request);
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(22, 0xfff0);
  return bytes;
};

const many =
  (count: number, attribute: StunAttribute): Making =>
  (request) =>
    success(
      request,
      Array.from({ length: count }, () => attribute),
    );

/** Answers that come to the right request from the right place, and cannot be used. */
export const UNUSABLE: readonly (readonly [string, string, Making])[] = [
  ['a length that is no multiple of four', 'no multiple of 4', withLength(13)],
  ['an attribute that is longer than the message', 'does not fit into its message', overlong],
  ['200 attributes', 'more than 128 attributes', many(200, textAttribute(A.SOFTWARE, ''))],
  ['a fingerprint of another message', 'FINGERPRINT', many(1, { type: A.FINGERPRINT, value: new Uint8Array(4) })],
];

export const answerTo =
  (make: Making, times = 1): DatagramBehaviour =>
  (datagram, send) => {
    const request = parseStun(datagram);
    for (let left = times; left > 0; left -= 1) send(make(request));
  };

export const answering =
  (make: Making): StreamBehaviour =>
  (socket) => {
    const framer = createStunFramer();
    socket.on('data', (bytes: Buffer) => {
      framer.push(bytes);
      for (let frame = framer.next(); frame !== undefined; frame = framer.next())
        if (!isChannelData(frame)) socket.write(make(frame));
    });
  };

/** One attribute that no reader knows and each has to. */
export const UNKNOWN: StunAttribute = { type: 0x7fff, value: new Uint8Array(4) };
