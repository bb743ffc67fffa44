import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { csrCommand, type CsrOptions, type KeyType } from '../../src/cli/csr.ts';

let folder = '';
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sipdiag-csr-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** New files for every run: a key is never overwritten. */
function options(more: Partial<CsrOptions>): CsrOptions & { key: string; output: string } {
  count += 1;
  const file = (name: string): string => join(folder, `${count}-${name}`);
  return {
    profile: 'rfc3263',
    keyType: 'p256',
    quiet: true,
    key: file('key.pem'),
    output: file('request.pem'),
    ...more,
  };
}

const openssl = (...args: string[]): string =>
  execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();

/** What OpenSSL reads in the request, after it has verified the signature. */
async function requested(more: Partial<CsrOptions>): Promise<string> {
  const given = options(more);
  expect(await csrCommand(given)).toBe(0);
  return openssl('req', '-verify', '-noout', '-text', '-in', given.output);
}
const namesIn = (text: string): string => /Alternative Name: ?\n\s+(.*)/.exec(text)?.[1] ?? '';
const subjectIn = (text: string): string => /Subject: (.*)/.exec(text)?.[1] ?? '';

describe('sipdiag csr', () => {
  test.each<[KeyType, string]>([
    ['rsa2048', 'Public-Key: (2048 bit)'],
    ['rsa3072', 'Public-Key: (3072 bit)'],
    ['p256', 'NIST CURVE: P-256'],
    ['p384', 'NIST CURVE: P-384'],
  ])('%s: OpenSSL verifies the request', async (keyType, words) => {
    const text = await requested({ keyType, name: ['sip.example.com'] });
    expect(text).toContain(words);
    expect(text).toContain('TLS Web Server Authentication, TLS Web Client Authentication');
  });

  test.each<[string, Partial<CsrOptions>, string, string]>([
    [
      'a SIP server names its domain as host and as URI',
      { name: ['pbx.example.com'], sipDomain: ['example.com'] },
      'CN = pbx.example.com',
      'DNS:pbx.example.com, DNS:sip.example.com, DNS:example.com, URI:sip:example.com',
    ],
    [
      'a pool names itself, its members and sip.<domain>',
      {
        profile: 'lync',
        keyType: 'rsa2048',
        pool: 'pool.contoso.com',
        member: ['fe1.contoso.com'],
        sipDomain: ['contoso.com', 'fabrikam.com'],
      },
      'CN = pool.contoso.com',
      'DNS:pool.contoso.com, DNS:fe1.contoso.com, DNS:sip.contoso.com, DNS:sip.fabrikam.com',
    ],
    [
      'an edge server is sip.<domain>',
      { profile: 'federation', keyType: 'rsa2048', sipDomain: ['contoso.com'] },
      'CN = sip.contoso.com',
      'DNS:sip.contoso.com',
    ],
    [
      'LCS 2003 has one name',
      { profile: 'lcs2003', keyType: 'rsa2048', name: ['lcs.contoso.com'] },
      'CN = lcs.contoso.com',
      'DNS:lcs.contoso.com',
    ],
    [
      'an address is an address',
      { name: ['sbc.example.com', '192.0.2.1'] },
      'CN = sbc.example.com',
      'DNS:sbc.example.com, IP Address:192.0.2.1',
    ],
    [
      'an international name is sent in its ASCII form',
      { name: ['sip.bücher.example'] },
      'CN = sip.xn--bcher-kva.example',
      'DNS:sip.xn--bcher-kva.example',
    ],
  ])('%s', async (...[, more, subject, names]) => {
    const text = await requested(more);
    expect(subjectIn(text)).toBe(subject);
    expect(namesIn(text)).toBe(names);
  });

  test('the key belongs to the request and is readable by its owner alone', async () => {
    const given = options({ name: ['sip.example.com'] });
    await csrCommand(given);
    expect((await stat(given.key)).mode & 0o777).toBe(0o600);
    const ofKey = openssl('pkey', '-pubout', '-in', given.key);
    expect(openssl('req', '-pubkey', '-noout', '-in', given.output)).toBe(ofKey);
  });

  test('no key is left behind where the request has no place', async () => {
    const given = options({ name: ['sip.example.com'] });
    await expect(csrCommand({ ...given, output: join(folder, 'no-folder', 'a.csr') })).rejects.toThrow(
      'does not exist',
    );
    await expect(csrCommand({ ...given, output: given.key })).rejects.toThrow('cannot hold the key and the request');
    await expect(stat(given.key)).rejects.toThrow('ENOENT');
  });

  test('a key is never overwritten', async () => {
    const given = options({ name: ['sip.example.com'] });
    await csrCommand(given);
    const before = await readFile(given.key, 'utf8');
    await expect(csrCommand({ ...given, output: `${given.output}.2` })).rejects.toThrow(
      'exists already, and a key is never overwritten',
    );
    expect(await readFile(given.key, 'utf8')).toBe(before);
    await expect(stat(`${given.output}.2`)).rejects.toThrow('ENOENT');
  });

  test.each<[string, Partial<CsrOptions>, string]>([
    ['no name', {}, 'no name was given'],
    ['what is no host name', { name: ['a b'] }, "'a b' is not a host name"],
    ['two names for LCS 2003', { profile: 'lcs2003', keyType: 'rsa2048', name: ['a.b', 'c.d'] }, 'reads one name'],
    ['an EC key for LCS 2003', { profile: 'lcs2003', name: ['a.b'] }, '--key-type p256 does not fit'],
    [
      'a tenant name for Direct Routing',
      { profile: 'teams-direct-routing', name: ['a.onmicrosoft.com'] },
      'takes no names under onmicrosoft.com',
    ],
    [
      'a common name that is too long',
      { name: [`${'a'.repeat(60)}.example.com`] },
      'expected at most 64 characters first',
    ],
  ])('refuses %s', async (_, more, words) => {
    await expect(csrCommand(options(more))).rejects.toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(words) }),
    );
  });
});
