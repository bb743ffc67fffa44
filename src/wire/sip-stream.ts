import {
  findHeadEnd,
  MAX_BODY_OCTETS,
  MAX_HEAD_OCTETS,
  parseHead,
  startHeadSearch,
  type HeadSearch,
  type SipHead,
} from './sip-head.ts';
import { assembleMessage, bodyLength, type SipFault, type SipMessage } from './sip-message.ts';
import { parseStartLine, refuseForeign } from './sip-start.ts';
import { decodeText } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** The largest head and body that a stream may send, in octets. */
export interface SipFramerLimits {
  headOctets?: number;
  bodyOctets?: number;
}

/** Cuts a byte stream into SIP messages. */
export interface SipFramer {
  /**
   * Takes the next octets of the stream and gives what they complete. 'keep-alive' is a pair of line ends (a ping, RFC 5626
   * section 3.5.1) or a single one (a pong): each run of line ends counts one for every two, rounded up, as soon as the
   * first of them is there. Throws WireError when the stream can never become SIP, or its framing is lost; messages
   * that came before in the same octets are given first, and the error is thrown by the next call.
   */
  push(bytes: Uint8Array): (SipMessage | 'keep-alive')[];
  /** Octets that were taken and belong to no message yet. */
  pending(): number;
}

interface FramerState {
  store: Uint8Array;
  /** The octets not yet given out are store[start..end). */
  start: number;
  end: number;
  search: HeadSearch;
  firstLine: 'unread' | 'begun' | 'read';
  head: { read: SipHead; octets: number; body: number; faults: SipFault[] } | undefined;
  /** The last thing given out was the first line end of what may be a pair. */
  keepAlive: 'none' | 'half';
  failure: WireError | undefined;
  limits: Required<SipFramerLimits>;
}

const CR = 13;
const LF = 10;
const FIRST_STORE_OCTETS = 4096;
/** Beyond so many octets `refuseForeign` has said all that it can say. */
const FIRST_WORD_OCTETS = 256;

/** A framer for one connection; it holds at most one unfinished message. RFC 3261 section 18.3. */
export function createSipFramer(limits: SipFramerLimits = {}): SipFramer {
  const state: FramerState = {
    store: new Uint8Array(FIRST_STORE_OCTETS),
    start: 0,
    end: 0,
    search: startHeadSearch(),
    firstLine: 'unread',
    head: undefined,
    keepAlive: 'none',
    failure: undefined,
    limits: { headOctets: MAX_HEAD_OCTETS, bodyOctets: MAX_BODY_OCTETS, ...limits },
  };
  return {
    push: (bytes) => push(state, bytes),
    pending: () => state.end - state.start,
  };
}

function push(state: FramerState, bytes: Uint8Array): (SipMessage | 'keep-alive')[] {
  if (state.failure) throw state.failure;
  append(state, bytes);
  const found: (SipMessage | 'keep-alive')[] = [];
  try {
    for (let next = readNext(state); next !== undefined; next = readNext(state)) {
      if (next !== 'line-end') found.push(next);
      if (state.failure) return found;
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    state.failure = error;
    if (found.length === 0) throw error;
  }
  return found;
}

/** Doubles the store when it must grow, and moves the rest to its front only when that frees half: linear in all. */
function append(state: FramerState, bytes: Uint8Array): void {
  const held = state.end - state.start;
  if (state.end + bytes.length > state.store.length) {
    const needed = held + bytes.length;
    const roomy = needed * 2 <= state.store.length;
    const store = roomy ? state.store : new Uint8Array(Math.max(FIRST_STORE_OCTETS, needed * 2));
    store.set(state.store.subarray(state.start, state.end));
    state.store = store;
    state.start = 0;
    state.end = held;
  }
  state.store.set(bytes, state.end);
  state.end += bytes.length;
}

function readNext(state: FramerState): SipMessage | 'keep-alive' | 'line-end' | undefined {
  if (state.head === undefined) {
    const lineEnd = state.search.searched === 0 ? readLineEnd(state) : undefined;
    if (lineEnd !== undefined) return lineEnd;
    if (!readHead(state)) return undefined;
  }
  return readMessage(state);
}

function readLineEnd(state: FramerState): 'keep-alive' | 'line-end' | undefined {
  const [first, second] = state.store.subarray(state.start, state.end);
  const octets = first === LF ? 1 : first === CR && second === LF ? 2 : 0;
  if (octets === 0) return undefined;
  consume(state, octets);
  const given = state.keepAlive === 'none' ? 'keep-alive' : 'line-end';
  state.keepAlive = state.keepAlive === 'none' ? 'half' : 'none';
  return given;
}

function consume(state: FramerState, octets: number): void {
  state.start += octets;
  state.search = startHeadSearch();
  state.firstLine = 'unread';
  state.head = undefined;
}

/** Throws as soon as the first word, then the first line, cannot begin a message. */
function checkFirstLine(state: FramerState, held: Uint8Array): void {
  if (state.firstLine === 'unread') {
    refuseForeign(held);
    if (held.length > FIRST_WORD_OCTETS) state.firstLine = 'begun';
  }
  if (state.firstLine === 'read' || state.search.lastLineFeed < 0) return;
  const line = held.subarray(0, held.indexOf(LF));
  parseStartLine(decodeText(line.at(-1) === CR ? line.subarray(0, -1) : line).text);
  state.firstLine = 'read';
}

/** Reads the head once its empty line is there. */
function readHead(state: FramerState): boolean {
  const held = state.store.subarray(state.start, state.end);
  if (held.length === 0 || (held.length === 1 && held[0] === CR)) return false;
  const { headOctets, bodyOctets } = state.limits;
  const octets = findHeadEnd(held, state.search);
  checkFirstLine(state, held);
  if ((octets ?? held.length) > headOctets)
    throw new WireError('head-too-long', `The head is longer than ${headOctets} octets`, headOctets);
  if (octets === undefined) return false;
  const read = parseHead(held.slice(0, octets));
  const length = bodyLength(read.headers);
  const body = length.state === 'known' ? length.octets : 0;
  if (body > bodyOctets) throw new WireError('body-too-large', `The body is longer than ${bodyOctets} octets`, octets);
  const faults = length.state === 'known' ? [] : [framingFault(length.state, octets)];
  if (length.state === 'invalid')
    state.failure = new WireError(
      'content-length',
      'The Content-Length is invalid: where the next message begins is unknown',
      octets,
    );
  state.head = { read, octets, body, faults };
  return true;
}

/** RFC 3261 section 18.3 demands a Content-Length on a stream; without one the body is taken as empty, and what follows decides. */
function framingFault(state: 'absent' | 'invalid', offset: number): SipFault {
  return state === 'absent'
    ? { code: 'content-length-missing', message: 'The message came over a stream without a Content-Length', offset }
    : { code: 'content-length', message: 'The Content-Length is no number, or two differ', offset };
}

function readMessage(state: FramerState): SipMessage | undefined {
  const { head } = state;
  if (head === undefined || state.end - state.start < head.octets + head.body) return undefined;
  const from = state.start + head.octets;
  const message = assembleMessage(head.read, state.store.slice(from, from + head.body), head.faults);
  consume(state, head.octets + head.body);
  state.keepAlive = 'none';
  return message;
}
