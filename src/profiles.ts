import type { Transport } from './model.ts';

/** Which clients ask for a name, or make use of what it leads to. */
export type StepCondition =
  /** Only clients that are configured to use TCP in the clear. */
  | 'tcp-allowed'
  /** Looked up only when the profile was asked for by name: a name outside the domain. */
  | 'profile-named'
  /** Servers of partner organisations ask for it, never the client itself. */
  | 'partners-only';

/** One name that a client generation asks for. `{d}` stands for the SIP domain. Steps stand in the order in which they count. */
export interface ProfileStep {
  /** http: a host that is asked for its server by HTTP; only its DNS records are looked up. */
  kind: 'naptr' | 'srv' | 'host' | 'http';
  name: string;
  /** naptr: the services of the records tell the transport. */
  transport: Transport | 'https' | 'any';
  /** The port that the client uses (host, http) or that is customary (srv); 0 where the records tell it. */
  port: number;
  when?: StepCondition;
  /** The step counts only when the name leads to this host. */
  expect?: string;
  /** How sure the step is, where it is not taken from the vendor's documentation. */
  note?: string;
}

/** Ports that a client listens on, and how many of them it has in use at the same time. */
export interface PortRange {
  first: number;
  last: number;
  needed: number;
}

/** The ports of one client generation: where the server connects to for SIP (TCP), and for RTP and RTCP (UDP). */
export interface ClientPorts {
  sip: PortRange;
  media: PortRange;
  source: string;
}

/** What one client generation asks for and accepts. */
export interface Profile {
  name: string;
  /** What the client is called. */
  title: string;
  /** Which one that is, where the title does not say it. */
  detail?: string;
  /** `auto` takes rfc, then microsoft, in the order of the list; never: only with --profile. */
  auto: 'rfc' | 'microsoft' | 'never';
  /**
   * rfc3263: every transport that is published is a way in.
   * first-answer: the names are asked side by side, the first of the list that resolves is used, even when it is dead.
   */
  selection: 'rfc3263' | 'first-answer';
  /**
   * What the client demands of the host that an SRV record names.
   * strict: sip.<domain>, and by the guides any host directly in the SIP domain. exact: a host directly in the SIP domain.
   * high-security: sip.<domain> alone, where that mode is switched on.
   */
  naming?: 'strict' | 'exact' | 'high-security';
  steps: readonly ProfileStep[];
  /** Absent: CLIENT_PORTS. */
  ports?: ClientPorts;
  source: string;
}

/** One SIP port for what the server opens and one to spare; RTP and RTCP of one stream in each direction. */
const FEWEST_SIP = 2;
const FEWEST_MEDIA = 2;

/** What the port range policy of the RTC clients is set to where it is set at all; without it they take 1024-65535. */
export const CLIENT_PORTS: ClientPorts = {
  sip: { first: 7100, last: 7103, needed: FEWEST_SIP },
  media: { first: 5350, last: 5353, needed: FEWEST_MEDIA },
  source: 'Microsoft RTC Client API, PortRange policy; RFC 3550 section 11 (RTP and RTCP take two ports)',
};

/** Lync and Skype for Business want at least 20 media ports where their number is limited. */
const LYNC_PORTS: ClientPorts = {
  sip: { first: 7100, last: 7103, needed: FEWEST_SIP },
  media: { first: 50_000, last: 50_039, needed: 20 },
  source: 'Microsoft, Port and protocol requirements for servers (Skype for Business Server), in-band provisioning',
};

type Extra = Pick<ProfileStep, 'when' | 'expect' | 'note'>;
const srv = (name: string, to: [Transport, number], extra: Extra = {}): ProfileStep => {
  const [transport, port] = to;
  return { kind: 'srv', name: `${name}.{d}`, transport, port, ...extra };
};
const host = (name: string, to: [Transport, number], extra: Extra = {}): ProfileStep => {
  const [transport, port] = to;
  return { kind: 'host', name, transport, port, ...extra };
};
const http = (name: string, extra: Extra = {}): ProfileStep => {
  return { kind: 'http', name: `${name}.{d}`, transport: 'https', port: 443, ...extra };
};

const TLS: [Transport, number] = ['tls', 5061];
const TLS_EDGE: [Transport, number] = ['tls', 443];
const TCP: [Transport, number] = ['tcp', 5060];
const UDP: [Transport, number] = ['udp', 5060];
const PORT_UNCERTAIN = 'the port is that of the free implementation pidgin-sipe, no vendor document names it';

export const RFC3263: Profile = {
  name: 'rfc3263',
  title: 'RFC 3263 client',
  detail: 'any SIP phone or server of today',
  auto: 'rfc',
  selection: 'rfc3263',
  steps: [
    { kind: 'naptr', name: '{d}', transport: 'any', port: 0 },
    srv('_sips._tcp', TLS),
    srv('_sip._tcp', TCP),
    srv('_sip._udp', UDP),
    host('{d}', UDP),
    host('{d}', TCP),
    host('{d}', TLS),
  ],
  source: 'RFC 3263 section 4',
};

const LYNC: Profile = {
  name: 'lync',
  title: 'Lync 2010 and 2013, Skype for Business client',
  auto: 'microsoft',
  selection: 'first-answer',
  naming: 'strict',
  steps: [
    http('lyncdiscoverinternal'),
    http('lyncdiscover'),
    srv('_sipinternaltls._tcp', TLS),
    srv('_sipinternal._tcp', TCP, { when: 'tcp-allowed' }),
    srv('_sip._tls', TLS_EDGE),
    host('sipinternal.{d}', TLS, { note: PORT_UNCERTAIN }),
    host('sip.{d}', TLS, { note: PORT_UNCERTAIN }),
    host('sipexternal.{d}', TLS_EDGE, { note: PORT_UNCERTAIN }),
  ],
  ports: LYNC_PORTS,
  source: 'Microsoft, Advanced Edge Server DNS planning (Skype for Business Server); MS-CONMGMT section 2.1',
};

const COMMUNICATOR_2007R2: Profile = {
  name: 'communicator2007r2',
  title: 'Office Communicator 2007 R2',
  auto: 'microsoft',
  selection: 'first-answer',
  naming: 'strict',
  steps: [
    srv('_sipinternaltls._tcp', TLS),
    srv('_sipinternal._tcp', TCP, { when: 'tcp-allowed' }),
    srv('_sip._tls', TLS_EDGE),
    host('sipinternal.{d}', TLS, { note: PORT_UNCERTAIN }),
    host('sip.{d}', TLS, { note: PORT_UNCERTAIN }),
    host('sipexternal.{d}', TLS_EDGE, { note: PORT_UNCERTAIN }),
  ],
  source: 'Microsoft TechNet, DNS Requirements for Automatic Client Sign-In (Office Communications Server 2007 R2)',
};

const COMMUNICATOR_2007: Profile = {
  name: 'communicator2007',
  title: 'Office Communicator 2007',
  auto: 'microsoft',
  selection: 'first-answer',
  naming: 'strict',
  steps: [
    srv('_sipinternaltls._tcp', TLS),
    srv('_sipinternal._tcp', TCP, { when: 'tcp-allowed' }),
    srv('_sip._tls', TLS_EDGE),
    srv('_sip._tcp', TCP, { when: 'tcp-allowed' }),
    host('sipinternal.{d}', TLS, { note: PORT_UNCERTAIN }),
    host('sip.{d}', TLS, { note: PORT_UNCERTAIN }),
    host('sipexternal.{d}', TLS_EDGE, { note: PORT_UNCERTAIN }),
  ],
  source: 'Microsoft TechNet dd572514 and bb663700 (Office Communications Server 2007)',
};

const PHONE_EDITION: Profile = {
  name: 'phone-edition',
  title: 'Communicator Phone Edition 2007 R2',
  auto: 'never',
  selection: 'first-answer',
  naming: 'strict',
  steps: [
    srv('_sipinternaltls._tcp', TLS),
    srv('_sip._tls', TLS_EDGE),
    srv('_sipinternal._tcp', TCP, { when: 'tcp-allowed' }),
    ...['sipinternal.{d}', 'sip.{d}', 'sipexternal.{d}'].flatMap((name) => [host(name, TLS), host(name, TLS_EDGE)]),
  ],
  source: 'Office Communications Server 2007 R2 documentation, Communicator Phone Edition sign-in',
};

const LCS_NOTE = 'every copy of the original list that is still to be had ends after the first name';

const LCS_2003: Profile = {
  name: 'lcs2003',
  title: 'Windows Messenger 5 with Live Communications Server 2003',
  auto: 'microsoft',
  selection: 'first-answer',
  naming: 'high-security',
  steps: [srv('_sip._tls', TLS), srv('_sip._tcp', TCP, { note: LCS_NOTE })],
  source: 'Microsoft, Live Communications Server 2003 client configuration',
};

const FEDERATION: Profile = {
  name: 'federation',
  title: 'Federation partner',
  detail: 'the Edge server of another organisation',
  auto: 'never',
  selection: 'first-answer',
  naming: 'exact',
  steps: [srv('_sipfederationtls._tcp', TLS)],
  source: 'Microsoft, Edge Server environmental requirements (Skype for Business Server)',
};

const OFFICE_365: Profile = {
  name: 'office365',
  title: 'Office 365',
  detail: 'Skype for Business Online and Teams records',
  auto: 'never',
  selection: 'first-answer',
  steps: [
    http('lyncdiscover', { expect: 'webdir.online.lync.com' }),
    srv('_sip._tls', TLS_EDGE, { expect: 'sipdir.online.lync.com' }),
    host('sip.{d}', TLS_EDGE, { expect: 'sipdir.online.lync.com' }),
    srv('_sipfederationtls._tcp', TLS, { expect: 'sipfed.online.lync.com', when: 'partners-only' }),
  ],
  source: 'Microsoft 365, external Domain Name System records',
};

const PSTN_HUBS = ['sip', 'sip2', 'sip3'].map((name) => `${name}.pstnhub.microsoft.com`);

const TEAMS_DIRECT_ROUTING: Profile = {
  name: 'teams-direct-routing',
  title: 'Teams Direct Routing',
  detail: 'the domain is the FQDN of the SBC',
  auto: 'never',
  selection: 'first-answer',
  steps: [host('{d}', TLS), ...PSTN_HUBS.map((name) => host(name, TLS, { when: 'profile-named' }))],
  source: 'Microsoft Teams, Plan Direct Routing',
};

/** Every profile; the order is the one in which `auto` takes them and in which reports show them. */
export const PROFILES: readonly Profile[] = [
  RFC3263,
  LYNC,
  COMMUNICATOR_2007R2,
  COMMUNICATOR_2007,
  PHONE_EDITION,
  LCS_2003,
  FEDERATION,
  OFFICE_365,
  TEAMS_DIRECT_ROUTING,
];

/** The values of --profile. */
export const PROFILE_NAMES: readonly string[] = ['auto', ...PROFILES.map((profile) => profile.name)];

/** 'RFC 3263 client (any SIP phone or server of today)'. */
export const profileTitle = ({ title, detail }: Profile): string =>
  detail === undefined ? title : `${title} (${detail})`;

/** The name that a step asks for in a domain. */
export const stepName = (step: ProfileStep, domain: string): string => step.name.replace('{d}', domain);

/** The ports that firewalls and partners expect behind a name of Microsoft's; RFC 3263 lets its own names use any. */
export const CUSTOMARY_PORTS: Readonly<Record<string, readonly number[]>> = {
  '_sipinternaltls._tcp': [5061],
  '_sipinternal._tcp': [5060],
  '_sip._tls': [443, 5061],
  '_sipfederationtls._tcp': [5061],
};

/** Domains that Lync 2013 and later trust without a question although they are not the user's own (TrustModelData). */
export const TRUSTED_DOMAINS: readonly string[] = [
  'lync.com',
  'outlook.com',
  'lync.glbdns.microsoft.com',
  'microsoftonline.com',
];
