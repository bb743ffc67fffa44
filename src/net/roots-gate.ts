import type { JudgingContext } from './judging-contexts.ts';

/** A chain comes within the first few segments; who drips it is not judged by OpenSSL. */
const MAX_TRIES = 16;
const RECORD_HEADER = 5;
/** Content type of a handshake record. */
const HANDSHAKE = 22;

/** A peer that is this far away leaves time before its first octet; from a nearer one it would be taken. */
const SILENCE_MS = 8;

interface GateSettings {
  /** The roots, once the chain of the peer is whole; absent: OpenSSL is not asked. */
  find: (() => Promise<readonly string[] | undefined>) | undefined;
  context: JudgingContext;
  /** Does beforehand what the first root costs; called when the peer is silent for a while. */
  warmUp: () => void;
}

export interface RootsGate {
  /** Hands octets of the peer on to OpenSSL, once it has the roots to judge them by. */
  pass(bytes: Uint8Array, push: (part: Uint8Array) => void): Promise<void>;
  /** Whether OpenSSL had the roots when it judged the chain: all that the names in it point to, be it none. */
  state(): 'not-asked' | 'asked';
}

/** Octets of the first record, or of all that is there. */
const firstRecord = (bytes: Uint8Array): number =>
  Math.min(bytes.length, RECORD_HEADER + (bytes[3] ?? 0) * 256 + (bytes[4] ?? 0));

/**
 * Node has no public way to name roots once a handshake is under way; packages that bring the roots of Windows and macOS have used
 * this one for ten years. Without it OpenSSL is not asked.
 */
function addRoots({ secure, added }: JudgingContext, roots: readonly string[]): ReturnType<RootsGate['state']> {
  const native = secure.context as { addCACert?: (pem: string) => void };
  if (typeof native.addCACert !== 'function') return 'not-asked';
  for (const root of roots) {
    if (added.has(root)) continue;
    native.addCACert(root);
    added.add(root);
  }
  return 'asked';
}

/**
 * Stands between the peer and OpenSSL, which judges a chain the moment that it is whole: just before, it is given the roots that
 * the names in the chain point to. To parse all that are trusted would cost 20 ms in every run.
 */
export function createRootsGate({ find, context, warmUp }: GateSettings): RootsGate {
  const silence = find === undefined ? undefined : setTimeout(warmUp, SILENCE_MS).unref();
  let tries = 0;
  let state: ReturnType<RootsGate['state']> = 'not-asked';
  return {
    state: () => state,
    async pass(bytes, push) {
      clearTimeout(silence);
      if (find === undefined || tries >= MAX_TRIES) return push(bytes);
      tries += 1;
      let rest = bytes;
      let roots = await find();
      if (roots === undefined && bytes[0] === HANDSHAKE) {
        // What follows a hello of TLS 1.3 can be read only when OpenSSL has seen the hello and told the secret.
        rest = bytes.subarray(firstRecord(bytes));
        push(bytes.subarray(0, bytes.length - rest.length));
        await new Promise((settle) => setImmediate(settle));
        roots = await find();
      }
      if (roots !== undefined) {
        tries = MAX_TRIES;
        state = addRoots(context, roots);
      }
      if (rest.length > 0) push(rest);
    },
  };
}
