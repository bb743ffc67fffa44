import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'vitest';
import type { DnsObservation, DnsRecord } from '../../src/model/dns.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import type { Question, Resolver } from '../../src/probe/ask-dns.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { decodeMessage } from '../../src/wire/dns-message.ts';
import { encodeResponse } from '../../src/wire/dns-response.ts';
import { createDnsFramer, frameDnsMessage } from '../../src/wire/dns-stream.ts';
import type { DnsMessage } from '../../src/wire/dns-types.ts';
import type { Endpoint } from '../../src/world.ts';

/** What the server makes of a question: messages to send now; none at all is silence. `send` is for those that come later. */
export type Script = (query: DnsMessage, about: { via: 'udp' | 'tcp'; nth: number }) => Uint8Array[];

export interface ScriptedDns {
  endpoint: Endpoint;
  /** 'udp a.example A' in the order of arrival. */
  heard: string[];
  queries: DnsMessage[];
  /** TCP connections that were accepted. */
  connections: () => number;
  /** Sends to the last asker over UDP, from this server's port. */
  sendNow(bytes: Uint8Array): void;
  stop(): void;
}

export interface ScriptOptions {
  script: Script;
  /** 'closed': no TCP at all; 'mute': connections are accepted and nothing is said; 'one': closed after each answer. */
  tcp?: 'open' | 'closed' | 'mute' | 'one';
}

export const nameOf = (query: DnsMessage): string => query.questions[0]?.name.toLowerCase() ?? '';
const questionOf = (query: DnsMessage): string => `${nameOf(query)} ${query.questions[0]?.type}`;

export function addressRecord(name: string, address = '192.0.2.1'): DnsRecord {
  return { name, type: address.includes(':') ? 'AAAA' : 'A', ttl: 60, text: address, address };
}

/** A plain answer to the question with the records. */
export const reply = (query: DnsMessage, answers: readonly DnsRecord[]): Uint8Array =>
  encodeResponse({ query, answers });

export const truncated = (query: DnsMessage): Uint8Array => encodeResponse({ query, flags: ['tc'] });

/** The same free port for both: another process may hold the one of UDP for TCP, then another pair is tried. */
async function openPorts(tcp: Server | undefined): Promise<UdpSocket> {
  for (let tries = 1; ; tries += 1) {
    const udp = createSocket('udp4');
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    if (tcp === undefined) return udp;
    tcp.listen(udp.address().port, '127.0.0.1');
    try {
      await once(tcp, 'listening');
      return udp;
    } catch (error) {
      udp.close();
      if (tries === 10) throw error;
    }
  }
}

function serveStream(socket: Socket, { script, tcp }: ScriptOptions, note: (query: DnsMessage) => number): void {
  const framer = createDnsFramer();
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    if (tcp === 'mute') return;
    for (const message of framer.push(bytes)) {
      const query = decodeMessage(message);
      for (const answer of script(query, { via: 'tcp', nth: note(query) })) socket.write(frameDnsMessage(answer));
      if (tcp === 'one') {
        socket.end();
        return;
      }
    }
  });
}

/** A DNS server on loopback that does what the script says. */
export async function startScriptedDns(options: ScriptOptions): Promise<ScriptedDns> {
  const heard: string[] = [];
  const queries: DnsMessage[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let asker = { address: '127.0.0.1', port: 0 };
  const note = (via: 'udp' | 'tcp') => (query: DnsMessage) => {
    heard.push(`${via} ${questionOf(query)}`);
    queries.push(query);
    return heard.filter((one) => one === `${via} ${questionOf(query)}`).length;
  };
  const tcp = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    serveStream(socket, options, note('tcp'));
  });
  const udp = await openPorts(options.tcp === 'closed' ? undefined : tcp);
  const { port } = udp.address();
  udp.on('message', (bytes, from) => {
    asker = from;
    const query = decodeMessage(bytes);
    const nth = note('udp')(query);
    for (const answer of options.script(query, { via: 'udp', nth })) udp.send(answer, from.port, from.address);
  });
  return {
    endpoint: { address: '127.0.0.1', port },
    heard,
    queries,
    connections: () => connections,
    sendNow: (bytes) => udp.send(bytes, asker.port, asker.address),
    stop() {
      udp.close();
      tcp.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Gives the function that starts a server; each ends with the test that started it. */
export function servingScripts(): (script: Script, tcp?: ScriptOptions['tcp']) => Promise<ScriptedDns> {
  const servers: ScriptedDns[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.stop();
  });
  return async (script, tcp = 'open') => {
    const server = await startScriptedDns({ script, tcp });
    servers.push(server);
    return server;
  };
}

/** Long enough for a busy machine; where a test waits for the limit itself it sets a shorter one. */
export function probeContext(changes: Partial<ProbeContext> = {}): ProbeContext {
  const world = createRealWorld();
  return { world, startedAt: world.now(), timeoutMs: 5000, ...changes };
}

export const plainResolver = (endpoint: Endpoint): Resolver => ({ label: 'test', endpoint });

export const ask = (...names: string[]): { questions: Question[]; followUps: () => Question[] } => ({
  questions: names.map((name) => ({ name, type: 'A' })),
  followUps: () => [],
});

/** 'answer', 'nxdomain', …, or the reason of the failure. */
export const fateOf = ({ outcome }: DnsObservation): string => (outcome.ok ? outcome.value.status : outcome.reason);

/** One address for every name. */
export const answerAll: Script = (query) => [reply(query, [addressRecord(nameOf(query))])];
