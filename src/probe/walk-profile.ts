import type { DiscoveryStep, ProfileOutcome, Server } from '../model/dns.ts';
import { profileTitle, stepName, type Profile, type ProfileStep } from '../profiles.ts';
import { isUnder } from '../wire/dns-name.ts';
import { readNaptr } from './naptr-step.ts';
import {
  isAllowed,
  listed,
  questionOf,
  readHost,
  readSrv,
  type Choice,
  type StepFate,
  type StepReading,
} from './step-reading.ts';

interface Walk {
  choice: Choice;
  profile: Profile;
  servers: Server[];
  steps: DiscoveryStep[];
  /** What the servers come from: the name, and how to call it. */
  winner?: { step: ProfileStep; via: string };
  /** Transports that an SRV record with the target "." rules out. */
  refused: Set<ProfileStep['transport']>;
  /** Steps whose names nobody has answered for. */
  unanswered: Set<DiscoveryStep>;
}

function readStep(choice: Choice, step: ProfileStep): StepReading {
  const name = stepName(step, choice.domain);
  if (step.kind === 'naptr') return readNaptr(choice, step);
  if (step.kind === 'srv' && step.transport !== 'https' && step.transport !== 'any') {
    return readSrv(choice, name, { transport: step.transport, via: `SRV ${name}` });
  }
  return readHost(choice, step);
}

/** The conditions of the step itself, whatever other names hold. */
function conditionFate(walk: Walk, step: ProfileStep, reading: StepReading): StepFate | undefined {
  const { target } = walk.choice;
  const { why, servers } = reading;
  const found = servers.length > 0 || reading.records.length > 0;
  if (step.when === 'profile-named' && reading.fate === 'not-checked') {
    return {
      fate: 'not-checked',
      why: `a name outside the domain: looked up with --profile ${walk.profile.name} only`,
    };
  }
  if (!found) return undefined;
  if (step.when === 'profile-named')
    return { fate: 'not-checked', why: `${why}; the SBC connects there, sipdiag does not` };
  if (step.when === 'partners-only') return { fate: 'ignored', why: `only partner organisations ask for it: ${why}` };
  if (step.kind === 'http')
    return { fate: 'not-checked', why: `${why}; what it answers over HTTP is asked by doctor and signin` };
  if (step.when === 'tcp-allowed' && !target.transports.includes('tcp')) {
    return { fate: 'ignored', why: 'only clients that allow TCP in the clear ask for it (--transport tcp)' };
  }
  return undefined;
}

/** A step that counts only where the name leads to the provider's own host. */
function unexpected({ choice }: Walk, step: ProfileStep, reading: StepReading): StepFate | undefined {
  const { expect } = step;
  if (expect === undefined || (reading.servers.length === 0 && reading.records.length === 0)) return undefined;
  const name = stepName(step, choice.domain);
  const hosts =
    step.kind === 'srv'
      ? reading.servers.map((server) => server.host)
      : [name, ...choice.answers.host(name).chain.flatMap(({ host }) => host ?? [])];
  if (hosts.some((host) => isUnder(host, expect))) return undefined;
  return { fate: 'ignored', why: `leads to ${hosts.at(-1) ?? 'nothing'}, not to ${expect}: on-premises or hybrid` };
}

/** Why an earlier step keeps this one from counting. */
function beatenBy({ choice, profile, servers, winner, refused }: Walk, step: ProfileStep): string | undefined {
  if (profile.selection === 'rfc3263' && step.kind === 'host' && refused.has(step.transport)) {
    return `an SRV record says that ${step.transport} is not offered`;
  }
  if (winner === undefined) return undefined;
  if (profile.selection === 'first-answer') {
    // The same name on another port is the next try of the same client.
    const sameHost = step.kind === 'host' && winner.step.kind === 'host' && step.name === winner.step.name;
    return sameHost ? undefined : `${winner.via.replace(/^SRV /, '')} is found first`;
  }
  // An address at a default port stands in only where nothing is published (RFC 3263 section 4.2).
  if (step.kind === 'host')
    return servers.some((server) => server.published) ? `${winner.via} is published` : undefined;
  if (step.kind === 'srv' && winner.step.kind === 'naptr') {
    const name = stepName(step, choice.domain);
    return servers.some(({ set }) => set === name) ? undefined : 'the NAPTR records decide and do not name it';
  }
  return undefined;
}

function withFate(reading: StepReading, { fate, why }: StepFate): StepFate {
  const kept = reading.records.map((record) =>
    record.fate === 'used' && (fate === 'ignored' || fate === 'not-checked') ? { ...record, fate } : record,
  );
  return { fate, why, ...(kept.length > 0 ? { records: kept } : {}) };
}

const DEAD_WINNER = 'found first, so that the client tries nothing else; but ';

function take(walk: Walk, step: ProfileStep, reading: StepReading): StepFate {
  const { choice, profile, servers, winner } = walk;
  const offered = reading.servers.filter((server) => isAllowed(choice.target, server.transport));
  if (offered.length === 0) return { fate: 'ignored', why: `${step.transport} was not asked for` };
  if (winner?.step.kind === 'naptr' && step.kind === 'srv') return { fate: reading.fate, why: 'NAPTR leads to it' };
  servers.push(...offered);
  walk.winner ??= { step, via: offered[0]?.via ?? stepName(step, choice.domain) };
  const dead = reading.fate === 'broken' && profile.selection === 'first-answer';
  return { fate: reading.fate, why: dead ? `${DEAD_WINNER}${reading.why}` : reading.why };
}

function fateOf(walk: Walk, step: ProfileStep, reading: StepReading): StepFate {
  const { target } = walk.choice;
  if (step.kind === 'naptr' && target.transports.length === 1 && reading.records.length > 0) {
    return { fate: 'ignored', why: 'the transport is given, so that it is not asked for (RFC 3263 section 4.1)' };
  }
  const own = conditionFate(walk, step, reading) ?? unexpected(walk, step, reading);
  if (own !== undefined) return own;
  if (reading.servers.length === 0) {
    if (reading.fate === 'refused') walk.refused.add(step.transport);
    const falls = step.kind === 'naptr' && reading.fate === 'broken';
    return { fate: reading.fate, why: falls ? `${reading.why}; the client falls back to SRV` : reading.why };
  }
  const beaten = beatenBy(walk, step);
  return beaten === undefined ? take(walk, step, reading) : { fate: 'ignored', why: beaten };
}

const reachable = (servers: readonly Server[]): Server[] => servers.filter(({ addresses }) => addresses.length > 0);

/** Where the client ends up, in words. */
function concludeOn({ steps, servers, unanswered }: Walk): Pick<ProfileOutcome, 'status' | 'conclusion'> {
  const alive = reachable(servers);
  if (alive.length > 0) {
    const ways = [...new Set(alive.map(({ via }) => via))].map((via) => {
      const mine = alive.filter((server) => server.via === via);
      const transports = [...new Set(mine.map(({ transport }) => transport))].join(', ');
      return `${transports} to ${listed(mine)} by ${via}`;
    });
    return { status: 'reaches', conclusion: ways.join('; ') };
  }
  const broken = steps.find(({ fate }) => fate === 'broken');
  const named = (step: DiscoveryStep): string => `${step.question}: ${step.why}`;
  if (servers.length > 0 && broken) return { status: 'fails', conclusion: named(broken) };
  const failed = steps.find((step) => step.fate === 'broken' && unanswered.has(step));
  if (failed) return { status: 'unknown', conclusion: named(failed) };
  if (broken) return { status: 'fails', conclusion: named(broken) };
  const open = steps.find(({ fate, records }) => fate === 'not-checked' && (records?.length ?? 0) > 0);
  if (open) return { status: 'not-checked', conclusion: named(open) };
  const refused = steps.find(({ fate }) => fate === 'refused');
  if (refused) return { status: 'fails', conclusion: named(refused) };
  const passed = steps.find(({ fate }) => fate === 'ignored');
  if (passed) return { status: 'finds-nothing', conclusion: named(passed) };
  return { status: 'finds-nothing', conclusion: 'none of the names that it asks for exists' };
}

/**
 * Walks the names of one profile in its order: where its client would connect, and what becomes of every name and record. Pure.
 * RFC 3263 section 4; the products' documents for the others.
 */
export function walkProfile(choice: Choice, profile: Profile): ProfileOutcome {
  const walk: Walk = { choice, profile, servers: [], steps: [], refused: new Set(), unanswered: new Set() };
  for (const step of profile.steps) {
    const reading = readStep(choice, step);
    const fate = withFate(reading, fateOf(walk, step, reading));
    const seen: DiscoveryStep = { step: step.name, question: questionOf(step, choice.domain), ...fate };
    walk.steps.push(seen);
    if (reading.unanswered) walk.unanswered.add(seen);
  }
  const { steps, servers } = walk;
  return { profile: profile.name, title: profileTitle(profile), ...concludeOn(walk), steps, servers };
}
