import type { Observation, ObservationKind, Rung, Severity } from '../model.ts';
import { createReadings, type ByKind, type Readings } from './readings.ts';

/** Fixed, or read off the evidence where the same fact weighs differently (one dead server of several, the profile). */
type CaseSeverity<E> =
  | { severity: Severity; weighs?: never }
  | {
      severity: (evidence: E) => Severity;
      /** Which severity it is when: a fragment without a full stop. */
      weighs: string;
    };

interface CaseWords<E> {
  /** One sentence that names the thing by its name and gives the numbers. */
  text: (evidence: E) => string;
  /** What to type, or whom to ask. */
  remedy: (evidence: E) => string;
  /** The case in one sentence without evidence, for whoever looks it up. */
  means: string;
  /** What usually lies behind it, the likeliest first: fragments without a full stop. */
  causes: readonly [string, ...string[]];
  /** The remedy in one sentence without evidence: what to do first, with the command or the setting where it is known. */
  fix: string;
}

/** One answer that a check can give. `E` is the evidence that its words are made from: plain JSON. */
export type CaseSpec<E> = CaseSeverity<E> & CaseWords<E>;

/** What can be said of a case without evidence. */
export interface CaseFacts {
  name: string;
  /** 'depends': read off the evidence. */
  severity: Severity | 'depends';
  /** Which severity it is when; the severity itself where it is fixed. */
  weighs: string;
  means: string;
  causes: readonly string[];
  fix: string;
}

/** The observations of the declared kinds, in the order in which they were made. */
export type Seen<K extends ObservationKind> = { readonly [P in K]: readonly Extract<Observation, { kind: P }>[] };

export type Found<E> = <C extends keyof E & string>(name: C, subject: string, evidence: E[C]) => void;

interface CheckSpec<R extends ObservationKind, U extends ObservationKind, E> {
  /** Also the file's name and the first half of every finding id: public, never reused. */
  id: string;
  rung: Rung;
  question: string;
  /** RFC and section, or the product's documentation. */
  source: string;
  /** Kinds that this check judges: without one of them it is not a pass but inconclusive. */
  reads: readonly R[];
  /** Kinds that only put the judged ones into context. */
  uses?: readonly U[];
  /** Sees all rows of a matrix and puts into words what other checks judge: its rung neither passes nor fails by it. */
  role?: 'concludes';
  cases: { readonly [C in keyof E]: CaseSpec<E[C]> };
  /** A sentence why the question does not arise in this run, or null. */
  notApplicable?: (seen: Seen<R | U>, readings: Readings) => string | null;
  run: (seen: Seen<R | U>, found: Found<E>, readings: Readings) => void;
}

export interface FoundCase {
  name: string;
  subject: string;
  severity: Severity;
  text: string;
  remedy: string;
  evidence: Record<string, unknown>;
}

/** A check with its evidence types forgotten, as the judge runs it. */
export interface Check {
  id: string;
  rung: Rung;
  question: string;
  source: string;
  reads: readonly ObservationKind[];
  uses: readonly ObservationKind[];
  /** Absent: it judges its rung. */
  role?: 'concludes';
  caseNames: readonly string[];
  caseFacts: readonly CaseFacts[];
  notApplicable(observations: readonly Observation[], readings?: Readings): string | null;
  /** `readings` are shared by the checks of one judgement. */
  run(observations: readonly Observation[], readings?: Readings): FoundCase[];
}

function factsOf(cases: Readonly<Record<string, CaseSpec<never>>>): CaseFacts[] {
  return Object.entries(cases).map(([name, { severity, weighs, means, causes, fix }]) => ({
    name,
    severity: typeof severity === 'function' ? 'depends' : severity,
    weighs: typeof severity === 'function' ? weighs : severity,
    means,
    causes,
    fix,
  }));
}

const cut = (seen: ByKind, kinds: ReadonlySet<ObservationKind>): Record<string, readonly Observation[]> =>
  Object.fromEntries([...kinds].map((kind) => [kind, seen.get(kind) ?? []]));

/**
 * Ties a check to its table of cases: the compiler refuses a case that the table does not hold, evidence of the wrong shape,
 * and a kind of observation that was not declared.
 */
export function defineCheck<R extends ObservationKind, E, U extends ObservationKind = never>(
  spec: CheckSpec<R, U, E>,
): Check {
  const kinds = new Set<ObservationKind>([...spec.reads, ...(spec.uses ?? [])]);
  // Observations are cut by kind at run time, which the mapped type cannot follow.
  const see = (all: readonly Observation[], { byKind }: Readings): Seen<R | U> => cut(byKind(all), kinds) as never;

  return {
    id: spec.id,
    rung: spec.rung,
    question: spec.question,
    source: spec.source,
    reads: spec.reads,
    uses: spec.uses ?? [],
    ...(spec.role === undefined ? {} : { role: spec.role }),
    caseNames: Object.keys(spec.cases),
    caseFacts: factsOf(spec.cases),
    notApplicable: (all, readings = createReadings()) => spec.notApplicable?.(see(all, readings), readings) ?? null,
    run(all, readings = createReadings()) {
      const results: FoundCase[] = [];
      spec.run(
        see(all, readings),
        (name, subject, evidence) => {
          const chosen = spec.cases[name];
          const severity = typeof chosen.severity === 'function' ? chosen.severity(evidence) : chosen.severity;
          results.push({
            name,
            subject,
            severity,
            text: chosen.text(evidence),
            remedy: chosen.remedy(evidence),
            evidence: evidence as Record<string, unknown>, // evidence is an object literal by convention of every table
          });
        },
        readings,
      );
      return results;
    },
  };
}
