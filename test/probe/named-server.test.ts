import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/model.ts';
import { namedServers } from '../../src/probe/named-server.ts';
import type { Endpoint } from '../../src/world.ts';

const PIN: Endpoint = { address: '192.0.2.99', port: 5061 };
const base: Target = { input: 'x', scheme: 'sip', transports: [], profile: 'auto' };

async function serversFor(
  server: { host: string; port?: number },
  { target = {}, pinned = [] }: { target?: Partial<Target>; pinned?: [string, Endpoint][] } = {},
) {
  const asked: string[] = [];
  const found = await namedServers({
    target: { ...base, ...target },
    server,
    pinned: new Map(pinned),
    lookUp: (host) => {
      asked.push(host);
      return Promise.resolve({ observations: [], addresses: ['192.0.2.7', '2001:db8::7'] });
    },
  });
  return { asked, servers: found.servers };
}

const ways = ({ servers }: Awaited<ReturnType<typeof serversFor>>): string[] =>
  servers.map(({ transport, port, published }) => `${transport} ${port}${published ? ' promised' : ''}`);

describe('the ways to a server that the user named', () => {
  test.each<[string, [{ host: string; port?: number }, Partial<Target>], string[]]>([
    ['no port: the usual ports, tried by custom', [{ host: 'h' }, {}], ['udp 5060', 'tcp 5060', 'tls 5061']],
    ['5060: no TLS', [{ host: 'h', port: 5060 }, {}], ['udp 5060', 'tcp 5060']],
    ['5061: TLS only', [{ host: 'h', port: 5061 }, {}], ['tls 5061 promised']],
    ['443: TLS only', [{ host: 'h', port: 443 }, {}], ['tls 443 promised']],
    ['another port: all three', [{ host: 'h', port: 5080 }, {}], ['udp 5080', 'tcp 5080', 'tls 5080']],
    ['a transport is a promise', [{ host: 'h', port: 5061 }, { transports: ['tcp'] }], ['tcp 5061 promised']],
    ['two transports', [{ host: 'h' }, { transports: ['udp', 'tls'] }], ['udp 5060 promised', 'tls 5061 promised']],
    ['sips: TLS only', [{ host: 'h' }, { scheme: 'sips' }], ['tls 5061 promised']],
    ['sips on another port', [{ host: 'h', port: 5070 }, { scheme: 'sips' }], ['tls 5070 promised']],
    ['sips on 5060 is still TLS', [{ host: 'h', port: 5060 }, { scheme: 'sips' }], ['tls 5060 promised']],
  ])('%s', async (_what, [server, target], expected) => {
    expect(ways(await serversFor(server, { target }))).toEqual(expected);
  });

  test('tried by custom they stand in for one another; promised each stands alone', async () => {
    const custom = await serversFor({ host: 'h' });
    expect(new Set(custom.servers.map(({ set }) => set))).toEqual(new Set(['h']));
    const promised = await serversFor({ host: 'h' }, { target: { transports: ['udp', 'tcp'] } });
    expect(promised.servers.map(({ set }) => set)).toEqual(['udp h:5060', 'tcp h:5060']);
  });
});

describe('its addresses', () => {
  test('come from one look-up of its name', async () => {
    const { asked, servers } = await serversFor({ host: 'sip.example.org' });
    expect(asked).toEqual(['sip.example.org']);
    expect(servers.map(({ addresses }) => addresses.join())).toEqual(Array(3).fill('192.0.2.7,2001:db8::7'));
    expect(servers[0]?.via).toBe('given by the user');
  });

  test.each(['192.0.2.1', '2001:db8::1'])('%s needs no look-up', async (host) => {
    const { asked, servers } = await serversFor({ host });
    expect(asked).toEqual([]);
    expect(servers[0]?.addresses).toEqual([host]);
  });

  test('are what was pinned, and a name with every port pinned is not looked up', async () => {
    const { asked, servers } = await serversFor({ host: 'h', port: 5061 }, { pinned: [['h:5061', PIN]] });
    expect(asked).toEqual([]);
    expect(servers[0]).toMatchObject({ addresses: ['192.0.2.99'], via: 'pinned with --resolve' });
  });

  test('are looked up for the ports that were not pinned', async () => {
    const { asked, servers } = await serversFor({ host: 'h' }, { pinned: [['h:5061', PIN]] });
    expect(asked).toEqual(['h']);
    expect(servers.map(({ addresses }) => addresses[0])).toEqual(['192.0.2.7', '192.0.2.7', '192.0.2.99']);
  });
});
