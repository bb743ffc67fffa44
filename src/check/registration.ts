import type { KdcObservation, SipObservation, WithheldObservation } from '../model/sip.ts';
import { readAdvice } from '../wire/sip-diagnostics.ts';
import { otherEndpoints } from './bindings-seen.ts';
import { defineCheck, type Found, type Seen } from './define-check.ts';
import { QUERY_CASES, type QueryEvidence } from './registration-query-cases.ts';
import {
  answeredOf,
  askedOf,
  isCommon,
  offersOf,
  offerWords,
  queryCase,
  serversOf,
  signedIn,
  sha512Of,
  signInCase,
  statusOf,
  type Context,
} from './registration-reading.ts';
import { KERBEROS_SKEW_MS, SCHEME_CASES, type SchemeEvidence } from './registration-scheme-cases.ts';
import { SIGN_IN_CASES, type SignInEvidence } from './registration-sign-in-cases.ts';
import { REDIRECT_CASES, type RedirectEvidence } from './registration-redirect-cases.ts';
import { followedFrom, redirectCase, redirectSeen } from './registration-redirect.ts';
import { productOf, profileSeen } from './product-settings.ts';
import { gatherWays } from './registration-ways.ts';
import { isUnchallenged, lacksContact, registerThatCounts } from './register-that-counts.ts';
import { othersTake, takenOver } from './registration-standing.ts';
import { namedEndpoint, serverText } from './standing.ts';

type Cases = QueryEvidence & RedirectEvidence & SignInEvidence & SchemeEvidence;
type Look = Seen<'sip' | 'withheld' | 'kdc' | 'discovery' | 'tls' | 'redirect'>;

/** A server with a problem of its own says nothing about registrations. */
const isServed = ({ outcome }: SipObservation): boolean => outcome.ok && outcome.value.status < 500;
/** A run that was ended leaves requests open; nothing follows from those. */
const isUnanswered = ({ outcome }: SipObservation): boolean => !outcome.ok && outcome.reason !== 'cancelled';
const isChallenge = (one: SipObservation): boolean => [401, 407].includes(statusOf(one));
const isQuery = ({ about }: SipObservation): boolean => about.method === 'REGISTER' && about.step === undefined;

const contextOf = (look: Look): Context => ({ sip: look.sip, profile: profileSeen(look) });

function tellUnanswered(look: Look, found: Found<Cases>): void {
  const { sip } = look;
  const registers = sip.filter(isQuery);
  const [first] = registers;
  if (first === undefined || first.outcome.ok || !registers.every(isUnanswered)) return;
  const { ms, reason, detail } = first.outcome;
  const ended = reason === 'timeout' ? null : detail;
  found('unanswered', first.about.aor, {
    ...askedOf(first, contextOf(look)),
    servers: serversOf(sip.filter(isServed)),
    ms,
    ended,
  });
}

function tellRedirected(
  group: readonly SipObservation[],
  { taking, look }: { taking: readonly SipObservation[]; look: Look },
  found: Found<Cases>,
): void {
  const [first] = group;
  if (first === undefined) return;
  const context = contextOf(look);
  const followed = followedFrom(group, look.redirect);
  found(redirectCase(followed), first.about.aor, {
    ...answeredOf(first, context),
    servers: serversOf(group),
    others: othersTake(group, taking, look),
    takenOver: takenOver(group, taking),
    ...redirectSeen(group, followed, context.profile),
  });
}

/** Servers that say the same are told together. */
function tellQueries(look: Look, found: Found<Cases>): void {
  const { sip } = look;
  // What a server with a problem of its own says is the business of the rung below.
  const serving = new Set(sip.filter(isServed).map(({ about }) => serverText(about)));
  const queries = sip
    .filter((one) => isQuery(one) && serving.has(serverText(one.about)))
    .map((one) => registerThatCounts(one, sip));
  const taking = queries.filter((one) => isChallenge(one) || (one.outcome.ok && statusOf(one) < 300));
  const groups = new Map<keyof QueryEvidence | 'redirected', SipObservation[]>();
  for (const one of queries) {
    // What follows on a password is told of the sign-in.
    const name = isQuery(one) || isUnchallenged(one) ? queryCase(one) : undefined;
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  for (const [name, group] of groups) {
    const [first] = group;
    if (first === undefined) continue;
    const evidence = { ...answeredOf(first, contextOf(look)), servers: serversOf(group) };
    const { aor } = first.about;
    if (name === 'redirected') tellRedirected(group, { taking, look }, found);
    else if (name === 'refused')
      found(name, aor, {
        ...evidence,
        elsewhere: taking.length > 0 ? 'served' : 'not-served',
        contact: lacksContact(first) ? 'missing' : 'not-the-point',
      });
    else if (name === 'not-challenged') found(name, aor, evidence);
    else if (name !== 'unanswered')
      found(name, aor, { ...evidence, others: othersTake(group, taking, look), takenOver: takenOver(group, taking) });
  }
}

function tellTrap({ sip, kdc }: Look, found: Found<Cases>): 'told' | 'nothing' {
  const offering = sip.filter((one) => isQuery(one) && offersOf(one).some(({ kind }) => kind === 'kerberos'));
  const [first] = offering;
  let outcome: 'told' | 'nothing' = 'nothing';
  for (const one of kdc) {
    if (first === undefined || isReachable(one)) continue;
    const { account, realm, given } = one.about;
    found('kerberos-trap', first.about.aor, {
      servers: serversOf(offering),
      aor: first.about.aor,
      offers: offersOf(first).map(offerWords),
      account,
      style: given === 'account' ? 'given' : 'assumed',
      realm,
      centres: centresText(one),
    });
    outcome = 'told';
  }
  return outcome;
}

const isReachable = ({ outcome }: KdcObservation): boolean =>
  outcome.ok && outcome.value.centres.some(({ reached }) => reached === 'open');

function centresText({ outcome }: KdcObservation): string {
  if (!outcome.ok) return outcome.detail;
  const { centres, detail } = outcome.value;
  return centres.length === 0
    ? detail
    : centres.map(({ host, port, reached }) => `${host}:${port} ${reached}`).join(', ');
}

const MICROSOFT: ReadonlySet<string> = new Set(['ntlm', 'kerberos', 'tls-dsk', 'negotiate']);

/** Whoever was to answer a challenge knows best that there was none. */
function tellMissing(
  asking: readonly SipObservation[],
  withheld: readonly WithheldObservation[],
  found: Found<Cases>,
): void {
  const [first] = asking;
  const isMissed = withheld.some(({ outcome }) => outcome.ok && outcome.value.why === 'no-scheme');
  if (first?.outcome.ok !== true || !isMissed) return;
  const { status, reason } = first.outcome.value;
  const { aor } = first.about;
  found('challenge-missing', aor, { servers: serversOf(asking), aor, status, reason });
}

function tellScheme(look: Look, found: Found<Cases>): void {
  const asking = look.sip.filter((one) => isQuery(one) && isChallenge(one));
  const challenges = asking.filter((one) => offersOf(one).length > 0);
  const [first] = challenges;
  if (first === undefined) return tellMissing(asking, look.withheld, found);
  if (challenges.some(isCommon)) return;
  const offers = offersOf(first).map(offerWords);
  found('scheme-unsupported', first.about.aor, {
    servers: serversOf(challenges),
    aor: first.about.aor,
    offers,
    clients: offers.some(({ kind }) => MICROSOFT.has(kind)) ? 'microsoft' : 'none',
    profile: profileSeen(look),
  });
}

/** The server whose clock is furthest off. */
function tellSkew(sip: readonly SipObservation[], found: Found<Cases>): void {
  const dated = sip
    .flatMap(({ about, outcome }) =>
      outcome.ok && outcome.value.aheadMs !== undefined ? [{ about, aheadMs: outcome.value.aheadMs }] : [],
    )
    .toSorted((a, b) => Math.abs(b.aheadMs) - Math.abs(a.aheadMs));
  const [worst] = dated;
  if (worst === undefined || Math.abs(worst.aheadMs) <= KERBEROS_SKEW_MS) return;
  const kinds = new Set(sip.flatMap(offersOf).map(({ kind }) => kind));
  const limits = kinds.has('kerberos') ? 'kerberos' : kinds.has('ntlm') ? 'ntlm' : 'none';
  const server = namedEndpoint(worst.about);
  found('clock-skew', server, { servers: [server], aheadMs: worst.aheadMs, limits });
}

function tellSignIn(one: SipObservation, context: Context, found: Found<Cases>): void {
  const name = signInCase(one);
  const evidence = signedIn(one, context);
  const { aor, contact } = one.about;
  if (!one.outcome.ok) {
    const { ms, detail, reason } = one.outcome;
    // Who ends a run has not been let down by the server.
    if (reason !== 'cancelled')
      found('sign-in-unanswered', aor, {
        ...evidence,
        ms,
        detail,
        transport: one.about.transport,
        timedOut: reason === 'timeout' ? 'yes' : 'no',
      });
    return;
  }
  const { refusal, serverProof, headers, answered = [] } = one.outcome.value;
  const { minExpires = 0 } = readAdvice(headers);
  if (name === 'credentials-rejected' && refusal !== 'endless')
    found(name, aor, { ...evidence, refusal: refusal ?? 'status', sha512: sha512Of(answered) });
  else if (name === 'interval-too-brief') found(name, aor, { ...evidence, wanted: minExpires, granted: 'no' });
  else if (
    name === 'account-unknown' ||
    name === 'account-forbidden' ||
    name === 'sign-in-refused' ||
    name === 'challenge-loop'
  )
    found(name, aor, evidence);
  if (serverProof === 'wrong') found('server-unproven', aor, evidence);
  const { raisedTo } = one.about;
  if (name === undefined && contact !== undefined && raisedTo !== undefined)
    found('interval-too-brief', aor, { ...evidence, wanted: raisedTo, granted: 'yes' });
}

/** A way that was refused the password behind another is not told: the first one's refusal is the cause. */
function tellSignIns(look: Look, found: Found<Cases>): void {
  const { sip, withheld } = look;
  const signIns = sip.filter(({ about }) => about.step === 'sign-in');
  const sentOn = signIns.filter((one) => statusOf(one) >= 300 && statusOf(one) < 400);
  tellRedirected(sentOn, { taking: [], look }, found);
  const gathered = gatherWays(found);
  const asQueries = new Set(sip.filter(isQuery).map((one) => registerThatCounts(one, sip)));
  const isTold = (one: SipObservation): boolean => sentOn.includes(one) || (asQueries.has(one) && isUnchallenged(one));
  for (const one of signIns) if (!isTold(one)) tellSignIn(one, contextOf(look), gathered.of(one));
  gathered.tell();
  const accepted = signIns.filter((one) => one.outcome.ok && statusOf(one) < 300);
  const others = otherEndpoints(accepted);
  const aor = accepted[0]?.about.aor ?? '';
  if (others.length > 0) found('elsewhere', aor, { aor, others: others.slice(0, 16), total: others.length });
  for (const one of sip.filter(({ about }) => about.step === 'sign-out')) tellLeftBehind(one, accepted, found);
  if (signIns.length === 0) tellWithheld(withheld, found);
}

function tellLeftBehind(one: SipObservation, accepted: readonly SipObservation[], found: Found<Cases>): void {
  const { aor, contact, raisedTo = 60 } = one.about;
  if (contact === undefined || (one.outcome.ok && statusOf(one) < 300)) return;
  const detail = one.outcome.ok ? `${statusOf(one)} ${one.outcome.value.reason}` : one.outcome.detail;
  const bound = accepted.some(({ about }) => about.contact === contact) ? 'yes' : 'unknown';
  found('left-behind', aor, { servers: serversOf([one]), aor, contact, detail, seconds: raisedTo, bound });
}

function tellWithheld(withheld: readonly WithheldObservation[], found: Found<Cases>): void {
  const doubted = withheld.filter(({ outcome }) => outcome.ok && outcome.value.why === 'unverified');
  const [first] = doubted;
  if (first?.outcome.ok !== true) return;
  const { aor, account } = first.about;
  const servers = [...new Set(doubted.map(({ about }) => namedEndpoint(about)))];
  found('password-withheld', aor, { servers, aor, account, detail: first.outcome.value.detail });
}

export const registration = defineCheck({
  id: 'registration',
  rung: 'auth',
  question: 'Does the registrar take a REGISTER for this domain, and the password with it?',
  source: 'RFC 3261 sections 10.3 and 22',
  reads: ['sip'],
  uses: ['withheld', 'kdc', 'discovery', 'tls', 'redirect'],
  cases: { ...QUERY_CASES, ...REDIRECT_CASES, ...SCHEME_CASES, ...SIGN_IN_CASES },
  notApplicable: ({ sip }) => (sip.some(isServed) ? null : 'no SIP server answered'),
  run(seen, tell: Found<Cases>) {
    const product = productOf(seen.sip, profileSeen(seen));
    const found: Found<Cases> = (name, subject, evidence) =>
      tell(name, subject, product === undefined ? evidence : { ...evidence, product });
    tellUnanswered(seen, found);
    tellQueries(seen, found);
    // Who is told that Kerberos leads nowhere learns the schemes from that.
    if (tellTrap(seen, found) === 'nothing') tellScheme(seen, found);
    tellSignIns(seen, found);
    tellSkew(seen.sip, found);
  },
});
