import type { Observation } from '../model.ts';

type Row = Extract<Observation, { kind: 'tcp' | 'tls' | 'sip' | 'latency' }>;

const isRow = (one: Observation): one is Row =>
  one.kind === 'tcp' || one.kind === 'tls' || one.kind === 'sip' || one.kind === 'latency';

const keyOf = ({ about }: Row): string => `${about.transport} ${about.address} ${about.port}`;

/**
 * The observations without the rows by address that stand beside a row by name to the same port: clients connect by name, and a
 * certificate that cannot name an address is no fault. What was said with the password counts, whichever way it went.
 */
export function withoutTwins(observations: readonly Observation[]): Observation[] {
  const named = new Set(observations.flatMap((one) => (isRow(one) && one.about.by === 'name' ? keyOf(one) : [])));
  if (named.size === 0) return [...observations];
  return observations.filter((one) => {
    if (!isRow(one) || one.about.by !== 'address' || !named.has(keyOf(one))) return true;
    return one.kind === 'sip' && one.about.step !== undefined;
  });
}
