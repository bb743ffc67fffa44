import { expect, test } from 'vitest';
import { createRealWorld } from '../../src/net/real-world.ts';
import { probeRoutes } from '../../src/probe/route.ts';
import type { Server } from '../../src/model/dns.ts';

const server = (host: string, ...addresses: string[]): Server => ({
  transport: 'tls',
  host,
  port: 5061,
  addresses,
  published: true,
  set: '_sips._tcp.a.example',
  via: '_sips._tcp.a.example SRV',
});

const world = createRealWorld();
const context = { world, startedAt: world.now(), timeoutMs: 3_000, signal: undefined };

test('a way is looked for to each host with IPv6 alone, once, and nothing is sent', async () => {
  const routes = await probeRoutes(context, [
    server('six.a.example', '::1'),
    server('six.a.example', '::1'),
    server('both.a.example', '::1', '127.0.0.1'),
    server('four.a.example', '127.0.0.1'),
    server('none.a.example'),
  ]);
  expect(routes.map(({ about }) => about.host)).toEqual(['six.a.example']);
  // Some machines have no IPv6 at all, not even for themselves.
  const ends = routes.map(({ outcome }) => (outcome.ok ? outcome.value.local : outcome.reason));
  expect(ends[0]).toMatch(/^(::1|no-network)$/);
});
