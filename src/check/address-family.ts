import type { TcpObservation } from '../model.ts';
import type { DiscoveryObservation, RouteObservation } from '../model/dns.ts';
import type { SipObservation } from '../model/sip.ts';
import { defineCheck } from './define-check.ts';

interface FamilyEvidence {
  host: string;
  addresses: string[];
  family: 'IPv4' | 'IPv6';
  set: string;
  /** Members of the same set that could be reached. */
  alternatives: string[];
  detail: string;
}

type Attempted = TcpObservation | SipObservation | RouteObservation;

const familyOf = (address: string): 'IPv4' | 'IPv6' => (address.includes(':') ? 'IPv6' : 'IPv4');
const hasNoWay = ({ outcome }: Attempted): boolean => !outcome.ok && outcome.reason === 'no-network';

/** Where nothing is connected to, a server of the same set with an address of the other family counts as one that clients can use. */
function untried(discovery: readonly DiscoveryObservation[], { set, address }: Attempted['about']): string[] {
  const servers = discovery.flatMap(({ outcome }) => (outcome.ok ? outcome.value.servers : []));
  const isOther = (one: string): boolean => familyOf(one) !== familyOf(address);
  return servers.filter((one) => one.set === set && one.addresses.some(isOther)).map(({ host }) => host);
}

/** A host all of whose addresses are of one family, and no way to that family: the evidence, or undefined. */
function unreachable(
  mine: readonly Attempted[],
  all: readonly Attempted[],
  discovery: readonly DiscoveryObservation[],
): FamilyEvidence | undefined {
  const [first] = mine;
  if (first === undefined || !mine.every(hasNoWay)) return undefined;
  const families = new Set(mine.map(({ about }) => familyOf(about.address)));
  if (families.size !== 1) return undefined;
  const { host, set, address } = first.about;
  const others = all.filter(({ about, outcome }) => outcome.ok && about.set === set).map(({ about }) => about.host);
  const usable = first.kind === 'route' ? untried(discovery, first.about) : others;
  return {
    host,
    addresses: [...new Set(mine.map(({ about }) => about.address))],
    family: familyOf(address),
    set,
    alternatives: [...new Set(usable)],
    detail: first.outcome.ok ? '' : first.outcome.detail,
  };
}

export const addressFamily = defineCheck({
  id: 'address-family',
  rung: 'dns',
  question: 'Does every server have an address that this machine can reach at all?',
  source: 'RFC 7984 section 3.1',
  reads: ['dns'],
  uses: ['tcp', 'sip', 'route', 'discovery'],
  cases: {
    unreachable: {
      means:
        'A server has addresses of one family only (IPv4 or IPv6), and this machine has no network of that family.',
      causes: [
        'the A or AAAA record of the other family is missing',
        'this network has one family only, and no DNS64 and NAT64',
        'the IPv6 of this machine is turned off',
      ],
      fix: 'Publish an address of the other family for the server, or give this machine a network of the family that the server has.',
      // A client of one family skips servers of the other (RFC 7984): that is no fault while another member answers.
      severity: (e: FamilyEvidence) => (e.alternatives.length > 0 ? 'info' : 'error'),
      weighs: 'error; info while another server can be used',
      text: (e: FamilyEvidence) =>
        `${e.host} has ${e.family} addresses only (${e.addresses.join(', ')}), and this machine has no ${e.family}.${
          e.alternatives.length > 0 ? ` Clients here use ${e.alternatives.join(', ')} instead.` : ''
        }`,
      remedy: (e) =>
        e.family === 'IPv6'
          ? `Publish an A record for ${e.host} as well, or give this machine IPv6.`
          : `Publish an AAAA record for ${e.host} as well, or give this machine IPv4 (or DNS64 and NAT64).`,
    },
  },
  notApplicable: ({ tcp, sip, route }) =>
    tcp.length + sip.length + route.length === 0 ? 'no server was tried, and none has IPv6 addresses alone' : null,
  run({ dns, tcp, sip, route, discovery }, found) {
    const all = [...tcp, ...sip, ...route];
    // A machine without any network says the same of every address: that is the verdict's to tell.
    if (!dns.some(({ outcome }) => outcome.ok) && all.every(hasNoWay)) return;
    const hosts = [...new Set(all.map(({ about }) => about.host))];
    for (const host of hosts) {
      const evidence = unreachable(
        all.filter(({ about }) => about.host === host),
        all,
        discovery,
      );
      if (evidence !== undefined && evidence.host !== evidence.addresses[0]) found('unreachable', host, evidence);
    }
  },
});
