import type { Severity } from '../model.ts';
import type { CaseSpec } from './define-check.ts';
import { durationText } from './duration-text.ts';
import type { Product } from './product-setting-rows.ts';
import { settingText } from './product-settings.ts';
import { inWords, overText } from './server-ways.ts';

/** What a REGISTER without credentials was about. */
export interface Asked {
  servers: string[];
  domain: string;
  aor: string;
  /** What of the address-of-record the user has not given. */
  madeUp: 'user' | 'user-and-domain' | null;
  /** Whether OPTIONS to the same domain was taken: then an unknown account is what a refusal is about. */
  takesOptions: 'yes' | 'no';
  /** Servers of federation partners and trunks take no registrations, and owe none an answer. */
  role: 'registrar' | 'trunk';
  /** What the server is, where it says so. */
  product?: Product;
}
export type Answered = Asked & {
  status: number;
  reason: string;
  /** What the headers of the answer say, in words. */
  said: string[];
};
export type Standing = Answered & {
  /** Whether some clients come to a server of the same set that asks for a password, or takes one. RFC 2782, RFC 3263 section 4.3. */
  others: 'some' | 'none';
  /** Transports over which the same host asks for the password, or takes the registration. */
  takenOver: string[];
};
export type Refused = Answered & {
  /** Whether another server of the run asks for a password, or takes one. */
  elsewhere: 'served' | 'not-served';
  /** missing: the answer is 400, and the REGISTER named no Contact, which clients always do. */
  contact: 'missing' | 'not-the-point';
};

export const where = ({ servers }: Pick<Asked, 'servers'>): string => inWords(servers);
/** 'a (x) answers', 'a (x) and b (y) answer'. */
export const says = (e: Pick<Asked, 'servers'>, one: string, several: string): string =>
  `${where(e)} ${e.servers.length > 1 ? several : one}`;
/** The server's own explanation, behind our sentence. */
export const saidText = ({ said }: Pick<Answered, 'said'>): string => (said.length === 0 ? '' : ` ${said.join(' ')}`);

/** Nothing follows for real accounts from what a registrar says to one that was made up. */
const severityOfRefusal = ({ madeUp, role }: Asked): Severity =>
  madeUp === null && role === 'registrar' ? 'error' : 'info';
/** Where a client may come to another server of the set, only those that come here are refused. */
export const severityOfOne = (e: Standing): Severity =>
  severityOfRefusal(e) === 'error' && e.others === 'some' ? 'warning' : severityOfRefusal(e);
/** A domain that was given and is not even taken by OPTIONS is not served, whoever asks. */
function severityOfUnserved(e: Standing): Severity {
  if (e.role === 'registrar' && e.madeUp === 'user' && e.takesOptions === 'no') return 'error';
  return severityOfOne(e);
}
/** Without a Contact, which every client names, 400 decides nothing. */
function severityOfRefused(e: Refused): Severity {
  const severity = severityOfRefusal(e);
  if (severity === 'info' || (e.contact === 'missing' && /contact/i.test(e.reason))) return 'info';
  return e.elsewhere === 'served' || e.contact === 'missing' ? 'warning' : 'error';
}
const othersText = ({ others, status }: Standing): string =>
  others === 'some'
    ? ` Other servers of the same set do take it: who comes to them signs in, who comes here does not, because ${status} sends nobody on to the next server.`
    : '';
const takenText = ({ takenOver }: Standing): string => ` Over ${overText(takenOver)} the same server does not.`;
const account = ({ aor, madeUp }: Asked): string =>
  madeUp === null ? aor : `${aor}, an address that sipdiag made up because none was given`;
const givenAddress = ({ domain, madeUp }: Asked): string =>
  madeUp === 'user'
    ? `To learn about a real account, give its sign-in address: sip:user@${domain}.`
    : `To learn about a real account, give its sign-in address and name the server apart: sip:user@domain --server ${domain}.`;

/** Answers to a REGISTER that carries no credentials. */
export interface QueryEvidence {
  'domain-not-served': Standing;
  'unknown-user': Standing;
  forbidden: Standing;
  refused: Refused;
  /** `ended`: how the wait came to its end, where that was no time-out. */
  unanswered: Asked & { ms: number; ended: string | null };
  'not-challenged': Answered;
}

type Cases = { readonly [C in keyof QueryEvidence]: CaseSpec<QueryEvidence[C]> };

export const QUERY_CASES: Cases = {
  'domain-not-served': {
    severity: severityOfUnserved,
    weighs:
      'error; warning while another server of the same set serves the domain; info when sipdiag made the account up and the answer says nothing about real ones, and for a trunk',
    means: 'The registrar knows neither password nor user: it does not serve the domain, or does not know the user.',
    causes: [
      'the domain is missing in the list of SIP domains',
      'DNS leads to the wrong server',
      'the sign-in address is misspelt',
    ],
    fix: 'Add the domain to the SIP domains of the server (Kamailio: alias= or the domain table; LCS: Global Settings, Domains), or correct the sign-in address.',
    text: (e) =>
      severityOfUnserved(e) !== 'info'
        ? `${says(e, 'answers', 'answer')} the REGISTER of ${account(e)} with ${e.status} ${e.reason}: the server does not serve the domain ${e.domain}${e.madeUp === null ? ', or does not know the user' : ''}.${othersText(e)}${saidText(e)}`
        : `${says(e, 'answers', 'answer')} the REGISTER of ${account(e)}, with ${e.status} ${e.reason}: that says nothing about real accounts.`,
    remedy: (e) =>
      severityOfUnserved(e) === 'info'
        ? givenAddress(e)
        : `Add ${e.domain} to the SIP domains of the server${settingText('registration.domain-not-served', e)}, or correct the sign-in address.`,
  },
  'unknown-user': {
    severity: severityOfOne,
    weighs:
      'error; warning while another server of the same set takes the registration; info for an account that sipdiag made up, and for a trunk',
    means: 'The registrar serves the domain, and does not know the user.',
    causes: ['the sign-in address is misspelt', 'the account is not enabled for SIP', 'the account was removed'],
    fix: 'Check the sign-in address letter by letter, and that the account is enabled for SIP (Kamailio: the subscriber table; Asterisk: pjsip show endpoint NAME; Microsoft: msRTCSIP-UserEnabled and msRTCSIP-PrimaryUserAddress of the account).',
    text: (e) =>
      `${says(e, 'does', 'do')} not know the user ${account(e)}: ${e.status} ${e.reason}.${othersText(e)}${saidText(e)}`,
    remedy: (e) =>
      e.madeUp !== null
        ? givenAddress(e)
        : `Check the sign-in address ${e.aor} letter by letter, and that the account is enabled for SIP on the server${settingText('registration.unknown-user', e)}.`,
  },
  forbidden: {
    severity: severityOfOne,
    weighs:
      'error; warning while another server of the same set takes the registration; info for an account that sipdiag made up, and for a trunk',
    means: 'The registrar refuses the registration, whatever the password.',
    causes: [
      'an access list by network',
      'the account is disabled',
      'registrations are not allowed from outside',
      'registrations are allowed over TLS only',
    ],
    fix: 'Check on the server that the account is enabled and may register from this network (Microsoft: ms-diagnostics 4002 and 4003 say that it is not enabled for access from outside).',
    text: (e) =>
      `${says(e, 'forbids', 'forbid')} the registration of ${account(e)}: ${e.status} ${e.reason}, before any password was asked for.${e.takenOver.length > 0 ? takenText(e) : othersText(e)}${saidText(e)}`,
    remedy: (e) =>
      e.madeUp !== null
        ? givenAddress(e)
        : e.takenOver.length > 0
          ? `Let the clients use ${overText(e.takenOver)}, and take the SRV records of the ways that are forbidden out of DNS, or allow registrations over them on the server.`
          : `Check in the server that registrations of ${e.aor} are allowed from this network and that the account is enabled${settingText('registration.forbidden', e)}.`,
  },
  refused: {
    severity: severityOfRefused,
    weighs:
      'error; warning while another server takes the registration, and for a 400 to a REGISTER without a Contact, as it is sent without a password; info when that answer asks for the Contact, for an account that sipdiag made up, and for a trunk',
    means: 'The registrar answers REGISTER with a status that is neither a challenge nor a success.',
    causes: ['the server is no registrar', 'overload or maintenance', 'a demand that the request does not meet'],
    fix: 'Look the status up (sipdiag explain 480), and look for the REGISTER in the log of the server.',
    text: (e) =>
      e.contact === 'missing'
        ? `${says(e, 'answers', 'answer')} with ${e.status} ${e.reason} to a REGISTER of ${account(e)} that names no Contact: some registrars want one in each (FreeSWITCH), and what they say to clients is not known from this.${saidText(e)}`
        : `${says(e, 'answers', 'answer')} the REGISTER of ${account(e)} with ${e.status} ${e.reason}.${saidText(e)}`,
    remedy: (e) =>
      e.madeUp !== null
        ? givenAddress(e)
        : e.contact === 'missing'
          ? `Run the same command with --password-file FILE: then a REGISTER with a Contact is sent, as clients do, and the Contact taken back; if that is refused too, look for it in the log of the server.`
          : `Look for the REGISTER of ${e.aor} in the log of the server; sipdiag explain ${e.status} tells what the answer usually means.`,
  },
  unanswered: {
    severity: severityOfRefusal,
    weighs: 'error; info for an account that sipdiag made up because none was given, and for a trunk',
    means: 'The server answers OPTIONS, but not REGISTER.',
    causes: [
      'the registrar or its database hangs',
      'a filter drops REGISTER',
      'the server is a trunk and no registrar',
    ],
    fix: 'Look for the REGISTER in the log of the server, and at its registrar and user database; a trunk that takes no registrations needs no REGISTER.',
    text: (e) =>
      `${says(e, 'answers', 'answer')} OPTIONS, but not the REGISTER of ${account(e)}: ${e.ended ?? `nothing came within ${durationText(e.ms)}`}.${e.role === 'trunk' ? ' A server of this profile takes no registrations.' : ''}`,
    remedy: (e) =>
      e.role === 'trunk'
        ? 'Nothing to do: such servers are trusted by their certificate or address, and nobody signs in there.'
        : e.madeUp !== null
          ? givenAddress(e)
          : `Look for the REGISTER of ${e.aor} in the log of the server: its registrar or user database hangs, or a filter drops the request (a trunk that takes no registrations needs none).`,
  },
  'not-challenged': {
    severity: 'info',
    means: 'The registrar takes a REGISTER without a password.',
    causes: ['authentication is turned off', 'the server trusts this network'],
    fix: 'If that is not intended, turn digest authentication on for REGISTER (Kamailio: auth_check of the module auth_db; Asterisk: auth= of the endpoint).',
    text: (e) =>
      `${says(e, 'answers', 'answer')} a REGISTER query of ${e.aor} with ${e.status} and without asking for a password.`,
    remedy: (e) =>
      `If that is not intended, turn on digest authentication for REGISTER${settingText('registration.not-challenged', e)}.`,
  },
};
