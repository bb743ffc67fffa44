import type { PortUse, ReachObservation, ReachSeen, Witness } from '../model/far-side.ts';

type Result = ReachSeen['result'];

/** What one witness says of the ports of one use that it was to reach, in one way of asking. */
export interface PortWord {
  witness: Witness;
  /** As it was asked, 'host:port'. */
  server: string;
  /** Named as in a sentence. */
  who: string;
  /** The address of this machine. */
  address: string;
  connection?: 'kept' | 'closed';
  idleSeconds?: number;
  /** The ports by what became of them; only those that the witness has tried. */
  ports: Partial<Record<Result, number[]>>;
  details: string[];
  proof?: string;
  ms: number;
}

const NAMES: Record<Witness, string> = {
  sip: 'the SIP server',
  agent: 'the agent',
  turn: 'the TURN server',
  stun: 'the STUN server',
  manual: 'whoever was asked',
};

/** 'the SIP server 203.0.113.10:5060'. */
export const witnessName = (witness: Witness, server: string): string =>
  witness === 'manual' ? `${NAMES.manual} on ${server}` : `${NAMES[witness]} ${server}`;

const keyOf = ({ about }: ReachObservation): string =>
  [about.witness, about.server, about.address, about.connection ?? '', about.idleSeconds ?? ''].join(' ');

function wordOf({ about }: ReachObservation): PortWord {
  const { witness, server, address, connection, idleSeconds } = about;
  return {
    witness,
    server,
    who: witnessName(witness, server),
    address,
    ...(connection === undefined ? {} : { connection }),
    ...(idleSeconds === undefined ? {} : { idleSeconds }),
    ports: {},
    details: [],
    ms: 0,
  };
}

/** What every witness says, in the order in which they were asked. Ports that a witness may not try are left out. */
export function portWords(reach: readonly ReachObservation[], use: PortUse): PortWord[] {
  const words = new Map<string, PortWord>();
  for (const one of reach) {
    const { about, outcome } = one;
    if (about.use !== use || !outcome.ok || outcome.value.result === 'not-tried') continue;
    const word = words.get(keyOf(one)) ?? wordOf(one);
    const { result, detail, proof } = outcome.value;
    word.ports[result] = [...(word.ports[result] ?? []), about.port];
    if (detail !== '' && !word.details.includes(detail)) word.details.push(detail);
    if (proof !== undefined) word.proof = proof;
    word.ms = Math.max(word.ms, outcome.ms);
    words.set(keyOf(one), word);
  }
  return [...words.values()];
}

/** Ports where nothing got through, whatever the witness has seen of it. */
export function unreachedPorts({ ports }: PortWord): number[] {
  const { refused = [], timeout = [], unreachable = [] } = ports;
  return [...refused, ...timeout, ...unreachable, ...(ports['server-error'] ?? [])].toSorted((a, b) => a - b);
}

/** Ports where what was sent has arrived here, or came on the client's own connection. */
export const reachedPorts = ({ ports }: PortWord): number[] => [...(ports.reached ?? []), ...(ports.reused ?? [])];

/** '7100, 7102-7103'. */
export function portsText(ports: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const port of [...ports].toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && port === last[1] + 1) last[1] = port;
    else runs.push([port, port]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ');
}

/** As the first word of a sentence. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The host of 'host:port'. */
export const hostPart = (server: string): string => server.replace(/:\d+$/, '');

/** What is told of a port that others reach: the witnesses disagree, and the reader shall know who saw what. */
export const elsewhereText = (elsewhere: readonly string[]): string =>
  elsewhere.length === 0
    ? ''
    : ` ${capital(elsewhere.join(' and '))} ${elsewhere.length === 1 ? 'does' : 'do'} reach this machine.`;

export interface ReachEvidence {
  who: string;
  from: string;
  address: string;
  transport: 'TCP' | 'UDP';
  /** 'TCP 7100-7103'. */
  ports: string;
  first: number;
  reached: string;
  detail: string;
  ms: number;
  /** Other witnesses to whom the ports are open. */
  elsewhere: string[];
  /** The SIP server was seen to come back on the client's own connection. */
  reuse: 'proved' | 'unknown';
}

/** The words that what a witness has seen is told in. */
export function evidenceOf(
  word: PortWord,
  ports: readonly number[],
  { words, transport }: { words: readonly PortWord[]; transport: 'TCP' | 'UDP' },
): ReachEvidence {
  const others = words.filter((one) => one !== word && one.who !== word.who && reachedPorts(one).length > 0);
  const reuses = words.some((one) => one.witness === 'sip' && (one.ports.reused ?? []).length > 0);
  const reached = reachedPorts(word);
  return {
    who: word.who,
    from: word.witness === 'manual' ? 'the far side' : hostPart(word.server),
    address: word.address,
    transport,
    ports: `${transport} ${portsText(ports)}`,
    first: ports[0] ?? 0,
    reached: reached.length === 0 ? '' : `${transport} ${portsText(reached)}`,
    detail: word.details.join('; '),
    ms: word.ms,
    elsewhere: others.map(({ who }) => who),
    reuse: reuses ? 'proved' : 'unknown',
  };
}

const NC = { TCP: 'nc -vz', UDP: 'nc -vzu' } as const;

/** What to change on the firewall, and how to try it from the other side. */
export const allowText = (e: ReachEvidence): string =>
  `On the firewall between ${e.address} and ${e.from} allow ${e.ports} from the server to the client (try it from the far side: ${NC[e.transport]} ${e.address} ${e.first})`;
