import { describe, expect, test } from 'vitest';
import { planRange, type GivenPorts } from '../../src/probe/port-plan.ts';
import { CLIENT_PORTS } from '../../src/profiles.ts';

const address = '192.0.2.9';
const plan = (use: 'sip' | 'media', profile: string, given: GivenPorts = {}) =>
  planRange(use, { profile, given, address });

describe('the ports that a client would advertise', () => {
  test('are the customary ones where nobody says otherwise', () => {
    expect(plan('sip', 'rfc3263')).toEqual({
      use: 'sip',
      transport: 'tcp',
      address,
      source: 'default',
      ...CLIENT_PORTS.sip,
    });
    expect(plan('media', 'rfc3263')).toMatchObject({ transport: 'udp', first: 5350, last: 5353, source: 'default' });
  });

  test('are those of the profile where it has its own', () => {
    expect(plan('media', 'lync')).toMatchObject({ first: 50_000, needed: 20, source: 'profile', from: 'lync' });
  });

  test('are those that the user names, and the policy file is named along', () => {
    const sip = { first: 6000, last: 6001, source: 'policy' as const, from: 'ports.reg' };
    expect(plan('sip', 'lync', { sip })).toMatchObject({ ...sip, needed: 2 });
    expect(plan('media', 'lync', { media: { first: 6002, last: 6003, source: 'option' } })).toEqual({
      use: 'media',
      transport: 'udp',
      address,
      first: 6002,
      last: 6003,
      needed: 20,
      source: 'option',
    });
  });
});
