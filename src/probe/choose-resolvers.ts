import type { DnsObservation } from '../model/dns.ts';
import type { Resolver, ResolverChoice } from './ask-dns.ts';
import { offsetMs, type ProbeContext } from './context.ts';

/** As many as stub resolvers read (resolv.conf(5): MAXNS). */
const MAX_SYSTEM_RESOLVERS = 3;

/** The servers of this machine, in order: the others stand in for the first. */
async function systemResolver({ world }: ProbeContext): Promise<Resolver[]> {
  const endpoints = await world.net.systemResolvers();
  const [first, ...standIns] = endpoints
    .slice(0, MAX_SYSTEM_RESOLVERS)
    .map((endpoint): Resolver => ({ label: 'system', endpoint }));
  return first === undefined ? [] : [{ ...first, standIns }];
}

/** The DNS servers to ask; absent: those of this machine. */
export async function chooseResolvers(
  context: ProbeContext,
  choices: readonly ResolverChoice[] | undefined,
): Promise<Resolver[]> {
  const chosen = await Promise.all(
    (choices ?? ['system']).map((choice) =>
      choice === 'system' ? systemResolver(context) : Promise.resolve([choice]),
    ),
  );
  return chosen.flat();
}

/** Nobody can be asked. */
export const noResolver = (context: ProbeContext, name: string): DnsObservation => ({
  kind: 'dns',
  subject: `${name} A`,
  at: offsetMs(context),
  about: { name, type: 'A', resolver: 'none', resolverLabel: 'system' },
  outcome: { ok: false, reason: 'no-resolver', detail: 'this machine has no DNS server configured', ms: 0 },
});
