import type { Observation, Reason, Rung } from '../../src/model.ts';
import type { Server } from '../../src/model/dns.ts';
import { seenBy, addressRecord, srvRecord } from './dns-seen.ts';
import { attemptOn, bothSeen, tcpSeen } from './server-seen.ts';
import { HOST, seen as tlsSeen } from './tls-observation.ts';

const DOMAIN = 'example.com';
export const TLS_SET = `_sips._tcp.${DOMAIN}`;
export const onTls = attemptOn('tls', { host: HOST, set: TLS_SET });
const resolver = seenBy('192.0.2.53:53');

export const leftOut = (rung: Rung, why: string): Observation => ({
  kind: 'skipped',
  subject: rung,
  at: 20,
  about: { rung },
  outcome: { ok: true, value: { why }, ms: 0 },
});

const server: Server = {
  transport: 'tls',
  host: HOST,
  port: 5061,
  addresses: ['192.0.2.1'],
  via: `SRV ${TLS_SET}`,
  published: true,
  set: TLS_SET,
};

const question = `SRV ${TLS_SET}`;

/** DNS leads to one TLS server. */
export const dnsPart = (): Observation[] => [
  resolver.answers(`${TLS_SET} SRV`, [srvRecord(TLS_SET, HOST)]),
  resolver.answers(`${HOST} A`, [addressRecord(HOST, '192.0.2.1')]),
  {
    kind: 'discovery',
    subject: DOMAIN,
    at: 5,
    about: { domain: DOMAIN },
    outcome: {
      ok: true,
      ms: 0,
      value: {
        profile: 'rfc3263',
        profileWhy: 'the usual one',
        steps: [{ step: '_sips._tcp.{d}', question, fate: 'used', why: 'it answers' }],
        servers: [server],
      },
    },
  },
];

/** Every question of the name service fails alike. */
export const dnsFails = (reason: Reason): Observation[] => [
  resolver.fails(`${TLS_SET} SRV`, reason, `detail of ${reason}`),
  resolver.fails(`_sip._udp.${DOMAIN} SRV`, reason, `detail of ${reason}`),
];

export const upperSkips = (): Observation[] => [
  leftOut('auth', 'no credentials were given'),
  leftOut('callback', 'no witness on the far side was given'),
  leftOut('media', 'no witness on the far side was given'),
];

/** A run of `doctor` in which all is well, as far as it could be tested without credentials. */
export const healthyRun = (): Observation[] => [
  ...dnsPart(),
  tcpSeen('open', onTls),
  tlsSeen(),
  ...bothSeen(['200 OK', '401 Unauthorized'], onTls),
  ...upperSkips(),
];

/** The same with the observations of a kind replaced. */
export const healthyBut = (
  kind: Observation['kind'] | readonly Observation['kind'][],
  instead: readonly Observation[],
): Observation[] => [...healthyRun().filter((one) => ![kind].flat().includes(one.kind)), ...instead];
