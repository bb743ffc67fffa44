import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { longTermKey, addIntegrity } from '../../src/wire/stun-integrity.ts';
import { attributeValue, parseStun, type StunMessage } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE as A, STUN_METHOD } from '../../src/wire/stun-registry.ts';
import { createStunFramer, isChannelData } from '../../src/wire/stun-stream.ts';
import { numberAttribute, numberOf, xorAddressAttribute } from '../../src/wire/stun-values.ts';
import { startDeaf } from './deaf-listener.ts';
import { certificates } from './hostile-identity.ts';
import { silent, startHostile, startHostileUdp } from './hostile-server.ts';
import { interrupt, type Due } from './interrupted-command.ts';
import { challenged, mapped, success } from './stun-servers.ts';

const ADDRESS = '127.0.0.1';
const [USER, PASSWORD] = ['alice', 'clementine'];
/** Nobody else has these ports. */
const PORTS = ['--ports', '28400-28401', '--media-ports', '28402-28403'];

let lab: Lab;
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-relay-'));
const passwordFile = join(folder, 'password');
beforeAll(async () => {
  lab = await startLab();
  writeFileSync(passwordFile, PASSWORD);
});
afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true });
});

type Over = 'udp' | 'tcp' | 'tls';

/** Where a TURN server takes its time. */
type Stop = 'allocation' | 'permission' | 'permission and the way back';

interface Relay {
  place: string;
  /** Ports of the client from which an allocation was asked for with the password, and which have given theirs back. */
  held: Set<number>;
  released: Set<number>;
}

const key = await longTermKey({ user: USER, password: PASSWORD, realm: 'hostile.example', algorithm: 'MD5' }, 'sha1');

const NOTHING_LEFT = 0;
const isRelease = (request: StunMessage): boolean =>
  request.method === STUN_METHOD.REFRESH && numberOf(request, A.LIFETIME) === NOTHING_LEFT;

/** What the server says to a request from that port; undefined: nothing. */
function answerOf(stop: Stop, { held, released }: Omit<Relay, 'place'>) {
  return (request: StunMessage, port: number): Uint8Array | undefined => {
    const sealed = (...more: Parameters<typeof success>[1] & object) =>
      addIntegrity(success(request, [mapped(request), ...more]), key);
    if (isRelease(request)) {
      released.add(port);
      return stop === 'permission and the way back' ? undefined : sealed();
    }
    if (request.method !== STUN_METHOD.ALLOCATE) return undefined;
    if (attributeValue(request, A.USERNAME) === undefined) return challenged(401, 'n')(request);
    held.add(port);
    const relayed = { address: ADDRESS, port: 9 };
    return stop === 'allocation'
      ? undefined
      : sealed(
          xorAddressAttribute(A.XOR_RELAYED_ADDRESS, relayed, request.transactionId),
          numberAttribute(A.LIFETIME, 600),
        );
  };
}

async function startRelay(over: Over, stop: Stop): Promise<Relay> {
  const seen = { held: new Set<number>(), released: new Set<number>() };
  const answer = answerOf(stop, seen);
  if (over === 'udp') {
    const { port } = await startHostileUdp((datagram, send, from) => {
      const said = answer(parseStun(datagram), from.port);
      if (said !== undefined) send(said);
    });
    return { place: `turn:${ADDRESS}:${port}`, ...seen };
  }
  const { endpoint } = await startHostile(
    (socket) => {
      const { remotePort = 0 } = socket;
      const framer = createStunFramer();
      socket.on('data', (bytes: Buffer) => {
        framer.push(bytes);
        for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
          const said = isChannelData(frame) ? undefined : answer(frame, remotePort);
          if (said !== undefined) socket.write(said);
        }
      });
    },
    over === 'tls' ? certificates : undefined,
  );
  const place = over === 'tls' ? `turns:${ADDRESS}:${endpoint.port}` : `turn:${ADDRESS}:${endpoint.port}?transport=tcp`;
  return { place, ...seen };
}

/** A sign-in that goes well as far as it goes, and a TURN server that is asked beside it. */
function through(command: string, place: string): string[] {
  const { address, port } = lab.sip.tcp;
  const server = ['--server', `${address}:${port}`, '--transport', 'tcp'];
  const relay = ['--via', 'turn', '--turn', place, '--turn-user', USER, '--turn-password-file', passwordFile];
  return [command, `sip:${lab.user}@${lab.domain}`, ...server, ...relay, ...PORTS, '--timeout', '20000'];
}

async function leave(make: () => Promise<Due>): Promise<void> {
  const { stdout, stderr, code } = await interrupt(make);
  expect(stdout).toMatch(/^(?:UNKNOWN|BROKEN|HEALTHY|DEGRADED)/);
  expect(stdout).toMatch(/callback +(?:not tested|witness\.)/);
  expect(stderr).toBe('');
  expect([0, 1, 3]).toContain(code);
}

const HELD = (['udp', 'tcp', 'tls'] as const).flatMap((over) =>
  (['allocation', 'permission', 'permission and the way back'] as const).map((stop) => [over, stop] as const),
);

const byPort = (ports: ReadonlySet<number> = new Set()): number[] => [...ports].sort((a, b) => a - b);

describe.each(['firewall', 'doctor'])('Ctrl-C during %s', (command) => {
  test('while a TURN server does not answer the connection ends it', async () => {
    expect.hasAssertions();
    await leave(async () => {
      const { port, heard } = await startDeaf();
      return { args: through(command, `turn:${ADDRESS}:${port}?transport=tcp`), isDue: () => heard() > 0 };
    });
  });

  test('while a TURN server does not answer the TLS handshake ends it', async () => {
    expect.hasAssertions();
    await leave(async () => {
      const { endpoint, connections } = await startHostile(silent);
      return { args: through(command, `turns:${ADDRESS}:${endpoint.port}`), isDue: () => connections() > 0 };
    });
  });

  test.each(HELD)(
    'while a TURN server over %s does not answer the %s gives back what it may hold',
    async (over, stop) => {
      const relays: Relay[] = [];
      await leave(async () => {
        const relay = await startRelay(over, stop);
        relays.push(relay);
        return { args: through(command, relay.place), isDue: () => relay.held.size > 0 };
      });
      const last = relays.at(-1);
      await expect.poll(() => byPort(last?.released)).toEqual(byPort(last?.held));
      expect(last?.held.size).toBeGreaterThan(0);
    },
  );
});
