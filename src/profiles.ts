import type { Transport } from './model.ts';

/** One name that a client generation asks for. `{d}` stands for the SIP domain. */
export interface ProfileStep {
  kind: 'naptr' | 'srv' | 'host' | 'http';
  name: string;
  transport: Transport | 'https';
  /** The port that the client uses (host, http) or that is customary (srv, naptr). */
  port: number;
  /** Asked only by clients that are configured so. */
  when?: 'tcp-allowed';
}

/** What one client generation asks for and accepts. */
export interface Profile {
  name: string;
  title: string;
  /**
   * rfc3263: every transport that is published is a way in.
   * first-answer: the names are asked side by side, the first of the list that resolves is used, even when it is dead.
   */
  selection: 'rfc3263' | 'first-answer';
  steps: readonly ProfileStep[];
  source: string;
}

const srv = (name: string, transport: Transport, port: number): ProfileStep => ({ kind: 'srv', name, transport, port });
const host = (name: string, transport: Transport, port: number): ProfileStep => ({
  kind: 'host',
  name,
  transport,
  port,
});

export const RFC3263: Profile = {
  name: 'rfc3263',
  title: 'RFC 3263 client (any SIP phone or server of today)',
  selection: 'rfc3263',
  steps: [
    srv('_sips._tcp.{d}', 'tls', 5061),
    srv('_sip._tcp.{d}', 'tcp', 5060),
    srv('_sip._udp.{d}', 'udp', 5060),
    host('{d}', 'udp', 5060),
    host('{d}', 'tcp', 5060),
    host('{d}', 'tls', 5061),
  ],
  source: 'RFC 3263 section 4',
};

export const LYNC: Profile = {
  name: 'lync',
  title: 'Lync 2010 and 2013, Skype for Business client',
  selection: 'first-answer',
  steps: [
    srv('_sipinternaltls._tcp.{d}', 'tls', 5061),
    srv('_sip._tls.{d}', 'tls', 443),
    host('sipinternal.{d}', 'tls', 5061),
    host('sip.{d}', 'tls', 5061),
    host('sipexternal.{d}', 'tls', 443),
  ],
  source: 'Microsoft, Advanced Edge Server DNS planning (Skype for Business Server)',
};

/** Every profile by its name. */
export const PROFILES: readonly Profile[] = [RFC3263, LYNC];

/** The name that a step asks for in a domain. */
export const stepName = (step: ProfileStep, domain: string): string => step.name.replace('{d}', domain);
