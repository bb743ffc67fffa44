import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tlsFileCommand, type TlsFileOptions } from '../../src/cli/tls-file.ts';
import type { Report } from '../../src/model.ts';
import { HOST, leafKey, makeChain, root } from '../check/tls-observation.ts';
import { makeKey } from '../pki/make-certificate.ts';
import { PKCS12_FILES, PKCS7_FILE } from '../pki/pkcs12-files.ts';
import { assertValidReport } from '../report/valid-report.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
const keyPem = (key: typeof leafKey): string => key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const [leaf = Buffer.of(), issuer = Buffer.of()] = makeChain();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sipdiag-tls-file-'));
  const files: Record<string, string | Buffer> = {
    'chain.pem': pem(leaf) + pem(issuer),
    'shuffled.pem': pem(issuer) + pem(leaf),
    'leaf.der': leaf,
    'root.pem': pem(root),
    'key.pem': keyPem(leafKey),
    'other.pem': keyPem(makeKey('ec')),
    'bag.p12': Buffer.from(PKCS12_FILES.modern, 'base64'),
    'bundle.p7b': Buffer.from(PKCS7_FILE, 'base64'),
    'password.txt': 'gehéim\n',
    'wrong.txt': 'geheim\n',
    'note.txt': 'hello\n',
    'empty.pem': '',
    'broken.der': Buffer.from('3003020101', 'hex'),
    'stub.der': Buffer.from('3005300302010a', 'hex'),
    'policy.reg':
      'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Policies\\Microsoft\\Communicator]\r\n"DisableStrictDNSNaming"=dword:00000001\r\n',
  };
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(at(name), content)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const options = (more: Partial<TlsFileOptions> = {}): TlsFileOptions => ({
  profile: 'auto',
  format: 'json',
  failOn: 'error',
  color: false,
  at: '2026-06-01T00:00:00.000Z',
  ca: [at('root.pem')],
  ...more,
});

/** Runs the command; gives the exit code and the report, which must satisfy the schema. */
async function judged(file: string, more: Partial<TlsFileOptions> = {}): Promise<{ code: number; report: Report }> {
  const output = at(`report-${Math.random().toString(36).slice(2)}.json`);
  const code = await tlsFileCommand(at(file), options({ output, ...more }));
  // What the command wrote is a report once the schema agrees.
  const report = JSON.parse(await readFile(output, 'utf8')) as Report;
  assertValidReport(report);
  return { code, report };
}
/** Information about every file. */
const ALWAYS: readonly string[] = ['cert-name.matrix info', 'tls-server.facts info'];
const idsOf = ({ findings }: Report): string[] =>
  findings.map(({ id, severity }) => `${id} ${severity}`).filter((id) => !ALWAYS.includes(id));

describe('sipdiag tls --file', () => {
  test('finds a good chain with the right name healthy', async () => {
    const { code, report } = await judged('chain.pem', { name: HOST });
    expect(code).toBe(0);
    expect(report.verdict).toMatchObject({ status: 'healthy', summary: expect.stringContaining('is in order') });
    expect(report.rungs.filter(({ status }) => status === 'passed').map(({ rung }) => rung)).toEqual(['certificate']);
    expect(idsOf(report)).toEqual([]);
    const facts = report.findings.find(({ id }) => id === 'tls-server.facts');
    expect(facts?.text).toMatch(/chain\.pem holds "CN=.*; certificates in it: \d\.$/);
  });

  test.each<[string, string, Partial<TlsFileOptions>, number, string[]]>([
    ['without a name judges the rest', 'chain.pem', {}, 0, []],
    ['says that a name is missing', 'chain.pem', { name: 'sip.other.example' }, 1, ['cert-name.mismatch error']],
    ['takes --verify-name for --name', 'chain.pem', { verifyName: 'x.example' }, 1, ['cert-name.mismatch error']],
    ['judges at the time given', 'chain.pem', { at: '2027-02-01T00:00:00.000Z' }, 1, ['cert-dates.expired error']],
    ['trusts nobody without --ca', 'chain.pem', { ca: [] }, 1, ['cert-chain.untrusted-root error']],
    ['finds the server certificate in any order', 'shuffled.pem', { name: HOST }, 0, ['cert-chain.order warning']],
    ['misses the issuer of a lone certificate', 'leaf.der', {}, 1, ['cert-chain.untrusted-root error']],
    ['knows the key', 'chain.pem', { key: 'key.pem' }, 0, []],
    ['knows a key of another certificate', 'chain.pem', { key: 'other.pem' }, 1, ['cert-key.mismatch error']],
    ['judges by the profile', 'leaf.der', { profile: 'lcs2003', ca: [] }, 1, ['cert-chain.untrusted-root error']],
  ])('%s', async (...[, file, more, code, ids]) => {
    const given = await judged(file, more.key === undefined ? more : { ...more, key: at(more.key) });
    expect(idsOf(given.report)).toEqual(ids);
    expect(given.code).toBe(code);
  });

  test('opens PKCS#12 with the password of a file', async () => {
    const { report } = await judged('bag.p12', { passwordFile: at('password.txt'), name: HOST });
    expect(report.observations[0]?.about).toMatchObject({ file: { format: 'PKCS#12', order: 'leaf-first' } });
    expect(idsOf(report)).toContain('cert-chain.self-signed error');
  });

  test('opens PKCS#7', async () => {
    const { report } = await judged('bundle.p7b', { name: HOST });
    expect(report.observations[0]?.about).toMatchObject({ file: { format: 'PKCS#7' } });
  });

  test('takes a policy into account', async () => {
    const { report } = await judged('chain.pem', { name: HOST, profile: 'lync', policy: at('policy.reg') });
    expect(report.observations[0]?.about).toMatchObject({ namePolicy: { strictNaming: 'off' } });
    expect(idsOf(report)).toEqual([]);
  });

  test('never writes the private key or the password into the report', async () => {
    const { report } = await judged('bag.p12', { passwordFile: at('password.txt'), key: at('key.pem') });
    expect(JSON.stringify(report)).not.toMatch(/PRIVATE|gehéim/);
  });

  test.each<[string, string, Partial<TlsFileOptions>, string]>([
    ['a file that is not there', 'absent.pem', {}, 'there is no such file'],
    ['a text', 'note.txt', {}, 'it is neither PEM nor DER; expected certificates as PEM, DER, PKCS#12 or PKCS#7'],
    ['an empty file', 'empty.pem', {}, 'it is empty'],
    ['a private key', 'key.pem', {}, 'it holds a private key and no certificate'],
    ['broken DER', 'stub.der', {}, 'cannot read'],
    ['what is no certificate', 'broken.der', {}, 'cannot read'],
    [
      'a wrong password',
      'bag.p12',
      { passwordFile: 'wrong.txt' },
      'the password does not open it; expected --password-file',
    ],
    ['no password', 'bag.p12', {}, 'it needs a password; expected --password-file FILE'],
    ['a key file that holds no key', 'chain.pem', { key: 'note.txt' }, 'it holds no private key that can be read'],
    ['a policy that is none', 'chain.pem', { policy: 'note.txt' }, 'neither a registry export'],
  ])('refuses %s in one line', async (...[, file, more, words]) => {
    const paths = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, at(String(value))]));
    const refused = tlsFileCommand(at(file), options(paths));
    await expect(refused).rejects.toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(words) }),
    );
    await expect(refused).rejects.toThrow(/^[^\n]*$/);
  });

  test('refuses to ask third parties', async () => {
    const refused = tlsFileCommand(at('chain.pem'), options({ revocation: true }));
    await expect(refused).rejects.toThrow('--file uses no network');
  });
});
