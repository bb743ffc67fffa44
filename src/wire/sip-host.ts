import { parseDigits, trimBlanks } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** A host and port as they stand in a URI or in the sent-by of a Via; an IPv6 address is without its brackets. */
export interface HostPort {
  host: string;
  kind: 'name' | 'ipv4' | 'ipv6';
  port?: number;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => part.length <= 3 && parseDigits(part, 255) !== undefined);
}

/** Number of 16-bit groups in one half of an address; undefined when the half is malformed. */
function countGroups(half: string, place: 'last' | 'before'): number | undefined {
  if (half === '') return 0;
  const groups = half.split(':');
  const tail = groups.at(-1) ?? '';
  const dotted = place === 'last' && tail.includes('.');
  if (dotted && !isIpv4(tail)) return undefined;
  const plain = dotted ? groups.slice(0, -1) : groups;
  return plain.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) ? plain.length + (dotted ? 2 : 0) : undefined;
}

/** Whether a text is an IPv6 address in the forms of RFC 4291 section 2.2, without brackets and zone. */
export function isIpv6(text: string): boolean {
  // The longest form, with a dotted quad, has 45 characters: nothing longer needs to be taken apart.
  if (text.length > 45) return false;
  const halves = text.split('::');
  const [left = '', right] = halves;
  if (halves.length > 2) return false;
  if (right === undefined) return countGroups(left, 'last') === 8;
  const before = countGroups(left, 'before');
  const after = countGroups(right, 'last');
  return before !== undefined && after !== undefined && before + after < 8;
}

function checkName(text: string): 'name' | 'ipv4' {
  if (isIpv4(text)) return 'ipv4';
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
  // Underscores are against the grammar, yet stand in many private networks' host names.
  const plausible = text.length <= 255 && labels.every((label) => /^[A-Za-z0-9_-]{1,63}$/.test(label));
  if (!plausible || !/[A-Za-z_-]/.test(labels.at(-1) ?? ''))
    throw new WireError('host', 'The host is neither a name nor an address');
  return 'name';
}

function readPort(text: string): { port?: number } {
  const port = parseDigits(trimBlanks(text), 65_535);
  if (port === undefined || port === 0) throw new WireError('port', 'The port is not a number from 1 to 65535');
  return { port };
}

/**
 * Reads `host[:port]`, blanks around the colon allowed. Three colons before a dotted quad, which the grammar of RFC 3261
 * produces by mistake, are read as two (RFC 5118 section 4.10). Throws WireError 'host' or 'port'.
 */
export function parseHostPort(text: string): HostPort {
  const trimmed = trimBlanks(text);
  if (trimmed.startsWith('[')) {
    const close = trimmed.indexOf(']');
    const host = trimmed.slice(1, close).replace(/:::(?=[0-9]+\.)/, '::');
    if (close < 0 || !isIpv6(host)) throw new WireError('host', 'The bracketed host is no IPv6 address');
    const rest = trimBlanks(trimmed.slice(close + 1));
    if (rest === '') return { host, kind: 'ipv6' };
    if (!rest.startsWith(':')) throw new WireError('host', 'The address is followed by something that is no port');
    return { host, kind: 'ipv6', ...readPort(rest.slice(1)) };
  }
  const colon = trimmed.indexOf(':');
  if (colon !== trimmed.lastIndexOf(':')) throw new WireError('host', 'An IPv6 address stands without square brackets');
  const host = colon < 0 ? trimmed : trimBlanks(trimmed.slice(0, colon));
  const kind = checkName(host);
  return colon < 0 ? { host, kind } : { host, kind, ...readPort(trimmed.slice(colon + 1)) };
}

/** Writes `host[:port]` with brackets around an IPv6 address. RFC 3261 section 25.1, hostport. */
export function formatHostPort(hostPort: { host: string; port?: number }): string {
  const host = hostPort.host.includes(':') ? `[${hostPort.host}]` : hostPort.host;
  return hostPort.port === undefined ? host : `${host}:${hostPort.port}`;
}
