/** The types that travel: targets, observations, findings, the report. Plain JSON throughout; binary values are base64. */
import type { FarSideObservation } from './model/far-side.ts';

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
  /** The whole answer section that could be read, CNAME records included; the records of a set in an order of their own. */
  records: DnsRecord[];
  /** How the answer came. */
  via: 'udp' | 'tcp' | 'tls' | 'https';
  /** Datagrams that were sent until the answer came. */
  tries: number;
  /** The AA bit: the server holds the zone itself. RFC 1035 section 4.1.1. */
  authoritative?: boolean;
  /** Asked without recursion, the server named others instead: their NS records and the addresses that came along. RFC 1034 section 4.3.1. */
  referral?: DnsRecord[];
  /** Over TLS and HTTPS, when the server's certificate proves nothing: why. The answer is used all the same (RFC 7858 section 4.1). */
  unverified?: string;
  /** The answer was given to another run beside this one, so many milliseconds before: nothing was asked. */
  ageMs?: number;
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

export type Fate = 'used' | 'ignored' | 'absent' | 'broken' | 'refused' | 'not-checked';

/** One record of an answer, and what a client of the profile makes of it. */
export interface RecordFate {
  /** Presentation form of the record data, as dig prints it. */
  text: string;
  fate: Fate;
  why: string;
  /** SRV: percent of the clients that try this target first among those of its priority (RFC 2782). */
  sharePercent?: number;
  addresses?: string[];
}

export interface DiscoveryStep {
  /** The name as the profile has it, `{d}` for the domain. */
  step: string;
  /** Name and type, as in the subject of the DNS observations. */
  question: string;
  fate: Fate;
  why: string;
  /** Losers included, in the order in which the client would try them. */
  records?: RecordFate[];
}

/** What DNS makes of a client of one profile. */
export interface ProfileOutcome {
  profile: string;
  title: string;
  /** fails: something is published, and it leads nowhere. unknown: the answers that decide are missing. */
  status: 'reaches' | 'fails' | 'finds-nothing' | 'unknown' | 'not-checked';
  /** Where the client would connect and by which record, or why it would not: one sentence fragment. */
  conclusion: string;
  steps: DiscoveryStep[];
  /** In the order in which the client would try them. */
  servers: Server[];
}
export interface Discovery {
  /** The profile that decided, never 'auto'. */
  profile: string;
  profileWhy: string;
  steps: DiscoveryStep[];
  /** In the order in which the client would try them. */
  servers: Server[];
  /** Every profile, the deciding one included; absent in runs saved before profiles were compared. */
  profiles?: ProfileOutcome[];
}
/** Where the client would connect, worked out from the DNS observations. `unicode`: the domain in its own script, where it has one. */
export type DiscoveryObservation = Observed<'discovery', Discovery, { domain: string; unicode?: string }>;

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

/** A file that stands in for what a server would send. */
export interface CertificateSource {
  name: string;
  format: 'PEM' | 'DER' | 'PKCS#12' | 'PKCS#7';
  /** Servers send the first certificate of a file as their own. */
  order: 'leaf-first' | 'leaf-later';
  /** The private key that was given along: whether it is the key of the certificate. */
  key?: 'belongs' | 'other';
}

/** A Windows policy that changes which names a Microsoft client accepts. */
export interface NamePolicy {
  file: string;
  /** The registry key and value, as in the file. */
  setting: string;
  strictNaming: 'on' | 'off';
}

export interface TlsSeen {
  /** Empty when the certificate comes from a file; so is `cipher`. */
  version: string;
  cipher: string;
  /** DER certificates as sent, leaf first, base64; the first 32. */
  chain: string[];
  /** How many certificates were sent; absent: no more than `chain` holds. */
  chainSent?: number;
  /** Trusted roots, base64 DER, that the names in the chain point to: what was trusted at the time, so that a saved run is judged alike. */
  trustAnchors: string[];
  /** Places in `trustAnchors` of the roots that browsers trust too (Mozilla's programme); absent: not known. */
  publicAnchors?: number[];
  ocspStaple?: string;
  /** Absent: the server asked for no client certificate. */
  clientCertRequest?: ClientCertRequest;
  /** The server showed its certificate, asked for one of the client, and then ended the connection. */
  refusal?: { reason: Reason; detail: string; alert?: number };
  /** What OpenSSL made of the same chain and roots, names left aside: its version; 'ok' or its name of the fault. Absent: not asked. */
  openssl?: { version: string; verdict: string };
  /** What a peer that connected to us offered in its ClientHello. */
  hello?: ClientHelloSeen;
}

/** What a server says of the client certificates that it wants. RFC 8446 section 4.3.2. */
export interface ClientCertRequest {
  /** Subjects of the authorities that it accepts, RFC 4514 text, the first 32; empty: it does not say. */
  authorities: string[];
  /** How many it named. */
  total: number;
}

export interface ClientHelloSeen {
  serverName: string | null;
  /** Newest first: 'TLSv1.3' … 'TLSv1', and 'SSLv3'. */
  versions: string[];
  cipherSuites: number;
  alpn: string[];
}
export type TlsObservation = Observed<
  'tls',
  TlsSeen,
  Attempt & {
    sni: string | null;
    verifyName: string;
    domain?: string;
    judgeAt: string;
    /** The profile whose rules decide, never 'auto'; absent: rfc3263. */
    profile?: string;
    namePolicy?: NamePolicy;
    /** No handshake: the certificate was read from a file. */
    file?: CertificateSource;
    /** The peer connected to us: its certificate is that of a client. Absent: it is a server. */
    peer?: 'client';
    /** Subject of the client certificate that was offered. */
    offered?: string;
    /** A peer was shown a certificate that nobody can trust, made for the occasion. */
    shown?: 'throw-away' | 'own';
  }
>;

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface VariantSeen {
  version: string;
  cipher: string;
  /** The first certificate as sent, base64 DER; absent: none was seen. */
  leaf?: string;
}
/**
 * One more handshake with a server, in another way. by-address: without server name, as to an address. version: in one version
 * only. legacy: TLS 1.2 and older with every cipher and key size, once today's handshake has failed.
 */
export type VariantObservation = Observed<
  'variant',
  VariantSeen,
  Attempt & { way: 'by-address' | 'version' | 'legacy'; sni: string | null; offered: TlsVersion[] }
>;

/** A SIP request in clear to a port on which TLS failed, and the first line of what came back. */
export type CleartextObservation = Observed<'cleartext', { received: string }, Attempt>;

/** A client certificate that is to be offered, looked at before anything is connected. `chain`: DER, leaf first, base64. */
export type OfferObservation = Observed<'offer', { chain: string[] }, { source: string; judgeAt: string }>;

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
  /** Date of the server minus the clock of this machine, in milliseconds; the header counts whole seconds. RFC 3261 section 20.17. */
  aheadMs?: number;
  /**
   * After credentials: what the further challenge was. Only the same nonce is beyond doubt. endless: each answer was asked for
   * again, as stale or for another realm, and never judged. RFC 7616 section 3.3.
   */
  refusal?: 'same-nonce' | 'new-nonce' | 'endless';
  /** After credentials: the algorithms they were computed with, 'MD5', 'SHA-512-256', 'SHA-512-256 (truncated)', … */
  answered?: string[];
  /** Whether the server has proved that it knows the password too. RFC 7616 section 3.5. */
  serverProof?: 'right' | 'wrong';
}
/** One SIP request and its final answer. */
export type SipObservation = Observed<
  'sip',
  SipSeen,
  Attempt & {
    method: 'OPTIONS' | 'REGISTER';
    requestUri: string;
    aor: string;
    /** What of the address-of-record the user has not given: a registrar need not know it. */
    madeUp?: 'user' | 'user-and-domain';
    /** A REGISTER with credentials, or the one that takes its Contact back. Absent: neither credentials nor Contact. */
    step?: 'sign-in' | 'sign-out';
    /** The name that the password belongs to. */
    account?: string;
    /** The Contact that was registered; absent: the request only asked for the bindings. */
    contact?: string;
    /** Marks the endpoint that this run registers. RFC 5626 section 4.1. */
    instance?: string;
    /** Seconds that the registrar wanted at the least, and was then asked for. RFC 3261 section 10.2.8. */
    raisedTo?: number;
  }
>;

/** What a REGISTER without credentials was answered with where a registration was sent on to. */
export interface RedirectSeen {
  status: number;
  reason: string;
  /** Lower-case name to values, as in SipSeen. */
  headers: Record<string, string[]>;
  from: string;
  /** Over TLS: why the server has not proved to be the one that was named; a client ends the connection. */
  doubt?: string;
}
/**
 * One step of a registration that was answered with 3xx: the Contact that was followed, and what came of it. RFC 3261 section
 * 8.1.3.4. The particulars of the attempt are those of the way that was redirected.
 */
export type RedirectObservation = Observed<
  'redirect',
  RedirectSeen,
  Attempt & {
    aor: string;
    madeUp?: 'user' | 'user-and-domain';
    /** Who sent it on, 'tcp 192.0.2.1:5060', and the status line of that answer. */
    sender: string;
    status: number;
    reason: string;
    /** The Contact of that answer, and the one of the first answer. */
    target: string;
    first: string;
    /** 1 for the first step. */
    hop: number;
    /** Where the Contact leads, 'tls 192.0.2.7:5061'; absent: nowhere. */
    server?: string;
    /** Why the way ends here: it came back to where it had been, or had too many steps. */
    ended?: 'loop' | 'too-many';
  }
>;

/** A password that was given and not sent on this way, and why. */
export type WithheldObservation = Observed<
  'withheld',
  { why: 'no-scheme' | 'unverified' | 'refused-before' | 'unanswered-before'; detail: string },
  Attempt & { aor: string; account: string }
>;

/** The addresses that a name of the matrix leads to, as a client on this machine finds them. */
export type PathObservation = Observed<
  'path',
  { addresses: string[] },
  Pick<Attempt, 'transport' | 'host' | 'port' | 'published' | 'set'> & {
    /** The operating system, a DNS server, or --resolve. */
    source: 'system' | 'dns' | 'pinned';
    /** What DNS gave for the same name. */
    expected: string[];
  }
>;

/** OPTIONS, repeated one after the other on one connection. */
export interface LatencySeen {
  /** Milliseconds from the first sending to the answer, of the answered ones, in order. */
  samples: number[];
  sent: number;
  /** Unanswered within the limit of one step. */
  lost: number;
  /** Further sendings of the same request (UDP). */
  retransmissions: number;
}
export type LatencyObservation = Observed<'latency', LatencySeen, Attempt & { count: number }>;

/** Whether a Kerberos client could get a ticket: the key distribution centres of a realm. RFC 4120 section 7.2.3. */
export interface KdcSeen {
  centres: { host: string; port: number; address: string; reached: 'open' | Reason }[];
  /** Why there is none to try. */
  detail: string;
}
export type KdcObservation = Observed<'kdc', KdcSeen, { realm: string; account: string; given: 'account' | 'address' }>;

/** What one name server of a zone says, asked directly and without recursion: its SOA first, then what clients look for. */
export type AuthorityObservation = Observed<
  'authority',
  { answers: { name: string; type: RecordType; outcome: Outcome<DnsAnswer> }[] },
  /** `port`: present where it is not 53. */
  { zone: string; host: string; address: string; port?: number }
>;

/** What the operating system answers for a host name: hosts file, search list and name services included. */
export type SystemLookupObservation = Observed<'lookup', { addresses: string[] }, { host: string }>;

/** From which address of its own this machine would send to a server; nothing is sent. */
export type RouteObservation = Observed<'route', { local: string }, { host: string; address: string; set: string }>;

/** What a revocation list or an OCSP responder says about one certificate. Times are ISO 8601. */
export interface RevocationSeen {
  httpStatus: number;
  /** Of the body. */
  octets: number;
  /** unusable: there was an answer, and it decides nothing. */
  status: 'good' | 'revoked' | 'unknown' | 'unusable';
  detail: string;
  thisUpdate?: string;
  nextUpdate?: string;
  revokedAt?: string;
}
/** One question about one certificate to one address that the certificate names. */
export type RevocationObservation = Observed<
  'revocation',
  RevocationSeen,
  {
    method: 'ocsp' | 'crl';
    url: string;
    /** Subject and serial number (hex) of the certificate in question. */
    certificate: string;
    serial: string;
    /** The server that showed the certificate. */
    host: string;
  }
>;

/** What an autodiscover service of Lync answers over HTTP. [MS-OCDISCWS] section 2.2. */
export interface AutodiscoverSeen {
  httpStatus: number;
  contentType: string;
  /** 'Redirect', 'User', … to where they lead; empty: no such document. */
  links: { token: string; href: string }[];
  servers: { token: string; fqdn: string; port: number }[];
  /** Of an HTTP redirection. */
  location?: string;
  /** Over HTTPS: why the certificate does not prove the name. */
  doubt?: string;
}
/** `sentBy`: the document that has named this address. */
export type AutodiscoverObservation = Observed<
  'autodiscover',
  AutodiscoverSeen,
  { url: string; host: string; address: string; sentBy?: string }
>;

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
