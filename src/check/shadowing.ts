import type { Discovery, DiscoveryStep, ProfileOutcome } from '../model/dns.ts';

const INTERNAL = /^_sipinternal(tls)?\._tcp\./;

/** A name for inside use that is found first, and what it keeps a client from. */
export interface Shadowing {
  /** The internal SRV name. */
  name: string;
  outcome: ProfileOutcome;
  /** Addresses of the internal targets; none: the targets are dead. */
  addresses: string[];
  /** What was made of each record, in words. */
  why: string;
  /** Names that would have led somewhere. */
  hidden: { name: string; addresses: string[] }[];
}

const nameOf = ({ question }: DiscoveryStep): string => question.replace(/ [A-Z/]+$/, '');
const addressesOf = ({ records = [] }: DiscoveryStep): string[] => records.flatMap(({ addresses }) => addresses ?? []);

function shadowIn(outcome: ProfileOutcome): Shadowing | undefined {
  const at = outcome.steps.findIndex(
    ({ question, fate, records = [] }) =>
      INTERNAL.test(question) && (fate === 'used' || fate === 'broken') && records.length > 0,
  );
  const winner = outcome.steps[at];
  if (winner === undefined) return undefined;
  const hidden = outcome.steps
    .slice(at + 1)
    .filter((step) => step.fate === 'ignored' && !INTERNAL.test(step.question))
    .map((step) => ({ name: nameOf(step), addresses: addressesOf(step) }))
    .filter(({ addresses }) => addresses.length > 0);
  if (hidden.length === 0) return undefined;
  const why = (winner.records ?? []).map((record) => record.why).join('; ');
  return { name: nameOf(winner), outcome, addresses: addressesOf(winner), why, hidden };
}

/**
 * The deciding client's case first, else that of the first profile that suffers it. Clients that take the first SRV name that
 * resolves never get to the later ones.
 */
export function findShadowing({ profile, profiles = [] }: Discovery): Shadowing | undefined {
  const deciding = profiles.filter((one) => one.profile === profile);
  for (const outcome of [...deciding, ...profiles]) {
    const shadow = shadowIn(outcome);
    if (shadow !== undefined) return shadow;
  }
  return undefined;
}
