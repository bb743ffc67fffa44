import type { Failure } from '../model.ts';
import type { PortUse, RangeObservation, RangePort } from '../model/far-side.ts';
import type { ByteStream, DatagramSocket, Endpoint, Listener, Wait } from '../world.ts';
import { createArrivals, type Arrivals, type Arrived, type Visit, type Wanted } from './arrivals.ts';
import { attempt, failureOf, offsetMs, sinceMs, waitOf, type ProbeContext } from './context.ts';

export type { Arrived, Wanted } from './arrivals.ts';

/** A port of this machine on which it listens while witnesses try to reach it. */
export interface OpenPort {
  use: PortUse;
  transport: 'tcp' | 'udp';
  /** The address that the far side is told, and the port. */
  local: Endpoint;
  /**
   * Waits for a connection or a datagram that `wanted` takes, also one that came before; several witnesses may wait on one port,
   * each sees only what is its own. Throws NetError 'timeout' or 'cancelled'.
   */
  expect(wanted: Wanted, wait: Wait): Promise<Arrived>;
}

/** The ports of one range that could be opened, and what came of the others. */
export interface OpenRange {
  observation: RangeObservation;
  ports: readonly OpenPort[];
  /** Listens no more, and ends the connections that nobody has taken; safe to call twice. */
  close(): void;
}

export type RangePlan = RangeObservation['about'];

/** A range of up to this many ports is opened whole: clients are given ranges of 4 to 40. */
const MAX_OPEN = 64;
/** Of a larger one, so many: what a firewall does to a range shows on its ends and on some ports between. */
const SAMPLE = 16;
/** What one connection may send before it is given up: a SIP request, not a stream. */
const MAX_OCTETS = 16 * 1024;

/** All ports of a small range; of a large one the ends and some evenly spread between. */
export function portsToOpen({ first, last }: { first: number; last: number }): number[] {
  const count = last - first + 1;
  const open = count > MAX_OPEN ? SAMPLE : count;
  if (open <= 1) return [first];
  return Array.from({ length: open }, (_, index) => Math.round(first + (index * (last - first)) / (open - 1)));
}

/** For witnesses that send a token: matches octets that begin with it, and echoes them. */
export function wantToken(token: Uint8Array): Wanted {
  return {
    matches: (bytes) => bytes.length >= token.length && token.every((octet, at) => bytes[at] === octet),
    answer: (bytes) => bytes,
  };
}

interface Ears {
  arrivals: Arrivals;
  /** How long the far side may take to read what it is answered. */
  answering: Wait;
}

/** What a remote does to its own connection ends the reading of it, nothing else. */
async function hear(stream: ByteStream, { arrivals, answering }: Ears): Promise<void> {
  const visit: Visit = {
    from: stream.remote,
    bytes: new Uint8Array(0),
    reply: (bytes) => stream.send(bytes, answering),
    end: () => stream.close(),
  };
  try {
    for (;;) {
      if (await arrivals.show(visit)) return;
      if (visit.bytes.length >= MAX_OCTETS) return stream.close();
      visit.bytes = new Uint8Array(Buffer.concat([visit.bytes, await stream.receive({ timeoutMs: Infinity })]));
    }
  } catch (error) {
    failureOf(error);
  }
}

async function hearAll(listener: Listener, ears: Ears): Promise<void> {
  try {
    for (;;) void hear(await listener.accept({ timeoutMs: Infinity }), ears);
  } catch (error) {
    failureOf(error);
  }
}

async function hearDatagrams(socket: DatagramSocket, arrivals: Arrivals): Promise<void> {
  try {
    for (;;) {
      const { bytes, from } = await socket.receive({ timeoutMs: Infinity });
      await arrivals.show({ from, bytes, reply: (answer) => socket.send(from, answer), end: () => undefined });
    }
  } catch (error) {
    failureOf(error);
  }
}

interface Opened {
  port: RangePort;
  open?: OpenPort;
  close(): void;
}

const stateOf = ({ reason }: Failure): RangePort['state'] =>
  reason === 'in-use' || reason === 'privileged' ? reason : 'unusable';

async function openOne(context: ProbeContext, plan: RangePlan, port: number): Promise<Opened> {
  const { use, transport, address } = plan;
  const { net } = context.world;
  const arrivals = createArrivals();
  const local = { address, port };
  const opened = await attempt(context, async () => {
    if (transport === 'udp') {
      const socket = await net.bindUdp(local);
      void hearDatagrams(socket, arrivals);
      return socket;
    }
    const listener = await net.listen(local);
    void hearAll(listener, { arrivals, answering: waitOf(context) });
    return listener;
  });
  if (!opened.ok) return { port: { port, state: stateOf(opened), detail: opened.detail }, close: () => undefined };
  return {
    port: { port, state: 'listening', detail: '' },
    open: { use, transport, local, expect: arrivals.expect },
    close() {
      opened.value.close();
      arrivals.close();
    },
  };
}

const NAMES = { tcp: 'TCP', udp: 'UDP' } as const;

/** 'TCP ports 7100-7103'. */
const rangeText = ({ transport, first, last }: Pick<RangePlan, 'transport' | 'first' | 'last'>): string =>
  first === last ? `${NAMES[transport]} port ${first}` : `${NAMES[transport]} ports ${first}-${last}`;

/** Listens on every port of a range that this machine will give, or on a sample of a very large one. */
export async function openRange(context: ProbeContext, plan: RangePlan): Promise<OpenRange> {
  const at = offsetMs(context);
  const from = context.world.now();
  const [opened, ephemeral] = await Promise.all([
    Promise.all(portsToOpen(plan).map((port) => openOne(context, plan, port))),
    context.world.net.ephemeralPorts(),
  ]);
  const value = { ports: opened.map(({ port }) => port), ...(ephemeral === undefined ? {} : { ephemeral }) };
  const outcome = { ok: true as const, value, ms: sinceMs(context, from) };
  return {
    observation: { kind: 'range', subject: rangeText(plan), at, about: plan, outcome },
    ports: opened.flatMap(({ open }) => open ?? []),
    close: () => {
      for (const one of opened) one.close();
    },
  };
}
