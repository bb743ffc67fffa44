import type { DnsObservation } from '../model/dns.ts';
import { defineCheck } from './define-check.ts';

interface Evidence {
  host: string;
  system: string[];
  dns: string[];
  resolver: string;
}

const listed = (addresses: readonly string[]): string => (addresses.length === 0 ? 'no address' : addresses.join(', '));

interface Answered {
  addresses: string[];
  resolver: string;
}

/** What DNS says of a host, of both families; undefined when one of them is not known. */
function addressesInDns(host: string, dns: readonly DnsObservation[]): Answered | undefined {
  const mine = dns.filter(({ about }) => about.name.toLowerCase() === host);
  const labels = mine.map(({ about }) => about.resolverLabel);
  const label = labels.includes('system') ? 'system' : labels[0];
  const ofType = (type: 'A' | 'AAAA'): DnsObservation | undefined =>
    mine.find(({ about, outcome }) => about.type === type && about.resolverLabel === label && outcome.ok);
  const [four, six] = [ofType('A'), ofType('AAAA')];
  if (four === undefined || six === undefined) return undefined;
  const addresses = [four, six].flatMap(({ outcome }) =>
    outcome.ok ? outcome.value.records.flatMap(({ address }) => address ?? []) : [],
  );
  return { addresses, resolver: four.about.resolver };
}

export const systemResolver = defineCheck({
  id: 'system-resolver',
  rung: 'dns',
  question: 'Does this machine resolve the servers to the addresses that DNS gives?',
  source: 'POSIX.1-2017 getaddrinfo, nsswitch.conf(5), hosts(5)',
  reads: ['dns', 'lookup'],
  cases: {
    differs: {
      means: 'Programs on this machine get other addresses for the server than DNS gives.',
      causes: [
        'an entry in the hosts file',
        'a search list or another name service',
        'a VPN client with name rules of its own',
      ],
      fix: 'Take the entry out of the hosts file (/etc/hosts, C:\\Windows\\System32\\drivers\\etc\\hosts), or correct the search list or name service that gives the other address; compare with getent ahosts NAME, on Windows ping NAME.',
      severity: 'warning',
      text: (e: Evidence) =>
        `The operating system resolves ${e.host} to ${listed(e.system)}, the DNS server ${e.resolver} to ${listed(e.dns)}: programs on this machine do not see what DNS says.`,
      remedy: (e) =>
        `Look for ${e.host} in the hosts file (/etc/hosts, C:\\Windows\\System32\\drivers\\etc\\hosts), then at the search list, nsswitch.conf, and other name services (LLMNR, mDNS, WINS); compare with: getent ahosts ${e.host}, on Windows ping ${e.host}`,
    },
  },
  notApplicable: ({ lookup }) =>
    lookup.length === 0 ? 'the operating system was not asked (--resolver system)' : null,
  run({ dns, lookup }, found) {
    for (const { about, outcome } of lookup) {
      const known = addressesInDns(about.host.toLowerCase(), dns);
      if (!outcome.ok || known === undefined) continue;
      const system = outcome.value.addresses;
      const foreign = system.some((address) => !known.addresses.includes(address));
      // A system that has no IPv6, or prefers a family, may leave addresses out.
      if (!foreign && (system.length > 0 || known.addresses.length === 0)) continue;
      found('differs', about.host, { host: about.host, system, dns: known.addresses, resolver: known.resolver });
    }
  },
});
