import type { MappedObservation } from '../model/far-side.ts';
import { defineCheck } from './define-check.ts';
import { hostPart, witnessName } from './port-reach.ts';

interface Evidence {
  who: string;
  /** Further witnesses that see the same address. */
  others: string[];
  local: string;
  seen: string;
  transport: string;
}

export const nat = defineCheck({
  id: 'nat',
  rung: 'callback',
  question: 'Do witnesses see this machine under the address that it has itself?',
  source: 'RFC 3581 section 4, RFC 8489 section 9',
  reads: ['mapped'],
  cases: {
    rewritten: {
      severity: 'info',
      means: 'A NAT stands between: the far side sees another address or port than this machine has.',
      causes: ['the usual router of an office or home', 'carrier-grade NAT', 'a VPN'],
      fix: 'The server has to be set up for clients behind NAT (Kamailio: nathelper, Asterisk: rewrite_contact=yes, force_rport=yes), or the clients use TLS.',
      text: (e: Evidence) =>
        `A NAT stands in between: ${e.who} sees ${e.seen} (${e.transport}) where this machine has ${e.local}${e.others.length === 0 ? '' : `, and so do ${e.others.join(', ')}`}.`,
      remedy: (e) =>
        `If calls or messages do not arrive, let the server answer clients behind NAT where they come from (Kamailio: fix_nated_register; Asterisk: rewrite_contact=yes), or forward the ports of the client on the NAT to ${hostPart(e.local)}.`,
    },
  },
  notApplicable: ({ mapped }) => (mapped.length === 0 ? 'nobody said how he sees this machine' : null),
  run({ mapped }, found) {
    const told = new Map<string, MappedObservation[]>();
    for (const one of mapped) {
      if (!one.outcome.ok || one.outcome.value.local === one.outcome.value.seen) continue;
      const { local, seen } = one.outcome.value;
      const key = `${hostPart(local)} ${hostPart(seen)}`;
      told.set(key, [...(told.get(key) ?? []), one]);
    }
    // One NAT is one finding, however many witnesses see it.
    for (const [first, ...more] of told.values()) {
      if (first?.outcome.ok !== true) continue;
      const who = new Set([first, ...more].map(({ about }) => witnessName(about.witness, about.server)));
      const { about, outcome } = first;
      const [name = '', ...others] = who;
      found('rewritten', about.server, { who: name, others, ...outcome.value, transport: about.transport });
    }
  },
});
