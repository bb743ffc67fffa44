import { describe, expect, test } from 'vitest';
import {
  kindOfAddress,
  ownAddresses,
  plainAddress,
  refusalOf,
  sourceKey,
  type AddressPolicy,
} from '../../src/agent/address-policy.ts';

const STRICT: AddressPolicy = { private: 'refused', loopback: 'refused', own: () => ['192.0.2.1', '2001:db8::1'] };

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
    ['169.254.1.1', 'private'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['fe80::1%eth0', 'private'],
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

describe('who may be connected to', () => {
  test.each(['10.0.0.1', '::ffff:10.0.0.1', 'fd00::1', '100.64.0.1', '169.254.1.1', '192.168.7.7'])(
    '%s only where private addresses are allowed',
    (address) => {
      expect(refusalOf(address, STRICT)).toContain('a private address');
      expect(refusalOf(address, { ...STRICT, private: 'allowed' })).toBeUndefined();
    },
  );

  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('%s only by an agent that listens on loopback', (address) => {
    expect(refusalOf(address, { ...STRICT, private: 'allowed' })).toContain('loopback');
    expect(refusalOf(address, { ...STRICT, loopback: 'allowed' })).toBeUndefined();
  });

  test.each(['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1'])('never %s, which is its own', (address) => {
    expect(refusalOf(address, { ...STRICT, private: 'allowed', loopback: 'allowed' })).toContain('of the agent itself');
  });

  test.each(['224.0.0.1', 'ff02::1', '0.0.0.0', '255.255.255.255', ''])('never %j', (address) => {
    expect(refusalOf(address, { private: 'allowed', loopback: 'allowed', own: () => [] })).toBeDefined();
  });

  test('the machine knows its own addresses', () => {
    expect(ownAddresses()).toContain('127.0.0.1');
  });
});

describe('whose limits count', () => {
  test('an IPv6 network of 64 bits is one source, and an IPv4 address is one', () => {
    expect(sourceKey('2001:db8:1:2:3:4:5:6')).toBe(sourceKey('2001:db8:1:2::1'));
    expect(sourceKey('2001:db8:1:3::1')).not.toBe(sourceKey('2001:db8:1:2::1'));
    expect(sourceKey('192.0.2.1')).not.toBe(sourceKey('192.0.2.2'));
  });

  test('a mapped address is the IPv4 address, and not one of a /64 of all IPv4', () => {
    expect(sourceKey('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(plainAddress('::FFFF:192.0.2.1')).toBe('192.0.2.1');
    expect(plainAddress('2001:db8::1')).toBe('2001:db8::1');
  });
});
