import type { PathObservation } from '../model/sip.ts';
import { defineCheck } from './define-check.ts';

interface Evidence {
  host: string;
  /** What was asked: this machine itself, or DNS. */
  source: string;
  detail: string;
  /** What DNS gave. */
  expected: string[];
}
type ElsewhereEvidence = Evidence & { addresses: string[] };

const SOURCES: Record<PathObservation['about']['source'], string> = {
  system: 'this machine (hosts file, search list and name services included)',
  dns: 'DNS',
  pinned: '--resolve',
};

const known = ({ expected }: Evidence): string => (expected.length === 0 ? '' : `; DNS gives ${expected.join(', ')}`);

export const nameLookup = defineCheck({
  id: 'name-lookup',
  rung: 'dns',
  question: 'Does the name of the server lead where its address is?',
  source: 'RFC 3263 section 4.2',
  reads: ['path'],
  cases: {
    failed: {
      severity: 'error',
      means: 'A client that is given the name of the server finds no address.',
      causes: [
        'the A or AAAA record is missing',
        'this machine asks another DNS server than it should',
        'the hosts file or the search list gets in the way',
      ],
      fix: 'Publish an A or AAAA record for the name, or mend name resolution on this machine (Windows: ipconfig /flushdns); --server IP shows whether only the name is at fault.',
      text: (e: Evidence) => `${e.source} finds no address of ${e.host} (${e.detail})${known(e)}.`,
      remedy: (e) =>
        e.expected.length === 0
          ? `Publish an A or AAAA record for ${e.host} (whether the name alone is at fault shows with its address: --server IP).`
          : `Mend name resolution on this machine (Linux: /etc/hosts, /etc/nsswitch.conf, resolvectl query ${e.host}; Windows: ipconfig /flushdns, ipconfig /displaydns).`,
    },
    elsewhere: {
      severity: 'warning',
      means: 'This machine finds other addresses of the server than DNS gives.',
      causes: ['an entry in the hosts file', 'a VPN or split DNS', 'an outdated cache'],
      fix: 'Take the outdated entry out of the hosts file, or correct the DNS settings of this machine and its VPN (Windows: ipconfig /flushdns).',
      text: (e: ElsewhereEvidence) =>
        `${e.source} finds ${e.host} at ${e.addresses.join(', ')}, DNS gives ${e.expected.join(', ')}: clients here connect to another server than DNS says.`,
      remedy: (e) => `Look for ${e.host} in the hosts file and in the DNS settings of this machine and its VPN.`,
    },
  },
  notApplicable: ({ path }) => (path.length === 0 ? 'no server was tried by its name beside its address' : null),
  run({ path }, found) {
    const told = new Set<string>();
    for (const { about, outcome } of path) {
      const { host, expected } = about;
      if (told.has(host)) continue;
      told.add(host);
      const addresses = outcome.ok ? outcome.value.addresses : [];
      const detail = outcome.ok ? 'no such name, or no address' : outcome.detail;
      const evidence = { host, source: SOURCES[about.source], detail, expected };
      if (addresses.length === 0) found('failed', host, evidence);
      else if (expected.length > 0 && !addresses.some((one) => expected.includes(one)))
        found('elsewhere', host, { ...evidence, addresses });
    }
  },
});
