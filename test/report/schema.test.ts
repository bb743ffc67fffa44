import { describe, expect, test } from 'vitest';
import type * as model from '../../src/model.ts';
import { brokenAtCertificate, healthy, samples } from './sample-reports.ts';
import { assertValidReport, reportFaults, reportSchema } from './valid-report.ts';

/** Every member of T, and whether it may be absent: the compiler refuses a table that model.ts has outgrown. */
type Shape<T> = { [K in keyof T]-?: object extends Pick<T, K> ? 'optional' : 'required' };
type Words<T extends string> = Record<T, true>;

interface Definition {
  properties?: Record<string, unknown>;
  required?: string[];
  enum?: string[];
  oneOf?: { $ref: string }[];
}
// The schema is our own file; a definition that lacks what a test asks for fails that test.
const schema = reportSchema as Definition & { $defs: Record<string, Definition> };

function shapeOf({ properties = {}, required = [] }: Definition): Record<string, string> {
  const optional = (name: string): string => (required.includes(name) ? 'required' : 'optional');
  return Object.fromEntries(Object.keys(properties).map((name) => [name, optional(name)]));
}

const R = 'required' as const;
const O = 'optional' as const;
const report: Shape<model.Report> = {
  schema: R,
  version: R,
  command: R,
  startedAt: R,
  ms: R,
  target: R,
  verdict: R,
  rungs: R,
  findings: R,
  checks: R,
  observations: R,
};
const target: Shape<model.Target> = {
  input: R,
  domain: O,
  user: O,
  scheme: R,
  server: O,
  transports: R,
  profile: R,
};
const verdict: Shape<model.Verdict> = { status: R, rung: R, findingId: R, summary: R, nextStep: R };
const rungResult: Shape<model.RungResult> = { rung: R, status: R, summary: R, ms: R };
const finding: Shape<model.Finding> = {
  id: R,
  rung: R,
  severity: R,
  subject: R,
  text: R,
  remedy: R,
  evidence: R,
  source: R,
};
const checkRun: Shape<model.CheckRun> = { checkId: R, rung: R, status: R, because: O };
const dnsRecord: Shape<model.DnsRecord> = {
  name: R,
  type: R,
  ttl: R,
  text: R,
  address: O,
  host: O,
  srv: O,
  naptr: O,
  soa: O,
};
const dnsAnswer: Shape<model.DnsAnswer> = {
  status: R,
  records: R,
  via: R,
  tries: R,
  authoritative: O,
  referral: O,
  unverified: O,
};
const server: Shape<model.Server> = {
  transport: R,
  host: R,
  port: R,
  addresses: R,
  via: R,
  published: R,
  set: R,
  priority: O,
  weight: O,
};
const recordFate: Shape<model.RecordFate> = { text: R, fate: R, why: R, sharePercent: O, addresses: O };
const discoveryStep: Shape<model.DiscoveryStep> = { step: R, question: R, fate: R, why: R, records: O };
const profileOutcome: Shape<model.ProfileOutcome> = {
  profile: R,
  title: R,
  status: R,
  conclusion: R,
  steps: R,
  servers: R,
};
const discovery: Shape<model.Discovery> = { profile: R, profileWhy: R, steps: R, servers: R, profiles: O };
const attemptFields: Shape<model.Attempt> = {
  transport: R,
  host: R,
  address: R,
  port: R,
  published: R,
  set: R,
  by: O,
};
const tlsSeen: Shape<model.TlsSeen> = {
  version: R,
  cipher: R,
  chain: R,
  trustAnchors: R,
  publicAnchors: O,
  ocspStaple: O,
  clientCertRequest: O,
  refusal: O,
  hello: O,
};
const clientCertRequest: Shape<model.ClientCertRequest> = { authorities: R, total: R };
const refusal: Shape<NonNullable<model.TlsSeen['refusal']>> = { reason: R, detail: R, alert: O };
const clientHelloSeen: Shape<model.ClientHelloSeen> = { serverName: R, versions: R, cipherSuites: R, alpn: R };
const variantSeen: Shape<model.VariantSeen> = { version: R, cipher: R, leaf: O };
const failure: Shape<model.Failure> = { ok: R, reason: R, detail: R, ms: R, alert: O, received: O };
const dnsAbout: Shape<model.DnsObservation['about']> = { name: R, type: R, resolver: R, resolverLabel: R };
const authorityAbout: Shape<model.AuthorityObservation['about']> = { zone: R, host: R, address: R };
const revocationAbout: Shape<model.RevocationObservation['about']> = {
  method: R,
  url: R,
  certificate: R,
  serial: R,
  host: R,
};
const revocationSeen: Shape<model.RevocationSeen> = {
  httpStatus: R,
  octets: R,
  status: R,
  detail: R,
  thisUpdate: O,
  nextUpdate: O,
  revokedAt: O,
};
const lookupAbout: Shape<model.SystemLookupObservation['about']> = { host: R };
/** What a kind knows beyond the members of every attempt. */
type Beyond<T extends { about: object }> = Shape<Omit<T['about'], keyof model.Attempt>>;
const tlsAbout: Beyond<model.TlsObservation> = {
  sni: R,
  verifyName: R,
  domain: O,
  judgeAt: R,
  profile: O,
  namePolicy: O,
  file: O,
  peer: O,
  offered: O,
  shown: O,
};
const variantAbout: Beyond<model.VariantObservation> = { way: R, sni: R, offered: R };
const offerAbout: Shape<model.OfferObservation['about']> = { source: R, judgeAt: R };
const sipAbout: Beyond<model.SipObservation> = {
  method: R,
  requestUri: R,
  aor: R,
  madeUp: O,
  step: O,
  account: O,
  contact: O,
  instance: O,
  raisedTo: O,
};
const sipSeen: Shape<model.SipSeen> = {
  status: R,
  reason: R,
  headers: R,
  from: R,
  local: R,
  tries: R,
  aheadMs: O,
  refusal: O,
  serverProof: O,
};
const withheldAbout: Beyond<model.WithheldObservation> = { aor: R, account: R };
const pathAbout: Shape<model.PathObservation['about']> = {
  transport: R,
  host: R,
  port: R,
  published: R,
  set: R,
  source: R,
  expected: R,
};
const latencySeen: Shape<model.LatencySeen> = { samples: R, sent: R, lost: R, retransmissions: R };
const kdcSeen: Shape<model.KdcSeen> = { centres: R, detail: R };
const kdcAbout: Shape<model.KdcObservation['about']> = { realm: R, account: R, given: R };

const fate: Words<model.Fate> = {
  used: true,
  ignored: true,
  absent: true,
  broken: true,
  refused: true,
  'not-checked': true,
};
const rung: Words<model.Rung> = {
  dns: true,
  connect: true,
  tls: true,
  certificate: true,
  sip: true,
  auth: true,
  callback: true,
  media: true,
};
const severity: Words<model.Severity> = { info: true, warning: true, error: true };
const transport: Words<model.Transport> = { udp: true, tcp: true, tls: true };
const tlsVersion: Words<model.TlsVersion> = { TLSv1: true, 'TLSv1.1': true, 'TLSv1.2': true, 'TLSv1.3': true };
const recordType: Words<model.RecordType> = {
  A: true,
  AAAA: true,
  CNAME: true,
  SRV: true,
  NAPTR: true,
  NS: true,
  SOA: true,
};
const reason: Words<model.Reason> = {
  timeout: true,
  refused: true,
  unreachable: true,
  'no-network': true,
  reset: true,
  closed: true,
  'tls-alert': true,
  'not-tls': true,
  'tls-failed': true,
  address: true,
  'too-large': true,
  cancelled: true,
  other: true,
  servfail: true,
  'refused-query': true,
  rcode: true,
  truncated: true,
  malformed: true,
  'no-resolver': true,
};
const kind: Words<model.ObservationKind> = {
  dns: true,
  authority: true,
  lookup: true,
  revocation: true,
  discovery: true,
  tcp: true,
  tls: true,
  variant: true,
  cleartext: true,
  offer: true,
  sip: true,
  withheld: true,
  path: true,
  latency: true,
  kdc: true,
  skipped: true,
};

const members: Record<string, Record<string, true>> = {
  'verdict.status': { healthy: true, degraded: true, broken: true, unknown: true } satisfies Words<
    model.Verdict['status']
  >,
  'rungResult.status': {
    passed: true,
    warning: true,
    failed: true,
    unknown: true,
    'not-tested': true,
  } satisfies Words<model.RungResult['status']>,
  'checkRun.status': {
    passed: true,
    found: true,
    inconclusive: true,
    'not-applicable': true,
    crashed: true,
  } satisfies Words<model.CheckRun['status']>,
  'dnsAnswer.status': { answer: true, nodata: true, nxdomain: true } satisfies Words<model.DnsAnswer['status']>,
  'dnsAnswer.via': { udp: true, tcp: true, tls: true, https: true } satisfies Words<model.DnsAnswer['via']>,
  'discoveryStep.fate': fate,
  'recordFate.fate': fate,
  'profileOutcome.status': {
    reaches: true,
    fails: true,
    'finds-nothing': true,
    unknown: true,
    'not-checked': true,
  } satisfies Words<model.ProfileOutcome['status']>,
};

describe('the schema follows the types', () => {
  test('the report itself', () => {
    expect(shapeOf(schema)).toEqual(report);
  });

  const shapes = { target, verdict, rungResult, finding, checkRun, dnsRecord, dnsAnswer, server, discoveryStep };
  const observed = {
    discovery,
    recordFate,
    profileOutcome,
    attemptFields,
    tlsSeen,
    sipSeen,
    failure,
    dnsAbout,
    authorityAbout,
    lookupAbout,
    revocationAbout,
    revocationSeen,
    tlsAbout,
    clientCertRequest,
    refusal,
    clientHelloSeen,
    variantSeen,
    variantAbout,
    offerAbout,
    sipAbout,
    withheldAbout,
    pathAbout,
    latencySeen,
    kdcSeen,
    kdcAbout,
  };
  test.each(Object.entries({ ...shapes, ...observed }))('%s', (name, shape) => {
    expect(shapeOf(schema.$defs[name] ?? {})).toEqual(shape);
  });

  test.each(Object.entries({ rung, severity, transport, tlsVersion, recordType, reason }))(
    'the words of %s',
    (name, words) => {
      expect(schema.$defs[name]?.enum?.toSorted()).toEqual(Object.keys(words).sort());
    },
  );

  test.each(Object.entries(members))('the words of %s', (path, words) => {
    const [name = '', member = ''] = path.split('.');
    const property: Definition = Object(schema.$defs[name]?.properties?.[member]);
    expect(property.enum?.toSorted()).toEqual(Object.keys(words).sort());
  });

  test('every kind of observation has its definition', () => {
    const references = schema.$defs['observation']?.oneOf?.map((one) => one.$ref);
    const wanted = Object.keys(kind).map((one) => `#/$defs/${one}Observation`);
    expect(references?.sort()).toEqual(wanted.sort());
  });
});

describe('reports that are accepted', () => {
  test.each(Object.entries(samples))('%s', (_name, sample) => {
    expect(reportFaults(sample)).toEqual([]);
  });

  test('the samples hold every kind of observation, so none is accepted unseen', () => {
    expect([...new Set(healthy.observations.map((one) => one.kind))].sort()).toEqual(Object.keys(kind).sort());
  });
});

/** A copy of the sample with one thing changed. */
function broken(path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = structuredClone(brokenAtCertificate);
  let at: Record<string | number, unknown> = Object(copy);
  for (const step of path.slice(0, -1)) at = Object(at[step]);
  const last = path.at(-1) ?? '';
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

describe('reports that are refused', () => {
  test.each<[string, (string | number)[], unknown]>([
    ['another schema', ['schema'], 'sipdiag.report/2'],
    ['no verdict', ['verdict'], undefined],
    ['a member that nobody knows', ['password'], 'secret'],
    ['a secret in the target', ['target', 'password'], 'secret'],
    ['a start that is no time', ['startedAt'], 'yesterday'],
    ['a negative time', ['ms'], -1],
    ['a status that does not exist', ['verdict', 'status'], 'fine'],
    ['a verdict without rung', ['verdict', 'rung'], undefined],
    ['seven rungs', ['rungs'], brokenAtCertificate.rungs.slice(1)],
    ['nine rungs', ['rungs'], [...brokenAtCertificate.rungs, brokenAtCertificate.rungs[7]]],
    ['rungs in another order', ['rungs'], brokenAtCertificate.rungs.toReversed()],
    ['a rung with a status of a check', ['rungs', 0, 'status'], 'inconclusive'],
    ['a finding with a severity that does not exist', ['findings', 0, 'severity'], 'fatal'],
    ['a finding without remedy', ['findings', 0, 'remedy'], undefined],
    ['a finding whose id has no case', ['findings', 0, 'id'], 'cert-eku'],
    ['evidence that is a text', ['findings', 0, 'evidence'], 'text'],
    ['a check with a status of a rung', ['checks', 0, 'status'], 'failed'],
    ['an observation of a kind that nobody knows', ['observations', 0, 'kind'], 'smell'],
    ['an observation of one kind with the particulars of another', ['observations', 0, 'kind'], 'tcp'],
    ['a member of the particulars that nobody knows', ['observations', 3, 'about', 'password'], 'secret'],
    ['particulars that lack the address', ['observations', 4, 'about', 'address'], undefined],
    ['a time-out that is `false`', ['observations', 0, 'outcome'], false],
    ['an outcome both good and bad', ['observations', 0, 'outcome', 'ok'], false],
    ['a failure for no known reason', ['observations', 3, 'outcome'], { ok: false, ms: 1, reason: 'bad', detail: '' }],
    ['a port that does not exist', ['observations', 3, 'about', 'port'], 65_536],
    ['a certificate that is not base64', ['observations', 4, 'outcome', 'value', 'chain', 0], '-----BEGIN'],
    ['a header with one bare value', ['observations', 5, 'outcome', 'value', 'headers', 'via'], 'SIP/2.0/UDP'],
  ])('%s', (_name, path, value) => {
    expect(() => assertValidReport(broken(path, value))).toThrow('not a valid report');
  });

  test.each([[null], ['text'], [[]], [{}]])('%j', (value) => {
    expect(() => assertValidReport(value)).toThrow('not a valid report');
  });

  test('the message says where and what', () => {
    const json = broken(['observations', 4, 'about', 'port'], 'sip');
    expect(() => assertValidReport(json)).toThrow('/observations/4/about/port must be integer');
  });
});
