/** One witness, one that does not do its part, or none at all: what `sipdiag firewall` makes of the rest. */
import { blockRules } from '../real/namespaces.ts';
import {
  broken,
  degraded,
  HEALTHY,
  unknown,
  type Ending,
  type Expected,
  type Row,
  type Server,
  type Told,
} from './row.ts';
import { ADDRESSES, BY_ALL, nat, WHO, type Words } from './witnesses.ts';

/** `words`: of the ports that are named. */
export type SingleWitnessScene = Row<'single-witness', { rules: string }> & { expected: { words?: Partial<Words> } };
/** Somebody on the far side connects to these ports, as with nc, and then Ctrl-C is typed. */
export type ByHandScene = Row<'by-hand', { rules: string; connects: readonly number[] }>;

const FAR_SIDE = ['callback', 'media'] as const;
const NOBODY = `${ADDRESSES.sip} --transport tcp --timeout 1500`;

interface Tale {
  id: string;
  name: string;
  servers: readonly Server[];
  rules?: string;
  typed: string;
  expected: SingleWitnessScene['expected'] & Expected;
}

const row = ({ id, name, servers, rules = '', typed, expected }: Tale): SingleWitnessScene => ({
  id: `single-witness-${id}`,
  stage: 'single-witness',
  name,
  servers,
  command: `firewall ${typed}`,
  world: { rules },
  expected,
});

const stun = (kind: Parameters<typeof nat>[0], ending: Ending, findings: readonly Told[]): Tale => ({
  id: `stun-${kind}`,
  name: `STUN tells a ${kind} NAT`,
  servers: ['coturn'],
  rules: nat(kind),
  typed: `${WHO} --server {sip} ${BY_ALL} --via stun`,
  expected: { ...ending, only: { rungs: FAR_SIDE, findings: ['nat.rewritten', ...findings] } },
});

const TALES: readonly Tale[] = [
  stun('full-cone', HEALTHY, []),
  stun('port-restricted', HEALTHY, ['nat-filtering.address-and-port-dependent']),
  stun('symmetric', degraded('media', 'nat-mapping.address-dependent'), [
    'nat-filtering.address-and-port-dependent',
    'nat-mapping.address-dependent',
  ]),
  {
    id: 'agent',
    name: 'the agent alone serves whoever has no account',
    servers: ['sipdiag agent'],
    rules: blockRules('udp dport 5350-5353', 'drop', 'server'),
    typed: `${NOBODY} ${BY_ALL} --via agent`,
    expected: { ...broken('media', 'media-port.blocked'), words: { agent: 'reached' } },
  },
  {
    id: 'nobody',
    name: 'nobody at all is unknown',
    servers: ['Kamailio'],
    typed: NOBODY,
    expected: unknown('callback'),
  },
  {
    id: 'some-useless',
    name: 'a wrong token and a silent relay are named, and the others serve all the same',
    servers: ['Kamailio', 'sipdiag agent'],
    typed: `${WHO} --server {sip} --agent {agent} --token-file {wrongToken} --stun {sip}:9`,
    expected: {
      ...HEALTHY,
      only: { rungs: FAR_SIDE, findings: ['witness.denied info', 'witness.unreachable info'] },
    },
  },
];

export const SINGLE_WITNESS: readonly SingleWitnessScene[] = TALES.map(row);

const BY_HAND_ROW = {
  stage: 'by-hand',
  servers: ['TCP by Node'],
  command: `firewall ${ADDRESSES.sip} --transport tcp --via manual --deadline 30000`,
} as const;

export const BY_HAND: readonly ByHandScene[] = [
  {
    ...BY_HAND_ROW,
    id: 'by-hand-partial',
    name: 'the first of four ports is let through',
    world: { rules: blockRules('tcp dport 7101-7103', 'drop', 'server'), connects: [7100, 7101, 7102, 7103] },
    expected: broken('callback', 'callback-port.partial'),
  },
  {
    ...BY_HAND_ROW,
    id: 'by-hand-nothing',
    name: 'nothing came at all',
    world: { rules: '', connects: [] },
    expected: unknown('callback', 'witness.nothing-arrived'),
  },
];
