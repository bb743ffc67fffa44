import type { Observation } from '../model.ts';
import type { ReachObservation, WitnessObservation } from '../model/far-side.ts';
import type { Wanted } from './arrivals.ts';
import { failureOf, offsetMs, sinceMs, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';
import type { Arrived, OpenPort } from './open-ports.ts';

/** The ports that wait, and the address of this machine that they wait on. */
export interface WaitingPorts {
  address: string;
  tcp: readonly number[];
  udp: readonly number[];
}

/** Tells a person what to run on the far side. */
export type AnnouncePorts = (waiting: WaitingPorts) => void;

const SERVER = 'the far side';
const PROVES = 'that what somebody sends from the place where the commands are run arrives here';
const CANNOT = 'tell a port that is blocked from one that nobody has tried';

/** Whatever comes: nobody else is asked meanwhile. An answer shows the person on the far side that it has arrived. */
const ANYTHING: Wanted = {
  matches: () => true,
  answer: () => new TextEncoder().encode('sipdiag: arrived\n'),
};

interface Watched {
  port: OpenPort;
  arrived?: Arrived;
  ms: number;
}

async function watch(context: ProbeContext, port: OpenPort): Promise<Watched> {
  const from = context.world.now();
  try {
    const arrived = await port.expect(ANYTHING, { timeoutMs: Infinity, signal: context.signal });
    return { port, arrived, ms: sinceMs(context, from) };
  } catch (error) {
    failureOf(error);
    return { port, ms: sinceMs(context, from) };
  }
}

/** A port is blocked only where its neighbours were tried: otherwise nobody may have typed anything. */
function reachOf(context: ProbeContext, one: Watched, all: readonly Watched[]): ReachObservation {
  const { port, arrived, ms } = one;
  const { use, transport, local } = port;
  const tried = all.some((other) => other.port.use === use && other.arrived !== undefined);
  const value: Extract<ReachObservation['outcome'], { ok: true }>['value'] =
    arrived !== undefined
      ? { result: 'reached', detail: 'it arrived', from: formatEndpoint(arrived.from) }
      : tried
        ? { result: 'timeout', detail: 'nothing arrived, while other ports of the range were reached' }
        : { result: 'not-tried', detail: 'nothing arrived: it is blocked, or nobody has tried it' };
  return {
    kind: 'reach',
    subject: `${transport.toUpperCase()} port ${local.port} from the far side, by hand`,
    at: offsetMs(context),
    about: { witness: 'manual', server: SERVER, use, transport, address: local.address, port: local.port },
    outcome: { ok: true, ms, value },
  };
}

/**
 * Lets a person try the ports: tells what to run on the far side, and waits until something has arrived on every port, or the run
 * ends. That it ends is how such a run is meant to end: nothing is said to be cancelled.
 */
export async function probeManual(
  context: ProbeContext,
  { ports, announce }: { ports: readonly OpenPort[]; announce: AnnouncePorts },
): Promise<Observation[]> {
  const at = offsetMs(context);
  const from = context.world.now();
  const [first] = ports;
  const numbers = (transport: 'tcp' | 'udp'): number[] =>
    ports.filter((one) => one.transport === transport).map(({ local }) => local.port);
  const watching = Promise.all(ports.map((port) => watch(context, port)));
  if (first !== undefined) announce({ address: first.local.address, tcp: numbers('tcp'), udp: numbers('udp') });
  const watched = await watching;
  const ms = sinceMs(context, from);
  const heard = watched.some(({ arrived }) => arrived !== undefined);
  const detail =
    first === undefined
      ? 'no port of this machine could be opened'
      : 'nothing arrived on any port before the run ended';
  const witness: WitnessObservation = {
    kind: 'witness',
    subject: 'somebody on the far side',
    at,
    about: { witness: 'manual', server: SERVER },
    outcome: heard
      ? { ok: true, ms, value: { proves: PROVES, cannot: CANNOT } }
      : { ok: false, reason: first === undefined ? 'address' : 'timeout', detail, ms },
  };
  return [witness, ...watched.map((one) => reachOf(context, one, watched))];
}
