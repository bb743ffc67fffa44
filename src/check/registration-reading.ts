import type { SipObservation } from '../model/sip.ts';
import { isAnswerable } from '../wire/digest.ts';
import { parseChallenge, authParam } from '../wire/sip-challenge.ts';
import { readAdvice } from '../wire/sip-diagnostics.ts';
import { sipHeader } from '../wire/sip-message.ts';
import { readChallenges, readOffers, type AuthOffer } from '../wire/sip-offers.ts';
import { WireError } from '../wire/wire-error.ts';
import { explainAnswer } from './explained/explain-answer.ts';
import type { Answered, Asked, QueryEvidence } from './registration-query-cases.ts';
import type { OfferWords } from './registration-scheme-cases.ts';
import type { SignedIn, SignInEvidence } from './registration-sign-in-cases.ts';
import { serversText } from './server-ways.ts';

/** Explanations that a sentence can carry. */
const MAX_SAID = 2;

const isTaken = ({ about, outcome }: SipObservation): boolean =>
  about.method === 'OPTIONS' && outcome.ok && outcome.value.status < 300;

/** The servers of these observations, each host once. */
export const serversOf = (group: readonly SipObservation[]): string[] => serversText(group.map(({ about }) => about));

export const statusOf = ({ outcome }: SipObservation): number => (outcome.ok ? outcome.value.status : 0);

/** The observations of a run as these readings need them. */
export interface Context {
  sip: readonly SipObservation[];
  /** The profile that decides, never 'auto'. */
  profile: string;
}

/** Profiles of servers among themselves: they trust each other by certificate or address, and nobody registers. */
export const TRUNKS: ReadonlySet<string> = new Set(['federation', 'teams-direct-routing']);

export function askedOf({ about }: SipObservation, { sip, profile }: Context): Omit<Asked, 'servers'> {
  const { aor, requestUri, madeUp = null } = about;
  return {
    domain: requestUri.replace(/^sips?:/, ''),
    aor,
    madeUp,
    takesOptions: sip.some(isTaken) ? 'yes' : 'no',
    role: TRUNKS.has(profile) ? 'trunk' : 'registrar',
  };
}

/** What the headers of an answer say, without what the status itself says: the text of the case is about that. */
function saidBy({ outcome }: SipObservation): string[] {
  if (!outcome.ok) return [];
  return explainAnswer(outcome.value.headers)
    .slice(0, MAX_SAID)
    .map(({ what, meaning }) => `${what}: ${meaning}`);
}

export function answeredOf(one: SipObservation, context: Context): Omit<Answered, 'servers'> {
  const reason = one.outcome.ok ? one.outcome.value.reason : '';
  return { ...askedOf(one, context), status: statusOf(one), reason, said: saidBy(one) };
}

function diagnosticsOf({ outcome }: SipObservation): Set<number> {
  const { diagnostics } = readAdvice(outcome.ok ? outcome.value.headers : {});
  return new Set(diagnostics.map(({ id }) => id));
}

/** Which case an answer to a REGISTER without credentials is; undefined: a challenge, the healthy answer. */
export function queryCase(one: SipObservation): keyof QueryEvidence | 'redirected' | undefined {
  if (!one.outcome.ok) return undefined;
  const { status, reason } = one.outcome.value;
  const ids = diagnosticsOf(one);
  // RFC 3261 gives one status to both; the words of the server are all that tells them apart.
  const aboutDomain = /domain|relay|realm/i.test(reason) || ids.has(1005);
  const aboutUser = !aboutDomain && (/user|account|subscriber/i.test(reason) || ids.has(1003));
  if (status < 300) return 'not-challenged';
  if (status < 400) return 'redirected';
  if (status === 401 || status === 407) return undefined;
  if (status === 403) return aboutDomain ? 'domain-not-served' : 'forbidden';
  if (status === 404 || status === 604) return aboutUser ? 'unknown-user' : 'domain-not-served';
  return status === 416 ? 'domain-not-served' : 'refused';
}

/** Where a 3xx leads to. RFC 3261 section 8.1.3.4. */
export function targetsOf({ outcome }: SipObservation): string[] {
  const values = outcome.ok && Object.hasOwn(outcome.value.headers, 'contact') ? outcome.value.headers['contact'] : [];
  return (values ?? []).flatMap((value) => /<([^<>]{1,200})>/.exec(value)?.[1] ?? value.slice(0, 200)).slice(0, 4);
}

/** Which case an answer to a REGISTER with credentials is; undefined: it was accepted. */
export function signInCase(one: SipObservation): keyof SignInEvidence | undefined {
  if (!one.outcome.ok) return 'sign-in-unanswered';
  const { status, reason, refusal } = one.outcome.value;
  if (status < 300) return undefined;
  if (refusal === 'endless') return 'challenge-loop';
  if (status === 401 || status === 407) return 'credentials-rejected';
  if (status === 403) return /auth|password|credential/i.test(reason) ? 'credentials-rejected' : 'account-forbidden';
  if (status === 404 || status === 604) return 'account-unknown';
  return status === 423 ? 'interval-too-brief' : 'sign-in-refused';
}

/** The values of the challenge headers of an answer, as headers. */
function challengeHeaders({ outcome }: SipObservation) {
  if (!outcome.ok) return [];
  const { headers } = outcome.value;
  return (['WWW-Authenticate', 'Proxy-Authenticate'] as const).flatMap((written) => {
    const name = written.toLowerCase();
    return (Object.hasOwn(headers, name) ? (headers[name] ?? []) : []).map((value) => sipHeader(written, value));
  });
}

export const offersOf = (one: SipObservation): AuthOffer[] => readOffers({ headers: challengeHeaders(one) });

/** Whether any challenge of an answer can be answered by what is common practice: Digest. */
export const isCommon = (one: SipObservation): boolean =>
  readChallenges({ headers: challengeHeaders(one) }).some(({ challenge }) => isAnswerable(challenge));

export const offerWords = ({ scheme, kind, realm, targetname, version, algorithm }: AuthOffer): OfferWords => ({
  scheme,
  kind,
  realm: realm ?? null,
  targetname: targetname ?? null,
  version: version ?? null,
  algorithm: algorithm ?? null,
});

function realmIn(group: readonly SipObservation[]): string {
  for (const { value } of group.flatMap(challengeHeaders)) {
    try {
      const realm = authParam(parseChallenge(value), 'realm');
      if (realm !== undefined) return realm.slice(0, 200);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  }
  return '';
}

/** What a REGISTER with credentials was about, and how it was answered. */
export function signedIn(one: SipObservation, context: Context): SignedIn {
  const { domain, aor, status, reason, said } = answeredOf(one, context);
  const { account = '' } = one.about;
  const realm = realmIn([one, ...context.sip.filter(({ about }) => about.address === one.about.address)]);
  return { servers: serversOf([one]), domain, aor, status, reason, said, account, realm };
}

/** In which form SHA-512-256 was computed; null: it was not. */
export function sha512Of(answered: readonly string[]): 'standard' | 'truncated' | null {
  const form = answered.find((name) => name.startsWith('SHA-512-256'));
  if (form === undefined) return null;
  return form.endsWith('(truncated)') ? 'truncated' : 'standard';
}
