/** What `sipdiag agent` and those who ask it say to each other: docs/agent-protocol.md. One JSON object a line. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { WireError } from './wire-error.ts';

export const AGENT_VERSION = 1;
/** The longest ask, line end included: 16 ports take 1,300 octets. */
export const MAX_ASK_OCTETS = 2048;
/** The longest line of the agent: a mirrored message in base64, and what stands around it. */
export const MAX_ANSWER_OCTETS = 8192;
/** The longest SIP message that is mirrored: an INVITE with SDP takes about 1,000 octets. */
export const MAX_MIRRORED_OCTETS = 4096;
/** Most ports in one ask, whoever asks. */
export const MAX_PORTS = 16;
/** How long the agent may be asked to wait for one port, in milliseconds. */
export const PORT_WAIT = { shortest: 100, longest: 8000 };

/** The agent speaks first. Whoever answers has shown that its address is its own. */
export interface AgentHello {
  type: 'hello';
  versions: number[];
  /** 32 hexadecimal digits, never used twice: what the proof of the token is made of. */
  challenge: string;
  token: 'required' | 'none';
  /** Most ports in one ask. */
  ports: number;
}

export interface AskedPort {
  transport: 'tcp' | 'udp';
  port: number;
  /** 32 hexadecimal digits: the 16 octets that the agent sends, and that have to come back. */
  nonce: string;
}

/** The one request of a connection. There is no field for an address: the agent knows only that of whoever asks. */
export interface AgentAsk {
  type: 'ask';
  version: number;
  /** Limit of one port, in milliseconds. */
  waitMs: number;
  ports: AskedPort[];
  mirror: 'asked' | 'left-out';
  /** HMAC-SHA-256 over challenge and ask, keyed with the token, in hex; absent: no token is known. */
  proof?: string;
}

export interface MirrorPort {
  transport: 'tcp' | 'udp';
  port: number;
  way: 'sip-port' | 'control-port';
}

export interface AgentAccepted {
  type: 'accepted';
  software: string;
  /** Where the connection comes from, as the agent sees it. */
  address: string;
  port: number;
  /** 32 hexadecimal digits that a SIP message carries which is to be mirrored. */
  session: string;
  mirror: MirrorPort[];
}

export const PORT_RESULTS = [
  'open-and-echoed',
  'open-no-echo',
  'refused',
  'timeout',
  'unreachable',
  'refused-by-policy',
] as const;
export type PortResult = (typeof PORT_RESULTS)[number];

export interface AgentResult {
  type: 'result';
  transport: 'tcp' | 'udp';
  port: number;
  result: PortResult;
  detail: string;
}

export interface AgentMirrored {
  type: 'mirrored';
  transport: 'tcp' | 'udp';
  /** Of the agent. */
  port: number;
  /** What arrived, base64. */
  message: string;
}

/** Every port has its result. Without a mirror the agent then ends the connection. */
export interface AgentDone {
  type: 'done';
}

export const AGENT_ERRORS = ['version', 'malformed', 'too-long', 'token', 'rate', 'busy', 'policy', 'slow'] as const;
export type AgentErrorCode = (typeof AGENT_ERRORS)[number];

/** The agent does nothing for this connection, and ends it. */
export interface AgentRefusal {
  type: 'error';
  code: AgentErrorCode;
  detail: string;
  versions: number[];
}

export type AgentAnswer = AgentHello | AgentAccepted | AgentResult | AgentMirrored | AgentDone | AgentRefusal;

/** One line with its end. */
export const formatLine = (message: AgentAnswer | AgentAsk): Uint8Array => Buffer.from(`${JSON.stringify(message)}\n`);

export interface LineReader {
  /** The lines that the octets bring to their end, without it. Throws WireError 'too-long'. */
  push(bytes: Uint8Array): string[];
}

/** Cuts a stream into lines of `most` octets at most, their ends included; holds no more than that. */
export function createLineReader(most: number): LineReader {
  let held: Uint8Array = new Uint8Array(0);
  const refuse = (length: number): void => {
    if (length > most) throw new WireError('too-long', `a line is longer than ${most} octets`, most);
  };
  return {
    push(bytes) {
      const lines: string[] = [];
      let from = 0;
      for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
        const piece = bytes.subarray(from, end);
        refuse(held.length + piece.length + 1);
        lines.push(Buffer.concat([held, piece]).toString('utf8'));
        held = new Uint8Array(0);
        from = end + 1;
      }
      refuse(held.length + bytes.length - from);
      // A copy: the caller may use its octets again, and a small view would keep a large buffer.
      if (from < bytes.length) held = new Uint8Array(Buffer.concat([held, bytes.subarray(from)]));
      return lines;
    },
  };
}

/** What the proof is made over: everything that is asked for, so that nobody between can ask for other things. */
function proofText(challenge: string, { version, waitMs, ports, mirror }: AgentAsk): string {
  const asked = ports.map(({ transport, port, nonce }) => `${transport}/${port}/${nonce}`);
  return ['sipdiag agent', version, challenge, waitMs, mirror, ...asked].join('\n');
}

/**
 * Shows that whoever asks knows the token, without sending it: HMAC-SHA-256 (RFC 2104) in hex, keyed with the token's UTF-8. The
 * challenge is of one connection alone, so that a proof that was overheard is of no use.
 */
export const proofOf = (token: string, challenge: string, ask: AgentAsk): string =>
  createHmac('sha256', token).update(proofText(challenge, ask)).digest('hex');

const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest();

/** Whether the ask holds the proof; takes the same time whatever is wrong with it. */
export const isProven = (token: string, challenge: string, ask: AgentAsk): boolean =>
  timingSafeEqual(digest(proofOf(token, challenge, ask)), digest(ask.proof ?? ''));
