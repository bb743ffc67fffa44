import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startDnsServer, type DnsServerOptions } from '../../src/lab/dns-server.ts';
import type { Listener } from '../../src/lab/listener.ts';
import { addressRecord, sipZone, srvRecord } from '../../src/lab/zone.ts';
import { encodeQuery } from '../../src/wire/dns-message.ts';
import type { DnsMessage, QueryType } from '../../src/wire/dns-types.ts';
import { createRealNet } from '../../src/net/real-net.ts';
import { BRIEF, digTcp, digUdp, PATIENT } from './lab-client.ts';

const domain = 'fuzzybunny.local';
const at = { address: '127.0.0.1', port: 0 };
const zone = sipZone(
  domain,
  { udp: { ...at, port: 1 }, tcp: { ...at, port: 2 }, tls: { ...at, port: 3 } },
  'with-address',
);
const running: Listener[] = [];

async function serve(change: Partial<DnsServerOptions> = {}) {
  const listener = await startDnsServer({ zone, at, behaviour: 'healthy', ...change });
  running.push(listener);
  return listener.endpoint;
}

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(running.splice(0).map(async (listener) => listener.stop()));
});

const texts = (message: DnsMessage) => message.answers.map((record) => ('text' in record ? record.text : ''));

describe('the DNS server', () => {
  test.each([
    ['udp', digUdp],
    ['tcp', digTcp],
  ])('answers over %s', async (_via, dig) => {
    const message = await dig(await serve(), [`_SIPS._tcp.${domain}`, 'SRV']);
    expect(message).toMatchObject({ id: 7, qr: true, aa: true, ra: true, rd: true, tc: false, rcode: 0 });
    expect(texts(message)).toEqual(['0 0 3 sip.fuzzybunny.local.']);
    expect(message.questions).toEqual([{ name: `_SIPS._tcp.${domain}`, type: 'SRV', class: 1 }]);
  });

  test.each<[string, QueryType, { rcode: number; soas: number }]>([
    ['nothing.fuzzybunny.local', 'A', { rcode: 3, soas: 1 }],
    ['fuzzybunny.local', 'NAPTR', { rcode: 0, soas: 1 }],
    ['sip.fuzzybunny.local', 16, { rcode: 0, soas: 1 }],
    ['example.com', 'A', { rcode: 3, soas: 0 }],
  ])('says of %s %s: %o', async (name, type, { rcode, soas }) => {
    const message = await digUdp(await serve(), [name, type]);
    expect([message.rcode, message.answers.length, message.authority.length]).toEqual([rcode, 0, soas]);
  });

  test('answers EDNS with EDNS, and without it not', async () => {
    const server = await serve();
    expect((await digUdp(server, [domain, 'SOA', 1232])).edns?.udpSize).toBe(1232);
    expect((await digUdp(server, [domain, 'SOA'])).edns).toBeUndefined();
  });

  test('truncates what does not fit the size that the client takes', async () => {
    const many = Array.from({ length: 12 }, (_, n) => srvRecord('big.test', `host-${n}.fuzzybunny.local`, n + 1));
    const server = await serve({ zone: many });
    expect(await digUdp(server, ['big.test', 'SRV'])).toMatchObject({ tc: true, answers: [] });
    expect((await digUdp(server, ['big.test', 'SRV', 4096])).answers).toHaveLength(12);
    expect((await digTcp(server, ['big.test', 'SRV'])).answers).toHaveLength(12);
  });

  test('serves IPv6 addresses', async () => {
    const server = await serve({ zone: [addressRecord('v6.test', '2001:db8::1')] });
    expect(texts(await digUdp(server, ['v6.test', 'AAAA']))).toEqual(['2001:db8::1']);
  });

  test.each([
    ['servfail', 2],
    ['refused', 5],
  ] as const)('can answer %s everywhere', async (behaviour, rcode) => {
    const server = await serve({ behaviour });
    const both = [await digUdp(server, [domain, 'SOA']), await digTcp(server, [domain, 'SOA'])];
    expect(both.map((message) => [message.rcode, message.answers.length])).toEqual([
      [rcode, 0],
      [rcode, 0],
    ]);
  });

  test('can be silent', async () => {
    const server = await serve({ behaviour: 'silent' });
    await expect(digUdp(server, [domain, 'SOA'], BRIEF)).rejects.toMatchObject({ code: 'timeout' });
    await expect(digTcp(server, [domain, 'SOA'], BRIEF)).rejects.toMatchObject({ code: 'timeout' });
  });

  test('can truncate and answer over TCP', async () => {
    const server = await serve({ behaviour: 'truncated' });
    expect(await digUdp(server, [domain, 'SOA'])).toMatchObject({ tc: true, answers: [] });
    expect((await digTcp(server, [domain, 'SOA'])).answers).toHaveLength(1);
  });

  test('can truncate with a closed TCP port', async () => {
    const server = await serve({ behaviour: 'truncated-no-tcp' });
    expect(await digUdp(server, [domain, 'SOA'])).toMatchObject({ tc: true });
    await expect(digTcp(server, [domain, 'SOA'])).rejects.toMatchObject({ code: 'refused' });
  });

  test('can be slow', async () => {
    const server = await serve({ delayMs: 60 });
    const started = performance.now();
    await digUdp(server, [domain, 'SOA']);
    // A timer may fire a millisecond early.
    expect(performance.now() - started).toBeGreaterThan(55);
  });

  test('forgets the answers that wait when it is stopped', async () => {
    const slow = await startDnsServer({ zone, at, behaviour: 'healthy', delayMs: 60_000 });
    const client = createSocket('udp4');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    client.send(
      encodeQuery({ id: 1, name: domain, type: 'SOA', recursion: 'desired' }),
      slow.endpoint.port,
      at.address,
    );
    while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
    await slow.stop();
    expect(vi.getTimerCount()).toBe(0);
    client.close();
  });

  test.each([
    ['an opcode that it does not know', '0007 2800 0001 0000 0000 0000 00 0001 0001', 4],
    ['a query without a question', '0007 0000 0000 0000 0000 0000', 1],
    ['a question of another class', '0007 0000 0001 0000 0000 0000 00 0001 0003', 5],
  ])('refuses %s', async (_title, hex, rcode) => {
    const server = await serve();
    const socket = await createRealNet().openUdp(server);
    await socket.send(server, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    const [, , , low] = (await socket.receive(PATIENT)).bytes;
    socket.close();
    expect((low ?? 0) & 15).toBe(rcode);
  });

  test('outlives octets that are no DNS, and closes the stream that sent them', async () => {
    const server = await serve();
    const net = createRealNet();
    const socket = await net.openUdp(server);
    await socket.send(server, Buffer.from('hello'));
    socket.close();
    const stream = await net.connect(server, PATIENT);
    await stream.send(Uint8Array.of(0, 1, 65), PATIENT);
    await expect(stream.receive(PATIENT)).rejects.toHaveProperty('code', expect.stringMatching(/closed|reset/));
    stream.close();
    expect((await digUdp(server, [domain, 'SOA'])).rcode).toBe(0);
  });

  test('refuses an address that others could reach', async () => {
    await expect(serve({ at: { address: '0.0.0.0', port: 0 } })).rejects.toMatchObject({ code: 'address' });
  });

  test('says that its port is taken', async () => {
    const taken = await serve();
    await expect(serve({ at: taken })).rejects.toMatchObject({ code: 'in-use' });
  });
});
