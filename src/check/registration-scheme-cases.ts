import type { Severity } from '../model.ts';
import type { CaseSpec } from './define-check.ts';
import { says, where } from './registration-query-cases.ts';
import type { Product } from './product-setting-rows.ts';
import { settingText } from './product-settings.ts';
import { inWords } from './server-ways.ts';

/** One offer in a sentence's worth of words. */
export interface OfferWords {
  scheme: string;
  kind: string;
  realm: string | null;
  targetname: string | null;
  version: number | null;
  algorithm: string | null;
}

interface Offered {
  servers: string[];
  product?: Product;
  aor: string;
  offers: OfferWords[];
}

export interface SchemeEvidence {
  'kerberos-trap': Offered & {
    account: string;
    /** assumed: no account name was given, and clients take the sign-in address for it. */
    style: 'given' | 'assumed';
    realm: string;
    /** Why no key distribution centre helps. */
    centres: string;
  };
  'challenge-missing': { servers: string[]; aor: string; status: number; reason: string };
  'scheme-unsupported': Offered & { clients: 'microsoft' | 'none'; profile: string };
  'clock-skew': { servers: string[]; aheadMs: number; limits: 'kerberos' | 'ntlm' | 'none' };
}

type Cases = { readonly [C in keyof SchemeEvidence]: CaseSpec<SchemeEvidence[C]> };

const offerText = ({ scheme, realm, targetname, version, algorithm }: OfferWords): string => {
  const more = [
    ...(algorithm === null ? [] : [algorithm]),
    ...(realm === null ? [] : [`realm "${realm}"`]),
    ...(targetname === null ? [] : [`targetname ${targetname}`]),
    ...(version === null ? [] : [`version ${version}`]),
  ];
  return more.length === 0 ? scheme : `${scheme} (${more.join(', ')})`;
};
const schemesText = ({ offers }: Offered): string => inWords(offers.map(({ scheme }) => scheme));
const offersText = ({ offers }: Offered): string => offers.map(offerText).join('; ');

const MINUTE_MS = 60_000;
/** Kerberos: RFC 4120 section 1.6 and every KDC's default; NTLM: what Live Communications Server tolerated. */
export const KERBEROS_SKEW_MS = 5 * MINUTE_MS;
const NTLM_SKEW_MS = 15 * MINUTE_MS;

function severityOfSkew({ aheadMs, limits }: SchemeEvidence['clock-skew']): Severity {
  if (limits === 'kerberos') return 'error';
  return limits === 'ntlm' && Math.abs(aheadMs) > NTLM_SKEW_MS ? 'error' : 'warning';
}

const minutes = (ms: number): string => `${Math.round(Math.abs(ms) / MINUTE_MS)} minutes`;

function severityOfScheme({ clients, profile }: SchemeEvidence['scheme-unsupported']): Severity {
  if (clients === 'none') return 'error';
  return profile === 'rfc3263' ? 'warning' : 'info';
}

export const SCHEME_CASES: Cases = {
  'kerberos-trap': {
    severity: (e) => (e.style === 'given' ? 'error' : 'warning'),
    weighs: 'error when the account name was given; warning when the sign-in address is taken for it',
    means:
      'The server offers Kerberos, the account is written user@domain, and no key distribution centre can be reached: a Windows client tries Kerberos, fails, and never falls back to NTLM.',
    causes: ['the computer is not in the domain, or outside of its network', 'a firewall blocks port 88'],
    fix: 'Sign in with the account name in the style DOMAIN\\user, which makes the client use NTLM; or connect to the network of the Windows domain first (VPN), so that TCP port 88 of its domain controllers can be reached.',
    text: (e) =>
      `${says(e, 'offers', 'offer')} Kerberos, which a Windows client tries for the account ${e.account}, but no Kerberos server of ${e.realm} can be reached (${e.centres}); it never falls back to ${e.offers.some(({ kind }) => kind === 'ntlm') ? 'NTLM' : 'another scheme'}.`,
    remedy: (e) =>
      e.offers.some(({ kind }) => kind === 'ntlm')
        ? `Sign in with the account name in the style DOMAIN\\user, which makes the client use NTLM; or connect to the network of ${e.realm} first (VPN), and check that TCP port 88 of its domain controllers is reachable.`
        : `Connect to the network of ${e.realm} first (VPN), and check that _kerberos._tcp.${e.realm} resolves and TCP port 88 is reachable; or let the server offer NTLM too${settingText('registration.kerberos-trap', e)}.`,
  },
  'challenge-missing': {
    severity: 'error',
    means: 'The server asks for a password, and offers no way to give it that can be read.',
    causes: ['a proxy in between strips or damages the header', 'a fault in the server or its script'],
    fix: 'Let the server send WWW-Authenticate with its 401, and Proxy-Authenticate with its 407; if it does, look for the proxy that drops the header.',
    text: (e) =>
      `${where(e)} answers the REGISTER of ${e.aor} with ${e.status} ${e.reason}, but no challenge that can be read comes with it: no client can give its password.`,
    remedy: (e) =>
      `Let the server send ${e.status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'} with its ${e.status} (RFC 3261 section 22); if it does, look for the proxy that drops or damages the header.`,
  },
  'scheme-unsupported': {
    severity: severityOfScheme,
    weighs: 'error; where Microsoft clients can sign in: warning under the profile rfc3263, info under the others',
    means: 'The server offers no scheme of authentication that SIP clients of common practice can answer.',
    causes: ['a Microsoft server without Digest', 'an algorithm or qop that nobody knows'],
    fix: 'Use a client that knows a scheme that the server offers, or let the server offer Digest with MD5, SHA-256 or SHA-512-256 and qop auth.',
    text: (e) =>
      e.clients === 'microsoft'
        ? `${says(e, 'offers', 'offer')} ${schemesText(e)} only, no Digest: Microsoft clients can sign in, other SIP clients cannot, and sipdiag cannot test the password.`
        : `${says(e, 'offers', 'offer')} no scheme that a client of common practice can answer: ${offersText(e)}.`,
    remedy: (e) =>
      e.clients === 'microsoft'
        ? `Use a client that knows ${[...new Set(e.offers.map(({ scheme }) => scheme))].join(' or ')}, or turn Digest on for ${e.aor} on the server.`
        : `Let the server offer Digest with MD5, SHA-256 or SHA-512-256 and qop auth (RFC 8760).`,
  },
  'clock-skew': {
    severity: severityOfSkew,
    weighs:
      'warning from 5 minutes on; error from 5 minutes on where the server offers Kerberos, and from 15 where it offers NTLM',
    means: 'The clock of the server and the clock of this machine differ by more than authentication allows.',
    causes: ['a machine without time synchronisation', 'a wrong time zone that was corrected by hand'],
    fix: 'Set both clocks by NTP (Linux: chronyc tracking; Windows: w32tm /query /status), then sign in again.',
    text: (e) =>
      `The clock of ${where(e)} is ${minutes(e.aheadMs)} ${e.aheadMs > 0 ? 'ahead of' : 'behind'} the clock of this machine (Date header): Kerberos fails from 5 minutes on, NTLM from 15.`,
    remedy: () =>
      `Set both clocks by NTP (Linux: chronyc tracking; Windows: w32tm /query /status), then sign in again.`,
  },
};
