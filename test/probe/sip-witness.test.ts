/** The SIP server as witness of the port in a Contact: a server of our own that does what a script says. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { FarSideObservation, ReachObservation } from '../../src/model/far-side.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { openRange } from '../../src/probe/open-ports.ts';
import type { SipWay } from '../../src/probe/sip-line.ts';
import { probeSipWitness } from '../../src/probe/sip-witness.ts';
import { answer } from '../e2e/sip-scripts.ts';
import { freePorts } from '../e2e/real/ports.ts';

const LOOPBACK = '127.0.0.1';
const world = createRealWorld();
const context: ProbeContext = { world, startedAt: world.now(), timeoutMs: 2000 };

/** One connection to the server: the first registers, the others ask. */
interface Line {
  nth: number;
  socket: Socket;
  /** The connection that has registered. */
  registering: Socket;
}

/** Takes whole requests, and answers of this side as well. */
async function startServer(take: (text: string, line: Line) => void): Promise<{ port: number; stop(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const [registering = socket] = sockets;
    const line: Line = { nth: sockets.length, socket, registering };
    let text = '';
    socket
      .on('error', () => undefined)
      .on('data', (bytes: Buffer) => {
        text += bytes.toString('latin1');
        for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
          take(text.slice(0, end), line);
          text = text.slice(end + 4);
        }
      });
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const stop = (): void => void server.close();
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    stop();
  });
  return { port: (server.address() as { port: number }).port, stop }; // a TCP port that listens
}

async function probe(port: number, idleSeconds?: number): Promise<FarSideObservation[]> {
  const [free = 0] = await freePorts(LOOPBACK, 1);
  const range = await openRange(context, {
    use: 'sip',
    transport: 'tcp',
    address: LOOPBACK,
    first: free,
    last: free,
    needed: 1,
    source: 'option',
  });
  onTestFinished(range.close);
  const about = {
    transport: 'tcp' as const,
    host: LOOPBACK,
    address: LOOPBACK,
    port,
    published: true,
    set: 'x',
  };
  const way: SipWay = {
    about,
    identity: { requestUri: 'sip:fuzzybunny.local', aor: 'sip:alice@fuzzybunny.local' },
    credentials: undefined,
    tls: {
      sni: null,
      verifyName: '',
      judgeAt: '2026-01-01T00:00:00Z',
      trust: { added: [], builtIn: () => Promise.resolve([]) },
    },
  };
  return probeSipWitness(context, { way, ports: range.ports, idleSeconds, options: 'answered' });
}

const isRequest = (text: string, method: string): boolean => text.startsWith(`${method} `);
const reaches = (seen: readonly FarSideObservation[]): ReachObservation[] => seen.filter((one) => one.kind === 'reach');

/** The answer of a registrar that lists the Contact. */
const taken = (text: string): string =>
  answer(text, '200 OK').replace(/\r\n/, `\r\n${/^Contact:[^\r\n]*/im.exec(text)?.[0] ?? ''}\r\n`);

/** Hands the OPTIONS on to the connection that has registered, and answers it when its answer comes back there. */
function reusing(onIdle: (line: Line) => void = () => undefined): (text: string, line: Line) => void {
  let asking: { text: string; socket: Socket } | undefined;
  return (text, line) => {
    if (isRequest(text, 'REGISTER')) line.socket.write(taken(text));
    else if (isRequest(text, 'OPTIONS')) {
      asking = { text, socket: line.socket };
      line.registering.write(`${text}\r\n\r\n`);
    } else if (asking !== undefined) {
      asking.socket.write(answer(asking.text, '200 OK'));
      asking = undefined;
      onIdle(line);
    }
  };
}

const PING = [
  'OPTIONS sip:alice@127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKping',
  'From: <sip:ping@fuzzybunny.local>;tag=p',
  'To: <sip:alice@fuzzybunny.local>',
  'Call-ID: ping',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

test('what the server asks during the silence is answered: it would give up a client that does not', async () => {
  const pongs: string[] = [];
  const script = reusing(({ registering }) => void registering.write(PING));
  const { port } = await startServer((text, line) => {
    if (text.includes('z9hG4bKping')) pongs.push(text);
    else script(text, line);
  });
  const seen = reaches(await probe(port, 0.2));
  expect(seen.map(({ outcome }) => outcome.ok && outcome.value.result)).toEqual(['reused', 'reused', 'timeout']);
  expect(pongs[0]).toMatch(/^SIP\/2\.0 200 OK\r\n/);
});

test('a server that sends what is no SIP during the silence does not cut it short', async () => {
  const script = reusing(({ registering }) => void registering.write('\u0001 no SIP\r\n\r\n'));
  const { port } = await startServer(script);
  const [first, second] = reaches(await probe(port, 0.4));
  expect(second?.about.idleSeconds).toBe(0.4);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(400);
});

test('the end of the registering connection is told beside what came of asking', async () => {
  const { port } = await startServer(reusing(({ registering }) => void registering.end()));
  const [, second] = reaches(await probe(port, 0.2));
  expect(second?.outcome).toMatchObject({
    ok: true,
    value: { result: 'timeout', detail: expect.stringMatching(/; the connection was ended after 0 s of silence$/) },
  });
});

test('an end that is what came of asking is told once', async () => {
  const first = reusing(({ registering }) => void registering.end());
  let asked = 0;
  const { port } = await startServer((text, line) => {
    if (isRequest(text, 'OPTIONS')) asked += 1;
    if (asked > 1) line.socket.end();
    else first(text, line);
  });
  const [, second] = reaches(await probe(port, 0.2));
  expect(second?.outcome).toMatchObject({
    ok: true,
    value: { detail: expect.stringMatching(/^127\.0\.0\.1:\d+ ended the connection after 0 s of silence$/) },
  });
});

test('a server that cannot be asked a second time is told as what it is, and nothing more is waited for', async () => {
  const server = await startServer((text, line) => {
    server.stop();
    line.socket.write(taken(text));
  });
  const seen = reaches(await probe(server.port, 600));
  expect(seen).toHaveLength(1);
  expect(seen[0]?.outcome).toMatchObject({ ok: false, detail: expect.stringContaining('ECONNREFUSED') });
});
