import type * as model from '../../src/model.ts';
import { FAR_SIDE_SHAPES } from './schema-far-side.ts';

/** Every member of T, and whether it may be absent: the compiler refuses a table that model.ts has outgrown. */
export type Shape<T> = { [K in keyof T]-?: object extends Pick<T, K> ? 'optional' : 'required' };

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
  ageMs: O,
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
  redirectedBy: O,
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
  chainSent: O,
  openssl: O,
  hello: O,
};
const clientCertRequest: Shape<model.ClientCertRequest> = { authorities: R, total: R };
const refusal: Shape<NonNullable<model.TlsSeen['refusal']>> = { reason: R, detail: R, alert: O };
const opensslVerdict: Shape<NonNullable<model.TlsSeen['openssl']>> = { version: R, verdict: R };
const clientHelloSeen: Shape<model.ClientHelloSeen> = { serverName: R, versions: R, cipherSuites: R, alpn: R };
const variantSeen: Shape<model.VariantSeen> = { version: R, cipher: R, leaf: O };
const failure: Shape<model.Failure> = { ok: R, reason: R, detail: R, ms: R, alert: O, received: O, octets: O };
const dnsAbout: Shape<model.DnsObservation['about']> = { name: R, type: R, resolver: R, resolverLabel: R };
const authorityAbout: Shape<model.AuthorityObservation['about']> = { zone: R, host: R, address: R, port: O };
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
const routeAbout: Shape<model.RouteObservation['about']> = { host: R, address: R, set: R };
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
  answered: O,
  serverProof: O,
};
const redirectSeen: Shape<model.RedirectSeen> = { status: R, reason: R, headers: R, from: R, doubt: O };
const redirectAbout: Beyond<model.RedirectObservation> = {
  aor: R,
  madeUp: O,
  sender: R,
  status: R,
  reason: R,
  target: R,
  first: R,
  hop: R,
  server: O,
  ended: O,
};
const autodiscoverSeen: Shape<model.AutodiscoverSeen> = {
  httpStatus: R,
  contentType: R,
  links: R,
  servers: R,
  location: O,
  doubt: O,
};
const autodiscoverAbout: Shape<model.AutodiscoverObservation['about']> = { url: R, host: R, address: R, sentBy: O };
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

/** By the name of the definition in the schema. */
export const SHAPES = {
  target,
  verdict,
  rungResult,
  finding,
  checkRun,
  dnsRecord,
  dnsAnswer,
  server,
  discoveryStep,
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
  routeAbout,
  revocationAbout,
  revocationSeen,
  tlsAbout,
  clientCertRequest,
  refusal,
  opensslVerdict,
  clientHelloSeen,
  variantSeen,
  variantAbout,
  offerAbout,
  sipAbout,
  redirectSeen,
  redirectAbout,
  autodiscoverSeen,
  autodiscoverAbout,
  withheldAbout,
  pathAbout,
  latencySeen,
  kdcSeen,
  kdcAbout,
  ...FAR_SIDE_SHAPES,
};
export { report as REPORT_SHAPE };
