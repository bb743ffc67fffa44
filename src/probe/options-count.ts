import type { LatencyObservation, LatencySeen } from '../model/sip.ts';
import { subjectOf } from './climb-tcp.ts';
import { offsetMs, sinceMs, type ProbeContext } from './context.ts';
import type { SipChannel } from './sip-channel.ts';
import { exchangeSip } from './sip-exchange.ts';
import { nextRequest, type Series } from './sip-requests.ts';

/** After so many unanswered in a row the server is not merely lossy, and each costs a whole step. */
const MAX_LOST_IN_A_ROW = 2;

/** Sends OPTIONS `count` times, one after the other, on a connection that stands, and times the answers. */
export async function measureLatency(
  context: ProbeContext,
  channel: SipChannel,
  { series, count }: { series: Series; count: number },
): Promise<LatencyObservation> {
  const at = offsetMs(context);
  const from = context.world.now();
  const seen: LatencySeen = { samples: [], sent: 0, lost: 0, retransmissions: 0 };
  for (let inARow = 0; seen.sent < count && inARow < MAX_LOST_IN_A_ROW;) {
    const [result] = await exchangeSip(context, channel, [nextRequest(context, series)]);
    if (result === undefined || context.signal?.aborted === true) break;
    const { outcome } = result;
    // A connection that is gone loses nothing more: the loss would be counted as one of the network.
    if (!outcome.ok && outcome.reason !== 'timeout') break;
    seen.sent += 1;
    if (outcome.ok) {
      inARow = 0;
      seen.samples.push(outcome.ms);
      seen.retransmissions += outcome.value.tries - 1;
    } else {
      inARow += 1;
      seen.lost += 1;
    }
  }
  const { about } = series;
  return {
    kind: 'latency',
    subject: `OPTIONS over ${subjectOf(about)}, ${count} times`,
    at,
    about: { ...about, count },
    outcome: { ok: true, value: seen, ms: sinceMs(context, from) },
  };
}
