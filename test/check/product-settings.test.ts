import { describe, expect, test } from 'vitest';
import { certChain } from '../../src/check/cert-chain.ts';
import { certDates } from '../../src/check/cert-dates.ts';
import { certName } from '../../src/check/cert-name.ts';
import { callbackRange } from '../../src/check/callback-range.ts';
import type { Check } from '../../src/check/define-check.ts';
import { mediaRange } from '../../src/check/media-range.ts';
import { SETTINGS, type Product } from '../../src/check/product-setting-rows.ts';
import { productOf } from '../../src/check/product-settings.ts';
import { registration } from '../../src/check/registration.ts';
import { srvRecords } from '../../src/check/srv-records.ts';
import { srvTarget } from '../../src/check/srv-target.ts';
import { tcpReach } from '../../src/check/tcp-reach.ts';
import { tlsService } from '../../src/check/tls-service.ts';
import type { Observation } from '../../src/model.ts';
import { altNames } from '../pki/make-certificate.ts';
import { DOMAIN as D } from '../probe/zone-answers.ts';
import { listening, rangeSeen } from './far-side-seen.ts';
import { attemptOn, discovered, judged, sipSeen, tcpSeen } from './server-seen.ts';
import { challenged, credentialed, DIGEST, KERBEROS, kdcSeen, withAnswer } from './sign-in-seen.ts';
import { caIssuers, healthyExtensions, makeChain, observed, seen as tlsSeen } from './tls-observation.ts';
import { sceneOf } from './zone-findings.ts';

const SAYS: Record<Product, string> = {
  kamailio: 'kamailio (5.6.3 (x86_64/linux))',
  asterisk: 'Asterisk PBX 20.5.0',
  mediant: 'Mediant VE SBC/v.7.20A.256.399',
  cube: 'Cisco-SIPGateway/IOS-17.12.4',
  lync: 'RTC/6.0',
  ocs: 'RTC/3.5',
  lcs: 'RTC/2.0',
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
  'account-unknown': [...challenged([DIGEST]), credentialed('404 Not Found')],
  'credentials-rejected': [...challenged([DIGEST]), credentialed('401 Unauthorized')],
  'challenge-loop': [...challenged([DIGEST]), credentialed('401 Unauthorized', {}, { refusal: 'endless' })],
  'sign-in-refused': [...challenged([DIGEST]), credentialed('503 Service Unavailable')],
  'kerberos-trap': [...challenged([KERBEROS]), kdcSeen('account', 'timeout')],
};

const CHECKS: readonly Check[] = [
  registration,
  tcpReach,
  tlsService,
  certName,
  certDates,
  certChain,
  srvTarget,
  srvRecords,
  callbackRange,
  mediaRange,
];

const remedyOf = (finding: string, seen: readonly Observation[]): string => {
  const check = CHECKS.find(({ id }) => finding.startsWith(`${id}.`));
  return (check && judged(check, [...seen]).findings.find(({ id }) => id === finding)?.remedy) ?? '';
};

const PROFILES: Record<Product, string> = {
  kamailio: 'rfc3263',
  asterisk: 'rfc3263',
  mediant: 'rfc3263',
  cube: 'rfc3263',
  lync: 'lync',
  ocs: 'communicator2007',
  lcs: 'lcs2003',
};

const CLIENT = {
  communicator2007: '_sipinternaltls._tcp',
  lcs2003: '_sip._tls',
  lync: '_sip._tls',
  rfc3263: '_sips._tcp',
};

const answer = (name: string) => withAnswer(sipSeen('OPTIONS', '200 OK'), { headers: { server: [name] } });

/** A run in which the clients are known by their profile, or a server says what it is. */
function raisedFor(finding: string, product: Product): Observation[] {
  const profile = PROFILES[product];
  const name = Object.entries(CLIENT).find(([one]) => one === profile)?.[1] ?? '';
  const tls = attemptOn('tls');
  const scene: Record<string, () => Observation[]> = {
    'tcp-reach.refused': () => [tcpSeen('refused', tls), discovered([], profile)],
    'tls-service.plaintext': () => [
      {
        ...tlsSeen({ about: { profile } }),
        outcome: {
          ok: false,
          reason: 'not-tls',
          detail: '',
          ms: 1,
          received: Buffer.from('SIP/2.0 400 Bad\r\n').toString('base64'),
        },
      },
    ],
    'cert-name.mismatch': () => [
      tlsSeen({ extensions: [altNames(['dns', 'a.b.example'])], leaf: { subject: 'a.b.example' }, about: { profile } }),
    ],
    'cert-dates.expired': () => [tlsSeen({ leaf: { notAfter: '2026-02-01T00:00:00Z' }, about: { profile } })],
    'cert-chain.intermediate-missing': () => [
      observed(makeChain({ extensions: [...healthyExtensions(), caIssuers] }).slice(0, 1), { about: { profile } }),
    ],
    'srv-target.foreign-domain': () =>
      sceneOf(`${name}.${D} SRV 0 0 5061 a.pool.${D}.\na.pool.${D} A 192.0.2.1`, { target: { profile } }),
    'srv-records.absent': () => sceneOf(`${D} A 192.0.2.1`, { target: { profile } }),
    'callback-range.too-small': () => [rangeSeen(listening(7100, 7100), { use: 'sip' }), discovered([], profile)],
    'media-range.too-small': () => [rangeSeen(listening(5350, 5350), { use: 'media' }), discovered([], profile)],
  };
  const said = profile === 'rfc3263' ? [answer(SAYS[product])] : [];
  return [...(scene[finding]?.() ?? []), ...said];
}

describe('the settings of products', () => {
  test.each(SETTINGS)('$product, $finding: stands in the remedy of a server that says what it is', (row) => {
    const { finding, product } = row;
    const told = RAISED[finding.replace('registration.', '')];
    const remedy = remedyOf(finding, told === undefined ? raisedFor(finding, product) : by(SAYS[product], told));
    const setting = row.setting
      .replace('{domain}', 'example.org')
      .replace('{aor}', 'sip:alice@example.org')
      .replace('{port}', '5061');
    expect(remedy).toContain(`: ${setting})`);
    expect(row.source).toMatch(/^https:\/\/[\w.]+\//);
    for (const other of SETTINGS.filter((one) => one.product !== product && !row.setting.includes(one.setting)))
      expect(remedy).not.toContain(other.setting);
  });

  test('of the clients is a matter of clients of Microsoft alone', () => {
    expect(remedyOf('cert-name.mismatch', raisedFor('cert-name.mismatch', 'kamailio'))).not.toContain('DNSNaming');
  });

  test('for one contact too many is named for the status that it is answered with', () => {
    const refused = (status: `${number} ${string}`) =>
      by(SAYS.kamailio, [...challenged([DIGEST]), credentialed(status)]);
    const remedies = (['503 Service Unavailable', '500 Server Error'] as const).map((status) =>
      remedyOf('registration.sign-in-refused', refused(status)).includes('max_contacts'),
    );
    expect(remedies).toEqual([true, false]);
  });

  test('one product has one setting for a finding', () => {
    const keys = SETTINGS.map(({ finding, product }) => `${finding} ${product}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('a server that does not say what it is gets those of all products, where they are short', () => {
    const remedy = remedyOf('registration.domain-not-served', RAISED['domain-not-served'] ?? []);
    expect(remedy).toContain(
      '(Kamailio: alias="example.org" in kamailio.cfg; Lync, Skype for Business: New-CsSipDomain',
    );
    expect(remedyOf('registration.unknown-user', RAISED['unknown-user'] ?? [])).not.toContain('kamctl');
  });
});

describe('the product', () => {
  test.each([
    ['kamailio (5.6.3 (x86_64/linux))', 'kamailio'],
    ['FPBX-16.0.40(18.9.0)', 'asterisk'],
    ['Mediant VE SBC/v.7.20A.256.399', 'mediant'],
    ['Audiocodes-Sip-Gateway-Mediant 3000/v.6.20A.046.005', 'mediant'],
    ['Cisco-SIPGateway/IOS-17.12.4', 'cube'],
    ['RTC/5.0', 'lync'],
    ['RTC/3.5', 'ocs'],
    ['RTC/2.0', 'lcs'],
    ['RTC/8.0', undefined],
    ['OpenSIPS (3.4.1)', undefined],
  ])('%s is %s', (name, product) => {
    expect(productOf([answer(name)], 'rfc3263')).toBe(product);
  });

  test('is nothing where servers disagree, and that of the profile where none says a word', () => {
    expect(productOf([answer('kamailio (5.6.3)'), answer('Asterisk PBX 20')], 'rfc3263')).toBeUndefined();
    expect(productOf([sipSeen('OPTIONS', '200 OK')], 'lync')).toBe('lync');
    expect(productOf([sipSeen('OPTIONS', '200 OK')], 'phone-edition')).toBe('ocs');
    expect(productOf([sipSeen('OPTIONS', 'timeout')], 'rfc3263')).toBeUndefined();
  });
});
