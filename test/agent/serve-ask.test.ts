import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createAgentLog } from '../../src/agent/agent-log.ts';
import type { Desk } from '../../src/agent/desk.ts';
import { createGuests } from '../../src/agent/guests.ts';
import { createRates } from '../../src/agent/rates.ts';
import { serveAsk } from '../../src/agent/serve-ask.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { parseAnswer, parseAsk } from '../../src/wire/agent-messages.ts';
import { formatLine } from '../../src/wire/agent-protocol.ts';
import { askFor } from './loopback-agent.ts';

function emptyDesk(): Desk {
  const rate = createRates({ burst: 1, perMinute: 1 }, 1);
  return {
    world: createRealWorld(),
    token: undefined,
    ports: undefined,
    addresses: { private: 'allowed', loopback: 'refused', own: () => [] },
    software: 'sipdiag/test',
    perSource: rate,
    together: rate,
    mostServed: 1,
    guests: createGuests({ all: 1, perSource: 1, askMs: 1000, serveMs: 1000, leaveMs: 1000 }),
    mirror: undefined,
    log: createAgentLog(
      () => undefined,
      () => 0,
    ),
    onServed: () => undefined,
  };
}

test('a guest on the same link is told its address without the zone, which means nothing but to the agent', async () => {
  const stream = new PassThrough();
  const guest = {
    socket: new Socket(),
    stream,
    address: 'fe80::7%eth0',
    port: 50_112,
    source: 'x',
    phase: 'served' as const,
    until: 0,
  };
  const ask = parseAsk(Buffer.from(formatLine(askFor({ ports: [] }))).toString());
  await serveAsk(emptyDesk(), guest, ask);
  const [line = ''] = String(stream.read()).split('\n');
  expect(parseAnswer(line)).toMatchObject({ type: 'accepted', address: 'fe80::7', port: 50_112 });
});
