import { answerChallenge, expectedRspauth, readDigestChallenge, type DigestAnswer } from './digest.ts';
import { authParam, parseChallenge, type SipChallenge } from './sip-challenge.ts';
import { quote } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** The course of one realm at one server: a plain value, replaced after each step. */
export interface DigestSession {
  /** With the nonce that is in force. */
  challenge: SipChallenge;
  /** Requests that were answered with this nonce. */
  used: number;
  /** Nonce and cnonce of the first answer: the key of -sess algorithms stays theirs. RFC 7616 section 3.4.2. */
  first?: { nonce: string; cnonce: string };
}

/** One answer, without what the session knows. */
export type SessionAnswer = Omit<DigestAnswer, 'challenge' | 'nc' | 'first'>;

/** Authentication-Info or Proxy-Authentication-Info. RFC 7616 section 3.5. */
export interface AuthenticationInfo {
  nextnonce?: string;
  rspauth?: string;
  qop?: string;
  cnonce?: string;
  /** As written, eight hexadecimal digits. */
  nc?: string;
}

/** A session that begins with a challenge. Throws WireError 'digest' when it is none of Digest. */
export function startDigestSession(challenge: SipChallenge): DigestSession {
  readDigestChallenge(challenge);
  return { challenge, used: 0 };
}

/** The next answer, with the nonce counted up, and the session after it. Throws as `answerChallenge`. */
export function answerInSession(
  session: DigestSession,
  answer: SessionAnswer,
): { header: string; input: DigestAnswer; session: DigestSession } {
  const { nonce } = readDigestChallenge(session.challenge);
  const first = session.first ?? { nonce, cnonce: answer.cnonce };
  const input: DigestAnswer = { ...answer, challenge: session.challenge, nc: session.used + 1, first };
  return { header: answerChallenge(input), input, session: { ...session, used: session.used + 1, first } };
}

/** Reads the parameters of Authentication-Info. Throws WireError 'challenge' or 'quoted-string'. */
export function readAuthenticationInfo(value: string): AuthenticationInfo {
  // The same list of parameters as in a challenge, without the scheme in front.
  const read = parseChallenge(`Info ${value}`);
  const names = ['nextnonce', 'rspauth', 'qop', 'cnonce', 'nc'] as const;
  const pairs = names.flatMap((name) => {
    const found = authParam(read, name);
    return found === undefined ? [] : [[name, found] as const];
  });
  return Object.fromEntries(pairs);
}

/** The session after an accepted request: a `nextnonce` replaces the nonce, and its count starts anew. RFC 7616 section 3.5. */
export function takeAuthenticationInfo(session: DigestSession, { nextnonce }: AuthenticationInfo): DigestSession {
  if (nextnonce === undefined) return session;
  const params = session.challenge.params.map((param) =>
    param.name === 'nonce' ? { name: 'nonce', value: nextnonce, written: quote(nextnonce) } : param,
  );
  return { ...session, challenge: { ...session.challenge, params }, used: 0 };
}

/**
 * Whether the server has proved that it knows the password too. 'absent': it did not try, or for another request. `body` is that
 * of the response. Throws as `answerChallenge`.
 */
export function checkRspauth(
  info: AuthenticationInfo,
  input: DigestAnswer,
  body: Uint8Array = new Uint8Array(0),
): 'right' | 'wrong' | 'absent' {
  if (info.rspauth === undefined) return 'absent';
  if (info.cnonce !== undefined && info.cnonce !== input.cnonce) return 'absent';
  return info.rspauth.toLowerCase() === expectedRspauth(input, body) ? 'right' : 'wrong';
}

/**
 * What a further challenge for the same realm says about the answer that was given. 'stale': the nonce was too old, answer the
 * new one with the same password (RFC 7616 section 3.3). 'same-nonce' and 'new-nonce': the credentials were refused; only the first is
 * beyond doubt. 'other-realm': nothing was said about this realm.
 */
export function readRechallenge(
  answered: SipChallenge,
  challenges: readonly SipChallenge[],
): 'stale' | 'same-nonce' | 'new-nonce' | 'other-realm' {
  const before = readDigestChallenge(answered);
  const after = challenges.flatMap((one) => {
    try {
      return [readDigestChallenge(one)];
    } catch (error) {
      if (error instanceof WireError) return [];
      throw error;
    }
  });
  const mine = after.filter(({ realm }) => realm === before.realm);
  if (mine.length === 0) return 'other-realm';
  if (mine.some(({ nonceState }) => nonceState === 'stale')) return 'stale';
  return mine.some(({ nonce }) => nonce === before.nonce) ? 'same-nonce' : 'new-nonce';
}
