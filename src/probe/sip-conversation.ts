import type { Attempt, Observation } from '../model.ts';
import type { LatencyObservation, SipObservation } from '../model/sip.ts';
import type { TlsObservation } from '../model/tls.ts';
import { subjectOf } from './climb-tcp.ts';
import { offsetMs, type ProbeContext } from './context.ts';
import { followRedirect, type RedirectPlan } from './follow-redirect.ts';
import { measureLatency } from './options-count.ts';
import { isRedirection, signIn, type SignInPlan } from './sign-in.ts';
import type { Redial } from './sign-in-talk.ts';
import type { SipResponse } from '../wire/sip-message.ts';
import type { SipChannel } from './sip-channel.ts';
import { exchangeSip, type SipResult } from './sip-exchange.ts';
import { nextRequest, startSeries, type Identity, type Series } from './sip-requests.ts';
import { doubtAbout } from './sign-in-doubt.ts';

/** What is said on one connection. */
export interface SipPlan {
  about: Attempt;
  identity: Identity;
  /** Credentials and how to use them; absent: REGISTER is sent without. */
  signIn?: SignInPlan | undefined;
  /** How often OPTIONS is repeated to measure the time that an answer takes; absent: not at all. */
  count?: number | undefined;
  /** Opens a further connection; absent: there is none to open. */
  redial?: Redial | undefined;
  /** What following a redirection takes; absent: none is followed. */
  redirect?: RedirectPlan | undefined;
}

interface Asked {
  observation: SipObservation;
  result: SipResult;
}

async function askBoth(
  context: ProbeContext,
  plan: SipPlan,
  { channel, series }: { channel: SipChannel; series: readonly Series[] },
): Promise<Asked[]> {
  const at = offsetMs(context);
  const requests = series.map((one) => nextRequest(context, one));
  const results = await exchangeSip(context, channel, requests);
  return requests.flatMap(({ method, requestUri }, index) => {
    const result = results[index];
    if (result === undefined) return [];
    const observation: SipObservation = {
      kind: 'sip',
      subject: `${method} ${requestUri} over ${subjectOf(plan.about)}`,
      at,
      about: { ...plan.about, ...plan.identity, method, requestUri },
      outcome: result.outcome,
    };
    return [{ observation, result }];
  });
}

/** A registrar that wants a Contact in every REGISTER says so with 400, and may challenge the next one. */
const MAY_SIGN_IN: ReadonlySet<number> = new Set([200, 400, 401, 407]);

/** Worked out while the first answers are awaited: a chain takes milliseconds to verify. */
function doubtLater(context: ProbeContext, { signIn: plan }: SipPlan, tls: TlsObservation | undefined) {
  if (plan === undefined) return Promise.resolve(undefined);
  return new Promise<string | undefined>((resolve) => {
    setImmediate(() => resolve(doubtAbout(context, plan, tls)));
  });
}

async function latencyOf(context: ProbeContext, plan: SipPlan, channel: SipChannel): Promise<LatencyObservation[]> {
  const { count, about, identity } = plan;
  if (count === undefined) return [];
  const series = startSeries(context, { method: 'OPTIONS', about, identity, local: channel.local });
  return [await measureLatency(context, channel, { series, count })];
}

/** What the answer to the first REGISTER leads to: signing in, or to another server. */
async function takeAnswer(
  context: ProbeContext,
  plan: SipPlan,
  answered: { channel: SipChannel; register: Series; challenge: SipResponse; doubt: string | undefined },
): Promise<Observation[]> {
  const { about, identity, redirect, redial, signIn: signInPlan } = plan;
  const { channel, register, challenge, doubt } = answered;
  const follow =
    redirect &&
    ((response: SipResponse) =>
      followRedirect(context, { ...redirect, signIn: signInPlan }, { response, about, identity, doubt }));
  if (follow !== undefined && isRedirection(challenge)) return follow(challenge);
  if (signInPlan === undefined || !MAY_SIGN_IN.has(challenge.status)) return [];
  const talk = { channel, series: register, plan: signInPlan, where: subjectOf(about), redial, follow };
  return signIn(context, talk, { challenge, doubt });
}

/**
 * Speaks SIP on one connection: OPTIONS and a REGISTER without credentials and without Contact, side by side; then, where
 * credentials were given, REGISTER with them and the one that takes the Contact back; then OPTIONS as often as asked for. The
 * first REGISTER is a query that changes no binding (RFC 3261 section 10.2.3), which a registrar challenges all the same.
 */
export async function converse(
  context: ProbeContext,
  plan: SipPlan,
  { channel, tls }: { channel: SipChannel; tls?: TlsObservation },
): Promise<Observation[]> {
  const { about, identity } = plan;
  const [options, register] = (['OPTIONS', 'REGISTER'] as const).map((method) =>
    startSeries(context, { method, about, identity, local: channel.local }),
  );
  if (options === undefined || register === undefined) return [];
  const asking = askBoth(context, plan, { channel, series: [options, register] });
  const doubting = doubtLater(context, plan, tls);
  const asked = await asking;
  const seen: Observation[] = asked.map(({ observation }) => observation);
  for (const one of seen) context.seen?.(one);
  const challenge = asked.find(({ observation }) => observation.about.method === 'REGISTER')?.result.response;
  if (challenge !== undefined) {
    const answered = { channel, register, challenge, doubt: await doubting };
    seen.push(...(await takeAnswer(context, plan, answered)));
  }
  plan.signIn?.gate.leave(plan.signIn.way);
  const isAlive = asked.some(({ result }) => result.outcome.ok);
  return [...seen, ...(isAlive ? await latencyOf(context, plan, channel) : [])];
}
