import type { DnsObservation } from '../model/dns.ts';

/** What one DNS server was asked, in the order of the observations. */
export interface AskedResolver {
  /** '192.0.2.53:53'. */
  address: string;
  /** How the user called it; the servers of this machine share one label and stand in for one another. */
  label: string;
  observations: DnsObservation[];
}

export function byResolver(dns: readonly DnsObservation[]): AskedResolver[] {
  const servers = new Map<string, AskedResolver>();
  for (const one of dns) {
    const { resolver: address, resolverLabel: label } = one.about;
    const entry = servers.get(`${label} ${address}`) ?? { address, label, observations: [] };
    entry.observations.push(one);
    servers.set(`${label} ${address}`, entry);
  }
  return [...servers.values()];
}

/** 'internal (10.0.0.53:53)', or the bare address when it has no other name. */
export const resolverText = ({ address, label }: Pick<AskedResolver, 'address' | 'label'>): string =>
  label === address || label === address.replace(/:53$/, '') ? address : `${label} (${address})`;
