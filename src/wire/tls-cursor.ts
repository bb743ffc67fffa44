import { WireError } from './wire-error.ts';

/** Reads big-endian numbers and length-prefixed vectors (RFC 8446 section 3.4) and stays inside its octets. */
export interface Cursor {
  left(): number;
  number(octets: 1 | 2 | 3): number;
  bytes(count: number): Uint8Array;
  vector(prefix: 1 | 2 | 3): Uint8Array;
}

/** A cursor over octets; `what` names them in the errors. The cursor throws WireError 'tls-truncated'. */
export function cursorOver(bytes: Uint8Array, what: string): Cursor {
  let at = 0;
  const take = (count: number): Uint8Array => {
    if (bytes.length - at < count) throw new WireError('tls-truncated', `${what} ends too early`, at);
    at += count;
    return bytes.subarray(at - count, at);
  };
  const number = (octets: 1 | 2 | 3): number => take(octets).reduce((sum, octet) => sum * 256 + octet, 0);
  return { left: () => bytes.length - at, number, bytes: take, vector: (prefix) => take(number(prefix)) };
}
