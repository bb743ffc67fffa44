import type { Arbitrary } from 'fast-check';
import { WireError } from '../../src/wire/wire-error.ts';

/** What reads octets that somebody else has made, and what is needed to make such octets. */
export interface FuzzedParser {
  /** Whole inputs that the parser understands: mutations begin with them. */
  seeds(): Uint8Array[];
  /** Pieces of the grammar, in Latin-1, that mutations put in the wrong place. */
  tokens: readonly string[];
  /** Reads the octets, a stream in so many pieces, and all that the program makes of them. Throws whatever is no WireError. */
  read(bytes: Uint8Array, pieces: number): void | Promise<void>;
  /** Whole inputs from the grammar. */
  generated?: Arbitrary<Uint8Array>;
  /** Milliseconds of CPU that one input may take; absent: 50. */
  limitMs?: number;
}

export const LIMIT_MS = 50;

/** The value, or undefined where the octets were refused as they should be. */
export function orRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

/** Calls with the octets in so many pieces, in order. */
export function inPieces(bytes: Uint8Array, pieces: number, take: (piece: Uint8Array) => void): void {
  const step = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length; at += step) take(bytes.subarray(at, at + step));
}
