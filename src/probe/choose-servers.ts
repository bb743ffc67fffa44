import type { Target } from '../model.ts';
import type { Discovery, DiscoveryStep, DnsObservation, ProfileOutcome } from '../model/dns.ts';
import { PROFILES, RFC3263, type Profile } from '../profiles.ts';
import { readAnswers } from '../wire/dns-lookup.ts';
import type { Choice } from './step-reading.ts';
import { firstTargets, orderSrv, type Draw, type OrderedSrv } from './srv-order.ts';
import { walkProfile } from './walk-profile.ts';

export interface DiscoveryInput {
  target: Target;
  domain: string;
  /** The answers of the resolver that decides. */
  dns: readonly DnsObservation[];
  draw: Draw;
}

type Walked = { profile: Profile; outcome: ProfileOutcome };

/** A name that holds something, even if that leads nowhere: who publishes it means its clients to use it. */
const holds = ({ fate, records }: DiscoveryStep): boolean => (records?.length ?? 0) > 0 && fate !== 'refused';

const isSrv = ({ question }: DiscoveryStep): boolean => question.endsWith(' SRV');
const isHost = ({ question }: DiscoveryStep): boolean => question.endsWith(' A/AAAA');
const counts = ({ fate }: DiscoveryStep): boolean => fate === 'used' || fate === 'broken';

/** What decides for a profile, the strongest first: a service that its client uses, one that it may not use here, a host. */
const GROUNDS: readonly ((step: DiscoveryStep) => boolean)[] = [
  (step) => !isHost(step) && counts(step),
  isSrv,
  (step) => isHost(step) && counts(step),
];

const nameOf = ({ question }: DiscoveryStep): string =>
  question.replace(/ (SRV|A\/AAAA)$/, '').replace(/^(.*) NAPTR$/, 'NAPTR of $1');

/** A name that nobody answered for might have decided otherwise. */
function unanswered(standard: Walked | undefined): string {
  const open = standard?.outcome.steps.find((step) => isSrv(step) && step.fate === 'broken' && !holds(step));
  return open === undefined ? '' : ` (${open.question} was not answered)`;
}

/** RFC 3263 where its names exist, else the Microsoft family, else plain addresses. */
function chooseProfile(walked: readonly Walked[], target: Target): { chosen: Walked | undefined; why: string } {
  const named = walked.find(({ profile }) => profile.name === target.profile);
  if (named !== undefined) return { chosen: named, why: `asked for with --profile ${named.profile.name}` };
  const standard = walked.find(({ profile }) => profile.auto === 'rfc');
  const microsoft = walked.filter(({ profile }) => profile.auto === 'microsoft');
  for (const ground of GROUNDS) {
    // The plain address of the domain is anybody's, a web server's as well: it decides only when nothing else does.
    const services = ground !== GROUNDS.at(-1);
    for (const one of [...(services && standard ? [standard] : []), ...microsoft]) {
      const step = one.outcome.steps.find((step) => holds(step) && ground(step));
      if (step === undefined) continue;
      const rest =
        one === standard ? '' : `, and no service name of RFC 3263 that its clients use${unanswered(standard)}`;
      return { chosen: one, why: `${nameOf(step)} exists${rest}` };
    }
  }
  const isSilent = walked.every(({ outcome }) => outcome.status === 'unknown' || outcome.status === 'not-checked');
  if (isSilent) return { chosen: standard, why: 'no answer came: this is what a client of today asks for' };
  return {
    chosen: standard,
    why: `no service name exists: the plain address of the domain is used${unanswered(standard)}`,
  };
}

/** One draw for each SRV set of a run, whichever profile comes upon it first. */
function createOrder(draw: Draw): Choice['orderOf'] {
  const orders = new Map<string, OrderedSrv[]>();
  return (name, lookup) => {
    const known = orders.get(name);
    if (known !== undefined) return known;
    const order = lookup.state === 'found' ? orderSrv(firstTargets(lookup.records), name, draw) : [];
    orders.set(name, order);
    return order;
  };
}

/**
 * Works out, for every profile, where its client would connect and what became of every name, and which profile decides. No
 * I/O; the one draw of chance comes in through `draw`. RFC 3263 section 4, RFC 2782.
 */
export function chooseServers({ draw, dns, target, domain }: DiscoveryInput): Discovery {
  const choice: Choice = { target, domain, answers: readAnswers(dns), orderOf: createOrder(draw) };
  const walked = PROFILES.map((profile) => ({ profile, outcome: walkProfile(choice, profile) }));
  const { chosen, why } = chooseProfile(walked, target);
  const outcome = chosen?.outcome;
  return {
    profile: chosen?.profile.name ?? RFC3263.name,
    profileWhy: why,
    steps: outcome?.steps ?? [],
    servers: outcome?.servers ?? [],
    profiles: walked.map((one) => one.outcome),
  };
}
