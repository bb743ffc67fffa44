import type { Attempt, Failure, Observation, Outcome } from '../model.ts';
import type { RedirectObservation, RedirectSeen } from '../model/sip.ts';
import { headerValue, type SipResponse } from '../wire/sip-message.ts';
import { subjectOf } from './climb-tcp.ts';
import type { TlsPlan } from './climb-tls.ts';
import { offsetMs, sinceMs, type ProbeContext } from './context.ts';
import { isAddress } from './endpoint-text.ts';
import { openFor, type Opened } from './redirect-connection.ts';
import { locate, readTargets, type DeadEnd, type Locator, type Place, type RedirectTarget } from './redirect-target.ts';
import { doubtAbout } from './sign-in-doubt.ts';
import { isRedirection, signIn, type SignInPlan } from './sign-in.ts';
import type { Redial } from './sign-in-talk.ts';
import { exchangeSip, type SipResult } from './sip-exchange.ts';
import { nextRequest, startSeries, type Identity, type Series } from './sip-requests.ts';

/** What following redirections takes, and how the way that is redirected speaks TLS. */
export interface RedirectPlan extends Pick<TlsPlan, 'tls' | 'clientCertificate'> {
  locator: Locator;
  /** Contacts that a way of this run has followed already: the others would be told the same there. */
  followed: Set<string>;
}

interface WayPlan extends RedirectPlan {
  signIn?: SignInPlan | undefined;
}

/** An answer that sends the registration elsewhere. */
export interface Redirection {
  response: SipResponse;
  /** The way that was redirected. */
  about: Attempt;
  identity: Identity;
  /** Over TLS: why the server that sends elsewhere has not proved who it is. */
  doubt: string | undefined;
}

interface Hop extends Redirection {
  plan: WayPlan;
  /** 1 for the first. */
  nth: number;
  /** The server that gave the answer. */
  sender: Attempt;
  /** Where the registration has been sent from so far. */
  visited: readonly string[];
  /** The Contact that the first server named; absent: this is the first. */
  first?: string;
}

/** A registrar sends to the home pool, and that to one of its servers; more is a fault. */
const MAX_HOPS = 3;
const USE_PROXY = 305;

const unfollowed = (detail: string): Failure => ({ ok: false, reason: 'other', detail, ms: 0 });

interface Seen {
  at: number;
  outcome: Outcome<RedirectSeen>;
  server?: Attempt;
  ended?: 'loop' | 'too-many';
}

function observe(
  hop: Hop,
  target: RedirectTarget | DeadEnd,
  { at, outcome, server, ended }: Seen,
): RedirectObservation {
  const { about, response, identity, sender, nth, first = target.uri } = hop;
  const { aor, madeUp } = identity;
  return {
    kind: 'redirect',
    subject: `REGISTER of ${aor} sent on to ${target.uri}`,
    at,
    about: {
      ...about,
      aor,
      ...(madeUp === undefined ? {} : { madeUp }),
      sender: subjectOf(sender),
      status: response.status,
      reason: response.reason.slice(0, 128),
      target: target.uri,
      first,
      hop: nth,
      ...(server === undefined ? {} : { server: subjectOf(server) }),
      ...(ended === undefined ? {} : { ended }),
    },
    outcome,
  };
}

/** Microsoft's servers take the REGISTER for the domain wherever they have sent it; a proxy is asked for the same as before. */
function identityAt({ response, identity }: Hop, { requestUri }: RedirectTarget): Identity {
  const isMicrosoft = /^RTC\//i.test(headerValue(response, 'server') ?? '');
  return response.status === USE_PROXY || isMicrosoft ? identity : { ...identity, requestUri };
}

interface Arrived {
  hop: Hop;
  target: RedirectTarget;
  server: Attempt;
  opened: Opened;
  series: Series;
}

/** Why this server has not proved to be the one that the Contact names; undefined: it has, or is in clear. */
function doubtOfServer(context: ProbeContext, { hop, target, opened }: Arrived): string | undefined {
  const host = isAddress(target.host) ? {} : { host: target.host };
  const { domain: given } = hop.plan.tls;
  const domain = given === undefined ? {} : { domain: given };
  return doubtAbout(context, { ...host, ...domain }, opened.tls);
}

/** Whoever was sent here by a stranger, or out of TLS into the clear, is given nothing that follows from a password. */
function doubtOfWay({ hop, server }: Arrived): string | undefined {
  if (hop.doubt !== undefined) return `the server that sends the registration there is in doubt: ${hop.doubt}`;
  const leavesTls = hop.sender.transport === 'tls' && server.transport !== 'tls';
  return leavesTls ? 'the registration is sent out of TLS to a server in clear' : undefined;
}

async function redialThere(context: ProbeContext, arrived: Arrived): ReturnType<Redial> {
  const { hop, server } = arrived;
  const opened = await openFor(context, server, hop.plan);
  if (!opened.ok) return opened;
  const doubt = doubtOfServer(context, { ...arrived, opened });
  if (doubt === undefined || hop.plan.signIn?.credentials.unverified === 'allowed') return { ok: true, line: opened };
  opened.close();
  return { ok: false, detail: `the server has not proved who it is: ${doubt}` };
}

/** Signs in, where that was asked for and this way has not been refused before. */
async function signInThere(context: ProbeContext, arrived: Arrived, challenge: SipResponse): Promise<Observation[]> {
  const { hop, target, opened, series, server } = arrived;
  const { signIn: given } = hop.plan;
  if (given === undefined || (challenge.status !== 401 && challenge.status !== 407)) return [];
  const { host: _before, ...rest } = given;
  const plan: SignInPlan = isAddress(target.host) ? rest : { ...rest, host: target.host };
  const doubt = doubtOfWay(arrived) ?? doubtOfServer(context, arrived);
  const redial: Redial = (bounded) => redialThere(bounded, arrived);
  const where = subjectOf(server);
  return signIn(context, { channel: opened.channel, series, plan, where, redial }, { challenge, doubt });
}

function outcomeOf({ outcome }: SipResult, doubt: string | undefined): Outcome<RedirectSeen> {
  if (!outcome.ok) return outcome;
  const { status, reason, headers, from } = outcome.value;
  const value = { status, reason, headers, from, ...(doubt === undefined ? {} : { doubt }) };
  return { ok: true, ms: outcome.ms, value };
}

/** REGISTER on a connection that stands, and what its answer leads to. */
async function registerThere(context: ProbeContext, arrived: Arrived): Promise<Observation[]> {
  const { hop, target, server, opened, series } = arrived;
  const at = offsetMs(context);
  const [result] = await exchangeSip(context, opened.channel, [nextRequest(context, series)]);
  if (result === undefined) return [];
  const doubt = doubtOfServer(context, arrived);
  const seen = observe(hop, target, { at, outcome: outcomeOf(result, doubt), server });
  const { response } = result;
  if (response === undefined) return [seen];
  if (!isRedirection(response)) return [seen, ...(await signInThere(context, arrived, response))];
  const next: Hop = {
    ...hop,
    response,
    identity: series.identity,
    doubt: doubtOfWay(arrived) ?? doubt,
    nth: hop.nth + 1,
    sender: server,
    visited: [...hop.visited, subjectOf(server)],
    first: hop.first ?? target.uri,
  };
  return [seen, ...(await takeHop(context, next))];
}

async function goThere(
  context: ProbeContext,
  hop: Hop,
  { target, place }: { target: RedirectTarget; place: Place },
): Promise<Observation[]> {
  const { about } = hop;
  const { transport, host } = target;
  const set = `redirect ${target.uri}`;
  const server: Attempt = { transport, host, ...place, published: true, set, redirectedBy: subjectOf(about) };
  const at = offsetMs(context);
  if (hop.visited.includes(subjectOf(server))) {
    const outcome = unfollowed('the registration has been sent on from there already');
    return [observe(hop, target, { at, outcome, server, ended: 'loop' })];
  }
  const from = context.world.now();
  const opened = await openFor(context, server, hop.plan);
  if (!opened.ok) {
    return [observe(hop, target, { at, outcome: { ...opened, ms: sinceMs(context, from) }, server })];
  }
  try {
    const identity = identityAt(hop, target);
    const series = startSeries(context, { method: 'REGISTER', about: server, identity, local: opened.channel.local });
    return await registerThere(context, { hop, target, server, opened, series });
  } finally {
    opened.close();
  }
}

const works = (seen: readonly Observation[]): boolean =>
  seen.some(({ kind, outcome }) => kind === 'redirect' && outcome.ok);

/** One Contact: its addresses in turn, until one answers. */
async function followContact(context: ProbeContext, hop: Hop, target: RedirectTarget): Promise<Observation[]> {
  const at = offsetMs(context);
  if (hop.nth > MAX_HOPS) {
    const outcome = unfollowed(`it was sent on more than ${MAX_HOPS} times`);
    return [observe(hop, target, { at, outcome, ended: 'too-many' })];
  }
  const places = await locate(context, target, hop.plan.locator);
  if (places.length === 0)
    return [observe(hop, target, { at, outcome: unfollowed(`${target.connectTo} has no address`) })];
  const seen: Observation[] = [];
  for (const place of places) {
    seen.push(...(await goThere(context, hop, { target, place })));
    if (works(seen) || context.signal?.aborted === true) break;
  }
  return seen;
}

/** The Contacts of one answer in turn, until one of them works; what another way has followed is not followed again. */
async function takeHop(context: ProbeContext, hop: Hop): Promise<Observation[]> {
  const { followed } = hop.plan;
  const seen: Observation[] = [];
  for (const target of readTargets(hop.response, hop.sender)) {
    if ('why' in target) {
      seen.push(observe(hop, target, { at: offsetMs(context), outcome: unfollowed(target.why) }));
      continue;
    }
    const key = `${target.transport} ${target.uri}`;
    if (hop.nth === 1 && followed.has(key)) break;
    followed.add(key);
    seen.push(...(await followContact(context, hop, target)));
    if (works(seen)) break;
  }
  return seen;
}

/**
 * Follows an answer of 3xx to REGISTER, three hops at most and each Contact once in a run: a REGISTER without credentials first; one
 * with them on the conditions of any other way. RFC 3261 sections 8.1.3.4 and 21.3.
 */
export function followRedirect(context: ProbeContext, plan: WayPlan, given: Redirection): Promise<Observation[]> {
  return takeHop(context, { ...given, plan, nth: 1, sender: given.about, visited: [subjectOf(given.about)] });
}
