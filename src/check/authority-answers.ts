import type { Outcome } from '../model.ts';
import type { AuthorityObservation, DnsAnswer, RecordType } from '../model/dns.ts';

/** What one name server of a zone has answered, and what that says of it. */

type Answers = Extract<AuthorityObservation['outcome'], { ok: true }>['value']['answers'];
type Answer = Answers[number];

/** A question that a server leaves without a usable answer, although it answers others. */
export interface Unanswered {
  name: string;
  type: RecordType;
  /** 'SERVFAIL', 'no answer to 3 tries in 3000 ms'. */
  detail: string;
}

/** '_sip._tls.example.org SRV'. */
export const questionText = ({ name, type }: Pick<Unanswered, 'name' | 'type'>): string => `${name} ${type}`;

export const answersOf = ({ outcome }: AuthorityObservation): Answers => (outcome.ok ? outcome.value.answers : []);

export function soaOf(one: AuthorityObservation): Answer | undefined {
  return answersOf(one).find(({ type, name }) => type === 'SOA' && name === one.about.zone);
}

const CODES: Readonly<Record<string, string>> = { 'refused-query': 'REFUSED', servfail: 'SERVFAIL' };
/** Something came, and it is no answer. */
const UNUSABLE: ReadonlySet<string> = new Set(['malformed', 'truncated']);

const isSilence = ({ outcome }: Answer): boolean =>
  !outcome.ok && outcome.reason !== 'rcode' && !UNUSABLE.has(outcome.reason) && CODES[outcome.reason] === undefined;

const NOT_AUTHORITATIVE = 'its answer is not authoritative';

const isHeld = ({ outcome }: Answer): boolean => outcome.ok && outcome.value.authoritative === true;

function failureText({ reason, detail }: Extract<Outcome<DnsAnswer>, { ok: false }>): string | undefined {
  if (reason === 'servfail') return 'it answers SERVFAIL (the zone is not loaded there, or has expired)';
  if (CODES[reason] !== undefined) return `it answers ${CODES[reason]}`;
  if (reason === 'rcode') return `it answers ${detail}`;
  return UNUSABLE.has(reason) ? `its answer cannot be used: ${detail}` : undefined;
}

function soaText(zone: string, { records, referral, authoritative }: DnsAnswer): string | undefined {
  if (referral !== undefined) return 'it names others instead, as a server of another zone does';
  if (authoritative !== true) return NOT_AUTHORITATIVE;
  const own = records.filter(({ name }) => name.toLowerCase() === zone);
  if (own.some(({ type }) => type === 'SOA')) return undefined;
  const alias = own.find(({ type }) => type === 'CNAME')?.host;
  return alias === undefined ? 'it holds no SOA record of the zone' : `there ${zone} is an alias of ${alias}`;
}

/** Why a server does not serve the zone that it is named for; undefined: it does, or keeps that to itself. */
export function lameness(one: AuthorityObservation): string | undefined {
  const soa = soaOf(one);
  if (soa?.outcome.ok === true) return soaText(one.about.zone, soa.outcome.value);
  const answers = answersOf(one);
  // Whoever holds other records of the zone serves it, whatever becomes of this one question.
  if (answers.some(isHeld)) return undefined;
  const heard = answers.find((answer) => !isSilence(answer))?.outcome;
  if (heard?.ok === true) return heard.value.referral === undefined ? NOT_AUTHORITATIVE : undefined;
  return heard && failureText(heard);
}

export const serves = (one: AuthorityObservation): boolean => one.outcome.ok && lameness(one) === undefined;

/** What a server that serves the zone does not answer all the same; a run that was ended leaves questions open. */
export function unansweredBy(one: AuthorityObservation): Unanswered[] {
  return answersOf(one).flatMap(({ name, type, outcome }) => {
    if (outcome.ok || outcome.reason === 'cancelled') return [];
    return [{ name, type, detail: CODES[outcome.reason] ?? outcome.detail }];
  });
}
