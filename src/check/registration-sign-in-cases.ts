import type { Transport } from '../model.ts';
import type { CaseSpec } from './define-check.ts';
import { saidText, says, where, type Answered } from './registration-query-cases.ts';
import { durationText } from './duration-text.ts';
import { settingText } from './product-settings.ts';

/** An answer to a REGISTER with credentials. */
export type SignedIn = Pick<Answered, 'servers' | 'aor' | 'domain' | 'status' | 'reason' | 'said' | 'product'> & {
  account: string;
  /** Realm of the challenge that was answered. */
  realm: string;
};

/** Another endpoint of the same user, as the registrar lists it. */
export interface Endpoint {
  uri: string;
  transport: string;
  /** Seconds that its registration lasts. */
  expires: number | null;
  q: string | null;
  instance: string | null;
  received: string | null;
  userAgent: string | null;
}

export interface SignInEvidence {
  'credentials-rejected': SignedIn & {
    refusal: 'same-nonce' | 'new-nonce' | 'status';
    sha512: 'standard' | 'truncated' | null;
  };
  'challenge-loop': SignedIn;
  'account-unknown': SignedIn;
  'account-forbidden': SignedIn;
  'interval-too-brief': SignedIn & { wanted: number; granted: 'yes' | 'no' };
  'sign-in-refused': SignedIn;
  'sign-in-unanswered': Pick<SignedIn, 'servers' | 'aor' | 'account'> & {
    ms: number;
    detail: string;
    timedOut: 'yes' | 'no';
    transport: Transport;
  };
  'server-unproven': Pick<SignedIn, 'servers' | 'aor'>;
  elsewhere: { aor: string; others: Endpoint[]; total: number };
  'left-behind': Pick<SignedIn, 'servers' | 'aor'> & {
    contact: string;
    detail: string;
    seconds: number;
    bound: 'yes' | 'unknown';
  };
  'password-withheld': { servers: string[]; aor: string; account: string; detail: string };
}

/**
 * RFC 7616 section 3.9.2 prints a value that is SHA-512 cut to 256 bits, not SHA-512/256 (erratum 4897): servers that were built
 * after the one refuse what is computed after the other, with the right password.
 */
const formText = ({ sha512 }: SignInEvidence['credentials-rejected']): string => {
  if (sha512 === null) return '';
  return sha512 === 'standard'
    ? ' The answer was computed with SHA-512/256; some servers want SHA-512 cut to 256 bits instead, as the example in RFC 7616 has it (erratum 4897), and refuse the right password.'
    : ' The answer was computed with SHA-512 cut to 256 bits (--digest-sha512t), which servers of the standard refuse.';
};
const formRemedy = ({ sha512 }: SignInEvidence['credentials-rejected']): string => {
  if (sha512 === null) return '';
  return sha512 === 'standard'
    ? '; if the password is right, run it once more with --digest-sha512t, or let the server offer SHA-256'
    : '; if the password is right, run it once more without --digest-sha512t';
};

type Cases = { readonly [C in keyof SignInEvidence]: CaseSpec<SignInEvidence[C]> };

const endpointWords = ({ uri, transport, expires, received, userAgent }: Endpoint): string =>
  [
    `${uri} over ${transport}`,
    ...(received === null ? [] : [`seen as ${received}`]),
    ...(userAgent === null ? [] : [userAgent]),
    ...(expires === null ? [] : [`${expires} s left`]),
  ].join(', ');

export const SIGN_IN_CASES: Cases = {
  'credentials-rejected': {
    severity: 'error',
    means: 'The server asks for a password, and refuses the one that was given.',
    causes: [
      'the password is wrong or has expired',
      'the account name is another one (user, user@domain, DOMAIN\\user)',
      'the account is locked',
      'the server stores passwords for another realm',
    ],
    fix: 'Enter the password anew; then check the account name (--auth-user, on Microsoft servers also as DOMAIN\\user), its realm, and that the account is not locked.',
    text: (e) =>
      `${says(e, 'refuses', 'refuse')} the password of ${e.account} (realm ${e.realm}, ${e.status} ${e.reason}).${formText(e)}${saidText(e)}`,
    remedy: (e) =>
      `Enter the password anew, and check that ${e.account} is the account name in the realm ${e.realm} (another one: --auth-user NAME) and that the account is not locked${e.product === undefined ? '' : settingText('registration.credentials-rejected', e)}; sipdiag tried once only${formRemedy(e)}.`,
  },
  'challenge-loop': {
    severity: 'error',
    means: 'The server asks for the password again after each answer, and never says whether it is right.',
    causes: [
      'several servers answer at one address and do not know the nonces of one another',
      'a nonce lives shorter than a request is on its way',
      'the request goes round through proxies that each ask for a password',
    ],
    fix: 'Let the servers behind one address share their nonces, or let one of them answer each client; look in the log of the server for why it calls its own nonce stale.',
    text: (e) =>
      `${where(e)} asks for the password of ${e.account} again after each answer, with a stale nonce or for another realm, and never says whether it is right (${e.status} ${e.reason}, realm ${e.realm}).${saidText(e)}`,
    remedy: (e) =>
      `Look in the log of the server for why it does not take its own nonces: several servers behind one address have to share them${settingText('registration.challenge-loop', e)}, and a nonce has to live for some seconds; the password of ${e.account} may well be right.`,
  },
  'account-unknown': {
    severity: 'error',
    means: 'After the password was sent, the registrar says that it does not know the user.',
    causes: [
      'the sign-in address belongs to nobody',
      'the address belongs to another account than the one that signs in',
    ],
    fix: 'Check that the sign-in address exists on the server, and that it belongs to the account whose password was given.',
    text: (e) =>
      `${says(e, 'takes', 'take')} the password of ${e.account}, but ${e.aor} is unknown there: ${e.status} ${e.reason}.${saidText(e)}`,
    remedy: (e) =>
      `Check that the sign-in address ${e.aor} exists and belongs to the account ${e.account}${settingText('registration.account-unknown', e)}.`,
  },
  'account-forbidden': {
    severity: 'error',
    means: 'After the password was sent, the registrar forbids the registration.',
    causes: [
      'the address belongs to another account',
      'the account is disabled or may not register from this network',
      'the password is wrong (some servers answer 403 to that)',
      'too many endpoints are signed in',
    ],
    fix: 'Check on the server that the account may register this address, from this network and with one more endpoint; then check the password, because some servers answer a wrong one with 403.',
    text: (e) =>
      `${says(e, 'forbids', 'forbid')} the registration of ${e.aor} to the account ${e.account}: ${e.status} ${e.reason}.${saidText(e)}`,
    remedy: (e) =>
      `Check on the server that ${e.account} may register ${e.aor}, from this network, with one more endpoint${settingText('registration.account-forbidden', e)}; and the password, because some servers answer a wrong one with 403.`,
  },
  'interval-too-brief': {
    severity: (e) => (e.granted === 'yes' ? 'info' : 'error'),
    weighs: 'error; info when the longer registration was granted',
    means: 'The registrar grants no registration as short as the client asks for.',
    causes: ['a minimum for the registration interval is set on the server'],
    fix: 'Set the registration interval of the clients to what the server wants, or lower its minimum (Kamailio: min_expires, or min_expires_mode=0, of the module registrar).',
    text: (e) =>
      e.granted === 'yes'
        ? `${says(e, 'grants', 'grant')} registrations of ${e.wanted} s at the least; sipdiag asked again for as long, and removed its Contact at once.`
        : `${says(e, 'refuses', 'refuse')} the registration of ${e.aor} as too brief: ${e.status} ${e.reason}${e.wanted === 0 ? ', and does not say what it wants' : `, it wants ${e.wanted} s`}.`,
    remedy: (e) =>
      e.wanted === 0
        ? `Let the server say Min-Expires in its 423 (RFC 3261 section 21.4.17).`
        : `Set the registration interval of the clients to ${e.wanted} s or more, or lower the minimum on the server${settingText('registration.interval-too-brief', e)}.`,
  },
  'sign-in-refused': {
    severity: 'error',
    means: 'The registrar answers a REGISTER with credentials with a status that says nothing about the password.',
    causes: ['overload or maintenance', 'a demand that the request does not meet', 'the user database is down'],
    fix: 'Look the status up (sipdiag explain 503), and look in the log of the server for the second REGISTER, the one with the password.',
    text: (e) =>
      `${says(e, 'answers', 'answer')} the REGISTER of ${e.aor} with ${e.status} ${e.reason} once the password of ${e.account} was sent.${saidText(e)}`,
    remedy: (e) =>
      `Look for the second REGISTER of ${e.aor}, the one with the password, in the log of the server${e.status === 503 ? settingText('registration.sign-in-refused', e) : ''}; sipdiag explain ${e.status} tells what the answer usually means.`,
  },
  'sign-in-unanswered': {
    severity: 'error',
    means: 'The server challenges, and does not answer the REGISTER that carries the password.',
    causes: [
      'the user database hangs',
      'over UDP: the longer request is fragmented and gets lost',
      'a middlebox drops requests with Authorization',
    ],
    fix: 'Look in the log of the server for the second REGISTER, the one with the password; over UDP try --transport tcp, which takes long requests.',
    text: (e) =>
      `${says(e, 'asks', 'ask')} for a password, but the REGISTER of ${e.aor} that carries it gets no answer (${e.timedOut === 'yes' ? `nothing within ${durationText(e.ms)}` : e.detail}).`,
    remedy: (e) =>
      `Look for the second REGISTER of ${e.aor}, the one with the password, in the log of the server: ${e.transport === 'udp' ? 'if it did not come, try --transport tcp, which takes long requests' : 'if it came, the user database is mostly what hangs, and if not, a middlebox drops requests with a password'}.`,
  },
  'server-unproven': {
    severity: 'warning',
    means: 'The server takes the password, but its own proof of knowing it is wrong.',
    causes: ['a proxy in between answers for the server', 'a fault in the server'],
    fix: 'Find the proxy that answers in place of the server; if there is none, have the server corrected, because strict clients refuse such an answer.',
    text: (e) =>
      `${says(e, 'takes', 'take')} the password for ${e.aor}, but its own proof that it knows this password (rspauth in Authentication-Info) is wrong.`,
    remedy: () => `Check that no proxy in between answers for the server; strict clients refuse such an answer.`,
  },
  elsewhere: {
    severity: 'info',
    means: 'Other endpoints are signed in as the same user.',
    causes: ['a second computer or phone', 'an endpoint that went away without signing out'],
    fix: 'Sign out at the other endpoints, or look there for the messages that never arrived here.',
    text: (e) =>
      `${e.aor} is signed in at ${e.total} other endpoint${e.total === 1 ? '' : 's'}; ${e.total === 1 ? 'it is' : 'the one that lasts longest, mostly the one that registered last, is'} ${e.others[0] === undefined ? 'not named' : endpointWords(e.others[0])}.`,
    remedy: () =>
      `If messages never arrive here, sign out there, or look at what it received: servers of the LCS days deliver to the most recently active endpoint only, forking proxies to all.`,
  },
  'left-behind': {
    severity: 'warning',
    means: 'The Contact that sipdiag registered could not be taken back.',
    causes: ['the connection was lost', 'the server refused to remove it'],
    fix: 'Wait until the registration lapses, or remove the Contact on the server (Kamailio: kamctl ul rm USER CONTACT).',
    text: (e) =>
      e.bound === 'yes'
        ? `The Contact ${e.contact}, which sipdiag registered for this test at ${where(e)}, could not be removed (${e.detail}); it lapses within ${e.seconds} s.`
        : `Whether the Contact ${e.contact} of this test stays registered at ${where(e)} is not known, because nothing answers (${e.detail}); it lapses within ${e.seconds} s.`,
    remedy: (e) => `Wait ${e.seconds} s, or remove the Contact ${e.contact} on the server.`,
  },
  'password-withheld': {
    severity: 'info',
    means: 'A password was given and was not sent.',
    causes: ['the TLS server cannot prove who it is', 'an earlier attempt was refused or not answered'],
    fix: 'Mend the certificate of the server first; --insecure-credentials answers its challenge all the same.',
    text: (e) => `The password of ${e.account} was not sent to ${where(e)}: ${e.detail}.`,
    remedy: () => `Mend the certificate first; --insecure-credentials answers the challenge all the same.`,
  },
};
