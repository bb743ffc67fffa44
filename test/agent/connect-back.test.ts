import { describe, expect, test } from 'vitest';
import { callBack, type CallPlan } from '../../src/agent/connect-back.ts';
import { NetError } from '../../src/net/net-error.ts';
import type { ByteStream, DatagramSocket, Endpoint, NetReason } from '../../src/world.ts';
import { NONCE } from './loopback-agent.ts';

const ADDRESS = '192.0.2.7';
const octets = Buffer.from(NONCE, 'hex');
const asked = { port: 7100, nonce: NONCE };

interface Fake {
  net: CallPlan['net'];
  to: Endpoint[];
  sent: Uint8Array[];
  closed: number;
}

/** A network in which the far end sends these pieces, and then nothing more. */
function fakeNet(pieces: readonly { bytes: Uint8Array; from?: Endpoint }[], end: NetReason = 'timeout'): Fake {
  const queue = [...pieces];
  const fake: Fake = { to: [], sent: [], closed: 0, net: { connect: open, openUdp: open } };
  function open(to: Endpoint): Promise<ByteStream & DatagramSocket> {
    fake.to.push(to);
    const both = {
      local: { address: '192.0.2.1', port: 40_000 },
      remote: to,
      send: (...given: unknown[]) =>
        Promise.resolve(void fake.sent.push(...given.filter((one) => one instanceof Uint8Array))),
      receive: () => {
        const next = queue.shift();
        if (next === undefined) return Promise.reject(new NetError(end, end));
        // A stream hands over octets, a datagram socket a datagram: this one is asked as either.
        return Promise.resolve(Object.assign(new Uint8Array(next.bytes), { bytes: next.bytes, from: next.from ?? to }));
      },
      close: () => void (fake.closed += 1),
    };
    return Promise.resolve(both as unknown as ByteStream & DatagramSocket); // the one object plays both parts
  }
  return fake;
}

const failing = (code: NetReason): CallPlan['net'] => ({
  connect: () => Promise.reject(new NetError(code, 'no')),
  openUdp: () => Promise.reject(new NetError(code, 'no')),
});

const plan = (net: CallPlan['net'], transport: 'tcp' | 'udp'): CallPlan => ({
  net,
  address: ADDRESS,
  asked: { ...asked, transport },
  wait: { timeoutMs: 50 },
});

describe.each(['tcp', 'udp'] as const)('one %s port', (transport) => {
  test('is open when the nonce comes back', async () => {
    const fake = fakeNet([{ bytes: octets }]);
    expect((await callBack(plan(fake.net, transport))).result).toBe('open-and-echoed');
    expect(fake.to).toEqual([{ address: ADDRESS, port: 7100 }]);
    expect(fake.closed).toBe(1);
  });

  test('is sent the nonce, and nothing else', async () => {
    const fake = fakeNet([{ bytes: octets }]);
    await callBack(plan(fake.net, transport));
    expect(fake.sent.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([NONCE]);
  });

  test('belongs to another service when something else comes back', async () => {
    const fake = fakeNet([{ bytes: Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian') }]);
    expect((await callBack(plan(fake.net, transport))).result).toBe('open-no-echo');
    expect(fake.closed).toBe(1);
  });

  test.each([
    ['refused', 'refused'],
    ['timeout', 'timeout'],
    ['unreachable', 'unreachable'],
    ['no-network', 'unreachable'],
  ] as const)('gives %s as %s', async (code, result) => {
    expect((await callBack(plan(failing(code), transport))).result).toBe(result);
  });

  test('says nothing of the remote in its detail', async () => {
    const fake = fakeNet([{ bytes: Buffer.from('\u001b[31m secret banner of sixteen') }]);
    expect((await callBack(plan(fake.net, transport))).detail).not.toContain('secret');
  });
});

describe('over TCP', () => {
  test('the nonce may come back in pieces', async () => {
    const fake = fakeNet([{ bytes: octets.subarray(0, 3) }, { bytes: octets.subarray(3) }]);
    expect((await callBack(plan(fake.net, 'tcp'))).result).toBe('open-and-echoed');
  });

  test.each(['timeout', 'closed', 'reset'] as const)('an open port that ends in %s has not echoed', async (end) => {
    const fake = fakeNet([], end);
    expect((await callBack(plan(fake.net, 'tcp'))).result).toBe('open-no-echo');
    expect(fake.closed).toBe(1);
  });
});

describe('over UDP', () => {
  test('silence is a time-out', async () => {
    expect((await callBack(plan(fakeNet([]).net, 'udp'))).result).toBe('timeout');
  });

  test('an echo from anywhere else does not count', async () => {
    const fake = fakeNet([
      { bytes: octets, from: { address: '192.0.2.66', port: 7100 } },
      { bytes: octets, from: { address: ADDRESS, port: 7101 } },
    ]);
    expect((await callBack(plan(fake.net, 'udp'))).result).toBe('timeout');
  });
});
