import { createSocket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import { askResolver } from '../../src/probe/ask-dns.ts';
import {
  addressRecord,
  answerAll,
  ask,
  nameOf,
  plainResolver,
  probeContext,
  reply,
  servingScripts,
  type Script,
} from './scripted-dns.ts';

const serve = servingScripts();

describe('strays', () => {
  const wrongId: Script = (query) => [
    reply({ ...query, id: query.id ^ 1 }, [addressRecord(nameOf(query), '192.0.2.66')]),
  ];
  const otherQuestion: Script = (query) => {
    const questions = [{ name: 'evil.example', type: 'A' as const, class: 1 }];
    return [reply({ ...query, questions }, [addressRecord('evil.example', '192.0.2.66')])];
  };
  const notAnAnswer: Script = (query) => {
    const bytes = reply(query, []);
    bytes[2] = (bytes[2] ?? 0) & 0x7f;
    return [bytes];
  };
  const scraps: Script = () => [new Uint8Array(), Uint8Array.of(1), new Uint8Array(5)];

  test.each<[string, Script]>([
    ['with another id', wrongId],
    ['to another question', otherQuestion],
    ['that are queries', notAnAnswer],
    ['of too few octets', scraps],
  ])('%s do not end a question', async (_what, stray) => {
    const server = await serve((query, about) => [...stray(query, about), ...answerAll(query, about)]);
    const [seen] = await askResolver(probeContext(), plainResolver(server.endpoint), ask('a.example'));
    expect(seen?.outcome).toMatchObject({ ok: true, value: { records: [{ address: '192.0.2.1' }], tries: 1 } });
  });

  test('from another source do not end a question', async () => {
    const forger = createSocket('udp4');
    const world = probeContext().world;
    let local = 0;
    const openUdp: typeof world.net.openUdp = async (towards) => {
      const socket = await world.net.openUdp(towards);
      local = socket.local.port;
      return socket;
    };
    const server = await serve((query) => {
      const forged = reply(query, [addressRecord(nameOf(query), '192.0.2.66')]);
      forger.send(forged, local, '127.0.0.1', () => server.sendNow(reply(query, [addressRecord(nameOf(query))])));
      return [];
    });
    const context = probeContext({ world: { ...world, net: { ...world.net, openUdp } } });
    const [seen] = await askResolver(context, plainResolver(server.endpoint), ask('a.example'));
    forger.close();
    expect(seen?.outcome).toMatchObject({ ok: true, value: { records: [{ address: '192.0.2.1' }] } });
  });
});
