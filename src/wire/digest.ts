import { digestAlgorithm, digestHash, type DigestAlgorithm, type Sha512Form } from './digest-hash.ts';
import { authParam, type SipChallenge } from './sip-challenge.ts';
import { isToken, quote } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** What a Digest challenge asks for. RFC 7616 section 3.3, RFC 8760 section 2. */
export interface DigestChallenge {
  /** Quotes and quoted-pairs undone; so is `nonce`. */
  realm: string;
  nonce: string;
  opaque?: string;
  /** As written; absent: MD5. */
  algorithm?: string;
  /** Lower case, in the order of the server; empty: the form of RFC 2069. */
  qop: string[];
  /** 'stale': the nonce was too old, the password may still be right. */
  nonceState: 'fresh' | 'stale';
  username: 'plain' | 'hashed';
  charset?: string;
}

/** Who signs in. Never part of a message or an error. */
export interface DigestCredentials {
  user: string;
  password: string;
  /** The account name where it differs from the user of the SIP URI. */
  authUser?: string;
}

/** One answer to one challenge. Randomness comes from the caller. */
export interface DigestAnswer {
  challenge: SipChallenge;
  credentials: DigestCredentials;
  /** Of the request, for example REGISTER. */
  method: string;
  /** The Request-URI exactly as in the request line. RFC 7616 section 3.4.6. */
  uri: string;
  /** Absent: the request has no body. */
  body?: Uint8Array;
  /** Not empty, printable. */
  cnonce: string;
  /** 1 for the first request with this nonce, 4,294,967,295 at most. */
  nc: number;
  /** A -sess algorithm keeps the key of its first answer; absent: this is the first. RFC 7616 section 3.4.2. */
  first?: { nonce: string; cnonce: string };
  sha512?: Sha512Form;
}

const MAX_NC = 0xffff_ffff;

/** Reads a Digest challenge. Throws WireError 'digest' when the scheme is another, or realm or nonce is missing. */
export function readDigestChallenge(challenge: SipChallenge): DigestChallenge {
  if (challenge.scheme.toLowerCase() !== 'digest') throw new WireError('digest', 'The challenge is not of Digest');
  const [realm, nonce] = [authParam(challenge, 'realm'), authParam(challenge, 'nonce')];
  if (realm === undefined) throw new WireError('digest', 'The Digest challenge has no realm');
  if (nonce === undefined) throw new WireError('digest', 'The Digest challenge has no nonce');
  const given = (name: string): string | undefined => authParam(challenge, name);
  const [opaque, algorithm, charset] = [given('opaque'), given('algorithm'), given('charset')];
  return {
    realm,
    nonce,
    ...(opaque === undefined ? {} : { opaque }),
    ...(algorithm === undefined ? {} : { algorithm }),
    qop: (given('qop') ?? '')
      .toLowerCase()
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
    nonceState: given('stale')?.toLowerCase() === 'true' ? 'stale' : 'fresh',
    username: given('userhash')?.toLowerCase() === 'true' ? 'hashed' : 'plain',
    ...(charset === undefined ? {} : { charset }),
  };
}

/**
 * The protection to use: 'auth' where it is offered, because a proxy may change a body; else 'auth-int'; null when the server
 * knows none (RFC 2069), undefined when it offers only unknown ones.
 */
function chooseQop(offered: readonly string[]): 'auth' | 'auth-int' | null | undefined {
  if (offered.length === 0) return null;
  return (['auth', 'auth-int'] as const).find((one) => offered.includes(one));
}

/** Whether `answerChallenge` can answer: Digest, with a known algorithm and a known qop. */
export function isAnswerable(challenge: SipChallenge): boolean {
  try {
    const { algorithm, qop } = readDigestChallenge(challenge);
    return digestAlgorithm(algorithm) !== undefined && chooseQop(qop) !== undefined;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/**
 * The challenges to answer: for each realm the first that can be answered, because a server names the algorithm that it
 * likes best first (RFC 8760 section 2.4); realms in the order of the server (RFC 3261 section 22.3).
 */
export function chooseChallenges(challenges: readonly SipChallenge[]): SipChallenge[] {
  const chosen = new Map<string, SipChallenge>();
  for (const challenge of challenges) {
    const realm = authParam(challenge, 'realm') ?? '';
    if (!chosen.has(realm) && isAnswerable(challenge)) chosen.set(realm, challenge);
  }
  return [...chosen.values()];
}

interface Computation {
  input: DigestAnswer;
  read: DigestChallenge;
  algorithm: DigestAlgorithm;
  qop: 'auth' | 'auth-int' | null;
  /** H of the algorithm. */
  hash: (data: string | Uint8Array) => string;
}

function prepare(input: DigestAnswer): Computation {
  const read = readDigestChallenge(input.challenge);
  const [algorithm, qop] = [digestAlgorithm(read.algorithm), chooseQop(read.qop)];
  if (algorithm === undefined) throw new WireError('digest-unsupported', 'The Digest algorithm is not known');
  if (qop === undefined) throw new WireError('digest-unsupported', 'No qop of the Digest challenge is known');
  if (!Number.isInteger(input.nc) || input.nc < 1 || input.nc > MAX_NC)
    throw new WireError('digest', 'The nonce count is not from 1 to 4294967295');
  if (input.cnonce === '') throw new WireError('digest', 'The cnonce is empty');
  return { input, read, algorithm, qop, hash: (data) => digestHash(algorithm, data, input.sha512) };
}

/** RFC 7616 section 4 has names and passwords in normal form C where the server speaks of a charset. */
const normal = ({ charset }: DigestChallenge, text: string): string =>
  charset?.toLowerCase() === 'utf-8' ? text.normalize('NFC') : text;

function accountOf({ input, read }: Computation): string {
  return normal(read, input.credentials.authUser ?? input.credentials.user);
}

const countText = (nc: number): string => nc.toString(16).padStart(8, '0');

/** RFC 7616 section 3.4.1, without qop RFC 2069 section 2.1.2. `method` is empty for the answer of the server. */
function responseOf(computation: Computation, method: string, body: Uint8Array): string {
  const { input, read, algorithm, qop, hash } = computation;
  const secret = hash(`${accountOf(computation)}:${read.realm}:${normal(read, input.credentials.password)}`);
  const first = input.first ?? { nonce: read.nonce, cnonce: input.cnonce };
  const ha1 = algorithm.key === 'session' ? hash(`${secret}:${first.nonce}:${first.cnonce}`) : secret;
  const ha2 = hash(qop === 'auth-int' ? `${method}:${input.uri}:${hash(body)}` : `${method}:${input.uri}`);
  if (qop === null) return hash(`${ha1}:${read.nonce}:${ha2}`);
  return hash(`${ha1}:${read.nonce}:${countText(input.nc)}:${input.cnonce}:${qop}:${ha2}`);
}

/** A parameter exactly as the server wrote it, quoted even where the server forgot the quotes. */
function echoed({ params }: SipChallenge, name: string): string[] {
  const param = params.find((one) => one.name === name);
  if (param === undefined) return [];
  return [`${name}=${param.written.startsWith('"') ? param.written : quote(param.value)}`];
}

/**
 * The value of Authorization (or Proxy-Authorization) that answers a Digest challenge. Throws WireError 'digest' (no Digest,
 * realm, nonce, count or cnonce), 'digest-unsupported' (see `isAnswerable`) and 'injection' (CR, LF or NUL in what was asked
 * for); no message holds a credential. RFC 7616 section 3.4, RFC 3261 section 22.4.
 */
export function answerChallenge(input: DigestAnswer): string {
  const computation = prepare(input);
  const { read, algorithm, qop, hash } = computation;
  const account = accountOf(computation);
  const hashed = read.username === 'hashed';
  const named = hashed ? hash(`${account}:${read.realm}`) : account;
  const response = responseOf(computation, input.method, input.body ?? new Uint8Array(0));
  const parts = [
    `username=${quote(named)}`,
    ...echoed(input.challenge, 'realm'),
    ...echoed(input.challenge, 'nonce'),
    `uri=${quote(input.uri)}`,
    `response="${response}"`,
    // As the server spelt it: some compare the name octet by octet.
    ...(read.algorithm === undefined ? [] : [`algorithm=${isToken(read.algorithm) ? read.algorithm : algorithm.name}`]),
    ...(qop === null && algorithm.key === 'plain' ? [] : [`cnonce=${quote(input.cnonce)}`]),
    ...echoed(input.challenge, 'opaque'),
    ...(qop === null ? [] : [`qop=${qop}`, `nc=${countText(input.nc)}`]),
    ...(hashed ? ['userhash=true'] : []),
  ];
  const value = `Digest ${parts.join(', ')}`;
  if (/[\r\n\0]/.test(value)) throw new WireError('injection', 'The credentials hold CR, LF or NUL');
  return value;
}

/**
 * What the server must prove in `rspauth` of Authentication-Info after it accepted `input`; `body` is that of its response.
 * Throws as `answerChallenge`. RFC 7616 section 3.5.
 */
export function expectedRspauth(input: DigestAnswer, body: Uint8Array): string {
  return responseOf(prepare(input), '', body);
}
