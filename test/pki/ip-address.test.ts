import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../src/pki/ip-address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::', '::'],
  ['::1', '::1'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8::192.0.2.1', '2001:db8::c000:201'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
])('%s is read and written as %s', (text, canonical) => {
  expect(formatAddress(parseAddress(text) ?? new Uint8Array())).toBe(canonical);
});

test.each([
  '',
  '1.2.3',
  '01.2.3.4',
  '256.1.1.1',
  '1.2.3.4.5',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  ':1',
  '12345::',
  '1.2.3.4::',
  'fe80::1%eth0',
  '[::1]',
  'a:::b',
])('%j is not an address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});
