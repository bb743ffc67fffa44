import type { RangeObservation } from '../model/far-side.ts';
import type { CaseSpec, Found } from './define-check.ts';
import type { Product } from './product-setting-rows.ts';
import { productFor, settingWords } from './product-settings.ts';
import { portsText } from './port-reach.ts';

export interface RangeEvidence {
  /** 'TCP 7100-7103'. */
  range: string;
  /** The ports that the case is about. */
  ports: string;
  count: number;
  needed: number;
  /** The user has chosen the range for this run: it is not what clients have. */
  chosen: 'by-option' | 'for-clients';
  where: string;
  use: 'sip' | 'media';
  product?: Product;
  ephemeral: string;
  detail: string;
}

const policyText = (e: RangeEvidence): string => {
  const words = settingWords(`${e.use === 'sip' ? 'callback' : 'media'}-range.too-small`, e);
  return words === '' ? e.where : `${e.where}; ${words}`;
};

export interface RangeCases {
  'too-small': RangeEvidence;
  privileged: RangeEvidence;
  ephemeral: RangeEvidence;
  unusable: RangeEvidence;
}

/** The same can be said of the SIP ports and of the media ports of a client. */
export const RANGE_CASES: { readonly [C in keyof RangeCases]: CaseSpec<RangeEvidence> } = {
  'too-small': {
    severity: ({ chosen }) => (chosen === 'by-option' ? 'info' : 'warning'),
    weighs: 'warning; info when the range was named for this run with --ports or --media-ports',
    means: 'The range has fewer ports than the client has in use at the same time.',
    causes: [
      'the range was made as small as the firewall rule',
      'each call, and each direction of it, takes ports of its own',
    ],
    fix: 'Widen the range of the clients, and the firewall rule with it.',
    text: (e) => `The client needs ${e.needed} ports at the same time, and the range ${e.range} has only ${e.count}.`,
    remedy: (e) =>
      `Widen the range to at least ${e.needed} ports in the policy of the clients (${policyText(e)}), and the firewall rule with it.`,
  },
  privileged: {
    severity: 'warning',
    means: 'Ports of the range may be listened on by administrators alone.',
    causes: ['the range begins below 1024'],
    fix: 'Choose a range above 1023.',
    text: (e) => `${e.ports} is below 1024: a client of an ordinary user cannot listen there.`,
    remedy: (e) => `Choose a range above 1023 (${e.where}).`,
  },
  ephemeral: {
    severity: 'info',
    means: 'The system hands ports of the range out to other programs.',
    causes: ['the range lies inside the ephemeral ports of the system'],
    fix: 'Choose a range outside of the ephemeral ports, or reserve it (Linux: net.ipv4.ip_local_reserved_ports; Windows: netsh int ipv4 add excludedportrange).',
    text: (e) =>
      `The range ${e.range} lies inside the ports that this system hands out by itself (${e.ephemeral}): another program may have one of them at any time.`,
    remedy: (e) =>
      `Choose a range outside of ${e.ephemeral}, or reserve it (Linux: sysctl net.ipv4.ip_local_reserved_ports=${e.range.replace(/^\S+ /, '')}; Windows: netsh int ipv4 add excludedportrange).`,
  },
  unusable: {
    severity: 'warning',
    means: 'This machine cannot listen on ports of the range.',
    causes: ['the address is gone', 'a rule of the system or of a sandbox forbids it'],
    fix: 'Look at the reason that the system gives.',
    text: (e) => `This machine cannot listen on ${e.ports}: ${e.detail}.`,
    remedy: () => 'Look at the reason that the system gives, or choose another range with --ports.',
  },
};

function whereOf({ source, from, use }: RangeObservation['about']): string {
  if (source === 'policy') return from ?? 'the policy file';
  return source === 'profile' ? `profile ${from ?? ''}` : use === 'sip' ? '--ports' : '--media-ports';
}

const NAMES = { tcp: 'TCP', udp: 'UDP' } as const;

export function judgeRange({ about, outcome }: RangeObservation, profile: string, found: Found<RangeCases>): void {
  if (!outcome.ok) return;
  const { first, last, needed, transport, address } = about;
  const { ports, ephemeral } = outcome.value;
  const count = last - first + 1;
  const evidence = (of: readonly number[], detail = ''): RangeEvidence => ({
    range: `${NAMES[transport]} ${first === last ? first : `${first}-${last}`}`,
    ports: `${NAMES[transport]} ${portsText(of)}`,
    count,
    needed,
    chosen: about.source === 'option' ? 'by-option' : 'for-clients',
    where: whereOf(about),
    use: about.use,
    ...productFor(about.source === 'profile' ? about.from : profile),
    ephemeral: ephemeral === undefined ? '' : `${ephemeral.first}-${ephemeral.last}`,
    detail,
  });
  const inState = (state: string) => ports.filter((one) => one.state === state);
  const numbers = (of: readonly { port: number }[]): number[] => of.map(({ port }) => port);
  if (count < needed) found('too-small', address, evidence(numbers(ports)));
  const privileged = inState('privileged');
  if (privileged.length > 0) found('privileged', address, evidence(numbers(privileged)));
  const unusable = inState('unusable');
  if (unusable.length > 0) found('unusable', address, evidence(numbers(unusable), unusable[0]?.detail ?? ''));
  const overlaps = ephemeral !== undefined && first <= ephemeral.last && last >= ephemeral.first;
  if (overlaps) found('ephemeral', address, evidence(numbers(ports)));
}
