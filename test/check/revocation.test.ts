import { describe, expect, test } from 'vitest';
import { revocation } from '../../src/check/revocation.ts';
import type { Reason } from '../../src/model.ts';
import type { RevocationObservation, RevocationSeen } from '../../src/model/tls.ts';
import { idsOf, judged } from './server-seen.ts';

const URL_ASKED = 'http://ocsp.example.org/';

function asked(outcome: RevocationObservation['outcome']): RevocationObservation {
  const about = { method: 'ocsp' as const, url: URL_ASKED, certificate: 'CN=sip.example.org', serial: '01' };
  return {
    kind: 'revocation',
    subject: `OCSP ${URL_ASKED}`,
    at: 0,
    about: { ...about, host: 'sip.example.org' },
    outcome,
  };
}

const failing = (reason: Reason, detail: string) => asked({ ok: false, reason, detail, ms: 5 });
const answering = (status: RevocationSeen['status'], detail: string) =>
  asked({ ok: true, ms: 5, value: { httpStatus: 200, octets: 5, status, detail } });

describe('revocation', () => {
  test('tells a responder that is not reached from one in whose place something else answers', () => {
    const refused = judged(revocation, [failing('refused', 'connect to 192.0.2.5:80: ECONNREFUSED')]).findings;
    expect(idsOf(refused)).toEqual(['revocation.unreachable warning']);
    expect(refused[0]?.text).toContain(
      'cannot be reached from here (192.0.2.5:80 refuses the connection, ECONNREFUSED)',
    );
    expect(refused[0]?.remedy).toContain(`Let the clients reach ${URL_ASKED} through firewall and proxy`);
    const garbled = judged(revocation, [failing('malformed', 'the answer is not HTTP')]).findings;
    expect(idsOf(garbled)).toEqual(['revocation.unreachable warning']);
    expect(garbled[0]?.text).toContain(`What answers at ${URL_ASKED} is no OCSP responder`);
    expect(garbled[0]?.text).not.toContain('cannot be reached');
    expect(garbled[0]?.remedy).toContain('answers in place of the CA');
  });

  test.each([
    ['revoked', 'the responder says revoked', 'is revoked, says the OCSP responder http://ocsp.example.org/.'],
    [
      'revoked',
      'list of 2026-01-01',
      'is revoked, says the OCSP responder http://ocsp.example.org/ (list of 2026-01-01).',
    ],
    ['unusable', 'the responder says unknown', 'the state of "CN=sip.example.org" is unknown to it.'],
    ['unusable', 'HTTP status 404', 'the state of "CN=sip.example.org" stays unknown: HTTP status 404.'],
  ] as const)('says once what it says: %s, %s', (status, detail, words) => {
    expect(judged(revocation, [answering(status, detail)]).findings[0]?.text).toContain(words);
  });
});
