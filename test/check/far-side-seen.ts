import type {
  MappedObservation,
  PortUse,
  RangeObservation,
  RangePort,
  ReachObservation,
  ReachSeen,
  Witness,
  WitnessObservation,
} from '../../src/model/far-side.ts';
import type { Reason } from '../../src/model.ts';

const HOME = '198.18.0.10';
const SIP_SERVER = '203.0.113.10:5060';
const AGENT = '203.0.113.20:7199';

type Fate = ReachSeen['result'] | 'cancelled';

function outcomeOf(fate: Fate): ReachObservation['outcome'] {
  if (fate === 'cancelled') return { ok: false, reason: 'cancelled', detail: 'ended', ms: 10 };
  const proof = fate === 'reused' ? { proof: 'the request itself' } : {};
  return { ok: true, value: { result: fate, detail: `detail of ${fate}`, ...proof }, ms: 1500 };
}

/** What a witness saw of each port. */
export function reachSeen(
  fates: Readonly<Record<number, Fate>>,
  change: Partial<ReachObservation['about']> = {},
): ReachObservation[] {
  const witness: Witness = change.witness ?? 'sip';
  const server = witness === 'sip' ? SIP_SERVER : AGENT;
  const use: PortUse = change.use ?? 'sip';
  return Object.entries(fates).map(([port, fate]) => ({
    kind: 'reach',
    subject: `port ${port}`,
    at: 10,
    about: {
      witness,
      server,
      use,
      transport: use === 'sip' ? 'tcp' : 'udp',
      address: HOME,
      port: Number(port),
      ...(witness === 'sip' ? { connection: 'kept' as const } : {}),
      ...change,
    },
    outcome: outcomeOf(fate),
  }));
}

export function rangeSeen(
  ports: readonly RangePort[],
  about: Partial<RangeObservation['about']> = {},
  ephemeral = { first: 32_768, last: 60_999 },
): RangeObservation {
  const [first, last] = [ports[0]?.port ?? 0, ports.at(-1)?.port ?? 0];
  return {
    kind: 'range',
    subject: 'TCP ports',
    at: 5,
    about: {
      use: 'sip',
      transport: about.use === 'media' ? 'udp' : 'tcp',
      address: HOME,
      first,
      last,
      needed: 2,
      source: 'default',
      ...about,
    },
    outcome: { ok: true, value: { ports: [...ports], ephemeral }, ms: 1 },
  };
}

/** Ports that could be listened on, from the first to the last. */
export const listening = (first: number, last: number): RangePort[] =>
  Array.from({ length: last - first + 1 }, (_, at) => ({ port: first + at, state: 'listening' as const, detail: '' }));

export function witnessSeen(
  fate: 'asked' | Reason,
  witness: Witness = 'sip',
  change: Partial<WitnessObservation['about']> = {},
): WitnessObservation {
  return {
    kind: 'witness',
    subject: 'a witness',
    at: 6,
    about: { witness, server: witness === 'sip' ? SIP_SERVER : AGENT, ...change },
    outcome:
      fate === 'asked'
        ? { ok: true, value: { proves: 'much', cannot: 'all' }, ms: 3 }
        : { ok: false, reason: fate, detail: `detail of ${fate}`, ms: 3 },
  };
}

export const mappedSeen = (local: string, seen: string): MappedObservation => ({
  kind: 'mapped',
  subject: 'mapped',
  at: 7,
  about: { witness: 'sip', server: SIP_SERVER, transport: 'tcp' },
  outcome: { ok: true, value: { local, seen }, ms: 0 },
});
