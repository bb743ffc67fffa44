/** What stands between server and client, and what `sipdiag firewall` and `doctor` have to make of it: one row for each scene. */
import type { Rung, RungResult, Verdict } from '../../src/model.ts';
import { blockRules, natRules } from './real/namespaces.ts';

const SIP_PORTS = 'tcp dport 7100-7103';

export interface FirewallScene {
  name: string;
  rules: string;
  /** Which Kamailio: as it is set up by default, or one that reuses the connections of clients behind NAT. */
  server?: 'plain' | 'reusing' | 'forgetful';
  /** Default: --transport tcp. */
  args?: string[];
  expected: {
    status: Verdict['status'];
    rung: Rung | null;
    findingId: string | null;
    code: number;
    callback: RungResult['status'];
    /** Findings of the rungs callback and media, information included. */
    findings: string[];
    /** Words of the verdict, or of the first finding of the callback. */
    says: string[];
  };
}

const PASSED = { status: 'healthy', rung: null, findingId: null, code: 0, callback: 'passed' } as const;
const broken = (findingId: string) =>
  ({ status: 'broken', rung: 'callback', findingId, code: 1, callback: 'failed', findings: [findingId] }) as const;

/** Allowing what the server sends, but with the four ports treated otherwise. */
export const FIREWALL_SCENES: readonly FirewallScene[] = [
  {
    name: 'lets everything through',
    rules: '',
    expected: { ...PASSED, findings: [], says: [] },
  },
  {
    name: 'drops what the server opens',
    rules: blockRules(SIP_PORTS, 'drop', 'server'),
    expected: {
      ...broken('callback-port.blocked'),
      findings: ['callback-port.blocked'],
      says: ['TCP 7100-7103 of 198.18.0.10 cannot be reached by the SIP server 203.0.113.10:5060'],
    },
  },
  {
    name: 'rejects with RST what the server opens',
    rules: blockRules(SIP_PORTS, 'reset', 'server'),
    expected: {
      ...broken('callback-port.blocked'),
      findings: ['callback-port.blocked'],
      says: ['TCP 7100-7103 of 198.18.0.10 cannot be reached by the SIP server 203.0.113.10:5060'],
    },
  },
  {
    name: 'lets only the first of four ports through',
    rules: blockRules('tcp dport 7101-7103', 'drop', 'server'),
    expected: {
      ...broken('callback-port.partial'),
      findings: ['callback-port.partial'],
      says: ['Only TCP 7100 of 198.18.0.10 can be reached', 'not TCP 7101-7103'],
    },
  },
  {
    name: 'hides the client behind its own address, and lets the server through to it',
    rules: natRules(),
    expected: { ...PASSED, findings: ['nat.rewritten'], says: ['sees 203.0.113.1:'] },
  },
  {
    name: 'drops what the server opens, but the server comes back on the connection of the client',
    rules: blockRules(SIP_PORTS, 'drop', 'server'),
    server: 'reusing',
    expected: {
      ...PASSED,
      findings: ['callback-port.not-needed'],
      says: ['no port of 198.18.0.10 needs to be open'],
    },
  },
  {
    name: 'drops what the server opens, and the client uses TLS',
    rules: blockRules(SIP_PORTS, 'drop', 'server'),
    args: ['--transport', 'tls'],
    expected: {
      ...PASSED,
      findings: ['callback-port.not-needed'],
      says: ['The SIP server 203.0.113.10:5061 comes back on the connection'],
    },
  },
  {
    name: 'drops what the server opens, and the server forgets a silent connection',
    rules: blockRules(SIP_PORTS, 'drop', 'server'),
    server: 'forgetful',
    args: ['--transport', 'tcp', '--idle', '12'],
    expected: {
      status: 'degraded',
      rung: 'callback',
      findingId: 'callback-port.forgotten',
      code: 0,
      callback: 'warning',
      findings: ['callback-port.not-needed', 'callback-port.forgotten'],
      says: ['After 12 s of silence', 'the connection was ended after'],
    },
  },
];
