import type { LatencyObservation } from '../model/sip.ts';
import { defineCheck } from './define-check.ts';
import { overText } from './server-ways.ts';
import { namedEndpoint, serverText } from './standing.ts';

interface Evidence {
  server: string;
  transport: string;
  sent: number;
  lost: number;
  retransmissions: number;
  /** Milliseconds; null: nothing was answered. */
  times: { min: number; median: number; p95: number; max: number; jitter: number } | null;
}
type Measured = Evidence & { times: NonNullable<Evidence['times']> };

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;

const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** Jitter is the mean difference between one answer time and the next. */
export function timesOf(samples: readonly number[]): Evidence['times'] {
  if (samples.length === 0) return null;
  const sorted = samples.toSorted((a, b) => a - b);
  const steps = samples.slice(1).map((value, index) => Math.abs(value - (samples[index] ?? value)));
  const jitter = steps.length === 0 ? 0 : steps.reduce((sum, step) => sum + step, 0) / steps.length;
  const [min = 0, max = 0] = [sorted[0], sorted.at(-1)];
  return { min, median: at(sorted, 0.5), p95: at(sorted, 0.95), max, jitter: hundredths(jitter) };
}

function evidenceOf({ about, outcome }: LatencyObservation): Evidence {
  const seen = outcome.ok ? outcome.value : { samples: [], sent: 0, lost: 0, retransmissions: 0 };
  const { sent, lost, retransmissions } = seen;
  const server = namedEndpoint(about);
  return { server, transport: about.transport, sent, lost, retransmissions, times: timesOf(seen.samples) };
}

const timesText = ({ min, median, p95, max, jitter }: NonNullable<Evidence['times']>): string =>
  `min ${min}, median ${median}, p95 ${p95}, max ${max}, jitter ${jitter} ms`;
const lossText = ({ lost, sent, retransmissions }: Evidence): string =>
  `${lost} of ${sent} lost, ${retransmissions} retransmission${retransmissions === 1 ? '' : 's'}`;

/** 'all were answered, after 2 repetitions' */
function fateText({ lost, sent, retransmissions }: Evidence): string {
  const answered = lost === 0 ? 'all were answered' : lost === sent ? 'none was answered' : `${lost} stayed unanswered`;
  if (retransmissions === 0) return answered;
  return `${answered}, ${lost === 0 ? 'after' : 'and others took'} ${retransmissions} repetition${retransmissions === 1 ? '' : 's'}`;
}

export const sipLatency = defineCheck({
  id: 'sip-latency',
  rung: 'sip',
  question: 'How long do answers take, and do any get lost?',
  source: 'RFC 3261 section 17.1.2',
  reads: ['latency'],
  cases: {
    measured: {
      severity: 'info',
      means: 'The times that repeated OPTIONS took.',
      causes: ['--count was given'],
      fix: 'Nothing to mend: compare the times with those of another transport (--transport tcp) or of another place.',
      text: (e: Measured) => `OPTIONS to ${e.server} over ${e.transport}: ${timesText(e.times)}; ${lossText(e)}.`,
      remedy: () => '',
    },
    loss: {
      severity: 'warning',
      means: 'Requests or answers get lost on the way.',
      causes: ['a line or Wi-Fi that drops packets', 'a rate limit of the server or of a firewall', 'overload'],
      fix: 'Compare with --transport tcp, then look at the line (mtr, ping) and at rate limits of the server (Kamailio: pike; fail2ban).',
      text: (e: Evidence) =>
        `Of ${e.sent} OPTIONS to ${e.server} over ${overText([e.transport])}, ${fateText(e)}: ${e.transport === 'udp' ? 'requests or answers get lost on the way' : 'the server leaves requests unanswered, or is slow'}.`,
      remedy: (e) =>
        e.transport === 'udp'
          ? `Compare with --transport tcp; look at the line (mtr, ping) and at rate limits of the server (Kamailio: pike; fail2ban).`
          : `Look at rate limits of the server, and at its load.`,
    },
  },
  notApplicable: ({ latency }) => (latency.length === 0 ? 'OPTIONS was not repeated (--count)' : null),
  run({ latency }, found) {
    for (const one of latency) {
      const evidence = evidenceOf(one);
      if (evidence.sent === 0) continue;
      if (evidence.lost > 0 || evidence.retransmissions > 0) found('loss', serverText(one.about), evidence);
      const { times } = evidence;
      if (times !== null) found('measured', serverText(one.about), { ...evidence, times });
    }
  },
});
