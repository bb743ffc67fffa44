import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { judgeLimbo, readLimbo } from './limbo-harness.ts';

const cases = readLimbo();
const LONGEST_MS = 2000;

// Judged before the tests, so that each case runs once.
const results = new Map(
  cases.map((limbo) => {
    const start = performance.now();
    const got = judgeLimbo(limbo);
    return [limbo.id, { got, ms: performance.now() - start }] as const;
  }),
);

function isDisagreement({ id, expected_result: expected }: (typeof cases)[number]): boolean {
  return (results.get(id)?.got === 'SUCCESS') !== (expected === 'SUCCESS');
}

describe('x509-limbo', () => {
  test('has all its cases', () => {
    expect(cases).toHaveLength(208);
  });

  test('disagrees in the cases that are explained, and in no others', () => {
    const file = new URL('limbo-disagreements.json', import.meta.url);
    // The file is checked in: an object from case to reason.
    const explained = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
    expect(
      cases
        .filter(isDisagreement)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(Object.keys(explained).toSorted());
    expect(Object.values(explained).every((reason) => reason.length > 20)).toBe(true);
  });

  test('comes to an end in every case', () => {
    expect([...results].filter(([, { ms }]) => ms > LONGEST_MS)).toEqual([]);
  });

  test.each([
    ['crl::revoked-certificate-with-crl', 'revoked'],
    ['crl::issuer-missing-crlsign', 'crl'],
    ['cve::cve-2025-61727', 'name-constraint'],
    ['pathlen::intermediate-violates-pathlen-0', 'path-length'],
    ['pathological::nc-dos-1', 'name-constraint'],
    ['pathological::intermediate-cycle-same-logical-ca', 'loop'],
    ['pathological::pathological-chain-same-subject-distinct-key', 'search-limit'],
    ['rfc5280::eku::ee-wrong-eku', 'eku'],
    ['rfc5280::nc::excluded-ipv6-match', 'name-constraint'],
    ['rfc5280::nc::permitted-dn-mismatch', 'name-constraint'],
    ['rfc5280::nc::nc-permits-email-literal-asterisk-rejects-user', 'name-constraint'],
    ['rfc5280::san::malformed', 'malformed-extension'],
    ['rfc5280::san::underscore-dns', 'alternative-name'],
    ['rfc5280::serial::negative', 'serial'],
    ['rfc5280::ski::root-missing-ski', 'key-identifier'],
    ['rfc5280::validity::expired-intermediate', 'expired'],
    ['rfc5280::validity::not-yet-valid-1-second', 'not-yet-valid'],
    ['rfc5280::unknown-critical-extension-root', 'unknown-critical'],
    ['rfc5280::chain-untrusted-root', 'untrusted-root'],
    ['rfc5280::intermediate-ca-without-ca-bit', 'not-a-ca'],
    ['rfc5280::root-inconsistent-ca-extensions', 'key-usage'],
    ['rfc5280::duplicate-extensions', 'duplicate-extension'],
    ['rfc5280::ca-as-leaf-wrong-san', 'name'],
    ['webpki::cryptographydotio-chain-missing-intermediate', 'no-issuer-found'],
    ['webpki::forbidden-weak-rsa-in-leaf', 'weak-key'],
    ['webpki::forbidden-dsa-root', 'key-type'],
    ['webpki::cn::not-in-san', 'common-name'],
  ])('refuses %s by the rule %s', (id, rule) => {
    expect(results.get(id)?.got.split(':')[0]).toBe(rule);
  });
});
