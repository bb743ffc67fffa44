import type {
  Discovery,
  DiscoveryStep,
  DnsObservation,
  DnsRecord,
  RecordType,
  Server,
  Target,
  Transport,
} from '../model.ts';
import { LYNC, PROFILES, RFC3263, stepName, type Profile, type ProfileStep } from '../profiles.ts';

interface Choice {
  target: Target;
  domain: string;
  /** The answers of the resolver that decides. */
  dns: readonly DnsObservation[];
}

/** An SRV set may name many targets; more than this can only be an attack or a mistake. */
const MAX_SRV_TARGETS = 64;

const answerTo = ({ dns }: Choice, name: string, type: RecordType): DnsObservation | undefined =>
  dns.find(({ about }) => about.type === type && about.name.toLowerCase() === name.toLowerCase());

function recordsOf(choice: Choice, name: string, type: RecordType): DnsRecord[] {
  const outcome = answerTo(choice, name, type)?.outcome;
  return outcome?.ok ? outcome.value.records.filter((record) => record.type === type) : [];
}

const addressesOf = (choice: Choice, name: string): string[] =>
  (['A', 'AAAA'] as const).flatMap((type) => recordsOf(choice, name, type).flatMap((record) => record.address ?? []));

/** RFC 2782: lowest priority first; within one priority the heavier first, which is the likeliest order of a weighted draw. */
const bySelectionOrder = (a: DnsRecord, b: DnsRecord): number =>
  (a.srv?.priority ?? 0) - (b.srv?.priority ?? 0) || (b.srv?.weight ?? 0) - (a.srv?.weight ?? 0);

function serversOfStep(choice: Choice, step: ProfileStep): Server[] {
  if (step.transport === 'https') return [];
  const { transport } = step;
  const name = stepName(step, choice.domain);
  if (step.kind === 'srv') {
    return recordsOf(choice, name, 'SRV')
      .toSorted(bySelectionOrder)
      .slice(0, MAX_SRV_TARGETS)
      .flatMap(({ srv }): Server[] => {
        if (srv === undefined || srv.target === '') return [];
        const { target, port, priority, weight } = srv;
        const addresses = addressesOf(choice, target);
        return [
          {
            transport,
            host: target,
            port,
            addresses,
            via: `SRV ${name}`,
            published: true,
            set: name,
            priority,
            weight,
          },
        ];
      });
  }
  const addresses = addressesOf(choice, name);
  if (addresses.length === 0) return [];
  // Default ports are custom, not a promise: one of the transports that answers is enough.
  return [
    { transport, host: name, port: step.port, addresses, via: `address of ${name}`, published: false, set: name },
  ];
}

const isAllowed = (target: Target, transport: Transport): boolean =>
  (target.scheme === 'sip' || transport === 'tls') &&
  (target.transports.length === 0 || target.transports.includes(transport));

function chooseProfile(choice: Choice): { profile: Profile; why: string } {
  const named = PROFILES.find((profile) => profile.name === choice.target.profile);
  if (named !== undefined) return { profile: named, why: `asked for with --profile ${named.name}` };
  const publishes = (profile: Profile, kind: ProfileStep['kind']): ProfileStep | undefined =>
    profile.steps.find((step) => step.kind === kind && serversOrRecords(choice, step));
  const standard = publishes(RFC3263, 'srv');
  if (standard !== undefined) return { profile: RFC3263, why: `${stepName(standard, choice.domain)} exists` };
  const microsoft = publishes(LYNC, 'srv') ?? publishes(LYNC, 'host');
  if (microsoft !== undefined)
    return { profile: LYNC, why: `${stepName(microsoft, choice.domain)} exists, and no SRV name of RFC 3263` };
  return { profile: RFC3263, why: 'no SRV name exists: the plain address of the domain is used' };
}

const serversOrRecords = (choice: Choice, step: ProfileStep): boolean => {
  const name = stepName(step, choice.domain);
  return step.kind === 'srv' ? recordsOf(choice, name, 'SRV').length > 0 : addressesOf(choice, name).length > 0;
};

interface Walk {
  servers: Server[];
  steps: DiscoveryStep[];
}

function absence(choice: Choice, step: ProfileStep): Pick<DiscoveryStep, 'fate' | 'why'> {
  const name = stepName(step, choice.domain);
  const types: RecordType[] = step.kind === 'srv' ? ['SRV'] : ['A', 'AAAA'];
  const outcomes = types.map((type) => answerTo(choice, name, type)?.outcome);
  const failed = outcomes.find((outcome) => outcome?.ok === false);
  if (failed?.ok === false) return { fate: 'broken', why: failed.detail };
  if (step.kind === 'srv' && recordsOf(choice, name, 'SRV').length > 0)
    return { fate: 'refused', why: 'the target is "."' };
  const nodata = outcomes.some((outcome) => outcome?.ok && outcome.value.status === 'nodata');
  return { fate: 'absent', why: nodata ? 'the name has no such record' : 'the name does not exist' };
}

function takeStep(choice: Choice, profile: Profile, walk: Walk & { step: ProfileStep }): void {
  const { step, servers, steps } = walk;
  const question = `${stepName(step, choice.domain)} ${step.kind === 'srv' ? 'SRV' : 'A/AAAA'}`;
  const found = serversOfStep(choice, step);
  const base = { step: step.name, question };
  if (found.length === 0) {
    steps.push({ ...base, ...absence(choice, step) });
    return;
  }
  const offered = found.filter((server) => isAllowed(choice.target, server.transport));
  const winner = servers[0];
  // An address at a default port stands in only where nothing is published (RFC 3263 section 4.2).
  const beaten =
    winner !== undefined && (profile.selection === 'first-answer' || (step.kind === 'host' && winner.published));
  if (beaten) steps.push({ ...base, fate: 'ignored', why: `${winner.via} won` });
  else if (offered.length === 0) steps.push({ ...base, fate: 'ignored', why: `${step.transport} was not asked for` });
  else {
    servers.push(...offered);
    steps.push({ ...base, fate: 'used', why: offered.map(({ host, port }) => `${host}:${port}`).join(', ') });
  }
}

/** Works out where a client of the profile would connect, and what became of every name. Pure. RFC 3263 section 4, RFC 2782. */
export function chooseServers(choice: Choice): Discovery {
  const { profile, why } = chooseProfile(choice);
  const walk: Walk = { servers: [], steps: [] };
  for (const step of profile.steps) takeStep(choice, profile, { ...walk, step });
  return { profile: profile.name, profileWhy: why, ...walk };
}
