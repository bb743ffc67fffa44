import { describe, expect, test } from 'vitest';
import { judge } from '../../src/judge.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import { PROFILES } from '../../src/profiles.ts';
import { altNames, extendedKeyUsage, keyUsage, makeKey } from '../pki/make-certificate.ts';
import { CLIENT_AUTH, DOMAIN, HOST, idsOf, seen, SERVER_AUTH, type Wish } from './tls-observation.ts';

const target = { input: HOST, scheme: 'sip' as const, transports: [], profile: 'auto' };
/** Findings about the certificate that are more than information. */
const complaints = (one: TlsObservation): string[] =>
  idsOf(judge([one], target).findings.filter(({ rung, severity }) => rung === 'certificate' && severity !== 'info'));

const quarter = { notBefore: '2026-05-01T00:00:00Z', notAfter: '2026-07-29T00:00:00Z' };
const modern = (...names: string[]): Wish => ({
  root: 'public',
  leaf: quarter,
  extensions: [
    altNames(...names.map((name): ['dns', string] => ['dns', name])),
    extendedKeyUsage(SERVER_AUTH),
    keyUsage(0x80),
  ],
});

describe('a healthy server of today is not complained about', () => {
  test.each<[string, Wish]>([
    ['a public certificate of 90 days for the host', modern(HOST)],
    ['a public certificate for host and domain', modern(HOST, DOMAIN)],
    ['a public certificate for the domain and all hosts in it', modern(DOMAIN, `*.${DOMAIN}`)],
    ['a public RSA certificate', { ...modern(HOST), leaf: { ...quarter, key: makeKey('rsa') } }],
    ['a private certificate with both usages', {}],
  ])('%s', (_, wish) => {
    expect(complaints(seen(wish))).toEqual([]);
  });

  test.each(PROFILES.map(({ name }) => name))('with both usages and every name, in the profile %s', (profile) => {
    const extensions = [
      altNames(['dns', HOST], ['dns', DOMAIN]),
      extendedKeyUsage(SERVER_AUTH, CLIENT_AUTH),
      keyUsage(0x80),
    ];
    expect(complaints(seen({ extensions, about: { profile } }))).toEqual([]);
  });
});
