import { describe, expect, test } from 'vitest';
import { productOf, SETTINGS, type Product } from '../../src/check/product-settings.ts';
import { registration } from '../../src/check/registration.ts';
import type { Observation } from '../../src/model.ts';
import { judged, sipSeen } from './server-seen.ts';
import { challenged, credentialed, DIGEST, KERBEROS, kdcSeen, withAnswer } from './sign-in-seen.ts';

const SAYS: Record<Product, string> = {
  kamailio: 'kamailio (5.6.3 (x86_64/linux))',
  asterisk: 'Asterisk PBX 20.5.0',
  lync: 'RTC/6.0',
};

const by = (name: string, seen: Observation[]): Observation[] =>
  seen.map((one) =>
    one.kind === 'sip' && one.outcome.ok
      ? withAnswer(one, { headers: { ...one.outcome.value.headers, server: [name] } })
      : one,
  );

/** A run that raises each finding of the table. */
const RAISED: Record<string, Observation[]> = {
  'domain-not-served': [sipSeen('OPTIONS', '200 OK'), sipSeen('REGISTER', '404 Domain Not Served')],
  'unknown-user': [sipSeen('OPTIONS', '200 OK'), sipSeen('REGISTER', '404 User Not Found')],
  forbidden: [sipSeen('OPTIONS', '200 OK'), sipSeen('REGISTER', '403 Forbidden')],
  'not-challenged': [sipSeen('OPTIONS', '200 OK'), sipSeen('REGISTER', '200 OK')],
  'account-forbidden': [...challenged([DIGEST]), credentialed('403 Forbidden')],
  'interval-too-brief': [
    ...challenged([DIGEST]),
    credentialed('423 Interval Too Brief', {}, { headers: { 'min-expires': ['7200'] } }),
  ],
  'kerberos-trap': [...challenged([KERBEROS]), kdcSeen('account', 'timeout')],
};

const remedyOf = (finding: string, seen: readonly Observation[]): string =>
  judged(registration, [...seen]).findings.find(({ id }) => id === `registration.${finding}`)?.remedy ?? '';

describe('the settings of products', () => {
  test.each(SETTINGS)('$product, $finding: stands in the remedy of a server that says what it is', (row) => {
    const remedy = remedyOf(row.finding, by(SAYS[row.product], RAISED[row.finding] ?? []));
    const setting = row.setting.replace('{domain}', 'example.org').replace('{aor}', 'sip:alice@example.org');
    expect(remedy).toContain(`: ${setting})`);
    expect(row.source).toMatch(/^https:\/\/[\w.]+\//);
    for (const other of SETTINGS.filter(({ product }) => product !== row.product))
      expect(remedy).not.toContain(other.setting);
  });

  test('one product has one setting for a finding', () => {
    const keys = SETTINGS.map(({ finding, product }) => `${finding} ${product}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('a server that does not say what it is gets those of all products, where they are short', () => {
    const remedy = remedyOf('domain-not-served', RAISED['domain-not-served'] ?? []);
    expect(remedy).toContain(
      '(Kamailio: alias="example.org" in kamailio.cfg; Lync, Skype for Business: New-CsSipDomain',
    );
    expect(remedyOf('unknown-user', RAISED['unknown-user'] ?? [])).not.toContain('kamctl');
  });
});

describe('the product', () => {
  const answer = (name: string) => withAnswer(sipSeen('OPTIONS', '200 OK'), { headers: { server: [name] } });

  test.each([
    ['kamailio (5.6.3 (x86_64/linux))', 'kamailio'],
    ['FPBX-16.0.40(18.9.0)', 'asterisk'],
    ['RTC/5.0', 'lync'],
    ['RTC/3.5', undefined],
    ['OpenSIPS (3.4.1)', undefined],
  ])('%s is %s', (name, product) => {
    expect(productOf([answer(name)], 'rfc3263')).toBe(product);
  });

  test('is nothing where servers disagree, and that of the profile where none says a word', () => {
    expect(productOf([answer('kamailio (5.6.3)'), answer('Asterisk PBX 20')], 'rfc3263')).toBeUndefined();
    expect(productOf([sipSeen('OPTIONS', '200 OK')], 'lync')).toBe('lync');
    expect(productOf([sipSeen('OPTIONS', 'timeout')], 'rfc3263')).toBeUndefined();
  });
});
