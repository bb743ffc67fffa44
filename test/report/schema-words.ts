import type { NatSeen, PortUse, RangePort, ReachSeen, Witness } from '../../src/model/far-side.ts';
import type * as model from '../../src/model.ts';
import type * as dnsModel from '../../src/model/dns.ts';
import type * as tlsModel from '../../src/model/tls.ts';

/** Every word of T: the compiler refuses a table that model.ts has outgrown. */
type Words<T extends string> = Record<T, true>;

const fate: Words<dnsModel.Fate> = {
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
const tlsVersion: Words<tlsModel.TlsVersion> = { TLSv1: true, 'TLSv1.1': true, 'TLSv1.2': true, 'TLSv1.3': true };
const recordType: Words<dnsModel.RecordType> = {
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
  'in-use': true,
  privileged: true,
  'too-large': true,
  cancelled: true,
  other: true,
  servfail: true,
  'refused-query': true,
  rcode: true,
  truncated: true,
  malformed: true,
  'no-resolver': true,
  denied: true,
};
const witness: Words<Witness> = { sip: true, agent: true, turn: true, stun: true, manual: true };
const portUse: Words<PortUse> = { sip: true, media: true };
const kind: Words<model.ObservationKind> = {
  dns: true,
  authority: true,
  lookup: true,
  route: true,
  revocation: true,
  discovery: true,
  tcp: true,
  tls: true,
  variant: true,
  cleartext: true,
  offer: true,
  sip: true,
  redirect: true,
  autodiscover: true,
  withheld: true,
  path: true,
  latency: true,
  kdc: true,
  range: true,
  witness: true,
  reach: true,
  mapped: true,
  nat: true,
  mirror: true,
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
  'dnsAnswer.status': { answer: true, nodata: true, nxdomain: true } satisfies Words<dnsModel.DnsAnswer['status']>,
  'dnsAnswer.via': { udp: true, tcp: true, tls: true, https: true } satisfies Words<dnsModel.DnsAnswer['via']>,
  'discoveryStep.fate': fate,
  'recordFate.fate': fate,
  'profileOutcome.status': {
    reaches: true,
    fails: true,
    'finds-nothing': true,
    unknown: true,
    'not-checked': true,
  } satisfies Words<dnsModel.ProfileOutcome['status']>,
  'rangePort.state': {
    listening: true,
    'in-use': true,
    privileged: true,
    unusable: true,
  } satisfies Words<RangePort['state']>,
  'reachSeen.result': {
    reached: true,
    'no-echo': true,
    reused: true,
    refused: true,
    timeout: true,
    unreachable: true,
    'server-error': true,
    'not-tried': true,
  } satisfies Words<ReachSeen['result']>,
  'natSeen.mapping': {
    none: true,
    'endpoint-independent': true,
    'address-dependent': true,
    'address-and-port-dependent': true,
    unknown: true,
  } satisfies Words<NatSeen['mapping']>,
  'natSeen.filtering': {
    'endpoint-independent': true,
    'address-dependent': true,
    'address-and-port-dependent': true,
    unknown: true,
  } satisfies Words<NatSeen['filtering']>,
};

/** By the name of the definition in the schema. */
export const WORDS = { rung, severity, transport, tlsVersion, recordType, reason, witness, portUse };
export { members as MEMBERS, kind as KINDS };
