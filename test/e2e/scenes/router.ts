/** BIND and Kamailio without a fault, behind a router that is what differs. */
import { blockRules } from '../real/namespaces.ts';
import { DOMAIN, HOST } from '../real/stage.ts';
import {
  ALL_PASSED,
  broken,
  HEALTHY,
  NO_NETWORK,
  NOT_TESTED,
  unknown,
  type Ending,
  type Expected,
  type Ladder,
  type Row,
} from './row.ts';

export type RouterScene = Row<
  'router',
  {
    rules: string;
    /** Where the command runs: behind the router unless it is said to have no network at all. */
    client?: 'offline';
  }
>;

const NO_TLS = { tls: 'not-tested', certificate: 'not-tested' } as const;
const NO_CERTIFICATE = { certificate: 'not-tested' } as const;
const SHORT = '--timeout 1000';

interface Tale {
  id: string;
  name: string;
  rules: string;
  args?: string;
}
const row = ({ id, name, rules, args }: Tale, expected: Expected): RouterScene => ({
  id,
  stage: 'router',
  name,
  servers: ['Kamailio', 'BIND'],
  command: [`doctor sip:toml@${DOMAIN} --ca {root}`, ...(args === undefined ? [] : [args])].join(' '),
  world: { rules },
  expected,
});

const failed = (ending: Ending, says: string[], rungs: Partial<Ladder>): Expected => ({
  ...ending,
  says,
  rungs: { ...ALL_PASSED, ...rungs },
});
const unreached = (findingId: string): Expected =>
  failed(broken('connect', findingId), ['203.0.113.10:5061'], { connect: 'failed', ...NO_TLS });

export const ROUTER: readonly RouterScene[] = [
  row(
    { id: 'router-open', name: 'lets everything through', rules: '' },
    { ...HEALTHY, rungs: ALL_PASSED, says: [`${HOST} (tls 5061, tcp 5060, udp 5060)`] },
  ),
  row(
    { id: 'router-drops-dns', name: 'drops port 53', rules: blockRules('udp dport 53'), args: '--timeout 1500' },
    failed(broken('dns', 'resolver.timeout'), ['203.0.113.10'], { ...NOT_TESTED, dns: 'failed' }),
  ),
  row(
    {
      id: 'router-drops-tcp',
      name: 'drops TCP to the SIP ports',
      rules: blockRules('tcp dport { 5060, 5061 }'),
      args: SHORT,
    },
    unreached('tcp-reach.timeout'),
  ),
  row(
    {
      id: 'router-drops-tls',
      name: 'drops TCP to the TLS port alone',
      rules: blockRules('tcp dport 5061'),
      args: SHORT,
    },
    unreached('tcp-reach.timeout'),
  ),
  row(
    {
      id: 'router-rejects-tcp',
      name: 'rejects TCP to the SIP ports',
      rules: blockRules('tcp dport { 5060, 5061 }', 'reject'),
    },
    unreached('tcp-reach.unreachable'),
  ),
  row(
    {
      id: 'router-resets-tcp',
      name: 'resets TCP to the SIP ports',
      rules: blockRules('tcp dport { 5060, 5061 }', 'reset'),
    },
    unreached('tcp-reach.refused'),
  ),
  row(
    {
      id: 'router-loses-large',
      name: 'loses large packets of the server: the certificates never arrive',
      rules: blockRules('meta length > 700', 'drop', 'server'),
      args: '--timeout 1500',
    },
    failed(broken('tls', 'tls-handshake.timeout'), ['never answers the TLS handshake'], {
      tls: 'failed',
      ...NO_CERTIFICATE,
    }),
  ),
  row(
    {
      id: 'router-resets-hello',
      name: 'lets the connection in, and resets it at the first message of TLS',
      rules: blockRules('tcp dport 5061 meta length > 150', 'reset'),
    },
    failed(broken('tls', 'tls-handshake.closed'), ['during the TLS handshake'], { tls: 'failed', ...NO_CERTIFICATE }),
  ),
  row(
    { id: 'router-drops-udp', name: 'drops UDP to the SIP port', rules: blockRules('udp dport 5060'), args: SHORT },
    failed(broken('sip', 'sip-answer.none'), ['203.0.113.10:5060', 'UDP'], { sip: 'failed' }),
  ),
  {
    ...row(
      {
        id: 'router-none',
        name: 'is not there, nor any network of this machine',
        rules: '',
        args: '--resolver 203.0.113.10',
      },
      {
        ...unknown(null),
        says: [NO_NETWORK],
        rungs: { ...NOT_TESTED, dns: 'unknown' },
      },
    ),
    world: { rules: '', client: 'offline' },
  },
];
