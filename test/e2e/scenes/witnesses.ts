/** What stands between the far side and the client, and what each witness makes of it in one run. */
import { blockRules, natRules } from '../real/namespaces.ts';
import { natRulesOf } from '../real/nat-rules.ts';
import { DOMAIN } from '../real/stage.ts';
import { broken, degraded, HEALTHY, type Ending, type Expected, type Row, type Told } from './row.ts';

export const ADDRESSES = {
  sip: '203.0.113.10',
  turn: '203.0.113.11',
  secondStun: '203.0.113.12',
  agent: '203.0.113.13',
  /** A second SIP server, which waits for each connection that it opens. */
  waiting: '203.0.113.14',
} as const;

/** Where the relay that rewrites SIP listens on the router. */
export const ALG_PORT = 15_060;

/**
 * What became of all ports of one use, in the order of the ports: a word for each, or one for all of them. Of media 'unreached' stands for
 * refused and for timeout: a router sends a few ICMP errors a second only.
 */
export interface Words {
  sip: string;
  agent: string;
  turn: string;
  agentMedia: string;
  turnMedia: string;
}

export type WitnessScene = Row<'witnesses', { rules: string }> & { expected: { words: Words } };

interface Wall {
  id: string;
  name: string;
  rules: string;
  words: Words;
  ending: Ending;
  /** Warnings and errors of the rungs callback and media, and of the ALG. */
  tells: Told[];
  server?: 'sip' | 'waiting';
}

const all = (word: string): Words => ({
  sip: word,
  agent: word,
  turn: word,
  agentMedia: word,
  turnMedia: word,
});
const REACHED = all('reached');
/** Nobody forwards the ports, and the SIP server of the scene knows the way past the NAT. */
const BEHIND_NAT: Words = {
  sip: 'reached',
  agent: 'refused',
  turn: 'refused',
  agentMedia: 'unreached',
  turnMedia: 'unreached',
};

export const nat = (kind: Parameters<typeof natRulesOf>[0]): string =>
  natRulesOf(kind, [ADDRESSES.turn, ADDRESSES.secondStun]);

/** A firewall lets nobody in but by the connections of the client. */
const CLOSED = blockRules('meta l4proto { tcp, udp } ct state new', 'drop', 'server');

/** What a router with a SIP ALG does to port 5060, besides hiding the client. */
const ALG = `${natRules()}
table ip alg { chain prerouting { type nat hook prerouting priority -100; policy accept;
iifname "to-client" ip daddr ${ADDRESSES.agent} meta l4proto { tcp, udp } th dport 5060 redirect to :${ALG_PORT}
}
}`;

const WALLS: readonly Wall[] = [
  { id: 'open', name: 'lets everything through', rules: '', words: REACHED, ending: HEALTHY, tells: [] },
  {
    id: 'drops-sip',
    name: 'drops the SIP ports',
    rules: blockRules('tcp dport 7100-7103', 'drop', 'server'),
    words: { ...REACHED, sip: 'timeout', agent: 'timeout', turn: 'timeout' },
    ending: broken('callback', 'callback-port.blocked'),
    tells: ['callback-port.blocked'],
  },
  {
    id: 'resets-sip',
    name: 'rejects the SIP ports with RST',
    rules: blockRules('tcp dport 7100-7103', 'reset', 'server'),
    // A Kamailio that does not wait for its connections writes at once: it says 477 when the RST was faster than that, and
    // nothing at all when it was not.
    server: 'waiting',
    words: { ...REACHED, sip: 'server-error', agent: 'refused', turn: 'refused' },
    ending: broken('callback', 'callback-port.blocked'),
    tells: ['callback-port.blocked', 'callback-port.refused'],
  },
  {
    id: 'one-of-four',
    name: 'lets only the first of four SIP ports through',
    rules: blockRules('tcp dport 7101-7103', 'drop', 'server'),
    words: {
      ...REACHED,
      sip: 'reached timeout timeout timeout',
      agent: 'reached timeout timeout timeout',
      turn: 'reached timeout timeout timeout',
    },
    ending: degraded('callback', 'callback-port.partial'),
    tells: ['callback-port.partial'],
  },
  {
    id: 'drops-media',
    name: 'drops media',
    rules: blockRules('udp dport 5350-5353', 'drop', 'server'),
    words: { ...REACHED, agentMedia: 'unreached', turnMedia: 'unreached' },
    ending: broken('media', 'media-port.blocked'),
    tells: ['media-port.blocked'],
  },
  {
    id: 'closed',
    name: 'lets nobody in',
    rules: CLOSED,
    words: { ...all('timeout'), agentMedia: 'unreached', turnMedia: 'unreached' },
    ending: broken('callback', 'callback-port.blocked'),
    tells: ['callback-port.blocked', 'media-port.blocked'],
  },
  {
    id: 'full-cone',
    name: 'is a full-cone NAT',
    rules: nat('full-cone'),
    words: REACHED,
    ending: HEALTHY,
    tells: [],
  },
  {
    id: 'port-restricted',
    name: 'is a port-restricted NAT',
    rules: nat('port-restricted'),
    words: BEHIND_NAT,
    ending: degraded('callback', 'callback-port.refused'),
    tells: ['callback-port.refused', 'media-port.blocked'],
  },
  {
    id: 'symmetric',
    name: 'is a symmetric NAT',
    rules: nat('symmetric'),
    words: BEHIND_NAT,
    ending: degraded('callback', 'callback-port.refused'),
    tells: ['callback-port.refused', 'media-port.blocked'],
  },
  {
    id: 'alg',
    name: 'has a SIP ALG',
    rules: ALG,
    words: BEHIND_NAT,
    ending: degraded('sip', 'sip-alg.rewrote'),
    tells: ['sip-alg.rewrote'],
  },
];

export const WHO = `sip:toml@${DOMAIN} --transport tcp --timeout 1500 --password-file {password}`;
/** All witnesses that there are. */
export const BY_ALL =
  '--agent {agent} --token-file {token} --turn turn:{turn} --turn-user alice --turn-password-file {turnPassword} --stun {turn}';

export const WITNESSES: readonly WitnessScene[] = WALLS.flatMap(
  ({ id, name, rules, words, ending, tells, server = 'sip' }) =>
    (['firewall', 'doctor'] as const).map((command): WitnessScene => {
      const expected: Expected & { words: Words } = { ...ending, tells, words };
      return {
        id: `witnesses-${id}-${command}`,
        stage: 'witnesses',
        name: `${command} when the router ${name}`,
        servers: ['Kamailio', 'coturn', 'sipdiag agent'],
        command: `${command} ${WHO} --server {${server}} ${BY_ALL}`,
        world: { rules },
        expected,
      };
    }),
);
