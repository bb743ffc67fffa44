/** Several servers of one domain, as DNS publishes them: which one a client ends up on. */
import { DOMAIN } from '../real/stage.ts';
import { broken, degraded, type Expected, type Row } from './row.ts';

/** Who plays a server: a registrar that takes the user, one that is overloaded, one that never answers, one of another domain. */
export type Player = 'good' | 'overloaded' | 'silent' | 'stranger' | 'down';

export type SeveralServersScene = Row<
  'several-servers',
  { members: readonly { name: string; player: Player; priority: number }[] }
>;

type Tale = Pick<SeveralServersScene, 'id' | 'name' | 'servers'>;

function row(
  tale: Tale,
  members: readonly (readonly [player: Player, priority: number])[],
  expected: Expected,
): SeveralServersScene {
  return {
    ...tale,
    stage: 'several-servers',
    command: `signin sip:alice@${DOMAIN} --resolver {dns} --timeout 900 --password-file {password}`,
    world: { members: members.map(([player, priority], at) => ({ name: `sip${at + 1}`, player, priority })) },
    expected,
  };
}

export const SEVERAL_SERVERS: readonly SeveralServersScene[] = [
  row(
    {
      id: 'servers-third-takes',
      name: 'the first is overloaded, the second silent, the third takes the client',
      servers: ['sipp', 'TCP by Node', 'Kamailio', 'BIND'],
    },
    [
      ['overloaded', 10],
      ['silent', 20],
      ['good', 30],
    ],
    {
      ...degraded('sip', 'sip-answer.server-error'),
      complaints: ['sip-answer.server-error warning', 'sip-answer.none warning'],
      tells: ['failover.moves-on'],
      explains: [
        'at once (503 Service Unavailable, and asks to be left alone for 120 s)',
        `and registers at sip3.${DOMAIN} ({good}) after 32 s`,
      ],
    },
  ),
  row(
    { id: 'servers-first-down', name: 'the first is down', servers: ['Kamailio', 'BIND'] },
    [
      ['down', 10],
      ['good', 20],
    ],
    degraded('connect', 'tcp-reach.refused'),
  ),
  row(
    {
      id: 'servers-one-of-equals',
      name: 'one of two equals does not serve the domain: some clients sign in, some do not',
      servers: ['TCP by Node', 'Kamailio', 'BIND'],
    },
    [
      ['stranger', 10],
      ['good', 10],
    ],
    degraded('auth', 'registration.domain-not-served'),
  ),
  row(
    {
      id: 'servers-first-stops',
      name: 'the first alone does not serve the domain, and stops everybody',
      servers: ['TCP by Node', 'Kamailio', 'BIND'],
    },
    [
      ['stranger', 10],
      ['good', 20],
    ],
    { ...broken('auth', 'registration.domain-not-served'), tells: ['failover.stops-short'] },
  ),
];
