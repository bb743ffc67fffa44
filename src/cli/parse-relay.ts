/** The STUN and TURN servers that a user names (RFC 7064, RFC 7065), and the agent. */
import { parsePort } from './parse-values.ts';
import { isAddress, isIpv6 } from './ip-address.ts';
import { toDomain, UNREADABLE } from './parse-domain.ts';
import { UsageError } from './usage-error.ts';

export interface StunServer {
  /** A name in A-label form, or an address. */
  host: string;
  port: number;
}

export interface TurnServer extends StunServer {
  /** How it is asked: 'tls' is `turns:`. */
  transport: 'udp' | 'tcp' | 'tls';
}

/** RFC 8489 section 18.6, RFC 8656 section 7. */
const PORT = 3478;
const TLS_PORT = 5349;

const STUN_FORM = 'expected host, host:port or [IPv6]:port, for example stun.example.com';
/** Where `sipdiag agent` listens unless it is told otherwise. */
const AGENT_PORT = 7199;
const AGENT_FORM = 'expected host, host:port or [IPv6]:port, for example agent.example.com:7199';
const TURN_FORM =
  'expected turn:host[:port][?transport=udp|tcp] or turns:host[:port], for example turns:turn.example.com';

interface Kind {
  option: '--stun' | '--turn' | '--agent';
  /** As typed. */
  typed: string;
  expected: string;
}

const complaint = ({ option, typed, expected }: Kind, what: string): UsageError =>
  new UsageError(`${option} '${typed}' ${what}; ${expected}`);

function parsePlace(text: string, kind: Kind, defaultPort: number): StunServer {
  if (isIpv6(text)) return { host: canonical(text), port: defaultPort };
  const [, address, name, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text) ?? [];
  if (address === undefined && name === undefined) throw complaint(kind, 'is no host and port');
  if (address !== undefined && !isIpv6(address)) throw complaint(kind, 'holds no IPv6 address in its brackets');
  const chosen = port === undefined ? defaultPort : parsePort(port, kind.typed);
  return { host: address === undefined ? hostOf(name ?? '', kind) : canonical(address), port: chosen };
}

/** Answers are matched by their source, and the system writes IPv6 addresses by RFC 5952. */
const canonical = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

function hostOf(name: string, kind: Kind): string {
  if (isAddress(name)) return name;
  const isName = /^[\w.\-\u0080-\uffff]+$/.test(name) && !/^[\d.]+$/.test(name);
  const host = isName ? toDomain(name) : UNREADABLE;
  if (host === UNREADABLE) throw complaint(kind, 'names no host');
  return host;
}

/** `--stun`, with or without `stun:` in front. Throws UsageError. */
export function parseStunServer(typed: string): StunServer {
  const kind: Kind = { option: '--stun', typed, expected: STUN_FORM };
  const text = typed.trim();
  if (/^stuns:/i.test(text)) throw complaint(kind, 'asks for TLS, over which a NAT shows nothing of UDP');
  return parsePlace(text.replace(/^stun:/i, ''), kind, PORT);
}

/** `--agent`. Throws UsageError. */
export function parseAgent(typed: string): StunServer {
  return parsePlace(typed.trim(), { option: '--agent', typed, expected: AGENT_FORM }, AGENT_PORT);
}

function transportOf(query: string | undefined, secure: 'turn' | 'turns', kind: Kind): TurnServer['transport'] {
  const transport = query === undefined ? undefined : /^transport=(udp|tcp)$/i.exec(query)?.[1]?.toLowerCase();
  if (query !== undefined && transport === undefined) throw complaint(kind, `has '?${query}'`);
  if (secure === 'turn') return transport === 'tcp' ? 'tcp' : 'udp';
  if (transport === 'udp') throw complaint(kind, 'asks for DTLS, which is not spoken here');
  return 'tls';
}

/** `--turn`. Throws UsageError. RFC 7065 section 3.1. */
export function parseTurnServer(typed: string): TurnServer {
  const kind: Kind = { option: '--turn', typed, expected: TURN_FORM };
  const [, scheme = '', place = '', query] = /^(turns?):([^?]*)(?:\?(.*))?$/i.exec(typed.trim()) ?? [];
  if (scheme === '') throw complaint(kind, 'does not begin with turn: or turns:');
  if (place.startsWith('//') || place.includes('@'))
    throw complaint(kind, 'holds more than host and port, and the user belongs into --turn-user');
  const secure = scheme.toLowerCase() === 'turns' ? 'turns' : 'turn';
  const transport = transportOf(query, secure, kind);
  return { ...parsePlace(place, kind, secure === 'turns' ? TLS_PORT : PORT), transport };
}
