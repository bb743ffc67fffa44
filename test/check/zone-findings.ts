import type { Check, FoundCase } from '../../src/check/define-check.ts';
import { judge } from '../../src/judge.ts';
import type { CheckRun, Observation, Reason, Target } from '../../src/model.ts';
import { discoverIn, targetOf, type ZoneOptions } from '../probe/zone-answers.ts';

export interface Scene {
  target?: Partial<Target>;
  options?: ZoneOptions;
  /** Attempts that were made on what discovery found. */
  attempts?: Observation[];
}

/** What a run sees in a zone. */
export function sceneOf(zone: string, { target, options, attempts = [] }: Scene = {}): Observation[] {
  const { dns, discovery } = discoverIn(zone, targetOf(target), options);
  return [...dns, discovery, ...attempts];
}

export const findIn = (check: Check, zone: string, scene?: Scene): FoundCase[] => check.run(sceneOf(zone, scene));

export const tellAll = (check: Check, found: readonly FoundCase[]): string[] =>
  found.map(({ severity, name, subject }) => `${severity} ${check.id}.${name} ${subject}`);

/** 'error srv-target.missing sip.example' for each finding. */
export const told = (check: Check, zone: string, scene?: Scene): string[] =>
  tellAll(check, check.run(sceneOf(zone, scene)));

/** What the judge makes of the check: passed, inconclusive, not-applicable, … */
export function statusOf(check: Check, observations: readonly Observation[]): CheckRun['status'] | undefined {
  return judge(observations, targetOf()).checks.find(({ checkId }) => checkId === check.id)?.status;
}

/** Every finding of the rung dns, as 'severity id'. */
export const allTold = (zone: string, scene?: Scene): string[] =>
  judge(sceneOf(zone, scene), targetOf(scene?.target))
    .findings.filter(({ rung }) => rung === 'dns')
    .map(({ severity, id }) => `${severity} ${id}`);

/** A TCP attempt; without a reason it succeeds. */
export function tcpTo(
  address: string,
  about: { host: string; set: string; port?: number },
  reason?: Reason,
): Observation {
  const { host, set, port = 5061 } = about;
  const ms = 5;
  return {
    kind: 'tcp',
    subject: `tls ${address}`,
    at: 10,
    about: { transport: 'tls', host, address, port, published: true, set },
    outcome:
      reason === undefined
        ? { ok: true, value: { localAddress: '192.0.2.99', localPort: 50_000 }, ms }
        : { ok: false, reason, detail: `${reason} by the test`, ms },
  };
}
