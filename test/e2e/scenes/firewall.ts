/** What stands between server and client on the callback ports, and what `sipdiag firewall` and `doctor` make of it. */
import { blockRules, natRules } from '../real/namespaces.ts';
import { DOMAIN, HOST } from '../real/stage.ts';
import {
  broken,
  degraded,
  HEALTHY,
  RUNG_STATUS,
  unknown,
  type Ending,
  type Expected,
  type Row,
  type Told,
} from './row.ts';

export type FirewallScene = Row<'firewall', { rules: string }>;

const SIP_PORTS = 'tcp dport 7100-7103';
const DROPPED = blockRules(SIP_PORTS, 'drop', 'server');
const BLOCKED = 'TCP 7100-7103 of 198.18.0.10 cannot be reached by the SIP server 203.0.113.10:5060';

interface Wall {
  id: string;
  name: string;
  rules: string;
  /** Which Kamailio: as it is set up by default, or one that reuses the connections of clients behind NAT. */
  server?: 'plain' | 'reusing' | 'forgetful';
  args?: string;
  ending: Ending;
  /** Findings of the rungs callback and media, information included. */
  findings: Told[];
  explains?: string[];
  /** It takes too long to be played twice. */
  alone?: true;
}

function wallRows({ id, name, rules, server = 'plain', args, ending, findings, explains, alone }: Wall) {
  const typed = `sip:toml@${DOMAIN} --ca {root} --password-file {password} --timeout 1500 --server {${server}}`;
  const expected: Expected = {
    ...ending,
    rungs: { callback: RUNG_STATUS[ending.status], media: 'not-tested' },
    only: { rungs: ['callback', 'media'], findings },
    ...(explains === undefined ? {} : { explains }),
  };
  const commands = alone === true ? (['firewall'] as const) : (['firewall', 'doctor'] as const);
  return commands.map((command): FirewallScene => ({
    id: `firewall-${id}-${command}`,
    stage: 'firewall',
    name: `${command} when the router ${name}`,
    servers: ['Kamailio'],
    command: `${command} ${typed} ${args ?? '--transport tcp'}`,
    world: { rules },
    expected,
  }));
}

const WALLS: readonly Wall[] = [
  { id: 'open', name: 'lets everything through', rules: '', ending: HEALTHY, findings: [] },
  {
    id: 'drops',
    name: 'drops what the server opens',
    rules: DROPPED,
    ending: broken('callback', 'callback-port.blocked'),
    findings: ['callback-port.blocked'],
    explains: [BLOCKED],
  },
  {
    id: 'resets',
    name: 'rejects with RST what the server opens',
    rules: blockRules(SIP_PORTS, 'reset', 'server'),
    ending: broken('callback', 'callback-port.blocked'),
    findings: ['callback-port.blocked'],
    explains: [BLOCKED],
  },
  {
    id: 'one-of-four',
    name: 'lets only the first of four ports through',
    rules: blockRules('tcp dport 7101-7103', 'drop', 'server'),
    ending: broken('callback', 'callback-port.partial'),
    findings: ['callback-port.partial'],
    explains: ['Only TCP 7100 of 198.18.0.10 can be reached', 'not TCP 7101-7103'],
  },
  {
    id: 'nat',
    name: 'hides the client behind its own address, and lets the server through to it',
    rules: natRules(),
    ending: HEALTHY,
    findings: ['nat.rewritten'],
    explains: ['sees 203.0.113.1:'],
  },
  {
    id: 'reused',
    name: 'drops what the server opens, but the server comes back on the connection of the client',
    rules: DROPPED,
    server: 'reusing',
    ending: HEALTHY,
    findings: ['callback-port.not-needed'],
    explains: ['no port of 198.18.0.10 needs to be open'],
  },
  {
    id: 'tls',
    name: 'drops what the server opens, and the client uses TLS',
    rules: DROPPED,
    args: '--transport tls',
    ending: HEALTHY,
    findings: ['callback-port.not-needed'],
    explains: ['The SIP server 203.0.113.10:5061 comes back on the connection'],
  },
  {
    id: 'forgets',
    name: 'drops what the server opens, and the server forgets a silent connection',
    rules: DROPPED,
    server: 'forgetful',
    args: '--transport tcp --idle 12',
    ending: degraded('callback', 'callback-port.forgotten'),
    findings: ['callback-port.not-needed', 'callback-port.forgotten'],
    explains: ['After 12 s of silence', 's of silence.'],
    alone: true,
  },
];

/** Without a password nobody is asked. */
const UNASKED = {
  stage: 'firewall',
  servers: ['Kamailio'],
  world: { rules: '' },
} as const;
const NOBODY = `sip:toml@${DOMAIN} --server {plain} --transport tcp --timeout 1500`;

export const FIREWALL: readonly FirewallScene[] = [
  ...WALLS.flatMap(wallRows),
  {
    ...UNASKED,
    id: 'firewall-no-password-doctor',
    name: 'doctor without a password',
    command: `doctor ${NOBODY}`,
    expected: { ...HEALTHY, rungs: { callback: 'not-tested', media: 'not-tested' } },
  },
  {
    ...UNASKED,
    id: 'firewall-no-password-firewall',
    name: 'firewall without a password, by the SIP server alone',
    command: `firewall ${NOBODY} --via sip`,
    expected: {
      ...unknown('callback', 'witness.denied'),
      only: { rungs: ['callback', 'media'], findings: ['witness.denied'] },
    },
  },
];

const AT_HABIT = `sip:toml@${DOMAIN} --ca {root} --verify-name ${HOST} --timeout 1500`;
const PASSWORD = '--password-file {password}';

/** What a registrar does in its own way, and a client signs in all the same. */
export const HABITS: readonly FirewallScene[] = [
  {
    ...UNASKED,
    id: 'firewall-deaf-doctor',
    name: 'doctor at a server that drops OPTIONS: its silence says nothing of our ports',
    command: `doctor ${AT_HABIT} ${PASSWORD} --server {deaf}`,
    expected: { ...HEALTHY, rungs: { sip: 'passed', auth: 'passed', callback: 'not-tested' } },
  },
  {
    ...UNASKED,
    id: 'firewall-deaf-firewall',
    name: 'firewall at a server that drops OPTIONS',
    command: `firewall ${AT_HABIT} ${PASSWORD} --server {deaf} --via sip`,
    expected: { ...unknown('callback'), says: ['leaves OPTIONS without an answer'] },
  },
  {
    ...UNASKED,
    id: 'firewall-strict-doctor',
    name: 'doctor at a server that wants a Contact in every REGISTER',
    command: `doctor ${AT_HABIT} ${PASSWORD} --server {strict}`,
    expected: { ...HEALTHY, rungs: { sip: 'passed', auth: 'passed', callback: 'passed' } },
  },
  {
    ...UNASKED,
    id: 'firewall-strict-signin',
    name: 'signin at a server that wants a Contact in every REGISTER: every way takes the password',
    command: `signin ${AT_HABIT} ${PASSWORD} --server {strict}`,
    expected: { ...HEALTHY, tells: ['matrix.all-work'], rungs: { auth: 'passed' } },
  },
  {
    ...UNASKED,
    id: 'firewall-strict-no-password',
    name: 'doctor without a password at a server that wants a Contact in every REGISTER',
    command: `doctor ${AT_HABIT} --server {strict}`,
    expected: {
      ...HEALTHY,
      tells: ['registration.refused info'],
      explains: ['400 Missing Contact Header to a REGISTER', 'that names no Contact'],
      rungs: { sip: 'passed', auth: 'not-tested' },
    },
  },
  {
    ...UNASKED,
    id: 'firewall-idle-doctor',
    name: 'doctor at a server whose 200 registers nobody: no port of the client is to blame',
    command: `doctor ${AT_HABIT} ${PASSWORD} --server {idle} --transport tcp`,
    expected: {
      ...HEALTHY,
      only: { rungs: ['callback'], findings: [] },
      rungs: { auth: 'passed', callback: 'not-tested' },
    },
  },
];

/** On loopback, with one port to be called back on. */
export type LoopbackScene = Row<'firewall-loopback', object>;

const onPort = (port: 'free' | 'taken', name: string, expected: Expected): LoopbackScene => ({
  id: `firewall-loopback-${port}`,
  stage: 'firewall-loopback',
  name,
  servers: ['Kamailio'],
  command: `firewall sip:toml@${DOMAIN} --server {server} --transport tcp --password-file {password} --ports {${port}}-{${port}} --timeout 2000`,
  world: {},
  expected,
});

export const FIREWALL_LOOPBACK: readonly LoopbackScene[] = [
  onPort('free', 'one port, which the server reaches', {
    ...HEALTHY,
    rungs: { callback: 'passed' },
    tells: ['callback-range.too-small'],
  }),
  onPort('taken', 'a port that another program has', broken('callback', 'callback-port.in-use')),
];
