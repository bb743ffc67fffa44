/** What stands between the far side and the client, and what each witness makes of it in one run: a row for each scene. */
import type { Rung, Verdict } from '../../src/model.ts';
import { blockRules, natRules } from './real/namespaces.ts';
import { natRulesOf } from './real/nat-rules.ts';

export const ADDRESSES = {
  sip: '203.0.113.10',
  turn: '203.0.113.11',
  secondStun: '203.0.113.12',
  agent: '203.0.113.13',
} as const;

/** Where the relay that rewrites SIP listens on the router. */
export const ALG_PORT = 15_060;

/**
 * What became of all ports of one use, in the order of the ports: a word for each, or one for all of them. Of media 'unreached' stands for
 * refused and for timeout: a router sends a few ICMP errors a second only.
 */
interface Words {
  sip: string;
  agent: string;
  turn: string;
  agentMedia: string;
  turnMedia: string;
}

export interface WitnessScene {
  name: string;
  rules: string;
  words: Words;
  verdict: {
    status: Verdict['status'];
    rung: Rung | null;
    findingId: string | null;
  };
  /** Warnings and errors of the rungs callback and media, and of the ALG. */
  findings: string[];
}

const all = (word: string): Words => ({
  sip: word,
  agent: word,
  turn: word,
  agentMedia: word,
  turnMedia: word,
});
const REACHED = all('reached');
const broken = (findingId: string, rung: Rung = 'callback'): WitnessScene['verdict'] => ({
  status: 'broken',
  rung,
  findingId,
});
const degraded = (findingId: string, rung: Rung = 'callback'): WitnessScene['verdict'] => ({
  status: 'degraded',
  rung,
  findingId,
});
/** Nobody forwards the ports, and the SIP server of the scene knows the way past the NAT. */
const BEHIND_NAT: Words = {
  sip: 'reached',
  agent: 'refused',
  turn: 'refused',
  agentMedia: 'unreached',
  turnMedia: 'unreached',
};
const HEALTHY: WitnessScene['verdict'] = {
  status: 'healthy',
  rung: null,
  findingId: null,
};

const nat = (kind: Parameters<typeof natRulesOf>[0]): string =>
  natRulesOf(kind, [ADDRESSES.turn, ADDRESSES.secondStun]);

/** A firewall lets nobody in but by the connections of the client. */
const CLOSED = blockRules('meta l4proto { tcp, udp } ct state new', 'drop', 'server');

/** What a router with a SIP ALG does to port 5060, besides hiding the client. */
const ALG = `${natRules()}
table ip alg { chain prerouting { type nat hook prerouting priority -100; policy accept;
iifname "to-client" ip daddr ${ADDRESSES.agent} meta l4proto { tcp, udp } th dport 5060 redirect to :${ALG_PORT}
}
}`;

export const WITNESS_SCENES: readonly WitnessScene[] = [
  {
    name: 'lets everything through',
    rules: '',
    words: REACHED,
    verdict: HEALTHY,
    findings: [],
  },
  {
    name: 'drops the SIP ports',
    rules: blockRules('tcp dport 7100-7103', 'drop', 'server'),
    words: { ...REACHED, sip: 'timeout', agent: 'timeout', turn: 'timeout' },
    verdict: broken('callback-port.blocked'),
    findings: ['callback-port.blocked'],
  },
  {
    name: 'rejects the SIP ports with RST',
    rules: blockRules('tcp dport 7100-7103', 'reset', 'server'),
    words: {
      ...REACHED,
      sip: 'timeout',
      agent: 'refused',
      turn: 'refused',
    },
    verdict: broken('callback-port.blocked'),
    findings: ['callback-port.blocked', 'callback-port.refused'],
  },
  {
    name: 'lets only the first of four SIP ports through',
    rules: blockRules('tcp dport 7101-7103', 'drop', 'server'),
    words: {
      ...REACHED,
      sip: 'reached timeout timeout timeout',
      agent: 'reached timeout timeout timeout',
      turn: 'reached timeout timeout timeout',
    },
    verdict: degraded('callback-port.partial'),
    findings: ['callback-port.partial'],
  },
  {
    name: 'drops media',
    rules: blockRules('udp dport 5350-5353', 'drop', 'server'),
    words: { ...REACHED, agentMedia: 'unreached', turnMedia: 'unreached' },
    verdict: broken('media-port.blocked', 'media'),
    findings: ['media-port.blocked'],
  },
  {
    name: 'lets nobody in',
    rules: CLOSED,
    words: {
      ...all('timeout'),
      agentMedia: 'unreached',
      turnMedia: 'unreached',
    },
    verdict: broken('callback-port.blocked'),
    findings: ['callback-port.blocked', 'media-port.blocked'],
  },
  {
    name: 'is a full-cone NAT',
    rules: nat('full-cone'),
    words: REACHED,
    verdict: HEALTHY,
    findings: [],
  },
  {
    name: 'is a port-restricted NAT',
    rules: nat('port-restricted'),
    words: BEHIND_NAT,
    verdict: degraded('callback-port.refused'),
    findings: ['callback-port.refused', 'media-port.blocked'],
  },
  {
    name: 'is a symmetric NAT',
    rules: nat('symmetric'),
    words: BEHIND_NAT,
    verdict: degraded('callback-port.refused'),
    findings: ['callback-port.refused', 'media-port.blocked'],
  },
  {
    name: 'has a SIP ALG',
    rules: ALG,
    words: BEHIND_NAT,
    verdict: degraded('sip-alg.rewrote', 'sip'),
    findings: ['sip-alg.rewrote'],
  },
];
