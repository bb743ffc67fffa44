import type { NatObservation } from '../model/far-side.ts';
import { defineCheck } from './define-check.ts';

interface Evidence {
  server: string;
  local: string;
  mapped: string;
  mapping: 'address-dependent' | 'address-and-port-dependent';
  /** A TURN server has given this machine a relay address. */
  relay: 'at-hand' | 'not-known';
}

const DIFFERS = {
  'address-dependent': 'each address',
  'address-and-port-dependent': 'each address and port',
} as const;

/** A sentence why the mapping of no server's tests is known, or null. */
function whyUnknown(nat: readonly NatObservation[]): string | null {
  if (nat.length === 0) return 'no STUN server was asked';
  const reasons = nat.map(({ outcome }) => {
    if (!outcome.ok) return outcome.detail;
    return outcome.value.mapping === 'unknown' ? outcome.value.detail : undefined;
  });
  const [first] = reasons;
  return first === undefined || reasons.includes(undefined) ? null : `the mapping is not known: ${first}`;
}

export const natMapping = defineCheck({
  id: 'nat-mapping',
  rung: 'media',
  question: 'Does the NAT give this machine one address and port for UDP, whoever is on the far side?',
  source: 'RFC 4787 section 4.1; RFC 5780 section 4.3',
  reads: ['nat'],
  uses: ['witness'],
  cases: {
    'address-dependent': {
      means:
        'The NAT chooses another address or port for each far side (a symmetric NAT), so the one that STUN finds is of no use to the other party of a call.',
      causes: [
        'a firewall or router of a company that draws a port for each flow',
        'a NAT of the provider (carrier-grade NAT), or of a mobile network',
        'two NATs one behind the other',
      ],
      fix: 'Give the clients a TURN server, or let the SIP server relay the media (rtpengine, an SBC); or set the NAT to endpoint-independent mapping (a static port).',
      severity: (e: Evidence) => (e.relay === 'at-hand' ? 'info' : 'warning'),
      weighs: 'info when a TURN server has given this machine a relay address, else a warning',
      text: (e: Evidence) =>
        `The NAT gives ${e.local} another mapping for ${DIFFERS[e.mapping]} of the far side (${e.mapping} mapping, seen by ${e.server}: ${e.mapped}): a client that tells its STUN address gets no media from others.`,
      remedy: (e: Evidence) =>
        e.relay === 'at-hand'
          ? 'Let the client use the TURN server that has served here, or let the SIP server relay the media.'
          : 'Give the client a TURN server (try it with --turn), or let the SIP server relay the media (rtpengine, an SBC); or ask for endpoint-independent mapping (a static port) on the NAT.',
    },
  },
  notApplicable: ({ nat }) => whyUnknown(nat),
  run({ nat, witness }, found) {
    const relays = witness.some(({ about, outcome }) => about.witness === 'turn' && outcome.ok);
    for (const { about, outcome } of nat) {
      if (!outcome.ok) continue;
      const { mapping, local, mapped } = outcome.value;
      if (mapping !== 'address-dependent' && mapping !== 'address-and-port-dependent') continue;
      const relay = relays ? 'at-hand' : 'not-known';
      found('address-dependent', about.server, { server: about.server, local, mapped, mapping, relay });
    }
  },
});
