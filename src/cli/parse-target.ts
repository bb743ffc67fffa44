import type { Target, Transport } from '../model.ts';
import { parseSipUri, uriParam, type SipUri } from '../wire/sip-uri.ts';
import { isAddress, isIpv6 } from './ip-address.ts';
import { parsePort } from './parse-values.ts';
import { toDomain, UNREADABLE } from './parse-domain.ts';
import { UsageError } from './usage-error.ts';

const EXPECTED = 'expected sip:user@domain, a domain, host:port, an IPv4 address or [IPv6]:port';

type Parsed = Pick<Target, 'domain' | 'user' | 'server' | 'scheme' | 'transports'>;

function fromUri(input: string): Parsed {
  let uri: SipUri;
  try {
    uri = parseSipUri(input);
  } catch {
    // The codec's words speak of octets; the user needs to know what to type.
    throw new UsageError(`'${input}' is not a SIP URI; ${EXPECTED}`);
  }
  const transport = uriParam(uri, 'transport');
  if (typeof transport === 'string' && !isTransport(transport.toLowerCase())) {
    throw new UsageError(`transport '${transport}' in '${input}' is not supported; expected udp, tcp or tls`);
  }
  const scheme = uri.scheme.toLowerCase() === 'sips' ? 'sips' : 'sip';
  const transports = typeof transport === 'string' ? [transport.toLowerCase() as Transport] : []; // tested two lines above
  const user = uri.user === undefined || uri.user === '' ? {} : { user: uri.user };
  return { ...fromHost(input, uri.host, uri.port), scheme, transports, ...user };
}

const isTransport = (text: string): text is Transport => text === 'udp' || text === 'tcp' || text === 'tls';

function fromHost(input: string, host: string, port: number | undefined): Parsed {
  const base = { scheme: 'sip' as const, transports: [] };
  const bare = host.replace(/^\[|\]$/g, '');
  if (isAddress(bare)) return { ...base, server: { host: bare, ...(port === undefined ? {} : { port }) } };
  if (/^[\d.]+$/.test(bare) || bare.includes(':'))
    throw new UsageError(`'${input}' is not a valid address; ${EXPECTED}`);
  const domain = toDomain(bare);
  if (domain === UNREADABLE) throw new UsageError(`'${input}' is not a valid target; ${EXPECTED}`);
  // An explicit port switches service discovery off (RFC 3263 section 4.2).
  return { ...base, domain, ...(port === undefined ? {} : { server: { host: domain, port } }) };
}

/** Addresses of another kind, which people have at hand. */
const FOREIGN = /^(https?|wss?|tel|mailto|im|xmpp|h323|stuns?|turns?):/i;

function fromPlain(input: string): Parsed {
  const scheme = FOREIGN.exec(input)?.[1];
  if (scheme !== undefined) throw new UsageError(`'${input}' is an address for ${scheme.toLowerCase()}; ${EXPECTED}`);
  const at = input.lastIndexOf('@');
  if (at >= 0) return fromUri(`sip:${input}`);
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(input);
  if (bracketed !== null) {
    const [, host = '', port] = bracketed;
    if (!isIpv6(host)) throw new UsageError(`'${host}' in '${input}' is not an IPv6 address; ${EXPECTED}`);
    return fromHost(input, host, port === undefined ? undefined : parsePort(port, input));
  }
  if (isIpv6(input)) return fromHost(input, input, undefined);
  const [host = '', port, ...rest] = input.split(':');
  if (rest.length > 0 || input.includes('/')) throw new UsageError(`'${input}' is not a valid target; ${EXPECTED}`);
  return fromHost(input, host, port === undefined ? undefined : parsePort(port, input));
}

/** Reads what the user pointed at. Throws UsageError. */
export function parseTarget(input: string): Omit<Target, 'profile'> {
  const text = input.trim();
  if (text === '') throw new UsageError(`the target is empty; ${EXPECTED}`);
  const port = /^sips?:[^;?]*:(\d+)(?:[;?].*)?$/i.exec(text)?.[1];
  if (port !== undefined) parsePort(port, text);
  return { input: text, ...(/^sips?:/i.test(text) ? fromUri(text) : fromPlain(text)) };
}
