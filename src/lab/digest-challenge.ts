import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { authParam, parseChallenge, type SipChallenge } from '../wire/sip-challenge.ts';
import { WireError } from '../wire/wire-error.ts';

/** Offered in this order: the stronger first, as RFC 8760 section 2.4 asks of a server. */
const ALGORITHMS = { 'SHA-256': 'sha256', MD5: 'md5' } as const;
const SALT_HEX_LENGTH = 16;

/** Who may register. The password never leaves the lab's memory. */
export interface Account {
  realm: string;
  user: string;
  password: string;
}

/** The request that the credentials came with. */
export interface DigestRequest {
  method: string;
  /** As written in the request line; the parameter `uri` must equal it (RFC 7616 section 3.4.6). */
  requestUri: string;
  /** The value of Authorization, absent when there is none. */
  credentials: string | undefined;
}

export type DigestVerdict = 'right' | 'wrong' | 'absent' | 'stale';

export interface DigestGate {
  /** Values of WWW-Authenticate, one for each algorithm, with a fresh nonce. RFC 7616 section 3.3. */
  challenges(verdict: DigestVerdict): string[];
  judge(request: DigestRequest): DigestVerdict;
}

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The credentials, or undefined when the text is none of the Digest scheme. */
function readCredentials(text: string): SipChallenge | undefined {
  try {
    const credentials = parseChallenge(text);
    return credentials.scheme.toLowerCase() === 'digest' ? credentials : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function algorithmOf(name: string | undefined): string | undefined {
  // Without the parameter it is MD5 (RFC 7616 section 3.4).
  const wanted = (name ?? 'MD5').toUpperCase();
  return wanted === 'SHA-256' || wanted === 'MD5' ? ALGORITHMS[wanted] : undefined;
}

/** RFC 7616 section 3.4.1; without qop the form of RFC 2069. */
function expectedResponse(account: Account, method: string, given: SipChallenge): string | undefined {
  const algorithm = algorithmOf(authParam(given, 'algorithm'));
  const [nonce, uri, qop] = [authParam(given, 'nonce') ?? '', authParam(given, 'uri') ?? '', authParam(given, 'qop')];
  if (algorithm === undefined || (qop !== undefined && qop !== 'auth')) return undefined;
  const ha1 = hash(algorithm, `${account.user}:${account.realm}:${account.password}`);
  const ha2 = hash(algorithm, `${method}:${uri}`);
  if (qop === undefined) return hash(algorithm, `${ha1}:${nonce}:${ha2}`);
  const [nc, cnonce] = [authParam(given, 'nc'), authParam(given, 'cnonce')];
  if (nc === undefined || cnonce === undefined || !/^[0-9a-f]{8}$/i.test(nc)) return undefined;
  return hash(algorithm, `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`);
}

/**
 * Challenges and judges Digest credentials of one account. Nonces carry their own proof (a keyed hash), so none is stored;
 * one of another gate counts as stale.
 */
export function createDigestGate(account: Account): DigestGate {
  const secret = randomBytes(32);
  const seal = (salt: string): string => salt + createHmac('sha256', secret).update(salt).digest('hex').slice(0, 32);
  return {
    challenges(verdict) {
      const nonce = seal(randomBytes(SALT_HEX_LENGTH / 2).toString('hex'));
      const stale = verdict === 'stale' ? ', stale=true' : '';
      return Object.keys(ALGORITHMS).map(
        (name) => `Digest realm="${account.realm}", nonce="${nonce}", algorithm=${name}, qop="auth"${stale}`,
      );
    },
    judge({ method, requestUri, credentials }) {
      if (credentials === undefined) return 'absent';
      const given = readCredentials(credentials);
      const expected = given && expectedResponse(account, method, given);
      if (!given || expected === undefined || authParam(given, 'uri') !== requestUri) return 'wrong';
      if (authParam(given, 'username') !== account.user || authParam(given, 'realm') !== account.realm) return 'wrong';
      if (!sameText((authParam(given, 'response') ?? '').toLowerCase(), expected)) return 'wrong';
      const nonce = authParam(given, 'nonce') ?? '';
      return sameText(nonce, seal(nonce.slice(0, SALT_HEX_LENGTH))) ? 'right' : 'stale';
    },
  };
}
