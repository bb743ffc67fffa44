import { afterEach, expect, test } from 'vitest';
import { startDnsServer } from '../../src/lab/dns-server.ts';
import type { Listener } from '../../src/lab/listener.ts';
import { discoverRelays } from '../../src/probe/discover-relays.ts';
import { plainResolver, probeContext } from './scripted-dns.ts';
import { DOMAIN as D, parseZone } from './zone-answers.ts';

const listeners: Listener[] = [];

afterEach(async () => {
  await Promise.all(listeners.splice(0).map((one) => one.stop()));
});

async function relaysOf(zone: string) {
  const at = { address: '127.0.0.1', port: 0 };
  const listener = await startDnsServer({ zone: parseZone(zone), at, behaviour: 'healthy' });
  listeners.push(listener);
  const plan = { domain: D, resolvers: [plainResolver(listener.endpoint)] };
  const { relays, observations } = await discoverRelays(probeContext(), plan);
  const shown = relays.map(({ kind, transport, label, server }) => `${kind} ${transport} ${label} ${server.address}`);
  return { shown, asked: observations.filter(({ about }) => about.type === 'SRV').map(({ about }) => about.name) };
}

test('all four services are asked for, and each is in the order of RFC 2782', async () => {
  const { shown, asked } = await relaysOf(
    [
      `_stun._udp.${D} 60 SRV 10 0 3478 second.${D}.`,
      `_stun._udp.${D} 60 SRV 5 0 3479 first.${D}.`,
      `_turn._udp.${D} 60 SRV 0 0 3478 first.${D}.`,
      `_turn._tcp.${D} 60 SRV 0 0 443 first.${D}.`,
      `_turns._tcp.${D} 60 SRV 0 0 5349 second.${D}.`,
      `first.${D} 60 A 192.0.2.1`,
      `first.${D} 60 AAAA 2001:db8::1`,
      `second.${D} 60 A 192.0.2.2`,
    ].join('\n'),
  );
  expect(asked).toEqual([`_stun._udp.${D}`, `_turn._udp.${D}`, `_turn._tcp.${D}`, `_turns._tcp.${D}`]);
  expect(shown).toEqual([
    `stun udp first.${D}:3479 2001:db8::1`,
    `stun udp first.${D}:3479 192.0.2.1`,
    `stun udp second.${D}:3478 192.0.2.2`,
    `turn udp first.${D}:3478 2001:db8::1`,
    `turn udp first.${D}:3478 192.0.2.1`,
    `turn tcp first.${D}:443 2001:db8::1`,
    `turn tcp first.${D}:443 192.0.2.1`,
    `turn tls second.${D}:5349 192.0.2.2`,
  ]);
});

test('a domain that publishes none has none', async () => {
  expect((await relaysOf(`sip.${D} 60 A 192.0.2.1`)).shown).toEqual([]);
});

test('a service that is said not to be there, and a target without address, are none', async () => {
  const zone = `_stun._udp.${D} 60 SRV 0 0 3478 .\n_turn._udp.${D} 60 SRV 0 0 3478 gone.${D}.`;
  expect((await relaysOf(zone)).shown).toEqual([]);
});

test('of fifty servers of one service the first eight are given', async () => {
  const zone = Array.from(
    { length: 50 },
    (_, at) => `_stun._udp.${D} 60 SRV ${at} 0 3478 t${at}.${D}.\nt${at}.${D} 60 A 192.0.2.${at + 1}`,
  );
  const { shown } = await relaysOf(zone.join('\n'));
  expect(shown).toHaveLength(8);
  expect(shown[0]).toBe(`stun udp t0.${D}:3478 192.0.2.1`);
});
