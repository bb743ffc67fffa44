import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBind } from './real/bind.ts';
import { createAuthority, daysFromNow, issue, type Authority } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { freePort, freePorts, loopbackAddress } from './real/ports.ts';
import { processesNaming } from './real/processes.ts';
import { describeWith, fateOf, whatIsMissing } from './real/requirements.ts';
import { run } from './real/run-command.ts';
import { APEX, a, aaaa, cname, naptr, ns, srv } from './real/zone-records.ts';

const DOMAIN = 'fuzzybunny.local';
describe('a requirement', () => {
  test.each([
    [[], 'not-ci', 'run'],
    [[], 'ci', 'run'],
    [['kamailio: not installed'], 'not-ci', 'leave-out'],
    [['kamailio: not installed'], 'ci', 'fail'],
  ] as const)('with %j missing and %s lets the group %s', (missing, place, fate) => {
    expect(fateOf([...missing], place)).toBe(fate);
  });

  test('names the programs that are missing', () => {
    expect(whatIsMissing('openssl', '/nonexistent')).toContain('not installed: openssl');
  });
});

describe('ports', () => {
  test('are as many as asked for and all different', async () => {
    const ports = await freePorts(loopbackAddress(0), 20);
    expect(new Set(ports).size).toBe(20);
    expect(await freePort(loopbackAddress(0))).toBeGreaterThan(1023);
  });

  test('lie on addresses that differ and are loopback', () => {
    const addresses = Array.from({ length: 15 }, (_, index) => loopbackAddress(index));
    expect(new Set(addresses).size).toBe(15);
    expect(addresses.every((address) => address.startsWith('127.'))).toBe(true);
    expect(() => loopbackAddress(15)).toThrow(RangeError);
  });
});

describeWith(['openssl'], 'the test authority', () => {
  const keep = stopAfterAll();
  let folder: string;
  let root: Authority;
  let intermediate: Authority;
  beforeAll(async () => {
    folder = keep(temporaryFolder('certificates')).path;
    root = await createAuthority(folder, { name: 'root', key: 'rsa-2048' });
    intermediate = await createAuthority(folder, { name: 'intermediate', issuer: root, pathLength: 0 });
  });

  test('issues a leaf that openssl verifies through the intermediate', async () => {
    const leaf = await issue({ issuer: intermediate, name: 'leaf', dns: ['sip.example.org'] });
    const chain = ['-untrusted', intermediate.certFile, leaf.certFile];
    const { stdout } = await run(['openssl', 'verify', '-x509_strict', '-CAfile', root.certFile, ...chain]);
    expect(stdout).toContain('OK');
    expect(leaf.chainPem).toBe(leaf.certPem + intermediate.certPem);
  });

  test('sets names of every kind, usages and both dates', async () => {
    const leaf = await issue({
      issuer: root,
      name: 'named',
      dns: ['a.example'],
      ip: ['192.0.2.1', '2001:db8::1'],
      uri: ['sip:example.org'],
      eku: ['clientAuth'],
      notBefore: new Date('1999-01-02T03:04:05Z'),
      notAfter: new Date('2061-01-01T00:00:00Z'),
    });
    const seen = new X509Certificate(leaf.certPem);
    const address = 'IP Address:2001:DB8:0:0:0:0:0:1';
    expect(seen.subjectAltName).toBe(`DNS:a.example, IP Address:192.0.2.1, ${address}, URI:sip:example.org`);
    expect([seen.validFrom, seen.validTo]).toEqual(['Jan  2 03:04:05 1999 GMT', 'Jan  1 00:00:00 2061 GMT']);
    expect(seen.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  test('makes weak keys, weak signatures, version 1, expired and self-signed certificates', async () => {
    const weak = await issue({ issuer: root, name: 'weak', key: 'rsa-1024', digest: 'md5', version: 1 });
    const expired = await issue({
      issuer: root,
      name: 'expired',
      notBefore: daysFromNow(-9),
      notAfter: daysFromNow(-2),
    });
    const own = await issue(
      { issuer: 'self', name: 'own', key: 'ed25519', subject: '/emailAddress=a@b.example' },
      folder,
    );
    const text = (await run(['openssl', 'x509', '-noout', '-text', '-in', weak.certFile])).stdout;
    expect(text).toMatch(/Version: 1[^]*md5WithRSAEncryption[^]*1024 bit/);
    expect(Date.parse(new X509Certificate(expired.certPem).validTo)).toBeLessThan(Date.now());
    expect(new X509Certificate(own.certPem).issuer).toBe(new X509Certificate(own.certPem).subject);
    expect(own.certPem).toBe(own.chainPem);
  });
});

describeWith(['bind'], 'a real BIND', () => {
  const keep = stopAfterAll();
  const records = [
    naptr(APEX, { order: 10, preference: 20, service: 'SIPS+D2T', replacement: '_sips._tcp' }),
    srv('_sips._tcp', { port: 5061, target: 'sip', priority: 1, weight: 2 }),
    a('sip', '192.0.2.7'),
    aaaa('sip', '2001:db8::7'),
    cname('alias', 'sip'),
    ns('child', 'sip'),
  ].join('\n');
  const dig = async (bind: { address: string; port: number }, question: string[]) =>
    (await run(['dig', `@${bind.address}`, '-p', `${bind.port}`, '+tries=1', '+time=2', ...question])).stdout;

  test('answers for its zones, refuses others and remembers what it was asked', async () => {
    const bind = keep(await startBind({ address: loopbackAddress(5), port: 53, zones: { [DOMAIN]: records } }));
    expect(await dig(bind.endpoint, ['+short', '_sips._tcp.fuzzybunny.local', 'SRV'])).toBe(
      `1 2 5061 sip.${DOMAIN}.\n`,
    );
    expect(await dig(bind.endpoint, ['+short', DOMAIN, 'NAPTR'])).toBe(
      `10 20 "s" "SIPS+D2T" "" _sips._tcp.${DOMAIN}.\n`,
    );
    expect(await dig(bind.endpoint, ['+tcp', '+short', `sip.${DOMAIN}`, 'AAAA'])).toBe('2001:db8::7\n');
    expect(await dig(bind.endpoint, ['elsewhere.example', 'A'])).toContain('status: REFUSED');
    expect(bind.queries()).toContain(`_sips._tcp.${DOMAIN} SRV`);
  });

  test('disagrees with another one about the same zone, each on an address of its own', async () => {
    const inside = { address: loopbackAddress(6), port: 53, zones: { [DOMAIN]: a('sip', '10.0.0.1') } };
    const outside = { address: loopbackAddress(7), port: 53, zones: { [DOMAIN]: a('sip', '192.0.2.1') } };
    const both = (await Promise.all([startBind(inside), startBind(outside)])).map(keep);
    const answers = both.map(({ endpoint }) => dig(endpoint, ['+short', `sip.${DOMAIN}`]));
    expect(await Promise.all(answers)).toEqual(['10.0.0.1\n', '192.0.2.1\n']);
  });

  test('serves UDP alone when told so, with the options that were asked for', async () => {
    const asked = { options: { 'minimal-responses': 'yes' }, behaviours: ['notcp' as const] };
    const bind = keep(
      await startBind({ address: loopbackAddress(8), port: 53, zones: { [DOMAIN]: records }, ...asked }),
    );
    expect(await dig(bind.endpoint, ['_sips._tcp.fuzzybunny.local', 'SRV'])).toContain('ADDITIONAL: 1\n');
    expect(await dig(bind.endpoint, ['+tcp', `sip.${DOMAIN}`])).toContain('connection refused');
  });

  test('refuses a broken zone, or serves it as SERVFAIL when that is wanted, and is gone after its end', async () => {
    const broken = { address: loopbackAddress(9), port: 53, zones: { [DOMAIN]: 'sip A not-an-address' } };
    await expect(startBind(broken)).rejects.toThrow(/bad dotted quad/);
    const bind = await startBind({ ...broken, brokenZones: 'servfail' });
    expect(await dig(bind.endpoint, [`sip.${DOMAIN}`])).toContain('status: SERVFAIL');
    await bind.stop();
    await bind.stop();
    expect(processesNaming(bind.folder)).toEqual([]);
    expect((await run(['ip', 'address', 'show', 'lo'])).stdout).not.toContain(bind.endpoint.address);
  });
});

describe('a temporary folder', () => {
  test('is removed with what it holds', async () => {
    const folder = temporaryFolder('harness');
    mkdirSync(join(folder.path, 'inner'));
    await folder.stop();
    expect(existsSync(folder.path)).toBe(false);
  });
});
