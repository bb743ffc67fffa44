import type * as model from '../../src/model.ts';
import type * as dnsModel from '../../src/model/dns.ts';
import type * as sipModel from '../../src/model/sip.ts';
import type * as tlsModel from '../../src/model/tls.ts';
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
const dnsRecord: Shape<dnsModel.DnsRecord> = {
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
const dnsAnswer: Shape<dnsModel.DnsAnswer> = {
  status: R,
  records: R,
  via: R,
  tries: R,
  authoritative: O,
  referral: O,
  unverified: O,
  ageMs: O,
};
const server: Shape<dnsModel.Server> = {
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
const recordFate: Shape<dnsModel.RecordFate> = { text: R, fate: R, why: R, sharePercent: O, addresses: O };
const discoveryStep: Shape<dnsModel.DiscoveryStep> = { step: R, question: R, fate: R, why: R, records: O };
const profileOutcome: Shape<dnsModel.ProfileOutcome> = {
  profile: R,
  title: R,
  status: R,
  conclusion: R,
  steps: R,
  servers: R,
};
const discovery: Shape<dnsModel.Discovery> = { profile: R, profileWhy: R, steps: R, servers: R, profiles: O };
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
const tlsSeen: Shape<tlsModel.TlsSeen> = {
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
const clientCertRequest: Shape<tlsModel.ClientCertRequest> = { authorities: R, total: R };
const refusal: Shape<NonNullable<tlsModel.TlsSeen['refusal']>> = { reason: R, detail: R, alert: O };
const opensslVerdict: Shape<NonNullable<tlsModel.TlsSeen['openssl']>> = { version: R, verdict: R };
const clientHelloSeen: Shape<tlsModel.ClientHelloSeen> = { serverName: R, versions: R, cipherSuites: R, alpn: R };
const variantSeen: Shape<tlsModel.VariantSeen> = { version: R, cipher: R, leaf: O };
const failure: Shape<model.Failure> = { ok: R, reason: R, detail: R, ms: R, alert: O, received: O, octets: O };
const dnsAbout: Shape<dnsModel.DnsObservation['about']> = { name: R, type: R, resolver: R, resolverLabel: R };
const authorityAbout: Shape<dnsModel.AuthorityObservation['about']> = { zone: R, host: R, address: R, port: O };
const revocationAbout: Shape<tlsModel.RevocationObservation['about']> = {
  method: R,
  url: R,
  certificate: R,
  serial: R,
  host: R,
};
const revocationSeen: Shape<tlsModel.RevocationSeen> = {
  httpStatus: R,
  octets: R,
  status: R,
  detail: R,
  thisUpdate: O,
  nextUpdate: O,
  revokedAt: O,
};
const routeAbout: Shape<dnsModel.RouteObservation['about']> = { host: R, address: R, set: R };
const lookupAbout: Shape<dnsModel.SystemLookupObservation['about']> = { host: R };
/** What a kind knows beyond the members of every attempt. */
type Beyond<T extends { about: object }> = Shape<Omit<T['about'], keyof model.Attempt>>;
const tlsAbout: Beyond<tlsModel.TlsObservation> = {
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
const variantAbout: Beyond<tlsModel.VariantObservation> = { way: R, sni: R, offered: R };
const offerAbout: Shape<tlsModel.OfferObservation['about']> = { source: R, judgeAt: R };
const sipAbout: Beyond<sipModel.SipObservation> = {
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
const sipSeen: Shape<sipModel.SipSeen> = {
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
const redirectSeen: Shape<sipModel.RedirectSeen> = { status: R, reason: R, headers: R, from: R, doubt: O };
const redirectAbout: Beyond<sipModel.RedirectObservation> = {
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
const autodiscoverSeen: Shape<dnsModel.AutodiscoverSeen> = {
  httpStatus: R,
  contentType: R,
  links: R,
  servers: R,
  location: O,
  doubt: O,
};
const autodiscoverAbout: Shape<dnsModel.AutodiscoverObservation['about']> = { url: R, host: R, address: R, sentBy: O };
const withheldAbout: Beyond<sipModel.WithheldObservation> = { aor: R, account: R };
const pathAbout: Shape<sipModel.PathObservation['about']> = {
  transport: R,
  host: R,
  port: R,
  published: R,
  set: R,
  source: R,
  expected: R,
};
const latencySeen: Shape<sipModel.LatencySeen> = { samples: R, sent: R, lost: R, retransmissions: R };
const kdcSeen: Shape<sipModel.KdcSeen> = { centres: R, detail: R };
const kdcAbout: Shape<sipModel.KdcObservation['about']> = { realm: R, account: R, given: R };

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
