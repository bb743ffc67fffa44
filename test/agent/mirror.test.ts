import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLabCertificates } from '../../src/lab/certificates.ts';
import {
  formatLine,
  MAX_MIRRORED_OCTETS,
  type AgentAccepted,
  type AgentAnswer,
} from '../../src/wire/agent-protocol.ts';
import { agentOf, askFor, call, type Caller, type TestAgent } from './loopback-agent.ts';

async function mirroringAgent(): Promise<TestAgent> {
  return agentOf({ token: undefined, mirrorPorts: [0], limits: { leaveMs: 200 } });
}

async function openSession(agent: TestAgent, from = '127.0.0.1'): Promise<{ caller: Caller; accepted: AgentAccepted }> {
  const caller = await call(agent, from);
  onTestFinished(() => void caller.socket.destroy());
  await caller.next();
  caller.socket.write(formatLine(askFor({ mirror: 'asked' })));
  const accepted = await caller.next();
  if (accepted === 'ended' || accepted.type !== 'accepted') throw new Error('not accepted');
  expect(await caller.next()).toEqual({ type: 'done' });
  return { caller, accepted };
}

const messageOf = (session: string): string => `OPTIONS sip:x SIP/2.0\r\nX-Sipdiag: sipdiag-session-${session}\r\n\r\n`;

async function sendUdp(port: number, text: string, from = '127.0.0.1'): Promise<string[]> {
  const socket = createSocket('udp4');
  const heard: string[] = [];
  socket.on('message', (bytes) => heard.push(bytes.toString()));
  socket.bind(0, from);
  await once(socket, 'listening');
  await new Promise((resolve) => {
    socket.send(text, port, '127.0.0.1', resolve);
  });
  onTestFinished(() => void socket.close());
  return heard;
}

async function sendTcp(port: number, text: string, from = '127.0.0.1'): Promise<void> {
  const socket = connectTcp({ host: '127.0.0.1', port, localAddress: from });
  socket.on('error', () => undefined).resume();
  socket.end(text);
  await once(socket, 'close');
}

const portOf = ({ mirror }: AgentAccepted, transport: 'udp' | 'tcp'): number =>
  mirror.find((one) => one.transport === transport)?.port ?? 0;

const textOf = (answer: AgentAnswer | 'ended'): string =>
  answer !== 'ended' && answer.type === 'mirrored' ? Buffer.from(answer.message, 'base64').toString('latin1') : 'none';

describe('the mirror', () => {
  test.each(['udp', 'tcp'] as const)(
    'tells over the control connection just what arrived over %s',
    async (transport) => {
      const { caller, accepted } = await openSession(await mirroringAgent());
      const message = `${messageOf(accepted.session)}\u00ff\u0000 and a body`;
      const send = transport === 'udp' ? sendUdp : sendTcp;
      await send(portOf(accepted, transport), message);
      const answer = await caller.next();
      expect(answer).toMatchObject({ type: 'mirrored', transport, port: portOf(accepted, transport) });
      expect(textOf(answer)).toBe(Buffer.from(message).toString('latin1'));
    },
  );

  test('never answers a datagram: it is no reflector', async () => {
    const { caller, accepted } = await openSession(await mirroringAgent());
    const heard = await sendUdp(portOf(accepted, 'udp'), messageOf(accepted.session));
    expect(await caller.next()).toMatchObject({ type: 'mirrored' });
    expect(heard).toEqual([]);
  });

  test.each([
    ['of another address', '127.0.0.9', (session: string) => messageOf(session)],
    ['with another session', '127.0.0.1', () => messageOf('f'.repeat(32))],
    ['without a session', '127.0.0.1', () => 'OPTIONS sip:x SIP/2.0\r\n\r\n'],
    ['that is too long', '127.0.0.1', (session: string) => messageOf(session) + 'x'.repeat(MAX_MIRRORED_OCTETS)],
  ])('passes over what comes %s', async (_name, from, textFor) => {
    const agent = await mirroringAgent();
    const { caller, accepted } = await openSession(agent);
    await sendUdp(portOf(accepted, 'udp'), textFor(accepted.session), from);
    await sendTcp(portOf(accepted, 'tcp'), textFor(accepted.session), from);
    await sendUdp(portOf(accepted, 'udp'), `${messageOf(accepted.session)}good`);
    expect(textOf(await caller.next())).toContain('good');
    expect(agent.log).toContainEqual(expect.objectContaining({ event: 'refused', reason: 'stranger' }));
  });

  test('mirrors 8 messages of one session, and no more', async () => {
    const agent = await mirroringAgent();
    const { caller, accepted } = await openSession(agent);
    for (let count = 0; count < 8; count += 1) {
      await sendUdp(portOf(accepted, 'udp'), messageOf(accepted.session));
      expect(textOf(await caller.next())).not.toBe('none');
    }
    await sendTcp(portOf(accepted, 'tcp'), messageOf(accepted.session));
    caller.socket.end();
    expect(await caller.rest()).toEqual([]);
    await expect.poll(() => agent.log.at(-1)).toMatchObject({ event: 'served', mirrored: 8 });
  });

  test('forgets the session when its connection ends', async () => {
    const agent = await mirroringAgent();
    const { caller, accepted } = await openSession(agent);
    caller.socket.destroy();
    await expect.poll(() => agent.log).toMatchObject([{ event: 'served', mirrored: 0 }]);
    await sendUdp(portOf(accepted, 'udp'), messageOf(accepted.session));
    await expect.poll(() => agent.log.at(-1)).toMatchObject({ event: 'refused', reason: 'stranger' });
  });
});

describe('over TLS', () => {
  async function tlsAgent(limits = {}) {
    const made = await createLabCertificates({ domain: 'agent.example', now: Date.now(), flaw: 'self-signed' });
    const tls = { certificate: made.chainPem, key: made.keyPem };
    return agentOf({ tls, token: undefined, limits });
  }

  test('the same is said, after the handshake', async () => {
    const agent = await tlsAgent();
    const socket = connectTls({ host: '127.0.0.1', port: agent.local.port, rejectUnauthorized: false });
    let said = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    socket.write(formatLine(askFor()));
    await once(socket, 'close');
    expect(said.match(/"type":"\w+"/g)).toEqual(['"type":"hello"', '"type":"accepted"', '"type":"done"']);
    expect(agent.log).toMatchObject([{ event: 'served' }]);
  });

  test('what is no handshake gets nothing in clear', async () => {
    const agent = await tlsAgent();
    const socket = connectTcp({ host: '127.0.0.1', port: agent.local.port });
    const pieces: Buffer[] = [];
    socket.on('data', (piece) => pieces.push(piece)).on('error', () => undefined);
    socket.write(formatLine(askFor()));
    await once(socket, 'close');
    expect(Buffer.concat(pieces).toString('latin1')).not.toContain('type');
    await expect.poll(() => agent.log).toContainEqual(expect.objectContaining({ event: 'refused', reason: 'tls' }));
  });

  test('whoever does not shake hands is put out', async () => {
    const agent = await tlsAgent({ askMs: 100 });
    const socket = connectTcp({ host: '127.0.0.1', port: agent.local.port });
    await once(socket.on('error', () => undefined).resume(), 'close');
    await expect.poll(() => agent.log).toMatchObject([{ event: 'refused', reason: 'left' }]);
  });
});

test('the first mirror port stands for that of SIP where the agent is told so, whatever its number', async () => {
  const agent = await agentOf({ token: undefined, mirrorPorts: [0, 0], sipPort: 'first' });
  expect(agent.mirror.map(({ way }) => way)).toEqual(['sip-port', 'sip-port', 'control-port', 'control-port']);
});
