import type { KdcObservation, SipObservation, SipSeen, WithheldObservation } from '../../src/model/sip.ts';
import { attemptOn, sipSeen } from './server-seen.ts';

type Fate = Parameters<typeof sipSeen>[1];

export const INSTANCE = 'urn:uuid:6e6f6e63-6500-4000-8000-000000000001';
export const CONTACT = 'sip:alice@192.0.2.9:40000;transport=tcp';

/** An answered observation with more in its answer. */
export function withAnswer(one: SipObservation, change: Partial<SipSeen>): SipObservation {
  const { outcome } = one;
  return outcome.ok ? { ...one, outcome: { ...outcome, value: { ...outcome.value, ...change } } } : one;
}

/** A REGISTER with credentials, or the one that takes its Contact back. */
export function credentialed(
  fate: Fate,
  { step = 'sign-in', ...change }: Partial<SipObservation['about']> = {},
  answer: Partial<SipSeen> = {},
): SipObservation {
  const one = sipSeen('REGISTER', fate, attemptOn('tcp'));
  const about = { ...one.about, step, account: 'alice', contact: CONTACT, instance: INSTANCE, ...change };
  return withAnswer({ ...one, about }, answer);
}

/** OPTIONS and a challenged REGISTER, with these challenges. */
export function challenged(challenges: readonly string[]): SipObservation[] {
  const headers = { 'www-authenticate': [...challenges] };
  return [sipSeen('OPTIONS', '200 OK'), withAnswer(sipSeen('REGISTER', '401 Unauthorized'), { headers })];
}

export const DIGEST = 'Digest realm="example.org", nonce="abc", qop="auth"';
export const NTLM = 'NTLM realm="SIP Communications Service", targetname="lcs.example.org", version=4';
export const KERBEROS = 'Kerberos realm="SIP Communications Service", targetname="sip/lcs.example.org", version=4';

export function kdcSeen(given: 'account' | 'address', reached: 'open' | 'timeout'): KdcObservation {
  const centres = [{ host: 'dc1.example.org', port: 88, address: '192.0.2.88', reached }];
  return {
    kind: 'kdc',
    subject: 'Kerberos of example.org',
    at: 20,
    about: { realm: 'example.org', account: 'alice@example.org', given },
    outcome: { ok: true, ms: 3, value: { centres, detail: '' } },
  };
}

export function withheldSeen(why: 'unverified' | 'refused-before' | 'no-scheme'): WithheldObservation {
  const about = { ...attemptOn('tls'), aor: 'sip:alice@example.org', account: 'alice' };
  return {
    kind: 'withheld',
    subject: 'tls',
    at: 9,
    about,
    outcome: { ok: true, ms: 0, value: { why, detail: `it is ${why}` } },
  };
}
