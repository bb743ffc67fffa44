/** STUN messages and ChannelData over TCP and TLS. RFC 8489 section 6.2.2, RFC 8656 section 12.5. */
import {
  LAST_FIRST_OCTET,
  paddedTo4,
  parseStun,
  STUN_HEADER_OCTETS,
  stunLength,
  type StunMessage,
} from './stun-message.ts';
import { WireError } from './wire-error.ts';

/** Octets of an application on a channel. RFC 8656 section 12.4. */
export interface ChannelData {
  /** 0x4000 to 0x4fff. */
  channel: number;
  data: Uint8Array;
}

export type StunFrame = StunMessage | ChannelData;

/** Cuts a stream into frames; it holds what has arrived and was not taken, 64 KiB and one piece at most. */
export interface StunFramer {
  /** Takes what arrived. Throws WireError 'too-much' when more waits than one frame can have. */
  push(bytes: Uint8Array): void;
  /**
   * The next frame; undefined until it is whole. Throws WireError as parseStun, and 'not-stun' for what is neither; after that,
   * always the same again.
   */
  next(): StunFrame | undefined;
  /** What arrived behind the last frame that was taken: after a ConnectionBind, octets of the peer (RFC 6062 section 4.3). */
  rest(): Uint8Array;
}

const CHANNEL_HEADER_OCTETS = 4;
const FIRST_CHANNEL = 0x4000;
/** RFC 8656 section 12 reserves what lies above. */
const LAST_CHANNEL = 0x4fff;
/** The longest frame is a message of 20 and 65,532 octets; twice that leaves room for what came with it. */
const MAX_HELD = 131_072;

export const isChannelData = (frame: StunFrame): frame is ChannelData => 'channel' in frame;

/** The octets of ChannelData on a stream, padded to a multiple of four. Throws WireError 'channel', 'message-too-long'. */
export function encodeChannelData({ channel, data }: ChannelData): Uint8Array {
  if (channel < FIRST_CHANNEL || channel > LAST_CHANNEL)
    throw new WireError('channel', `a channel is 0x4000 to 0x4fff, not ${channel}`);
  if (data.length > 0xffff) throw new WireError('message-too-long', `ChannelData of ${data.length} octets`);
  const bytes = new Uint8Array(CHANNEL_HEADER_OCTETS + paddedTo4(data.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, channel);
  view.setUint16(2, data.length);
  bytes.set(data, CHANNEL_HEADER_OCTETS);
  return bytes;
}

/** Who has bound no channel gets no ChannelData: what looks like it is another protocol, HTTP for one. */
export interface StreamUse {
  channels: 'bound' | 'none';
}

interface Front {
  /** header: more of it has to come before its length is known. */
  kind: 'header' | 'stun' | 'channel';
  octets: number;
  /** Octets that have to be there before anything can be taken. */
  total: number;
}

function frontOf(held: Buffer, { channels }: StreamUse): Front {
  const [first = 0] = held;
  if (channels === 'bound' && first >> 4 === FIRST_CHANNEL >> 12) {
    if (held.length < CHANNEL_HEADER_OCTETS) return { kind: 'header', octets: 0, total: CHANNEL_HEADER_OCTETS };
    const octets = CHANNEL_HEADER_OCTETS + held.readUInt16BE(2);
    return { kind: 'channel', octets, total: paddedTo4(octets) };
  }
  if (first > LAST_FIRST_OCTET) throw new WireError('not-stun', 'this is neither STUN nor ChannelData');
  if (held.length < STUN_HEADER_OCTETS) return { kind: 'header', octets: 0, total: STUN_HEADER_OCTETS };
  const total = stunLength(held);
  return { kind: 'stun', octets: total, total };
}

interface Cutting {
  pieces: Uint8Array[];
  size: number;
  /** Octets that have to be there before it is worth looking: so a frame that comes octet by octet is joined twice at most. */
  needed: number;
  failure?: WireError;
}

function joined(cutting: Cutting): Buffer {
  const [first, ...more] = cutting.pieces;
  if (first instanceof Buffer && more.length === 0) return first;
  const held = Buffer.concat(cutting.pieces);
  cutting.pieces = [held];
  return held;
}

function takeFrame(cutting: Cutting, use: StreamUse): StunFrame | undefined {
  if (cutting.size < cutting.needed) return undefined;
  const held = joined(cutting);
  const { kind, octets, total } = frontOf(held, use);
  cutting.needed = total;
  if (cutting.size < total) return undefined;
  const bytes = held.subarray(0, octets);
  const frame: StunFrame =
    kind === 'stun'
      ? parseStun(bytes)
      : { channel: held.readUInt16BE(0), data: new Uint8Array(bytes.subarray(CHANNEL_HEADER_OCTETS)) };
  cutting.pieces = [held.subarray(total)];
  cutting.size = held.length - total;
  cutting.needed = 1;
  return frame;
}

/** A framer for one stream. */
export function createStunFramer(use: StreamUse = { channels: 'bound' }): StunFramer {
  const cutting: Cutting = { pieces: [], size: 0, needed: 1 };
  return {
    push(bytes) {
      if (cutting.size + bytes.length > MAX_HELD)
        throw new WireError('too-much', `more than ${MAX_HELD} octets wait to be read`);
      cutting.pieces.push(bytes);
      cutting.size += bytes.length;
    },
    next() {
      if (cutting.failure !== undefined) throw cutting.failure;
      try {
        return takeFrame(cutting, use);
      } catch (error) {
        if (error instanceof WireError) cutting.failure = error;
        throw error;
      }
    },
    rest: () => new Uint8Array(joined(cutting)),
  };
}
