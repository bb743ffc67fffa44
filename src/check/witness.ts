import type { Severity } from '../model.ts';
import type { WitnessObservation } from '../model/far-side.ts';
import { defineCheck } from './define-check.ts';
import { capital, witnessName } from './port-reach.ts';

interface Evidence {
  who: string;
  witness: string;
  detail: string;
  /** Witnesses that could be asked. */
  others: string[];
}

const SEVERITY = {
  severity: ({ others }: Evidence): Severity => (others.length > 0 ? 'info' : 'warning'),
  weighs: 'warning; info when another witness could be asked',
};

const CREDENTIALS: Record<WitnessObservation['about']['witness'], string> = {
  sip: 'Give the password of the account with --password-file, and name the user in the target.',
  agent: 'Give the token of the agent with --token-file.',
  turn: 'Give user and password of the TURN server with --turn-user and --turn-password-file.',
  stun: 'Ask another STUN server with --stun.',
  manual: 'Run the command again, and the commands that it prints on the far side.',
};

function evidenceOf({ about, outcome }: WitnessObservation, all: readonly WitnessObservation[]): Evidence {
  const others = all.filter((one) => one.outcome.ok).map((one) => witnessName(one.about.witness, one.about.server));
  return {
    who: witnessName(about.witness, about.server),
    witness: about.witness,
    detail: outcome.ok ? '' : outcome.detail,
    others,
  };
}

const keyOf = (witness: string): keyof typeof CREDENTIALS =>
  Object.hasOwn(CREDENTIALS, witness) ? (witness as keyof typeof CREDENTIALS) : 'sip'; // tested by hasOwn

export const witness = defineCheck({
  id: 'witness',
  rung: 'callback',
  question: 'Could the witnesses on the far side be asked?',
  source: 'sipdiag',
  reads: ['witness'],
  cases: {
    denied: {
      ...SEVERITY,
      means: 'A witness on the far side does not help whoever asks.',
      causes: [
        'the token or the password is wrong or missing',
        'a limit of the witness',
        'its policy forbids the ports',
      ],
      fix: 'Give the credentials that the witness asks for.',
      text: (e: Evidence) => `${capital(e.who)} could not be asked whether it reaches this machine: ${e.detail}.`,
      remedy: (e) => CREDENTIALS[keyOf(e.witness)],
    },
    unreachable: {
      ...SEVERITY,
      means: 'A witness on the far side does not answer.',
      causes: ['it does not run', 'its address or port is wrong', 'a firewall blocks the way to it'],
      fix: 'Check that the witness runs, its address and port, and the firewalls on the way to it.',
      text: (e: Evidence) => `${capital(e.who)} could not be asked whether it reaches this machine: ${e.detail}.`,
      remedy: (e) => `Check that ${e.who} runs, its address and port, and the firewalls on the way to it.`,
    },
  },
  notApplicable: ({ witness: seen }) => (seen.length === 0 ? 'there was nobody to ask' : null),
  run({ witness: seen }, found) {
    for (const one of seen) {
      if (one.outcome.ok || one.outcome.reason === 'cancelled') continue;
      found(one.outcome.reason === 'denied' ? 'denied' : 'unreachable', one.about.server, evidenceOf(one, seen));
    }
  },
});
