/** DNS messages over a byte stream: each is preceded by its length in two octets. RFC 1035 section 4.2.2, RFC 7766 section 8. */
import { HEADER_OCTETS } from './dns-reader.ts';
import { WireError } from './wire-error.ts';

/** Messages of one stream: a client waits for one, and skips a few strays. */
const DEFAULT_MESSAGES = 256;

/** Cuts a stream into messages. Holds at most one unfinished message of 64 KiB. */
export interface DnsFramer {
  /**
   * Takes what arrived and gives the messages that are whole now, without their lengths. Throws WireError 'frame-short' for
   * a length that holds no header, 'too-many-messages'; the stream cannot be read on after that.
   */
  push(bytes: Uint8Array): Uint8Array[];
  /** Says that the stream has ended. Throws WireError 'frame-cut' inside a message. */
  end(): void;
}

/** The octets that are sent over a stream for a message. Throws WireError 'message-too-long' above 65535 octets. */
export function frameDnsMessage(message: Uint8Array): Uint8Array {
  if (message.byteLength > 0xffff) throw new WireError('message-too-long', `a message of ${message.byteLength} octets`);
  const framed = new Uint8Array(2 + message.byteLength);
  new DataView(framed.buffer).setUint16(0, message.byteLength);
  framed.set(message, 2);
  return framed;
}

/** What is being filled: first the two length octets, then the message. */
interface Part {
  what: 'length' | 'message';
  octets: Uint8Array;
  filled: number;
}

const lengthPart = (): Part => ({ what: 'length', octets: new Uint8Array(2), filled: 0 });

function messagePart(length: Uint8Array, at: number): Part {
  const octets = new DataView(length.buffer).getUint16(0);
  if (octets < HEADER_OCTETS) throw new WireError('frame-short', `a message of ${octets} octets`, at);
  return { what: 'message', octets: new Uint8Array(octets), filled: 0 };
}

/** A framer for one stream; `messages` bounds how many it gives in all. */
export function createDnsFramer({ messages = DEFAULT_MESSAGES }: { messages?: number } = {}): DnsFramer {
  let part = lengthPart();
  let given = 0;
  return {
    push(bytes) {
      const whole: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const piece = bytes.subarray(at, at + part.octets.length - part.filled);
        part.octets.set(piece, part.filled);
        part.filled += piece.length;
        at += piece.length;
        if (part.filled < part.octets.length) break;
        if (part.what === 'length') {
          part = messagePart(part.octets, at);
          continue;
        }
        given += 1;
        if (given > messages) throw new WireError('too-many-messages', `more than ${messages} messages`, at);
        whole.push(part.octets);
        part = lengthPart();
      }
      return whole;
    },
    end() {
      if (part.what === 'message' || part.filled > 0) {
        throw new WireError('frame-cut', 'the stream ended inside a message', part.filled);
      }
    },
  };
}
