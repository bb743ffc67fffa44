import { describe, expect, test } from 'vitest';
import { readPortRangePolicy } from '../../src/wire/port-range-policy.ts';

const KEY = String.raw`HKEY_LOCAL_MACHINE\Software\Policies\Microsoft\Windows\RTC\PortRange`;
const EXPORT = `Windows Registry Editor Version 5.00\r\n\r\n[${KEY}]\r\n"MinSipDynamicPort"=dword:00001bbc\r\n"MaxSipDynamicPort"=dword:00001bbf\r\n"MinMediaPort"=dword:000014e6\r\n"MaxMediaPort"=dword:000014e9\r\n`;
const QUERY = `\r\n${KEY}\r\n    MinSipDynamicPort    REG_DWORD    0x1bbc\r\n    MaxSipDynamicPort    REG_DWORD    0x1bbf\r\n`;
const BOTH = { sip: { first: 7100, last: 7103 }, media: { first: 5350, last: 5353 } };

describe('the port range policy', () => {
  test.each([
    ['an export in UTF-16', Buffer.from(`\ufeff${EXPORT}`, 'utf16le'), BOTH],
    ['an export in UTF-8', Buffer.from(EXPORT), BOTH],
    ['the output of reg query', Buffer.from(QUERY), { sip: BOTH.sip }],
    ['an export that says nothing about ports', Buffer.from('REGEDIT4\r\n'), {}],
    ['a range that ends before it begins', Buffer.from(EXPORT.replace('00001bbf', '00001b00')), { media: BOTH.media }],
    ['a port that there is not', Buffer.from(EXPORT.replace('00001bbf', '00011bbf')), { media: BOTH.media }],
    ['values of another key', Buffer.from(EXPORT.replace('PortRange', 'Other')), {}],
  ])('is read from %s', (_name, bytes, expected) => {
    expect(readPortRangePolicy(bytes)).toEqual(expected);
  });

  test('is not read from another kind of file', () => {
    expect(() => readPortRangePolicy(Buffer.from('hello'))).toThrow(/neither a registry export/);
  });
});
