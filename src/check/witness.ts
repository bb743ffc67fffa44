import type { Severity } from '../model.ts';
import type { ReachObservation, WitnessObservation } from '../model/far-side.ts';
import { defineCheck } from './define-check.ts';
import { shortCommands } from './far-side-commands.ts';
import { plainly } from './plain-failure.ts';
import { capital, portsText, witnessName } from './port-reach.ts';

interface Silent {
  /** What was listened on: 'TCP 7100-7103, UDP 5350-5353'. */
  ports: string;
  detail: string;
  /** What to type on the far side, one for each transport. */
  commands: string[];
  others: string[];
}

interface NoneKnown {
  /** 'STUN server'. */
  kind: string;
  option: string;
  /** Names whose SRV records a domain publishes it by. */
  published: string;
  others: string[];
}

interface Evidence {
  who: string;
  witness: string;
  detail: string;
  /** Witnesses that could be asked. */
  others: string[];
}

const SEVERITY = {
  severity: ({ others }: { others: string[] }): Severity => (others.length > 0 ? 'info' : 'warning'),
  weighs: 'warning; info when another witness could be asked',
};

const CREDENTIALS: Record<WitnessObservation['about']['witness'], string> = {
  sip: 'Give the password of the account with --password-file, and name the user in the target.',
  agent: 'Write the token with which the agent was started into a file, and give it with --token-file FILE.',
  turn: 'Give user and password of the TURN server with --turn-user and --turn-password-file.',
  stun: 'Ask another STUN server with --stun.',
  manual: 'Run the command again, and the commands that it prints on the far side.',
};

/** Those that a domain can publish: an agent has to be given. */
const PUBLISHED = {
  stun: { kind: 'STUN server', option: '--stun HOST', published: '_stun._udp' },
  turn: { kind: 'TURN server', option: '--turn turn:HOST', published: '_turn._udp, _turn._tcp or _turns._tcp' },
} as const;

/** What nobody has named has no address. */
function noneKnown({ about: { witness: kind, server } }: WitnessObservation): Omit<NoneKnown, 'others'> | undefined {
  return server === '' && (kind === 'stun' || kind === 'turn') ? PUBLISHED[kind] : undefined;
}

const others = (all: readonly WitnessObservation[]): string[] =>
  all.filter((one) => one.outcome.ok).map((one) => witnessName(one.about.witness, one.about.server));

function silentOf({ outcome }: WitnessObservation, reach: readonly ReachObservation[]): Omit<Silent, 'others'> {
  const waited = reach.filter(({ about }) => about.witness === 'manual');
  const over = (transport: 'tcp' | 'udp'): number[] =>
    waited.filter(({ about }) => about.transport === transport).map(({ about }) => about.port);
  const [tcp, udp, address] = [over('tcp'), over('udp'), waited[0]?.about.address ?? ''];
  const named = [
    ...(tcp.length === 0 ? [] : [`TCP ${portsText(tcp)}`]),
    ...(udp.length === 0 ? [] : [`UDP ${portsText(udp)}`]),
  ];
  return {
    ports: `${named.join(', ')} of ${address}`,
    detail: outcome.ok ? '' : outcome.detail,
    commands: shortCommands({ address, tcp, udp }),
  };
}

function evidenceOf({ about, outcome }: WitnessObservation, all: readonly WitnessObservation[]): Evidence {
  return {
    who: witnessName(about.witness, about.server),
    witness: about.witness,
    detail: outcome.ok ? '' : outcome.detail,
    others: others(all),
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
  uses: ['reach'],
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
      text: (e: Evidence) =>
        `${capital(e.who)} could not be asked whether it reaches this machine: ${plainly(e.detail)}.`,
      remedy: (e) => CREDENTIALS[keyOf(e.witness)],
    },
    unreachable: {
      ...SEVERITY,
      means: 'A witness on the far side does not answer.',
      causes: ['it does not run', 'its address or port is wrong', 'a firewall blocks the way to it'],
      fix: 'Check that the witness runs, its address and port, and the firewalls on the way to it.',
      text: (e: Evidence) =>
        `${capital(e.who)} could not be asked whether it reaches this machine: ${plainly(e.detail)}.`,
      remedy: (e) => `Check that ${e.who} runs, its address and port, and the firewalls on the way to it.`,
    },
    'none-known': {
      ...SEVERITY,
      means: 'A witness was asked for with --via, and none of that kind is known.',
      causes: ['none was given with --stun or --turn', 'the domain publishes none in DNS', 'DNS did not answer'],
      fix: 'Give the server with --stun HOST or --turn turn:HOST, or leave the word out of --via.',
      text: (e: NoneKnown) =>
        `No ${e.kind} is known that could be asked: none was given, and none was found in DNS as ${e.published}.`,
      remedy: (e) => `Give a ${e.kind} with ${e.option}, or leave --via out: then whoever is known is asked.`,
    },
    'nothing-arrived': {
      ...SEVERITY,
      means: 'Nothing that somebody was to send by hand from the far side has arrived.',
      causes: [
        'the commands were not run on the far side, or not while sipdiag listened',
        'a firewall drops what they sent',
        'a NAT stands in between: then the far side has to use its address, and it has to forward the ports',
      ],
      fix: 'Run the commands on the far side while sipdiag listens; if they were run, allow the ports on the firewall.',
      text: (e: Silent) =>
        `Nothing arrived at ${e.ports} from the far side: it is blocked, or nobody has tried (${e.detail}).`,
      remedy: (e) =>
        `Run the same command again with a longer --deadline, and while it listens type on the far side: ${e.commands.join(' and ')}; if nothing arrives then either, allow ${e.ports} on the firewall in between.`,
    },
  },
  notApplicable: ({ witness: seen }) => (seen.length === 0 ? 'there was nobody to ask' : null),
  run({ witness: seen, reach }, found) {
    const told = new Set<string>();
    for (const one of seen) {
      if (one.outcome.ok || one.outcome.reason === 'cancelled') continue;
      // One server that is asked in two ways fails in both for one reason.
      const key = `${one.about.witness} ${one.about.server} ${one.outcome.detail}`;
      if (told.has(key)) continue;
      told.add(key);
      if (one.about.witness === 'manual' && one.outcome.reason === 'timeout') {
        found('nothing-arrived', one.about.server, { ...silentOf(one, reach), others: others(seen) });
        continue;
      }
      const unknown = noneKnown(one);
      if (unknown !== undefined) {
        found('none-known', one.subject, { ...unknown, others: others(seen) });
        continue;
      }
      found(one.outcome.reason === 'denied' ? 'denied' : 'unreachable', one.about.server, evidenceOf(one, seen));
    }
  },
});
