import type { Target } from '../model.ts';
import type { DiscoveryObservation, DnsObservation, Server } from '../model/dns.ts';
import { PROFILES, stepName, type ProfileStep } from '../profiles.ts';
import { followAliases, MAX_ALIASES } from '../wire/dns-answer.ts';
import { readAnswers } from '../wire/dns-lookup.ts';
import { toUnicodeDomain } from '../wire/dns-name.ts';
import type { World } from '../world.ts';
import { askResolver, type Question, type Resolver } from './ask-dns.ts';
import { offsetMs, type ProbeContext } from './context.ts';
import { chooseServers } from './choose-servers.ts';
import { srvNameOf } from './naptr-step.ts';
import { firstTargets, type Draw } from './srv-order.ts';

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

/** Every name of every profile, once. Names outside the domain are asked for only when their profile was named. */
export function plannedQuestions({ target, domain }: Pick<DiscoveryPlan, 'target' | 'domain'>): Question[] {
  const steps = PROFILES.flatMap((profile) =>
    profile.steps.filter(({ when }) => when !== 'profile-named' || profile.name === target.profile),
  );
  const questions = steps.flatMap((step) => questionsOf(step, domain));
  return [...new Map(questions.map((one) => [`${one.type} ${one.name}`, one])).values()];
}

const keyOf = ({ name, type }: Question): string => `${type} ${name.toLowerCase()}`;

function targetsOf({ about, outcome }: DnsObservation): Question[] {
  if (!outcome.ok) return [];
  const { records } = outcome.value;
  if (about.type === 'SRV') {
    const targets = firstTargets(records).flatMap(({ srv }) => (srv && srv.target !== '.' ? srv.target : []));
    return [...new Set(targets)].flatMap(addressesOf);
  }
  if (about.type !== 'NAPTR') return [];
  return records.flatMap((record) => {
    const name = srvNameOf(record);
    return name === undefined ? [] : [{ name, type: 'SRV' as const }];
  });
}

/** The end of an alias that the answer itself does not hold. */
function aliasEnd({ about, outcome }: DnsObservation): Question[] {
  if (!outcome.ok || outcome.value.status !== 'answer') return [];
  const { kind, name } = followAliases(outcome.value.records, about.name, about.type);
  return kind === 'query-target' ? [{ name, type: about.type }] : [];
}

/**
 * A resolver answers SERVFAIL to aliases that run in a circle, as it does to a zone that is down; asked for the aliases alone, it
 * shows them one by one.
 */
function aliasItself({ about, outcome }: DnsObservation): Question[] {
  if (!outcome.ok) {
    const mayBeAlias = about.type !== 'CNAME' && outcome.reason === 'servfail';
    return mayBeAlias ? [{ name: about.name, type: 'CNAME' }] : [];
  }
  if (about.type !== 'CNAME') return [];
  return outcome.value.records.flatMap(({ type, host }) =>
    type === 'CNAME' && host !== undefined ? [{ name: host, type: 'CNAME' as const }] : [],
  );
}

/**
 * What an answer makes worth asking: the SRV records behind NAPTR, the addresses of SRV targets, the end of an alias that the
 * answer does not hold, and the aliases of a name that cannot be resolved. Keeps count of the aliases on the way, so that a
 * chain without end is not followed without end; the same observation gives the same questions each time.
 */
export function createFollowUps(): (observation: DnsObservation) => Question[] {
  const aliasesBefore = new Map<string, number>();
  return (observation) => {
    const depth = aliasesBefore.get(keyOf(observation.about)) ?? 0;
    const ends = depth >= MAX_ALIASES ? [] : [...aliasEnd(observation), ...aliasItself(observation)];
    for (const end of ends) if (!aliasesBefore.has(keyOf(end))) aliasesBefore.set(keyOf(end), depth + 1);
    return [...targetsOf(observation), ...ends];
  };
}

/** Six octets: the remainder favours no target by more than one in a million. */
const DRAW_OCTETS = 6;

export const drawFrom =
  (world: World): Draw =>
  (label, most) =>
    Number.parseInt(world.randomHex(label, DRAW_OCTETS), 16) % (most + 1);

/** Asks every name of every profile, and works out where a client would connect. */
export async function discover(
  context: ProbeContext,
  plan: DiscoveryPlan,
): Promise<{ observations: (DnsObservation | DiscoveryObservation)[]; servers: Server[] }> {
  const { domain, target } = plan;
  const startedAt = context.world.now();
  const at = offsetMs(context);
  const questions = plannedQuestions(plan);
  const perResolver = await Promise.all(
    plan.resolvers.map((resolver) => askResolver(context, resolver, { questions, followUps: createFollowUps() })),
  );
  // The first resolver is the one that a client on this machine uses; the others are there to be compared with.
  const value = chooseServers({ target, domain, dns: perResolver[0] ?? [], draw: drawFrom(context.world) });
  const ms = Math.max(0, context.world.now() - startedAt);
  const unicode = toUnicodeDomain(domain);
  const discovery: DiscoveryObservation = {
    kind: 'discovery',
    subject: domain,
    at,
    about: { domain, ...(unicode === domain ? {} : { unicode }) },
    outcome: { ok: true, value, ms },
  };
  context.seen?.(discovery);
  return { observations: [...perResolver.flat(), discovery], servers: value.servers };
}

/** One question of the user's own, and what it leads to; no profile is put to it. Every resolver is asked. */
export async function askOne(
  context: ProbeContext,
  plan: { question: Question; resolvers: readonly Resolver[] },
): Promise<DnsObservation[]> {
  const perResolver = await Promise.all(
    plan.resolvers.map((resolver) =>
      askResolver(context, resolver, { questions: [plan.question], followUps: createFollowUps() }),
    ),
  );
  return perResolver.flat();
}

/** A server that the user named: no service discovery, addresses only (RFC 3263 section 4.2, explicit port or numeric host). */
export async function resolveServer(
  context: ProbeContext,
  plan: { host: string; resolvers: readonly Resolver[] },
): Promise<{ observations: DnsObservation[]; addresses: string[] }> {
  const [resolver] = plan.resolvers;
  if (resolver === undefined) return { observations: [], addresses: [] };
  const questions = addressesOf(plan.host);
  const observations = await askResolver(context, resolver, { questions, followUps: createFollowUps() });
  return { observations, addresses: readAnswers(observations).host(plan.host).addresses };
}
