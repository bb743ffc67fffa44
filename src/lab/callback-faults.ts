import { expecting, type Fault, type LabPlan } from './plan.ts';

/** What the SIP server tells of the way back to its clients, for whoever signs in. */
const onTheWayBack = (
  title: string,
  [findingId, severity]: readonly [string, 'error' | 'warning' | 'info'],
  change: Partial<LabPlan>,
): Fault => ({ title, expects: expecting('callback', findingId, severity), change, look: { account: 'given' } });

/** What the agent on the far side sees of the SIP ports. */
const fromOutside = (title: string, name: string, inboundTcp: LabPlan['inboundTcp']): Fault => ({
  title,
  expects: expecting('callback', `callback-port.${name}`),
  change: { agent: 'serves', inboundTcp },
});

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
  'callback-refused': fromOutside(
    'a firewall rejects connections to the SIP ports of the client',
    'refused',
    'refused',
  ),
  'callback-redirected': fromOutside('a NAT forwards the SIP ports to another machine', 'no-echo', 'redirected'),
  'callback-forgotten': {
    ...onTheWayBack(
      'the SIP server ends the connections of its clients after a second of silence',
      ['callback-port.forgotten', 'warning'],
      { silence: 'ended' },
    ),
    look: { account: 'given', transport: 'tls', idle: 2 },
  },
  'callback-in-use': onTheWayBack(
    'another program listens on a SIP port of the client',
    ['callback-port.in-use', 'warning'],
    { setup: 'port-taken' },
  ),
  'client-ports-too-few': {
    title: 'the policy of the clients gives them one SIP port and one media port',
    expects: expecting('callback', 'callback-range.too-small', 'warning'),
    change: { setup: 'one-port' },
    look: { command: 'firewall', account: 'given' },
    also: [{ findingId: 'media-range.too-small' }],
  },
  'client-ports-ephemeral': {
    title: 'the policy of the clients gives them ports that the system hands out',
    expects: expecting('callback', 'callback-range.ephemeral', 'info'),
    change: { setup: 'ephemeral-ports' },
    look: { command: 'firewall', account: 'given' },
    also: [{ findingId: 'media-range.ephemeral' }],
  },
  'agent-wants-token': {
    title: 'the agent on the far side wants a token',
    expects: expecting('callback', 'witness.denied', 'warning'),
    change: { agent: 'wants-token' },
  },
  'agent-closed': {
    title: 'nothing listens where the agent should be',
    expects: expecting('callback', 'witness.unreachable', 'warning'),
    change: { agent: 'closed' },
  },
} as const satisfies Readonly<Record<string, Fault>>;
