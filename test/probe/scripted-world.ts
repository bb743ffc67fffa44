import type { Attempt, Transport } from '../../src/model.ts';
import { NetError } from '../../src/net/net-error.ts';
import { createRandomHex } from '../../src/net/real-world.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { formatSip, parseSip, type SipMessage } from '../../src/wire/sip-message.ts';
import type { ByteStream, DatagramSocket, Endpoint, Net, Wait, World } from '../../src/world.ts';

/** What arrives, and when: milliseconds since the start of the run. */
export interface Arrival {
  at: number;
  bytes?: Uint8Array;
  /** Absent: the server itself. */
  from?: Endpoint;
  /** Instead of octets. */
  error?: NetError;
}

/** Sees each send with its number, 1 for the first, and gives what arrives because of it. */
export type Reaction = (sent: { bytes: Uint8Array; nth: number; at: number }) => readonly Arrival[];

/** A world without a network: its clock moves only while a program waits. */
export interface ScriptedWorld {
  world: World;
  sent: { at: number; text: string }[];
  datagrams(): DatagramSocket;
  stream(): ByteStream;
  /** Milliseconds since the start. */
  elapsed(): number;
}

export const SERVER: Endpoint = { address: '192.0.2.1', port: 5060 };
const LOCAL: Endpoint = { address: '192.0.2.9', port: 40_000 };
const START = Date.parse('2026-06-01T00:00:00Z');

const unused = (): never => {
  throw new Error('not in this script');
};

/** A network in which nothing may be asked for. */
export const NO_NET: Net = {
  connect: unused,
  startTls: unused,
  openHttps: unused,
  listen: unused,
  answerTls: unused,
  openUdp: unused,
  bindUdp: unused,
  ephemeralPorts: unused,
  systemLookup: unused,
  systemResolvers: unused,
};

export function scriptWorld(react: Reaction): ScriptedWorld {
  let clock = 0;
  let queue: Arrival[] = [];
  const sent: { at: number; text: string }[] = [];
  const send = (bytes: Uint8Array): Promise<void> => {
    sent.push({ at: clock, text: Buffer.from(bytes).toString() });
    queue = [...queue, ...react({ bytes, nth: sent.length, at: clock })].toSorted((a, b) => a.at - b.at);
    return Promise.resolve();
  };
  /** The next arrival inside the limit; else the clock moves to the limit. */
  const next = async ({ timeoutMs, signal }: Wait): Promise<Arrival> => {
    if (signal?.aborted === true) throw new NetError('cancelled', 'the run was cancelled');
    const [first] = queue;
    if (first === undefined || first.at > clock + timeoutMs) {
      clock += timeoutMs;
      throw new NetError('timeout', `nothing came within ${timeoutMs} ms`);
    }
    queue = queue.slice(1);
    clock = Math.max(clock, first.at);
    if (first.error !== undefined) throw first.error;
    return first;
  };
  return {
    world: { net: NO_NET, now: () => START + clock, randomHex: createRandomHex('22'.repeat(32)) },
    sent,
    elapsed: () => clock,
    datagrams: () => ({
      local: LOCAL,
      send: (_to, bytes) => send(bytes),
      receive: async (wait) => {
        const { bytes = new Uint8Array(), from = SERVER } = await next(wait);
        return { bytes, from };
      },
      close: () => undefined,
    }),
    stream: () => ({
      local: LOCAL,
      remote: SERVER,
      send,
      receive: async (wait) => (await next(wait)).bytes ?? new Uint8Array(),
      close: () => undefined,
    }),
  };
}

export const contextOf = ({ world }: ScriptedWorld, change: Partial<ProbeContext> = {}): ProbeContext => ({
  world,
  startedAt: START,
  timeoutMs: 3000,
  ...change,
});

export const attemptOver = (transport: Transport): Attempt => ({
  transport,
  host: 'sip.example.org',
  address: SERVER.address,
  port: SERVER.port,
  published: true,
  set: `_sip._${transport}.example.org`,
});

const COPIED: readonly string[] = ['via', 'from', 'to', 'call-id', 'cseq'];

/** An answer to the request in the octets, with further headers; `change` edits the headers that are copied. */
export function answerTo(
  request: Uint8Array,
  [status, reason]: readonly [number, string],
  {
    extra = [],
    change = (value: string) => value,
  }: { extra?: [string, string][]; change?: (value: string) => string } = {},
): Uint8Array {
  const asked: SipMessage = parseSip(request);
  const headers = asked.headers
    .filter(({ name }) => COPIED.includes(name))
    .map((header) => ({ ...header, value: change(header.value) }));
  const more = extra.map(([written, value]) => ({ name: written.toLowerCase(), written, value }));
  return formatSip({
    kind: 'response',
    status,
    reason,
    headers: [...headers, ...more],
    body: new Uint8Array(0),
    faults: [],
  });
}
