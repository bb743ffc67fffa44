import type { CheckRun, Finding, Report, Rung, RungResult } from '../../src/model.ts';
import { attempt, observations } from './sample-observations.ts';

const target: Report['target'] = {
  input: 'sip:toml@fuzzybunny.local',
  domain: 'fuzzybunny.local',
  user: 'toml',
  scheme: 'sip',
  transports: [],
  profile: 'auto',
};

function rung(name: Rung, status: RungResult['status'], [summary, ms]: readonly [string, number]): RungResult {
  return { rung: name, status, summary, ms };
}

function check(name: Rung, checkId: string, status: CheckRun['status']): CheckRun {
  return { checkId, rung: name, status };
}

const clientAuth: Finding = {
  id: 'cert-eku.client-auth-missing',
  rung: 'certificate',
  severity: 'info',
  subject: '192.0.2.10:5061',
  text: 'The certificate of pool01.fuzzybunny.local:5061 may not be used by a TLS client (no clientAuth).',
  remedy: 'Nothing, unless this server also connects to others with mutual TLS.',
  evidence: { extendedKeyUsages: ['serverAuth'] },
  source: 'RFC 5280 section 4.2.1.12',
};

/** Everything that could be tested without credentials passes. */
export const healthy: Report = {
  schema: 'sipdiag.report/1',
  version: '0.1.0',
  command: 'doctor',
  startedAt: '2026-11-22T03:04:05.000Z',
  ms: 58.4,
  target,
  verdict: {
    status: 'healthy',
    rung: null,
    findingId: null,
    summary: 'a client can reach pool01.fuzzybunny.local:5061 over TLS and is asked to sign in; auth was not tested.',
    nextStep: 'Give --user and --password-file to test the sign-in itself.',
  },
  rungs: [
    rung('dns', 'passed', ['_sipinternaltls._tcp leads to pool01.fuzzybunny.local:5061', 5.2]),
    rung('connect', 'passed', ['192.0.2.10:5061 accepts TCP', 2]),
    rung('tls', 'passed', ['TLSv1.2, ECDHE-RSA-AES256-GCM-SHA384', 31.4]),
    rung('certificate', 'passed', ['names pool01.fuzzybunny.local, good for 301 days, trusted', 0]),
    rung('sip', 'passed', ['REGISTER answered 401 Unauthorized', 12]),
    rung('auth', 'not-tested', ['not tested: no credentials were given', 0]),
    rung('callback', 'not-tested', ['not tested: no witness on the far side', 0]),
    rung('media', 'not-tested', ['not tested: no witness on the far side', 0]),
  ],
  findings: [clientAuth],
  checks: [
    check('dns', 'srv-records', 'passed'),
    check('connect', 'tcp-reach', 'passed'),
    check('certificate', 'cert-name', 'passed'),
    check('certificate', 'cert-eku', 'found'),
    { ...check('dns', 'naptr', 'not-applicable'), because: 'the profile ocs2007 asks for no NAPTR records' },
    { ...check('dns', 'authority', 'inconclusive'), because: 'authorities are asked with --thorough only' },
  ],
  observations,
};

const refused = (address: string): Finding => ({
  id: 'tcp-reach.refused',
  rung: 'connect',
  severity: 'warning',
  subject: `${address}:5061`,
  text: `${address}:5061 refuses TCP connections, while 192.0.2.10:5061 of the same SRV set answers.`,
  remedy: 'Start the SIP service on that machine, or take it out of _sipinternaltls._tcp.fuzzybunny.local.',
  evidence: { address, port: 5061, published: true },
  source: 'RFC 3263 section 4.3',
});

/** Two dead members of the set, and a certificate that has expired and names another host. */
export const brokenAtCertificate: Report = {
  ...healthy,
  verdict: {
    status: 'broken',
    rung: 'certificate',
    findingId: 'cert-dates.expired',
    summary: 'the certificate of pool01.fuzzybunny.local:5061 expired 3 days ago.',
    nextStep: 'Renew the certificate of pool01.fuzzybunny.local, then run the same command again.',
  },
  rungs: [
    rung('dns', 'passed', ['_sipinternaltls._tcp leads to 3 servers', 5.2]),
    rung('connect', 'warning', [refused('192.0.2.11').text, 1203]),
    rung('tls', 'passed', ['TLSv1.2, ECDHE-RSA-AES256-GCM-SHA384', 31.4]),
    rung('certificate', 'failed', [
      'The certificate of pool01.fuzzybunny.local:5061 expired 3 days ago (2026-11-19T10:00:00Z).',
      0,
    ]),
    rung('sip', 'unknown', ['the server closed the connection before it answered', 0.4]),
    rung('auth', 'not-tested', ['not tested: needs certificate', 0]),
    rung('callback', 'not-tested', ['not tested: needs certificate', 0]),
    rung('media', 'not-tested', ['not tested: needs certificate', 0]),
  ],
  findings: [
    refused('192.0.2.11'),
    refused('192.0.2.12'),
    {
      id: 'cert-name.mismatch',
      rung: 'certificate',
      severity: 'error',
      subject: '192.0.2.10:5061',
      text: 'The certificate of pool01.fuzzybunny.local:5061 names only oldpool.fuzzybunny.local.',
      remedy:
        'Have a certificate issued with pool01.fuzzybunny.local and fuzzybunny.local as DNS names: sipdiag csr --domain fuzzybunny.local --host pool01.fuzzybunny.local',
      evidence: { wanted: 'pool01.fuzzybunny.local', names: ['oldpool.fuzzybunny.local'] },
      source: 'RFC 5922 section 7.1',
    },
    {
      id: 'cert-dates.expired',
      rung: 'certificate',
      severity: 'error',
      subject: '192.0.2.10:5061',
      text: 'The certificate of pool01.fuzzybunny.local:5061 expired 3 days ago (2026-11-19T10:00:00Z).',
      remedy:
        'Renew it at the authority that issued it (CN=FuzzyBunny Issuing CA 1), install it, and restart the SIP service.',
      evidence: { notAfter: '2026-11-19T10:00:00Z', days: 3 },
      source: 'RFC 5280 section 4.1.2.5',
    },
    clientAuth,
  ],
};

/** The network is silent, and one check fell over. */
export const unknown: Report = {
  ...healthy,
  verdict: {
    status: 'unknown',
    rung: null,
    findingId: null,
    summary: 'DNS could not be asked: 192.0.2.53:53 did not answer within 3 s.',
    nextStep: 'Check that this machine is on the network, or name another resolver with --resolver.',
  },
  rungs: healthy.rungs.map(({ rung: name }) =>
    name === 'dns'
      ? rung(name, 'unknown', ['no resolver answered', 3000.7])
      : rung(name, 'not-tested', ['not tested: needs dns', 0]),
  ),
  findings: [],
  checks: [
    { ...check('dns', 'srv-records', 'inconclusive'), because: "no observation of kind 'dns' succeeded" },
    { ...check('dns', 'cname', 'crashed'), because: 'Cannot read properties of undefined' },
    { ...check('dns', 'naptr', 'crashed'), because: 'Maximum call stack size exceeded' },
  ],
  observations: [
    {
      kind: 'dns',
      subject: 'SRV _sip._tls.fuzzybunny.local',
      at: 1,
      about: { name: '_sip._tls.fuzzybunny.local', type: 'SRV', resolver: '192.0.2.53:53', resolverLabel: 'system' },
      outcome: { ok: false, ms: 3000.7, reason: 'timeout', detail: 'no answer from 192.0.2.53:53 in 3000 ms, 3 tries' },
    },
    {
      kind: 'tls',
      subject: '192.0.2.10:5061',
      at: 3005,
      about: { ...attempt, sni: null, verifyName: 'fuzzybunny.local', judgeAt: '2026-11-22T03:04:05.000Z' },
      outcome: { ok: false, ms: 1, reason: 'tls-alert', detail: '', alert: 40, received: 'FQMDAAICKA==' },
    },
  ],
};

export const samples = { healthy, brokenAtCertificate, unknown };
