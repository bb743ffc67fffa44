import { authParam, parseChallenge, type SipChallenge } from './sip-challenge.ts';
import type { SeenHeaders } from './sip-diagnostics.ts';
import { headerValues, sipHeader, type SipHeader } from './sip-message.ts';
import { WireError } from './wire-error.ts';

/** One way to authenticate that a server offers. RFC 3261 sections 20.27 and 20.44, [MS-SIPAE] section 2.2.1. */
export interface AuthOffer {
  /** As written, 64 characters at most. */
  scheme: string;
  /** The schemes that a client can meet, and 'other'. NTLM, Kerberos, TLS-DSK and Negotiate are recognised and not answered. */
  kind: 'digest' | 'ntlm' | 'kerberos' | 'tls-dsk' | 'negotiate' | 'basic' | 'bearer' | 'other';
  header: 'WWW-Authenticate' | 'Proxy-Authenticate';
  realm?: string;
  /** NTLM: the server's FQDN; Kerberos: its principal, sip/FQDN. [MS-SIPAE] section 2.2.1.1. */
  targetname?: string;
  /** Version of the authentication protocol; [MS-SIPAE] takes 2 where it is absent. */
  version?: number;
  algorithm?: string;
  /** Lower case, as offered. */
  qop: string[];
  /** TLS-DSK: where a client gets its certificate. */
  stsUri?: string;
}

/** Servers offer three or four; more is a remote that wants to fill a report. */
const MAX_OFFERS = 16;
const MAX_TEXT = 256;
const MAX_SCHEME = 64;
const MAX_QOP = 8;

const HEADERS = ['WWW-Authenticate', 'Proxy-Authenticate'] as const;
const KINDS: Readonly<Record<string, AuthOffer['kind']>> = {
  digest: 'digest',
  ntlm: 'ntlm',
  kerberos: 'kerberos',
  'tls-dsk': 'tls-dsk',
  negotiate: 'negotiate',
  basic: 'basic',
  bearer: 'bearer',
};

/** The offer in a challenge; texts are cut to 256 characters. */
function offerOf(challenge: SipChallenge, header: AuthOffer['header']): AuthOffer {
  const text = (name: string): string | undefined => authParam(challenge, name)?.slice(0, MAX_TEXT);
  const [realm, targetname, algorithm, stsUri] = [
    text('realm'),
    text('targetname'),
    text('algorithm'),
    text('sts-uri'),
  ];
  const digits = /^\d{1,4}$/.exec(text('version') ?? '')?.[0];
  const key = challenge.scheme.toLowerCase();
  return {
    scheme: challenge.scheme.slice(0, MAX_SCHEME),
    kind: Object.hasOwn(KINDS, key) ? (KINDS[key] ?? 'other') : 'other',
    header,
    ...(realm === undefined ? {} : { realm }),
    ...(targetname === undefined ? {} : { targetname }),
    ...(digits === undefined ? {} : { version: Number(digits) }),
    ...(algorithm === undefined ? {} : { algorithm }),
    qop: (text('qop') ?? '')
      .toLowerCase()
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '')
      .slice(0, MAX_QOP),
    ...(stsUri === undefined ? {} : { stsUri }),
  };
}

interface ReadChallenge {
  challenge: SipChallenge;
  header: AuthOffer['header'];
}

/** The challenges of a response in the order of the server, 401's before 407's, 16 at most; unreadable ones are passed over. */
export function readChallenges(message: { headers: readonly SipHeader[] }): ReadChallenge[] {
  const values = HEADERS.flatMap((header) => headerValues(message, header).map((value) => ({ header, value })));
  return values.slice(0, MAX_OFFERS).flatMap(({ header, value }) => {
    try {
      return [{ challenge: parseChallenge(value), header }];
    } catch (error) {
      if (error instanceof WireError) return [];
      throw error;
    }
  });
}

/** Every way to authenticate that a response offers, in the order of the server; bounded in number and length. */
export function readOffers(message: { headers: readonly SipHeader[] }): AuthOffer[] {
  return readChallenges(message).map(({ challenge, header }) => offerOf(challenge, header));
}

/** The same from the headers of a SIP observation: names in lower case to their values. */
export function readSeenOffers(headers: SeenHeaders): AuthOffer[] {
  const written = HEADERS.flatMap((name) => {
    const key = name.toLowerCase();
    const values = Object.hasOwn(headers, key) ? (headers[key] ?? []) : [];
    return values.map((value) => sipHeader(name, value));
  });
  return readOffers({ headers: written });
}
