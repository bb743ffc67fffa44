/** The types that travel: targets, observations, findings, the report. Plain JSON throughout; binary values are base64. */
import type { FarSideObservation } from './model/far-side.ts';
import type {
  AuthorityObservation,
  AutodiscoverObservation,
  DiscoveryObservation,
  DnsObservation,
  RouteObservation,
  SystemLookupObservation,
} from './model/dns.ts';
import type {
  KdcObservation,
  LatencyObservation,
  PathObservation,
  RedirectObservation,
  SipObservation,
  WithheldObservation,
} from './model/sip.ts';
import type {
  CleartextObservation,
  OfferObservation,
  RevocationObservation,
  TlsObservation,
  VariantObservation,
} from './model/tls.ts';

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
  | 'in-use'
  | 'privileged'
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
  | 'no-resolver'
  /** A witness does not help whoever asks: wrong token or credentials, or a limit of its own. */
  | 'denied';

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
  /** With a TLS handshake that failed after it had begun: how much had come of it, the first 512 KiB at most. */
  octets?: number;
}

export interface Observed<K extends string, V, D> {
  kind: K;
  /** What was looked at, in the words of a report: a question, an address, a URI. */
  subject: string;
  /** Milliseconds since the start of the run. */
  at: number;
  /** The attempt's own particulars, known before it was made. */
  about: D;
  outcome: Outcome<V>;
}

/** Which server an attempt was made on, and how. */
export interface Attempt {
  transport: Transport;
  host: string;
  address: string;
  port: number;
  published: boolean;
  set: string;
  /** In the matrix of `signin`: by the bare address (no name, no SNI), or by the name. Absent: not part of a matrix. */
  by?: 'address' | 'name';
  /** The server that has sent the registration here, 'tcp 192.0.2.1:5060'. */
  redirectedBy?: string;
}

export type TcpObservation = Observed<'tcp', { localAddress: string; localPort: number }, Attempt>;

/** A rung that was deliberately not climbed. */
export type SkippedObservation = Observed<'skipped', { why: string }, { rung: Rung }>;

export type Observation =
  | DnsObservation
  | AuthorityObservation
  | SystemLookupObservation
  | RouteObservation
  | DiscoveryObservation
  | TcpObservation
  | TlsObservation
  | VariantObservation
  | CleartextObservation
  | OfferObservation
  | SipObservation
  | RedirectObservation
  | AutodiscoverObservation
  | WithheldObservation
  | PathObservation
  | LatencyObservation
  | KdcObservation
  | RevocationObservation
  | FarSideObservation
  | SkippedObservation;

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
