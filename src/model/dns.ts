/** What is asked of DNS and name services, and what a client makes of the answers: the rung dns. */
import type { Observed, Outcome, Transport } from '../model.ts';

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
