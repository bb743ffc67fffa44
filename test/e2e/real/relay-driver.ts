/** Runs in the client's namespace, as one bundle: asks a STUN or a TURN server, and prints what was seen as JSON. */
import { createRealWorld } from '../../../src/net/real-world.ts';
import type { ProbeContext } from '../../../src/probe/context.ts';
import { openRange, type OpenPort } from '../../../src/probe/open-ports.ts';
import { probeStun } from '../../../src/probe/stun.ts';
import { probeTurn } from '../../../src/probe/turn.ts';

/** What the driver is told, as JSON in its first argument. */
export interface RelayJob {
  ask: 'stun' | 'turn';
  server: { address: string; port: number };
  transport?: 'udp' | 'tcp' | 'tls';
  host?: string;
  password?: string;
  /** PEM texts of trusted roots. */
  roots?: string[];
  tcpPorts?: [number, number] | undefined;
  udpPorts?: [number, number] | undefined;
  timeoutMs: number;
  /** Of the run, in ms: then it is cancelled. */
  abortAfter?: number;
}

async function listen(context: ProbeContext, job: RelayJob): Promise<OpenPort[]> {
  const address = job.server.address.includes(':') ? '::' : '0.0.0.0';
  const plan = { address, needed: 1, source: 'option' as const };
  const open = async (transport: 'tcp' | 'udp', [first, last]: [number, number]) => {
    const use = transport === 'tcp' ? ('sip' as const) : ('media' as const);
    return (await openRange(context, { ...plan, use, transport, first, last })).ports;
  };
  const tcp = job.tcpPorts === undefined ? [] : await open('tcp', job.tcpPorts);
  const udp = job.udpPorts === undefined ? [] : await open('udp', job.udpPorts);
  return [...tcp, ...udp];
}

async function main(job: RelayJob): Promise<void> {
  const world = createRealWorld();
  const ending = new AbortController();
  if (job.abortAfter !== undefined) setTimeout(() => ending.abort(), job.abortAfter);
  const trust = { added: job.roots ?? [], builtIn: () => Promise.resolve([]) };
  const { timeoutMs, server } = job;
  const context: ProbeContext = { world, startedAt: world.now(), timeoutMs, trust, signal: ending.signal };
  const label = `${server.address}:${server.port}`;
  const observations =
    job.ask === 'stun'
      ? await probeStun(context, { server, label })
      : await probeTurn(context, {
          server,
          label,
          transport: job.transport ?? 'udp',
          ...(job.host === undefined ? {} : { host: job.host }),
          credentials: { user: 'alice', password: () => job.password ?? 'secret' },
          ports: await listen(context, job),
        });
  const ms = world.now() - context.startedAt;
  await new Promise<void>((resolve) => {
    process.stdout.write(JSON.stringify({ observations, ms }), () => resolve());
  });
  // The ports still listen: this is no part of sipdiag, and its work is done.
  process.kill(process.pid, 'SIGTERM');
}

await main(JSON.parse(process.argv[2] ?? '{}') as RelayJob);
