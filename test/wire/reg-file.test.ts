import { describe, expect, test } from 'vitest';
import { findRegistryValue, readRegistryFile } from '../../src/wire/reg-file.ts';

const KEY = String.raw`HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Communicator`;
const EXPORT = [
  'Windows Registry Editor Version 5.00',
  '',
  `[${KEY}]`,
  '"DisableStrictDNSNaming"=dword:00000001',
  String.raw`"Path"="C:\\Program Files\\\"X\" Y"`,
  '@="standard"',
  '"Long"=hex:01,02,\\',
  '  03,04',
  '"Quad"=hex(b):10,27,00,00,00,00,00,00',
  '"Gone"=-',
  '',
  String.raw`[-HKEY_LOCAL_MACHINE\SOFTWARE\Removed]`,
  '"Stray"=dword:00000001',
  '',
].join('\r\n');

const utf16le = (text: string): Uint8Array => Buffer.from(`\uFEFF${text}`, 'utf16le');
const ENCODINGS: [string, Uint8Array][] = [
  ['UTF-16LE with a mark', utf16le(EXPORT)],
  ['UTF-16BE with a mark', Buffer.from(utf16le(EXPORT)).swap16()],
  ['UTF-16LE without a mark', Buffer.from(EXPORT, 'utf16le')],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${EXPORT}`)],
  ['UTF-8', Buffer.from(EXPORT)],
  ['UTF-8 with line feeds alone', Buffer.from(EXPORT.replaceAll('\r\n', '\n'))],
];

describe('readRegistryFile', () => {
  test.each(ENCODINGS)('reads an export in %s', (_, bytes) => {
    expect(readRegistryFile(bytes)).toEqual([
      { key: KEY, name: 'DisableStrictDNSNaming', data: 1 },
      { key: KEY, name: 'Path', data: String.raw`C:\Program Files\"X" Y` },
      { key: KEY, name: '', data: 'standard' },
      { key: KEY, name: 'Long', data: 'hex:01,02,03,04' },
      { key: KEY, name: 'Quad', data: 10_000 },
    ]);
  });

  test('reads the short hive names and the header of Windows 98', () => {
    const values = readRegistryFile(Buffer.from('REGEDIT4\n\n[HKCU\\Software\\X]\n"A"=dword:1f\n'));
    expect(values).toEqual([{ key: String.raw`HKEY_CURRENT_USER\Software\X`, name: 'A', data: 31 }]);
  });

  test('reads what reg query prints', () => {
    const text = `\r\n${KEY}\r\n    (Default)    REG_SZ    x y\r\n    DisableStrictDNSNaming    REG_DWORD    0x1\r\n    Empty    REG_SZ    \r\n\r\n`;
    expect(readRegistryFile(Buffer.from(text))).toEqual([
      { key: KEY, name: '', data: 'x y' },
      { key: KEY, name: 'DisableStrictDNSNaming', data: 1 },
      { key: KEY, name: 'Empty', data: '' },
    ]);
  });

  test.each([
    ['an empty file', ''],
    ['a text of another kind', 'hello\n[HKEY_LOCAL_MACHINE]\n'],
    ['octets of no text', '\u0000\u0001\u0002'],
  ])('refuses %s', (_, text) => {
    expect(() => readRegistryFile(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'format' }));
  });

  test('refuses a file that is too large', () => {
    expect(() => readRegistryFile(new Uint8Array(16_777_217))).toThrow(expect.objectContaining({ code: 'too-large' }));
  });

  test('refuses more values than any policy has', () => {
    const text = `REGEDIT4\n[HKCU\\X]\n${'"A"=dword:1\n'.repeat(100_001)}`;
    expect(() => readRegistryFile(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'too-many' }));
  });

  test('reads a long run of blanks in a time that grows with its length', () => {
    const line = ' '.repeat(1_000_000);
    expect(readRegistryFile(Buffer.from(`REGEDIT4\n[HKCU\\X]\n"A"=${line}x\n`))).toHaveLength(1);
    expect(readRegistryFile(Buffer.from(`HKEY_CURRENT_USER\\X\n    A${line}x\n`))).toEqual([]);
  });

  test('survives a cut at every place', () => {
    const bytes = Buffer.from(EXPORT);
    const head = 'Windows Registry Editor Version 5.00'.length;
    for (let end = head; end < bytes.length; end++)
      expect(readRegistryFile(bytes.subarray(0, end)).length).toBeLessThan(7);
  });
});

test('findRegistryValue compares names as Windows does', () => {
  const values = readRegistryFile(Buffer.from(EXPORT));
  expect(findRegistryValue(values, 'disablestrictdnsnaming', /\\Communicator$/i)?.data).toBe(1);
  expect(findRegistryValue(values, 'DisableStrictDNSNaming', /\\Messenger/i)).toBeUndefined();
});
