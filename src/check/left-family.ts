import type { Observation, Verdict } from '../model.ts';
import { listed } from './short-list.ts';

/** The family of every server that could have been tried, where none was: the user wants the other one. */
export function untriedFamily(observations: readonly Observation[]): 'IPv4' | 'IPv6' | undefined {
  if (observations.some(({ kind }) => kind === 'tcp' || kind === 'tls' || kind === 'sip')) return undefined;
  const families = new Set(addressesIn(observations).map((one) => (one.includes(':') ? 'IPv6' : 'IPv4')));
  const [only] = families;
  return families.size === 1 ? only : undefined;
}

/** Those of the servers that the client would take; where the user named the server, those of its name. */
function addressesIn(observations: readonly Observation[]): string[] {
  const [discovery] = observations.filter((one) => one.kind === 'discovery');
  if (discovery?.outcome.ok === true) return discovery.outcome.value.servers.flatMap(({ addresses }) => addresses);
  return observations.flatMap((one) =>
    one.kind === 'dns' && one.outcome.ok ? one.outcome.value.records.flatMap(({ address }) => address ?? []) : [],
  );
}

const SWITCHES = { IPv4: { wanted: 'IPv6', switched: '-6' }, IPv6: { wanted: 'IPv4', switched: '-4' } };

/** Why the rung connect was not climbed where every server is of the family that was left out. */
export function leftFamilyText(family: 'IPv4' | 'IPv6'): string {
  const { wanted, switched } = SWITCHES[family];
  return `not tested: no server has an ${wanted} address (${switched})`;
}

/** No server has an address of the family that the user asked for: neither good nor bad is known of them. */
export function leftFamily(observations: readonly Observation[]): Verdict | undefined {
  const family = untriedFamily(observations);
  if (family === undefined) return undefined;
  const { wanted, switched } = SWITCHES[family];
  return {
    status: 'unknown',
    rung: 'connect',
    findingId: null,
    summary: `No server was tried: DNS gives ${family} addresses alone (${listed(addressesIn(observations))}), and ${switched} leaves them out.`,
    nextStep: `Run the same command without ${switched}, or give the servers an ${wanted} address (${wanted === 'IPv6' ? 'AAAA' : 'A'} record).`,
  };
}
