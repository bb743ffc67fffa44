import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { freePort } from '../e2e/real/ports.ts';
import { startDeaf } from './deaf-listener.ts';
import { silent, startHostile, startHostileUdp } from './hostile-server.ts';
import { interrupt, type Due } from './interrupted-command.ts';
import { startMeasured, type MeasuredEnd } from './measured-command.ts';

/** What each answer of the registrar is late. */
const DELAY_MS = 150;
const VERDICT = /^(?:UNKNOWN|BROKEN|HEALTHY|DEGRADED)/;

let lab: Lab;
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-moments-'));
const fileOf = (name: string): string => join(folder, name);
beforeAll(async () => {
  lab = await startLab();
  writeFileSync(fileOf('password'), lab.password);
  writeFileSync(fileOf('root.pem'), lab.rootPem);
});
afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true });
});

/** Something that a command talks to; `heard` is how often it has. */
interface Peer {
  port: number;
  heard(): number;
}

/** Two requests may arrive as one piece; what is encrypted counts as it comes. */
const packetsIn = (bytes: Buffer): number =>
  Math.max(1, bytes.toString('latin1').match(/^[A-Z]+ \S+ SIP\/2\.0\r\n/gm)?.length ?? 0);

/** The registrar of the lab behind a slow line, on which it hears a number of packets and no more. */
async function slowStream(transport: 'tcp' | 'tls', most = Infinity): Promise<Peer> {
  let heard = 0;
  const { address, port } = lab.sip[transport];
  const server = await startHostile((socket: Socket) => {
    const registrar = connect(port, address);
    registrar.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      heard += packetsIn(bytes);
      if (heard <= most) registrar.write(bytes);
    });
    registrar.on('data', (bytes: Buffer) => void setTimeout(() => socket.writable && socket.write(bytes), DELAY_MS));
    socket.on('close', () => registrar.end());
  });
  return { port: server.endpoint.port, heard: () => heard };
}

/** The same over UDP, for one client. */
async function slowDatagrams(): Promise<Peer> {
  let heard = 0;
  let toClient = (_bytes: Buffer): void => undefined;
  const { address, port } = lab.sip.udp;
  const line = createSocket('udp4');
  line.bind(0, '127.0.0.1');
  await once(line, 'listening');
  onTestFinished(() => void line.close());
  line.on('message', (bytes) => void setTimeout(() => toClient(bytes), DELAY_MS));
  const endpoint = await startHostileUdp((datagram, send) => {
    heard += 1;
    toClient = send;
    line.send(datagram, port, address);
  });
  return { port: endpoint.port, heard: () => heard };
}

async function silentPeer(): Promise<Peer> {
  const server = await startHostile(silent);
  return { port: server.endpoint.port, heard: server.connections };
}

async function silentDns(): Promise<Peer> {
  let heard = 0;
  const endpoint = await startHostileUdp(() => void (heard += 1));
  return { port: endpoint.port, heard: () => heard };
}

/** Interrupts a command, which leaves no Contact. */
async function leave(make: () => Due | Promise<Due>): Promise<MeasuredEnd> {
  const ended = await interrupt(make);
  expect(lab.bindings()).toEqual([]);
  return ended;
}

const account = (transport: string, port: number): string[] => {
  const server = ['--server', `127.0.0.1:${port}`, '--transport', transport, '--password-file', fileOf('password')];
  const trust = transport === 'tls' ? ['--ca', fileOf('root.pem'), '--verify-name', lab.domain] : [];
  return [`sip:${lab.user}@${lab.domain}`, ...server, ...trust];
};

describe.each([
  ['signin', 'udp', slowDatagrams],
  ['signin', 'tcp', () => slowStream('tcp')],
  ['signin', 'tls', () => slowStream('tls')],
  ['doctor', 'tcp', () => slowStream('tcp')],
  ['firewall', 'tcp', () => slowStream('tcp')],
] as const)('Ctrl-C during %s over %s', (command, transport, start) => {
  test.each([1, 2, 3, 4])('after %i packets leaves no Contact, and prints what is known', async (packets) => {
    const { stdout, stderr, code } = await leave(async () => {
      const peer = await start();
      return { args: [command, ...account(transport, peer.port)], isDue: () => peer.heard() >= packets };
    });
    expect(stdout).toMatch(VERDICT);
    expect(stderr).toBe('');
    expect([0, 1, 3]).toContain(code);
  });
});

/** What is asked over a connection whose SYN nobody answers. */
const CONNECTS: [string, (port: number) => string[]][] = [
  ['doctor', (port) => ['doctor', `sip:a@127.0.0.1:${port};transport=tcp`]],
  ['tls', (port) => ['tls', `127.0.0.1:${port}`]],
  ['signin over TCP', (port) => ['signin', ...account('tcp', port)]],
  ['signin over TLS', (port) => ['signin', ...account('tls', port)]],
  ['firewall', (port) => ['firewall', ...account('tcp', port)]],
  [
    'firewall to an agent',
    (port) => ['firewall', ...account('tcp', lab.sip.tcp.port), '--via', 'agent', '--agent', `127.0.0.1:${port}`],
  ],
  ['dns over TLS', (port) => ['dns', 'example.org', '--resolver', `tls://127.0.0.1:${port}`]],
  ['dns over HTTPS', (port) => ['dns', 'example.org', '--resolver', `https://127.0.0.1:${port}/dns-query`]],
];

type Moment = [string, () => Promise<Due>];

const REPORTED: Moment[] = [
  [
    'before DNS answers',
    async () => {
      const dns = await silentDns();
      const args = ['doctor', 'example.org', '--resolver', `127.0.0.1:${dns.port}`, '--timeout', '20000'];
      return { args, isDue: () => dns.heard() > 0 };
    },
  ],
  [
    'in the TLS handshake',
    async () => {
      const server = await silentPeer();
      return { args: ['tls', `127.0.0.1:${server.port}`, '--timeout', '20000'], isDue: () => server.heard() > 0 };
    },
  ],
  [
    'while SIP is unanswered',
    async () => {
      const server = await silentPeer();
      const args = ['doctor', `sip:a@127.0.0.1:${server.port};transport=tcp`, '--timeout', '20000'];
      return { args, isDue: () => server.heard() > 0 };
    },
  ],
  [
    'while tls --listen waits',
    async () => {
      const port = await freePort('127.0.0.1');
      const args = ['tls', '--listen', `127.0.0.1:${port}`];
      return { args, isDue: (printed: string) => printed.includes('waiting at') };
    },
  ],
  [
    'while firewall waits for somebody on the far side',
    () => {
      const { address, port } = lab.sip.tcp;
      const server = ['--server', `${address}:${port}`, '--transport', 'tcp', '--password-file', fileOf('password')];
      const args = ['firewall', `sip:${lab.user}@${lab.domain}`, ...server, '--via', 'manual', '--deadline', '60000'];
      return Promise.resolve({ args, isDue: (printed: string) => /far side|nc |Test-Net/i.test(printed) });
    },
  ],
];

const SERVING: Moment[] = [
  ['lab', () => Promise.resolve({ args: ['lab', '--for', '600'], isDue: (printed: string) => printed.length > 0 })],
  [
    'agent',
    async () => {
      const port = await freePort('127.0.0.1');
      return {
        args: ['agent', '--open', '--listen', `127.0.0.1:${port}`],
        isDue: (printed: string) => printed.length > 0,
      };
    },
  ],
];

describe('Ctrl-C', () => {
  test.each(CONNECTS)(
    'while the connection of %s is not answered prints what is known, and ends',
    async (_what, make) => {
      const { stdout, stderr, code } = await leave(async () => {
        const { port, heard } = await startDeaf();
        return { args: [...make(port), '--timeout', '20000'], isDue: () => heard() > 0 };
      });
      expect(stdout).toMatch(/^UNKNOWN/);
      expect(stderr).toBe('');
      expect(code).toBe(3);
    },
  );

  test.each(REPORTED)('%s prints what is known, and ends', async (_when, make) => {
    const { stdout, code } = await leave(make);
    expect(stdout).toMatch(VERDICT);
    expect([0, 1, 3]).toContain(code);
  });

  test.each(SERVING)('ends the %s', async (_command, make) => {
    expect((await leave(make)).code).toBe(0);
  });

  test('ends a batch, and tells of each target once at most', async () => {
    const targets = 20;
    const { stdout, code } = await leave(async () => {
      const server = await silentPeer();
      const list = Array.from({ length: targets }, (_, at) => `127.0.0.${at + 1}:${server.port}`);
      writeFileSync(fileOf('targets'), list.join('\n'));
      const args = ['batch', 'tls', fileOf('targets'), '--timeout', '20000', '-q'];
      return { args, isDue: () => server.heard() > 0 };
    });
    const lines = stdout.split('\n').filter((line) => line !== '');
    expect(lines.length).toBeLessThanOrEqual(targets);
    expect(lines.every((line) => typeof JSON.parse(line) === 'object')).toBe(true);
    expect([1, 3]).toContain(code);
  });

  test('pressed twice ends at once, while the Contact is still to be taken back', async () => {
    const peer = await slowStream('tcp', 3);
    const command = startMeasured(['signin', ...account('tcp', peer.port), '--timeout', '20000']);
    await expect.poll(peer.heard, { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(3);
    command.interrupt();
    await expect.poll(peer.heard, { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(4);
    command.interrupt();
    const { code, stdout } = await command.ended;
    expect([code, stdout]).toEqual([null, '']);
  });
});
