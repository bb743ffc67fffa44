import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNamePolicy } from '../../src/cli/name-policy.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sipdiag-policy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const exported = (key: string, line: string): string =>
  `Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\${key}]\r\n${line}\r\n`;
const ON = '"DisableStrictDNSNaming"=dword:00000001';

async function read(content: string | Buffer) {
  const file = join(folder, 'client.reg');
  await writeFile(file, content);
  return readNamePolicy(file);
}

describe('readNamePolicy', () => {
  test.each([
    ['Windows Messenger', String.raw`Messenger\Client\{83D4679F-B6D7-11D2-BF36-00C04FB90A03}\_Default`],
    ['Communicator', 'Communicator'],
    ['Lync 2013', String.raw`Office\15.0\Lync`],
    ['Skype for Business 2016', String.raw`Office\16.0\Lync`],
  ])('finds the setting of %s', async (_, key) => {
    const policy = await read(Buffer.from(`\uFEFF${exported(key, ON)}`, 'utf16le'));
    expect(policy.strictNaming).toBe('off');
    expect(policy.setting).toBe(
      `HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\${key}\\DisableStrictDNSNaming = 1`,
    );
  });

  test.each([
    ['a value of 0', exported('Communicator', '"DisableStrictDNSNaming"=dword:00000000')],
    ['another value', exported('Communicator', '"PortRange"=dword:00000001')],
    ['the value under a key that no client reads', exported('Windows', ON)],
  ])('%s leaves strict naming on', async (_, text) => {
    expect((await read(text)).strictNaming).toBe('on');
  });

  test('reads the output of reg query', async () => {
    const text =
      'HKEY_CURRENT_USER\\Software\\Policies\\Microsoft\\Communicator\r\n    DisableStrictDNSNaming    REG_DWORD    0x1\r\n';
    expect((await read(text)).strictNaming).toBe('off');
  });

  test('refuses what is neither in one line', async () => {
    await expect(read('hello')).rejects.toThrow(
      /^cannot read [^\n]*client\.reg: it is neither[^\n]*expected a registry export/,
    );
  });
});
