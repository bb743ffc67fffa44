import type { Check } from '../../src/check/define-check.ts';
import { judge } from '../../src/judge.ts';
import type {
  Attempt,
  CheckRun,
  Finding,
  Observation,
  Reason,
  Target,
  TcpObservation,
  Transport,
} from '../../src/model.ts';
import type { DiscoveryObservation, Server } from '../../src/model/dns.ts';
import type { SipObservation } from '../../src/model/sip.ts';

export const target: Target = {
  input: 'sip:alice@example.org',
  domain: 'example.org',
  user: 'alice',
  scheme: 'sip',
  transports: [],
  profile: 'auto',
};

const PORTS: Record<Transport, number> = { udp: 5060, tcp: 5060, tls: 5061 };

/** A server that DNS publishes, 192.0.2.1 unless the change says otherwise. */
export function attemptOn(transport: Transport, change: Partial<Attempt> = {}): Attempt {
  const set = `_sip._${transport}.example.org`;
  const port = PORTS[transport];
  return { transport, host: 'sip.example.org', address: '192.0.2.1', port, published: true, set, ...change };
}

/** What befell an attempt: it worked, or the reason why not. */
export type Fate = 'open' | Reason;

export function tcpSeen(fate: Fate, about: Attempt = attemptOn('tcp')): TcpObservation {
  const outcome: TcpObservation['outcome'] =
    fate === 'open'
      ? { ok: true, value: { localAddress: '192.0.2.9', localPort: 40_000 }, ms: 4 }
      : { ok: false, reason: fate, detail: `detail of ${fate}`, ms: 3000.4 };
  return { kind: 'tcp', subject: `${about.transport} ${about.address}`, at: 1, about, outcome };
}

/** One request and what came of it: a status line, or the reason why nothing did. */
export function sipSeen(
  method: 'OPTIONS' | 'REGISTER',
  fate: `${number} ${string}` | Reason,
  about: Attempt = attemptOn('tcp'),
): SipObservation {
  const [, status, reason = ''] = /^(\d{3}) (.*)$/.exec(fate) ?? [];
  const outcome: SipObservation['outcome'] =
    status === undefined
      ? { ok: false, reason: fate as Reason, detail: `detail of ${fate}`, ms: 3000.4 } // no status line, so a reason
      : {
          ok: true,
          ms: 7,
          value: {
            status: Number(status),
            reason,
            headers: {},
            from: `${about.address}:${about.port}`,
            local: '192.0.2.9:40000',
            tries: 1,
          },
        };
  const requestUri = 'sip:example.org';
  const subject = `${method} ${requestUri} over ${about.transport} ${about.address}`;
  return {
    kind: 'sip',
    subject,
    at: 6,
    about: { ...about, method, requestUri, aor: 'sip:alice@example.org' },
    outcome,
  };
}

/** OPTIONS and REGISTER of one server. */
export const bothSeen = (
  [options, register]: readonly [Parameters<typeof sipSeen>[1], Parameters<typeof sipSeen>[1]],
  about: Attempt = attemptOn('tcp'),
): SipObservation[] => [sipSeen('OPTIONS', options, about), sipSeen('REGISTER', register, about)];

/** The server of an attempt, as DNS gives it. */
export const serverOn = ({ transport, host, port, address, set }: Attempt, priority: number): Server => ({
  transport,
  host,
  port,
  addresses: [address],
  via: `SRV ${set}`,
  published: true,
  set,
  priority,
  weight: 1,
});

/** What DNS gave a client of the profile, in the order in which it tries them. */
export const discovered = (servers: Server[], profile = 'rfc3263'): DiscoveryObservation => ({
  kind: 'discovery',
  subject: 'example.org',
  at: 0,
  about: { domain: 'example.org' },
  outcome: { ok: true, ms: 5, value: { profile, profileWhy: 'asked for', steps: [], servers } },
});

/** What one check makes of the observations, through the judge. */
export function judged(
  { id }: Check,
  observations: readonly Observation[],
): { findings: Finding[]; status: CheckRun['status'] | undefined } {
  const { findings, checks } = judge(observations, target);
  return {
    findings: findings.filter((finding) => finding.id.startsWith(`${id}.`)),
    status: checks.find(({ checkId }) => checkId === id)?.status,
  };
}

export const idsOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ id, severity }) => `${id} ${severity}`);
