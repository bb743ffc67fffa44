/** An agent on loopback, and whoever speaks its protocol by hand. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { startAgent, type Agent, type AgentPlan } from '../../src/agent/agent.ts';
import type { LogEntry } from '../../src/agent/agent-log.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { parseAnswer } from '../../src/wire/agent-messages.ts';
import {
  createLineReader,
  formatLine,
  MAX_ANSWER_OCTETS,
  proofOf,
  type AgentAnswer,
  type AgentAsk,
} from '../../src/wire/agent-protocol.ts';

export const TOKEN = '0123456789abcdef0123';
export const NONCE = 'ab'.repeat(16);

export interface TestAgent extends Agent {
  log: LogEntry[];
}

export async function loopbackAgent(change: Partial<AgentPlan> = {}): Promise<TestAgent> {
  const log: LogEntry[] = [];
  const agent = await startAgent({
    world: createRealWorld(),
    listen: { address: '127.0.0.1', port: 0 },
    token: () => TOKEN,
    ports: undefined,
    private: 'allowed',
    mirrorPorts: [],
    software: 'sipdiag/test',
    log: (entry) => log.push(entry),
    ...change,
  });
  return { ...agent, log };
}

/** A control connection by hand. */
export interface Caller {
  socket: Socket;
  /** The next line, or 'ended'. */
  next(): Promise<AgentAnswer | 'ended'>;
  /** Every line until the end. */
  rest(): Promise<AgentAnswer[]>;
}

export async function call({ local }: Pick<Agent, 'local'>, from = '127.0.0.1'): Promise<Caller> {
  const socket = connect({ host: local.address, port: local.port, localAddress: from });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const reader = createLineReader(MAX_ANSWER_OCTETS);
  const answers = (async function* read() {
    try {
      for await (const piece of socket) for (const line of reader.push(piece as Uint8Array)) yield parseAnswer(line);
    } catch {
      // A reset is an end too.
    }
  })();
  const next = async (): Promise<AgentAnswer | 'ended'> => {
    const { value, done } = await answers.next();
    return done === true ? 'ended' : value;
  };
  return {
    socket,
    next,
    async rest() {
      const all: AgentAnswer[] = [];
      for (let one = await next(); one !== 'ended'; one = await next()) all.push(one);
      return all;
    },
  };
}

export const askFor = (change: Partial<AgentAsk> = {}): AgentAsk => ({
  type: 'ask',
  version: 1,
  waitMs: 500,
  ports: [],
  mirror: 'left-out',
  ...change,
});

/** Asks as it should be done, and gives every answer after the hello. */
export async function askAgent(
  agent: Pick<Agent, 'local'>,
  change: Partial<AgentAsk> = {},
  { token = TOKEN, from = '127.0.0.1' }: { token?: string; from?: string } = {},
): Promise<AgentAnswer[]> {
  const caller = await call(agent, from);
  const hello = await caller.next();
  if (hello === 'ended' || hello.type !== 'hello') return hello === 'ended' ? [] : [hello];
  const ask = askFor(change);
  caller.socket.write(formatLine({ ...ask, proof: proofOf(token, hello.challenge, ask) }));
  return caller.rest();
}

export const codeOf = (answers: readonly AgentAnswer[]): string | undefined =>
  answers.map((one) => (one.type === 'error' ? one.code : undefined)).find((one) => one !== undefined);

/** A TCP port that remembers who comes, and echoes, or keeps silent. */
async function listening(
  address: string,
  how: 'echoes' | 'silent',
): Promise<{ port: number; callers: { address: string; port: number }[]; stop(): Promise<void> }> {
  const callers: { address: string; port: number }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    callers.push({ address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
    socket.on('error', () => undefined);
    if (how === 'echoes') socket.pipe(socket);
    else socket.resume();
  });
  server.listen({ host: address, port: 0 });
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    callers,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** One that ends with the test. */
export async function agentOf(change: Partial<AgentPlan> = {}): Promise<TestAgent> {
  const agent = await loopbackAgent(change);
  onTestFinished(() => agent.stop());
  return agent;
}

/** As `listening`, until the end of the test. */
export async function portOf(address: string, how: 'echoes' | 'silent') {
  const port = await listening(address, how);
  onTestFinished(() => port.stop());
  return port;
}

export const tcp = (port: number) => ({ transport: 'tcp' as const, port, nonce: NONCE });
