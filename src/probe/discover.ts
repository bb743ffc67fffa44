import type { DiscoveryObservation, DnsObservation, Server, Target } from '../model.ts';
import { PROFILES, stepName, type ProfileStep } from '../profiles.ts';
import { askResolver, type Question, type Resolver } from './ask-dns.ts';
import { offsetMs, type ProbeContext } from './context.ts';
import { chooseServers } from './choose-servers.ts';

export interface DiscoveryPlan {
  target: Target;
  domain: string;
  resolvers: readonly Resolver[];
}

const addressesOf = (name: string): Question[] => [
  { name, type: 'A' },
  { name, type: 'AAAA' },
];

function questionsOf(step: ProfileStep, domain: string): Question[] {
  const name = stepName(step, domain);
  if (step.kind === 'srv') return [{ name, type: 'SRV' }];
  if (step.kind === 'naptr') return [{ name, type: 'NAPTR' }];
  return addressesOf(name);
}

/** What an answer makes worth asking: the addresses of SRV targets, and the end of an alias that the answer does not hold. */
export function followUps({ about, outcome }: DnsObservation): Question[] {
  if (!outcome.ok) return [];
  const { records } = outcome.value;
  if (about.type === 'SRV') {
    return records.flatMap((record) => (record.srv && record.srv.target !== '' ? addressesOf(record.srv.target) : []));
  }
  return [];
}

/** Asks every name of every profile, and works out where a client would connect. */
export async function discover(
  context: ProbeContext,
  plan: DiscoveryPlan,
): Promise<{ observations: (DnsObservation | DiscoveryObservation)[]; servers: Server[] }> {
  const { domain, target } = plan;
  const startedAt = context.world.now();
  const at = offsetMs(context);
  const steps = PROFILES.flatMap((profile) => profile.steps);
  const questions = steps.flatMap((step) => questionsOf(step, domain));
  const perResolver = await Promise.all(
    plan.resolvers.map((resolver) => askResolver(context, resolver, { questions, followUps })),
  );
  const dns = perResolver.flat();
  // The first resolver is the one that a client on this machine uses; the others are there to be compared with.
  const value = chooseServers({ target, domain, dns: perResolver[0] ?? [] });
  const ms = Math.max(0, context.world.now() - startedAt);
  const discovery: DiscoveryObservation = {
    kind: 'discovery',
    subject: domain,
    at,
    about: { domain },
    outcome: { ok: true, value, ms },
  };
  return { observations: [...dns, discovery], servers: value.servers };
}

/** A server that the user named: no service discovery, addresses only (RFC 3263 section 4.2, explicit port or numeric host). */
export async function resolveServer(
  context: ProbeContext,
  plan: { host: string; resolvers: readonly Resolver[] },
): Promise<{ observations: DnsObservation[]; addresses: string[] }> {
  const [resolver] = plan.resolvers;
  if (resolver === undefined) return { observations: [], addresses: [] };
  const observations = await askResolver(context, resolver, { questions: addressesOf(plan.host), followUps: () => [] });
  const addresses = observations.flatMap(({ outcome }) =>
    outcome.ok ? outcome.value.records.flatMap((record) => record.address ?? []) : [],
  );
  return { observations, addresses };
}
