import type { NatObservation } from '../model/far-side.ts';
import { defineCheck } from './define-check.ts';

interface Evidence {
  server: string;
  mapped: string;
  /** What lets through: a firewall without address translation filters too. */
  by: 'NAT' | 'firewall';
}

/** A sentence why the filtering of no server's tests is known, or null. */
function whyUnknown(nat: readonly NatObservation[]): string | null {
  if (nat.length === 0) return 'no STUN server was asked';
  const reasons = nat.map(({ outcome }) => {
    if (!outcome.ok) return outcome.detail;
    return outcome.value.filtering === 'unknown' ? outcome.value.detail : undefined;
  });
  const [first] = reasons;
  return first === undefined || reasons.includes(undefined) ? null : `the filtering is not known: ${first}`;
}

const CAUSES: readonly [string, ...string[]] = [
  'the usual behaviour of routers and firewalls, and a wanted one',
  'a firewall on this machine itself',
];
const REMEDY =
  'Nothing, while clients send first from the port on which they receive (symmetric RTP) and the far side does the same; a far side that is behind a NAT of its own needs ICE, TURN or a media relay.';

export const natFiltering = defineCheck({
  id: 'nat-filtering',
  rung: 'media',
  question: 'Whose datagrams does the NAT or firewall hand in, once this machine has sent from a port?',
  source: 'RFC 4787 section 5; RFC 5780 section 4.4',
  reads: ['nat'],
  cases: {
    'address-dependent': {
      means: 'Only addresses to which the client has sent from the same port can send to it.',
      causes: CAUSES,
      fix: REMEDY,
      severity: 'info',
      text: (e: Evidence) =>
        `The ${e.by} hands in what comes to ${e.mapped} only from addresses to which this port has sent (address-dependent filtering, seen by ${e.server}).`,
      remedy: () => REMEDY,
    },
    'address-and-port-dependent': {
      means: 'Only the very address and port to which the client has sent can send back to it.',
      causes: CAUSES,
      fix: REMEDY,
      severity: 'info',
      text: (e: Evidence) =>
        `The ${e.by} hands in what comes to ${e.mapped} only from the address and port to which this port has sent (address-and-port-dependent filtering, seen by ${e.server}).`,
      remedy: () => REMEDY,
    },
  },
  notApplicable: ({ nat }) => whyUnknown(nat),
  run({ nat }, found) {
    for (const { about, outcome } of nat) {
      if (!outcome.ok) continue;
      const { filtering, mapping, mapped } = outcome.value;
      if (filtering !== 'address-dependent' && filtering !== 'address-and-port-dependent') continue;
      const by = mapping === 'none' ? 'firewall' : 'NAT';
      found(filtering, about.server, { server: about.server, mapped, by });
    }
  },
});
