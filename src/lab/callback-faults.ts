import { expecting, type Fault, type LabPlan } from './plan.ts';

/** What the SIP server tells of the way back to its clients, for whoever signs in. */
const onTheWayBack = (
  title: string,
  [findingId, severity]: readonly [string, 'error' | 'warning' | 'info'],
  change: Partial<LabPlan>,
): Fault => ({ title, expects: expecting('callback', findingId, severity), change, look: { account: 'given' } });

/** What can be wrong when the server calls its clients. */
export const CALLBACK_FAULTS = {
  'callback-blocked': onTheWayBack(
    'the SIP server cannot reach the ports of its clients',
    ['callback-port.blocked', 'warning'],
    { delivery: 'blocked' },
  ),
  'callback-partial': onTheWayBack(
    'the SIP server reaches the first port of its clients and no other',
    ['callback-port.partial', 'warning'],
    { delivery: 'first-only' },
  ),
  'callback-not-reused': {
    ...onTheWayBack(
      'the SIP server does not come back on the TLS connections of its clients',
      ['callback-port.not-reused', 'error'],
      { delivery: 'opened' },
    ),
    look: { account: 'given', transport: 'tls' },
  },
  // Over TLS the lab does so without this fault.
  'callback-not-needed': {
    ...onTheWayBack(
      'the SIP server comes back on the TCP connections of its clients',
      ['callback-port.not-needed', 'info'],
      { delivery: 'kept' },
    ),
    look: { account: 'given', transport: 'tcp' },
  },
  'client-behind-nat': onTheWayBack(
    'the SIP server sees its clients under the address of a router',
    ['nat.rewritten', 'info'],
    { habit: 'behind-nat' },
  ),
} as const satisfies Readonly<Record<string, Fault>>;
