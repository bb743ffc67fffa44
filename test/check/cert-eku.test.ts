import { describe, expect, test } from 'vitest';
import { certEku } from '../../src/check/cert-eku.ts';
import { altNames, extendedKeyUsage, keyUsage, makeKey, type TestExtension } from '../pki/make-certificate.ts';
import {
  askCheck,
  CLIENT_AUTH,
  failed,
  HOST,
  idsOf,
  leafKey,
  seen,
  SERVER_AUTH,
  standIn,
  type Wish,
} from './tls-observation.ts';

const ANY = '2.5.29.37.0';
const SIP_DOMAIN = '1.3.6.1.5.5.7.3.20';
const names = altNames(['dns', HOST]);
const uses = (...list: string[]): TestExtension[] => [names, extendedKeyUsage(...list), keyUsage(0x80)];
const ask = (wish: Wish) => askCheck(certEku, [seen(wish)]);
const ids = (wish: Wish): string[] => idsOf(ask(wish).findings);
const profile = (name: string) => ({ about: { profile: name } });

describe('the purposes of the server certificate', () => {
  test('both usages, issued privately, give no finding', () => {
    expect(ask({})).toEqual({ findings: [], status: 'passed' });
  });

  test('without serverAuth no client accepts it', () => {
    const { findings } = ask({ extensions: uses(CLIENT_AUTH) });
    expect(idsOf(findings)).toEqual(['cert-eku.server-auth-missing error']);
    expect(findings[0]?.text).toContain('is for clientAuth and not for TLS servers');
    expect(findings[0]?.evidence).toMatchObject({
      usages: ['clientAuth'],
      roles: { server: 'refused', mutual: 'refused' },
    });
  });

  test('another server of the set that has serverAuth makes it a warning', () => {
    const { findings } = askCheck(certEku, [seen({ extensions: uses(CLIENT_AUTH) }), standIn()]);
    expect(idsOf(findings)).toEqual(['cert-eku.server-auth-missing warning']);
  });

  test('an issuer that is limited to other purposes counts like the server certificate', () => {
    const wish = { issuer: { extensions: [extendedKeyUsage(CLIENT_AUTH)] } };
    const { findings } = ask(wish);
    expect(idsOf(findings)).toContain('cert-eku.server-auth-missing error');
    expect(findings[0]?.text).toContain('The CA certificate "CN=Test issuer"');
  });

  test.each<[string, TestExtension[], string]>([
    ['anyExtendedKeyUsage', uses(ANY), 'cert-eku.any info'],
    ['no extended key usage', [names, keyUsage(0x80)], 'cert-eku.absent info'],
    ['id-kp-sipDomain beside the others', uses(SERVER_AUTH, CLIENT_AUTH, SIP_DOMAIN), 'cert-eku.sip-domain info'],
  ])('%s is worth knowing', (_, extensions, id) => {
    expect(ids({ extensions })).toEqual([id]);
  });

  test('id-kp-sipDomain alone does not make a TLS server', () => {
    expect(ids({ extensions: uses(SIP_DOMAIN) })).toContain('cert-eku.server-auth-missing error');
  });

  test('no certificate was seen: nothing is said', () => {
    expect(askCheck(certEku, [failed()])).toEqual({ findings: [], status: 'inconclusive' });
  });
});

describe('the client role', () => {
  const serverOnly = uses(SERVER_AUTH);

  test.each([
    ['rfc3263', 'info'],
    ['lync', 'info'],
    ['teams-direct-routing', 'info'],
    ['lcs2003', 'error'],
    ['federation', 'error'],
  ])('in the profile %s a missing clientAuth is %s', (name, severity) => {
    const { findings } = ask({ extensions: serverOnly, ...profile(name) });
    expect(idsOf(findings)).toEqual([`cert-eku.client-auth-missing ${severity}`]);
    expect(findings[0]?.evidence).toMatchObject({ roles: { server: 'allowed', client: 'refused', mutual: 'refused' } });
  });

  test('Microsoft asks an SBC for Server Authentication alone, and does so of its own proxies', () => {
    const { findings } = ask({ extensions: serverOnly, root: 'public', ...profile('teams-direct-routing') });
    expect(findings[0]?.text).toContain('Teams Direct Routing asks for Server Authentication alone');
    expect(findings[0]?.remedy).toContain('Nothing to mend in the certificate');
    const about = { profile: 'teams-direct-routing', peer: 'client' as const };
    expect(idsOf(ask({ extensions: serverOnly, about }).findings)).toEqual(['cert-eku.client-auth-missing info']);
    const held = ask({ root: 'public', ...profile('teams-direct-routing') }).findings;
    expect(held.find(({ id }) => id.endsWith('sunset'))?.text).toContain('Teams Direct Routing takes those too');
  });

  test('the remedy of a public certificate is not to ask the same CA again', () => {
    const { findings } = ask({ extensions: serverOnly, root: 'public', ...profile('federation') });
    expect(findings[0]?.remedy).toContain('private CA');
  });
});

describe('the end of clientAuth in public certificates', () => {
  test('a public certificate that still holds it is told what its successor will lack', () => {
    const { findings } = ask({ root: 'public' });
    expect(idsOf(findings)).toEqual(['cert-eku.client-auth-sunset info']);
    expect(findings[0]?.text).toContain('Chrome Root Program, from 2027-03-15 on');
    expect(findings[0]?.evidence).toMatchObject({ listDate: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) });
  });

  test('the words follow the time of the judgement', () => {
    const { findings } = ask({ root: 'public', about: { judgeAt: '2030-01-01T00:00:00.000Z' } });
    expect(findings.find(({ id }) => id.endsWith('sunset'))?.text).toContain('since 2027-03-15');
  });

  test('a private certificate is not concerned', () => {
    expect(ids({ root: 'private' })).toEqual([]);
  });
});

describe('the key usage of the server certificate', () => {
  const withUsage = (bits: number): TestExtension[] => [
    names,
    extendedKeyUsage(SERVER_AUTH, CLIENT_AUTH),
    keyUsage(bits),
  ];

  test('a key that may not sign or exchange keys is no key for TLS', () => {
    const { findings } = ask({ extensions: withUsage(0x02) });
    expect(idsOf(findings)).toEqual(['cert-eku.key-usage error']);
    expect(findings[0]?.text).toContain('cRLSign');
  });

  test('an RSA key for key encipherment alone works with old suites only', () => {
    const key = makeKey('rsa');
    expect(ids({ extensions: withUsage(0x20), leaf: { key } })).toEqual(['cert-eku.key-exchange-only warning']);
    expect(leafKey.publicKey.asymmetricKeyType).toBe('ec');
  });

  test('one cause is told once: the chain check says nothing about it', () => {
    const { findings } = askCheck({ ...certEku, id: 'cert-chain' }, [seen({ extensions: withUsage(0x02) })]);
    expect(findings).toEqual([]);
  });
});
