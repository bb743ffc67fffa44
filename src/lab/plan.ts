import type { Rung, Severity } from '../model.ts';
import type { Autodiscover } from './autodiscover.ts';
import type { CannedWords, MuteBehaviour } from './canned-ports.ts';
import type { CertificateFlaw } from './certificates.ts';
import type { ClientFlaw } from './client-certificates.ts';
import type { ClientSetup } from './client-setup.ts';
import type { DnsBehaviour } from './dns-server.ts';
import type { Habit } from './habits.ts';
import type { SecondNameServer } from './name-servers.ts';
import type { Delivery } from './pass-on.ts';
import type { Registration } from './registration.ts';
import type { Responder, Staple } from './revocation.ts';
import type { SipBehaviour, TlsTraits } from './sip-listeners.ts';
import type { WitnessPlan } from './witnesses.ts';
import type { ZoneShape } from './zone-shapes.ts';

/** Every choice that the lab makes when it starts. */
export interface LabPlan extends WitnessPlan {
  /** What DNS publishes. */
  zone: ZoneShape;
  dns: DnsBehaviour;
  /** Whether a second resolver is asked as well, which knows nothing of the domain. */
  outside: 'none' | 'empty';
  /** How the resolver is asked. */
  resolverOver: 'udp' | 'tls';
  /** Besides the one that the zone always has. */
  secondNameServer: SecondNameServer;
  autodiscover: Autodiscover;
  udp: 'served' | 'refused' | 'other-port' | 'lossy';
  tcp: 'served' | 'refused';
  tls: 'served' | 'refused' | 'plaintext' | 'leaves-tls' | MuteBehaviour | CannedWords;
  /** Which versions of TLS the server speaks. */
  versions: TlsTraits['versions'];
  /** Whether the TLS server wants a certificate of its clients; 'refused': it wants one, and takes none. */
  clients: TlsTraits['clients'] | 'refused';
  /** The certificate that the user shows; the lab hands it out. */
  client: ClientFlaw;
  /** What a client gets that sends no server name. */
  nameless: 'served' | 'refused' | 'other-certificate';
  certificate: CertificateFlaw;
  /** Who tells whether the certificate was revoked, over HTTP and in the handshake. */
  responder: Responder;
  staple: Staple;
  sip: SipBehaviour;
  registration: Registration;
  /** What the SIP server writes about the addresses of its clients. */
  habit: Habit;
  /** How requests for clients that have registered reach them. */
  delivery: Delivery;
  /** A second registrar, over TCP: none; one with the same account; or one that does not serve the domain. */
  pool: 'none' | 'serves' | 'refuses';
  /** Whether the SIP server keeps connections on which nothing is said. */
  silence: 'kept' | 'ended';
  /** The machine of the user. */
  setup: ClientSetup;
}

/** A network without a fault. */
export const HEALTHY_PLAN: Readonly<LabPlan> = {
  zone: 'complete',
  dns: 'healthy',
  outside: 'none',
  resolverOver: 'udp',
  secondNameServer: 'none',
  autodiscover: 'unpublished',
  udp: 'served',
  tcp: 'served',
  tls: 'served',
  versions: 'today',
  clients: 'anybody',
  client: 'none',
  nameless: 'served',
  certificate: 'none',
  responder: 'unnamed',
  staple: 'none',
  sip: 'healthy',
  registration: 'served',
  habit: 'truthful',
  delivery: 'whole',
  pool: 'none',
  silence: 'kept',
  setup: 'plain',
  agent: 'none',
  inboundTcp: 'open',
  inboundUdp: 'open',
  alg: 'none',
  stun: 'none',
};

/** How a fault is to be looked at, where `doctor` without a word more would not see it. */
export interface Look {
  /** Absent: doctor. */
  command?: 'dns' | 'tls' | 'signin' | 'firewall';
  /** What stands before the domain in the target: one SRV name. */
  service?: string;
  profile?: string;
  /** The password of the lab's account is given. */
  account?: 'given';
  /** What the command asks beyond what it asks by itself, as an option of its own. */
  asks?: 'versions' | 'authority' | 'revocation';
  /** The only transport that is looked at. */
  transport?: 'tcp' | 'tls';
  /** Seconds for which the connection is left silent. */
  idle?: number;
  /** How often OPTIONS is repeated. */
  count?: number;
}

export interface Fault {
  /** One clause, as a menu would show it. */
  title: string;
  /** Where a diagnosis has to end: the finding that names it and its rung, the first broken one where it is an error. */
  expects: { rung: Rung; findingId: string; severity: Severity };
  /** What differs from the healthy plan. */
  change: Partial<LabPlan>;
  look?: Look;
  /** What else it raises, for whoever looks in that way. */
  also?: readonly { findingId: string; look?: Look }[];
}

/** What a fault has to raise. The default severity is that of a client that cannot work. */
export const expecting = (rung: Rung, findingId: string, severity: Severity = 'error'): Fault['expects'] => ({
  rung,
  findingId,
  severity,
});
