import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { buildStun } from '../../src/wire/stun-message.ts';
import { answer } from '../e2e/sip-scripts.ts';
import { answerTo } from './dns-octets.ts';
import { startTruncating } from './dns-servers.ts';
import {
  closesAtOnce,
  flood,
  says,
  startHostile,
  startHostileUdp,
  type AtEnd,
  type DatagramBehaviour,
  type StreamBehaviour,
} from './hostile-server.ts';
import { startMeasured } from './measured-command.ts';
import { challenge, createRegistrar } from './registrar.ts';
import { certificates } from './hostile-identity.ts';

const folder = mkdtempSync(join(tmpdir(), 'sipdiag-built-'));
const file = (name: string): string => join(folder, name);
beforeAll(() => {
  writeFileSync(file('password'), 'tangerine-6e6f6e6365', { mode: 0o600 });
  writeFileSync(file('token'), 'token-6e6f6e63652d', { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What no server may make it take: it holds some dozens before the first octet has come. */
const MOST_MIB = 200;
const MIB = 1024 ** 2;
const TIMES = 10_000;

/** In answer to the first datagram, whose sender is then kept busy for long enough. */
function many(octets: (datagram: Buffer) => Uint8Array): DatagramBehaviour {
  let left = TIMES;
  return (datagram, send) => {
    const bytes = octets(datagram);
    for (; left > 0; left -= 1) send(bytes);
  };
}

const dns = (resolver: string): string[] => ['dns', 'fuzzybunny.local', '--resolver', resolver];
const firewall = async (atEnd: AtEnd, ...args: string[]): Promise<string[]> => {
  const { endpoint } = await startHostile(createRegistrar({}).onStream, undefined, atEnd);
  const target = [
    'firewall',
    'sip:alice@fuzzybunny.local',
    '--server',
    `127.0.0.1:${endpoint.port}`,
    '--transport',
    'tcp',
  ];
  return [...target, '--ports', '24000-24003', '--media-ports', '24004-24007', ...args];
};
const signin = (port: number): string[] => [
  'signin',
  'sip:alice@fuzzybunny.local',
  '--server',
  `127.0.0.1:${port}`,
  '--transport',
  'tcp',
  '--password-file',
  file('password'),
];

const stream = async (behaviour: StreamBehaviour, atEnd: AtEnd, over?: 'tls'): Promise<number> =>
  (await startHostile(behaviour, over && certificates, atEnd)).endpoint.port;
const datagrams = async (behaviour: DatagramBehaviour, atEnd: AtEnd): Promise<number> =>
  (await startHostileUdp(behaviour, { atEnd })).port;

const ANOTHER = buildStun({ class: 'success', method: 1, transactionId: 'f'.repeat(24), attributes: [] });
const LONGEST = Buffer.concat([Buffer.from([0xff, 0xff]), Buffer.alloc(0xffff)]);
const HTTP = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: 1073741824\r\n\r\n',
);
const NOTHING = new Uint8Array(0);
const PIECE = Buffer.alloc(65_536);

/** What is told, and the command with its server. */
const CASES: [string, string, (atEnd: AtEnd) => Promise<string[]>][] = [
  [
    'a DNS server that sends 10,000 forged answers',
    'resolver.timeout',
    async (atEnd) =>
      dns(
        `127.0.0.1:${await datagrams(
          many((query) => answerTo(query, { id: 1 })),
          atEnd,
        )}`,
      ),
  ],
  [
    'a DNS server that sends 10,000 empty datagrams',
    'resolver.timeout',
    async (atEnd) =>
      dns(
        `127.0.0.1:${await datagrams(
          many(() => NOTHING),
          atEnd,
        )}`,
      ),
  ],
  [
    'a DNS server that sends 1 GiB over TCP',
    'resolver.truncated-no-tcp',
    async (atEnd) => dns(`127.0.0.1:${(await startTruncating(flood(LONGEST, LONGEST), atEnd)).endpoint.port}`),
  ],
  [
    'a DNS server that sends 1 GiB over TLS',
    'resolver.failure',
    async (atEnd) => dns(`tls://127.0.0.1:${await stream(flood(LONGEST, LONGEST), atEnd, 'tls')}`),
  ],
  [
    'a DNS server that sends 1 GiB over HTTPS',
    'resolver.failure',
    async (atEnd) => dns(`https://127.0.0.1:${await stream(flood(HTTP, PIECE), atEnd, 'tls')}/dns-query`),
  ],
  [
    'a DNS server that closes at once over HTTPS',
    'resolver.unreachable',
    async (atEnd) => dns(`https://127.0.0.1:${await stream(closesAtOnce, atEnd, 'tls')}/dns-query`),
  ],
  [
    'a STUN server that sends 10,000 answers',
    'witness.unreachable',
    async (atEnd) =>
      firewall(
        atEnd,
        '--via',
        'stun',
        '--stun',
        `127.0.0.1:${await datagrams(
          many(() => ANOTHER),
          atEnd,
        )}`,
      ),
  ],
  [
    'a TURN server that sends 1 GiB',
    'witness.unreachable',
    async (atEnd) =>
      firewall(
        atEnd,
        '--via',
        'turn',
        '--turn',
        `turn:127.0.0.1:${await stream(flood(NOTHING, PIECE), atEnd)}?transport=tcp`,
        '--turn-user',
        'alice',
        '--turn-password-file',
        file('password'),
      ),
  ],
  [
    'an agent that sends 1 GiB',
    'witness.unreachable',
    async (atEnd) =>
      firewall(
        atEnd,
        '--via',
        'agent',
        '--agent',
        `127.0.0.1:${await stream(flood(NOTHING, PIECE), atEnd)}`,
        '--token-file',
        file('token'),
      ),
  ],
  [
    'an agent that speaks HTTP',
    'witness.unreachable',
    async (atEnd) =>
      firewall(
        atEnd,
        '--via',
        'agent',
        '--agent',
        `127.0.0.1:${await stream(says('HTTP/1.1 400 No\r\n\r\n'), atEnd)}`,
        '--token-file',
        file('token'),
      ),
  ],
  [
    'a registrar that asks for the password for ever',
    'registration.challenge-loop',
    async (atEnd) =>
      signin(
        await stream(
          createRegistrar({
            register: (hand, { nth }) => hand.reply('401 Unauthorized', challenge(nth, ', stale=true')),
          }).onStream,
          atEnd,
        ),
      ),
  ],
  [
    'a registrar that ends the connection on the password',
    'registration.sign-in-unanswered',
    async (atEnd) => signin(await stream(createRegistrar({ register: (hand) => hand.end() }).onStream, atEnd)),
  ],
  [
    'a registrar that answers the password 10,000 times',
    // Whether it is through with them when the Contact is to be taken back depends on the machine.
    'healthy|registration.left-behind',
    async (atEnd) =>
      signin(
        await stream(
          createRegistrar({
            register: (hand, { text }) => {
              hand.bind();
              hand.send(answer(text, '200 OK').repeat(TIMES));
            },
          }).onStream,
          atEnd,
        ),
      ),
  ],
];

describe('the built command', () => {
  test.for(CASES)(
    'ends by itself at %s, and takes little memory',
    async ([, cause, start], { expect, onTestFinished }) => {
      const args = await start(onTestFinished);
      const { stdout, stderr, code, peakBytes } = await startMeasured([...args, '--timeout', '1500', '--json']).ended;
      expect(stderr).toBe('');
      const { verdict, findings } = JSON.parse(stdout) as Report;
      expect([verdict.status, ...findings.map(({ id }) => id)].join()).toMatch(new RegExp(cause));
      expect([0, 1, 3]).toContain(code);
      expect(peakBytes / MIB).toBeGreaterThan(20);
      expect(peakBytes / MIB).toBeLessThan(MOST_MIB);
    },
  );
});
