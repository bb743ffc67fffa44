import { describe, expect, test } from 'vitest';
import { createRealWorld } from '../../src/net/real-world.ts';
import { receiveHttp } from '../../src/probe/http-answer.ts';
import { drip, flood, says, startHostile, type StreamBehaviour } from '../hostile/hostile-server.ts';

const STEP_MS = 300;
const HEAD = 'HTTP/1.1 200 OK\r\n';

async function receiveFrom(behaviour: StreamBehaviour): Promise<unknown> {
  const server = await startHostile(behaviour);
  const world = createRealWorld();
  const stream = await world.net.connect(server.endpoint, { timeoutMs: 5000 });
  try {
    return await receiveHttp({ world, startedAt: world.now(), timeoutMs: STEP_MS }, stream, 65_536);
  } catch (error) {
    return error;
  } finally {
    stream.close();
    await server.abandoned();
  }
}

describe('an HTTP server', () => {
  test.each<[string, string, StreamBehaviour]>([
    ['never answers', 'timeout', says('')],
    ['sends an octet at a time', 'timeout', drip(Buffer.from(`${HEAD}X: ${'a'.repeat(5000)}`))],
    ['never ends its body', 'too-large', flood(Buffer.from(`${HEAD}\r\n`), Buffer.alloc(1000))],
    ['never ends its headers', 'too-large', flood(Buffer.from(HEAD), Buffer.from('X: y\r\n'))],
    [
      'sends endless small chunks',
      'too-large',
      flood(Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`), Buffer.from('1\r\nx\r\n')),
    ],
    ['speaks SMTP', 'syntax', says('220 mail.example ESMTP\r\n')],
  ])('that %s ends the step with %s', async (_name, code, behaviour) => {
    expect(await receiveFrom(behaviour)).toMatchObject({ code });
  });
});
