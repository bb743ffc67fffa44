/** Asks an agent from inside a network namespace, and prints what was observed. Bundled by agent-network.test.ts. */
import { createRealWorld } from '../../src/net/real-world.ts';
import { probeAgent } from '../../src/probe/ask-agent.ts';
import type { ProbeContext } from '../../src/probe/context.ts';
import { openRange } from '../../src/probe/open-ports.ts';

/** The one argument, as JSON. */
export interface HarnessPlan {
  server: { address: string; port: number };
  token: string;
  /** Address of this side, which is listened on. */
  address: string;
  timeoutMs: number;
  mirror: 'asked' | 'left-out';
}

async function main(plan: HarnessPlan): Promise<void> {
  const world = createRealWorld();
  const { address, timeoutMs } = plan;
  const context: ProbeContext = { world, startedAt: world.now(), timeoutMs };
  const range = { address, needed: 4, source: 'default' } as const;
  const opened = await Promise.all([
    openRange(context, { ...range, use: 'sip', transport: 'tcp', first: 7100, last: 7103 }),
    openRange(context, { ...range, use: 'media', transport: 'udp', first: 5350, last: 5353 }),
  ]);
  const from = world.now();
  const observations = await probeAgent(context, {
    server: plan.server,
    host: plan.server.address,
    tls: 'tcp',
    token: () => plan.token,
    ports: opened.flatMap(({ ports }) => ports),
    mirror: plan.mirror,
  });
  process.stdout.write(JSON.stringify({ observations, ms: world.now() - from }));
  for (const one of opened) one.close();
}

void main(JSON.parse(process.argv[2] ?? '') as HarnessPlan); // written by the test beside
