/** The types that travel: targets, observations, findings, the report. Plain JSON throughout; binary values are base64. */

export type Rung = 'dns' | 'connect' | 'tls' | 'certificate' | 'sip' | 'auth' | 'callback' | 'media';
export type Severity = 'info' | 'warning' | 'error';
export type Transport = 'udp' | 'tcp' | 'tls';

/** What the user pointed at. Never holds a secret. */
export interface Target {
  /** As typed. */
  input: string;
  /** The SIP domain, in lower-case A-label form; absent when the target is an address. */
  domain?: string;
  /** The user part of a SIP URI. */
  user?: string;
  /** `sips:` allows TLS only. */
  scheme: 'sip' | 'sips';
  /** A host name or an address that is asked instead of what discovery finds. */
  server?: { host: string; port?: number };
  /** From `;transport=` or `--transport`; empty: whatever is published. */
  transports: Transport[];
  /** Profile as asked for; 'auto' lets the records decide. */
  profile: string;
}

/** Why an attempt gave no value. */
export type Reason =
  | 'timeout'
  | 'refused'
  | 'unreachable'
  | 'no-network'
  | 'reset'
  | 'closed'
  | 'tls-alert'
  | 'not-tls'
  | 'tls-failed'
  | 'address'
  | 'too-large'
  | 'cancelled'
  | 'other'
  /** DNS: response codes that are not an answer. */
  | 'servfail'
  | 'refused-query'
  | 'rcode'
  | 'truncated'
  /** The remote answered with something that its protocol does not allow; detail says where. */
  | 'malformed'
  | 'no-resolver';

/** The result of one attempt. A time-out is a reason, never `false`. `ms` is the time that the attempt took. */
export type Outcome<T> = { ok: true; value: T; ms: number } | Failure;

export interface Failure {
  ok: false;
  reason: Reason;
  /** One sentence fragment for a reader; may hold remote text. */
  detail: string;
  ms: number;
  /** With 'tls-alert': the AlertDescription, RFC 8446 section 6. */
  alert?: number;
  /** What came instead of what was expected, the first 256 octets at most, base64. */
  received?: string;
}

interface Observed<K extends string, V, D> {
  kind: K;
  /** What was looked at, in the words of a report: a question, an address, a URI. */
  subject: string;
  /** Milliseconds since the start of the run. */
  at: number;
  /** The attempt's own particulars, known before it was made. */
  about: D;
  outcome: Outcome<V>;
}

export type RecordType = 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'NAPTR' | 'NS' | 'SOA';

export interface DnsRecord {
  /** Owner in presentation form (RFC 1035 section 5.1 escapes), lower case, without the final dot. */
  name: string;
  type: RecordType;
  ttl: number;
  /** Presentation form of the record data, as dig prints it. */
  text: string;
  address?: string;
  /** CNAME and NS: the name pointed to. */
  host?: string;
  srv?: { priority: number; weight: number; port: number; target: string };
  naptr?: { order: number; preference: number; flags: string; services: string; regexp: string; replacement: string };
  soa?: { serial: number; mname: string };
}

export interface DnsAnswer {
  status: 'answer' | 'nodata' | 'nxdomain';
  /** The whole answer section that could be read, CNAME records included. */
  records: DnsRecord[];
  /** How the answer came. */
  via: 'udp' | 'tcp' | 'tls' | 'https';
  /** Datagrams that were sent until the answer came. */
  tries: number;
}
/** One question to one resolver. */
export type DnsObservation = Observed<
  'dns',
  DnsAnswer,
  { name: string; type: RecordType; resolver: string; resolverLabel: string }
>;

/** A server that a client of the profile would try. */
export interface Server {
  transport: Transport;
  /** The host name from DNS or from the user; the address itself when no name is known. */
  host: string;
  port: number;
  addresses: string[];
  /** The record, or the option, that led here. */
  via: string;
  /** True when DNS or the user promises this service; false for a default port that is tried by custom. */
  published: boolean;
  /** Servers of one set stand in for one another (RFC 3263 section 4.3): one dead member is not an outage. */
  set: string;
  priority?: number;
  weight?: number;
}

export interface DiscoveryStep {
  step: string;
  question: string;
  fate: 'used' | 'ignored' | 'absent' | 'broken' | 'refused' | 'not-checked';
  why: string;
}
export interface Discovery {
  /** The profile that decided, never 'auto'. */
  profile: string;
  profileWhy: string;
  steps: DiscoveryStep[];
  /** In the order in which the client would try them. */
  servers: Server[];
}
/** Where the client would connect, worked out from the DNS observations. */
export type DiscoveryObservation = Observed<'discovery', Discovery, { domain: string }>;

/** Which server an attempt was made on, and how. */
export interface Attempt {
  transport: Transport;
  host: string;
  address: string;
  port: number;
  published: boolean;
  set: string;
}

export type TcpObservation = Observed<'tcp', { localAddress: string; localPort: number }, Attempt>;

export interface TlsSeen {
  version: string;
  cipher: string;
  /** DER certificates as sent, leaf first, base64. */
  chain: string[];
  /** Trusted roots, base64 DER, that the names in the chain point to: what was trusted at the time, so that a saved run is judged alike. */
  trustAnchors: string[];
  ocspStaple?: string;
}
export type TlsObservation = Observed<
  'tls',
  TlsSeen,
  Attempt & { sni: string | null; verifyName: string; domain?: string; judgeAt: string }
>;

export interface SipSeen {
  status: number;
  reason: string;
  /** Lower-case name to values, in the order received; bounded. */
  headers: Record<string, string[]>;
  /** Where the answer came from, 'address:port'. */
  from: string;
  local: string;
  /** Requests that were sent until the answer came. */
  tries: number;
}
/** One SIP request and its final answer. */
export type SipObservation = Observed<
  'sip',
  SipSeen,
  Attempt & { method: 'OPTIONS' | 'REGISTER'; requestUri: string; aor: string }
>;

/** A rung that was deliberately not climbed. */
export type SkippedObservation = Observed<'skipped', { why: string }, { rung: Rung }>;

export type Observation =
  DnsObservation | DiscoveryObservation | TcpObservation | TlsObservation | SipObservation | SkippedObservation;
export type ObservationKind = Observation['kind'];

export interface Finding {
  /** '<check>.<case>', public and stable. */
  id: string;
  rung: Rung;
  severity: Severity;
  subject: string;
  text: string;
  remedy: string;
  evidence: Record<string, unknown>;
  /** The law: RFC and section, or the product's documentation. */
  source: string;
}

export interface CheckRun {
  checkId: string;
  rung: Rung;
  status: 'passed' | 'found' | 'inconclusive' | 'not-applicable' | 'crashed';
  because?: string;
}

export interface RungResult {
  rung: Rung;
  status: 'passed' | 'warning' | 'failed' | 'unknown' | 'not-tested';
  summary: string;
  ms: number;
}

export interface Verdict {
  status: 'healthy' | 'degraded' | 'broken' | 'unknown';
  /** The first broken rung. */
  rung: Rung | null;
  findingId: string | null;
  summary: string;
  nextStep: string;
}

export interface Report {
  schema: 'sipdiag.report/1';
  version: string;
  command: string;
  /** ISO 8601. */
  startedAt: string;
  ms: number;
  target: Target;
  verdict: Verdict;
  rungs: RungResult[];
  findings: Finding[];
  checks: CheckRun[];
  observations: Observation[];
}
