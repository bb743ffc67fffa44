import { describe, expect, test } from 'vitest';
import { isInside, kindOfAddress } from '../../src/pki/address-kind.ts';

describe('what an address is', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['2001:db8::7', 'public'],
    ['10.1.2.3', 'private'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.127.255.255', 'private'],
    ['169.254.1.1', 'link-local'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['fe80::1%eth0', 'link-local'],
    ['febf::1', 'link-local'],
    ['fec0::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.0.9', 'loopback'],
    ['::1', 'loopback'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['ff02::1', 'multicast'],
    ['0.0.0.0', 'unusable'],
    ['255.255.255.255', 'unusable'],
    ['240.0.0.1', 'unusable'],
    ['::', 'unusable'],
    ['', 'unusable'],
    ['example.com', 'unusable'],
    ['127.1', 'unusable'],
  ])('%s is %s', (address, kind) => {
    expect(kindOfAddress(address)).toBe(kind);
  });

  test.each([
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:a00:1', 'private'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::e000:1', 'multicast'],
    ['2002:7f00:1::', 'loopback'],
    ['2002:c0a8:1::1', 'private'],
    ['::ffff:8.8.8.8', 'public'],
  ])('%s is %s, as the IPv4 address that it holds', (address, kind) => {
    expect(kindOfAddress(address)).toBe(kind);
  });
});

test.each([
  ['10.1.2.3', true],
  ['169.254.1.1', true],
  ['fd00::1', true],
  ['fe80::1', true],
  ['8.8.8.8', false],
  ['127.0.0.1', false],
  ['::1', false],
  ['0.0.0.0', false],
  ['', false],
])("%s leads into somebody's network: %s", (address, expected) => {
  expect(isInside(address)).toBe(expected);
});
