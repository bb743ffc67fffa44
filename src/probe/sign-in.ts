import type { Observation } from '../model.ts';
import type { WithheldObservation } from '../model/sip.ts';
import { readAdvice } from '../wire/sip-diagnostics.ts';
import type { Sha512Form } from '../wire/digest-hash.ts';
import type { SipResponse } from '../wire/sip-message.ts';
import { contactOf, EXPIRES_SECONDS, MAX_EXPIRES_SECONDS, type Binding } from './binding.ts';
import { offsetMs, type ProbeContext } from './context.ts';
import { answeredWith, takeAcceptance, takeChallenges, takeRechallenge, type Login } from './digest-login.ts';
import type { SignInGate, AttemptVerdict } from './sign-in-gate.ts';
import { observe, register, type Talk } from './sign-in-talk.ts';
import { signOut } from './sign-out.ts';
import type { SipResult } from './sip-exchange.ts';

/** The account of a run. The password is in a closure, so that no report, trace or error can come upon it. */
export interface Credentials {
  /** The name that the password belongs to. */
  account: string;
  password: () => string;
  /** Whether a TLS server may be answered that has not proved who it is. */
  unverified: 'refused' | 'allowed';
  /** How SHA-512-256 is computed; absent: as its standard has it. */
  sha512?: Sha512Form;
}

/** How one way of a run takes part in signing in. */
export interface SignInPlan {
  credentials: Credentials;
  gate: SignInGate;
  /** This way's name at the gate. */
  way: string;
  /** The endpoint that this run is, 'urn:uuid:…'. */
  instance: string;
  /** Who the server has to prove to be, over TLS. */
  host?: string;
  domain?: string;
}

export const isRedirection = ({ status }: SipResponse): boolean => status >= 300 && status < 400;

/** Answers to challenges in one REGISTER: registrar and proxy may each ask, each nonce may grow stale once. */
const MAX_ROUNDS = 6;
const MAX_STALE = 2;

interface Attempted {
  result: SipResult;
  verdict: AttemptVerdict;
  refusal?: 'same-nonce' | 'new-nonce' | 'endless';
  proof?: 'right' | 'wrong' | 'absent';
  binding?: Binding;
  /** How the binding stands after the last answer. */
  bound: 'no' | 'yes' | 'unknown';
}

const statusOf = ({ outcome }: SipResult): number | undefined => (outcome.ok ? outcome.value.status : undefined);

/** Every answer was asked for again, and none was judged. */
const ENDLESS = { verdict: 'unanswered', refusal: 'endless' } as const;

/** What the answer says; 'again': the same request is to be sent once more, with what was learnt. */
function read(
  state: { login: Login; binding: Binding | undefined; stale: number; brief: 'not-yet' | 'retried' },
  response: SipResponse,
): Omit<Attempted, 'result' | 'bound'> | 'again' {
  const { status } = response;
  // A director that asks for the password first, and sends to the home pool then, has taken it.
  if (isRedirection(response)) return { verdict: 'accepted' };
  if (status < 300) return { verdict: 'accepted', proof: takeAcceptance(state.login, response) };
  if (status === 401 || status === 407) {
    const said = takeRechallenge(state.login, response);
    if (said === 'same-nonce' || said === 'new-nonce') return { verdict: 'refused', refusal: said };
    if (said === 'stale') state.stale += 1;
    if (said === 'unanswerable') return { verdict: 'unanswered' };
    return state.stale > MAX_STALE ? ENDLESS : 'again';
  }
  if (status === 423 && state.binding !== undefined) return readBrief(state, response, state.binding);
  // Some servers answer a wrong password with 403 instead of a second challenge: trying it again might lock the account.
  return { verdict: status === 403 || status === 404 || status === 604 ? 'refused' : 'unanswered' };
}

/** RFC 3261 section 10.3, step 7: the password was right, the interval is too short. */
function readBrief(
  state: { brief: 'not-yet' | 'retried' },
  response: SipResponse,
  binding: Binding,
): Omit<Attempted, 'result' | 'bound'> | 'again' {
  const wanted = response.headers.filter(({ name }) => name === 'min-expires').map(({ value }) => value);
  const { minExpires } = readAdvice({ 'min-expires': wanted });
  if (state.brief === 'retried' || minExpires === undefined || minExpires > MAX_EXPIRES_SECONDS)
    return { verdict: 'accepted' };
  state.brief = 'retried';
  binding.expires = Math.max(minExpires, EXPIRES_SECONDS);
  return 'again';
}

/** Sends REGISTER with credentials until the server has said yes or no. */
async function attemptRegister(
  context: ProbeContext,
  talk: Talk,
  { login, binding }: { login: Login; binding: Binding | undefined },
): Promise<Attempted> {
  const state = { login, binding, stale: 0, brief: 'not-yet' as 'not-yet' | 'retried' };
  const bound = binding === undefined ? {} : { binding };
  let result = await register(context, talk, { login, binding });
  for (let round = 1; round < MAX_ROUNDS; round += 1) {
    const { response } = result;
    // Sent and not answered: the server may have carried it out all the same.
    if (response === undefined) return { result, verdict: 'unanswered', bound: 'unknown', ...bound };
    const said = read(state, response);
    if (said !== 'again') {
      return { result, ...said, bound: response.status < 300 && binding !== undefined ? 'yes' : 'no', ...bound };
    }
    if (context.signal?.aborted === true) break;
    result = await register(context, talk, { login, binding });
  }
  const status = statusOf(result);
  const end = status === 401 || status === 407 ? ENDLESS : { verdict: 'unanswered' as const };
  return { result, ...end, bound: status === undefined ? 'unknown' : 'no', ...bound };
}

/** Without an accepted answer the attempt took: nothing is known, and the next way may not try either. */
function withVerdict({ result, refusal, proof }: Attempted, login: Login): SipResult {
  if (!result.outcome.ok) return result;
  const algorithms = answeredWith(login);
  const value = {
    ...result.outcome.value,
    ...(refusal === undefined ? {} : { refusal }),
    ...(algorithms.length === 0 ? {} : { answered: algorithms }),
    ...(proof === undefined || proof === 'absent' ? {} : { serverProof: proof }),
  };
  return { ...result, outcome: { ...result.outcome, value } };
}

function withheld(context: ProbeContext, talk: Talk, value: { why: Withheld; detail: string }): WithheldObservation {
  const { series, plan, where } = talk;
  return {
    kind: 'withheld',
    subject: where,
    at: offsetMs(context),
    about: { ...series.about, aor: series.identity.aor, account: plan.credentials.account },
    outcome: { ok: true, value, ms: 0 },
  };
}
type Withheld = 'no-scheme' | 'unverified' | 'refused-before' | 'unanswered-before';

/** Why the password must not be sent on this way, or undefined. */
function objection(
  { plan }: Talk,
  { doubt, offered }: { doubt: string | undefined; offered: number },
): { why: Withheld; detail: string } | undefined {
  if (offered === 0) return { why: 'no-scheme', detail: 'the server offers no scheme that sipdiag can answer' };
  if (doubt !== undefined && plan.credentials.unverified === 'refused')
    return { why: 'unverified', detail: `the server has not proved who it is: ${doubt}` };
  return undefined;
}

const BEFORE = {
  refused: {
    why: 'refused-before',
    detail: 'the server has refused it once: a further attempt could lock the account',
  },
  unanswered: { why: 'unanswered-before', detail: 'the first attempt was not answered for good' },
} as const;

/**
 * Signs in on a connection whose REGISTER was challenged, if it is this way's turn, and out again. Only the way that goes first
 * registers a Contact; those behind it ask for the bindings, where they may, and show that the password is taken there too.
 */
export async function signIn(
  context: ProbeContext,
  talk: Talk,
  { challenge, doubt }: { challenge: SipResponse; doubt: string | undefined },
): Promise<Observation[]> {
  const { gate, way } = talk.plan;
  const login: Login = { realms: new Map() };
  const asks = challenge.status === 401 || challenge.status === 407;
  const against = objection(talk, { doubt, offered: asks ? takeChallenges(login, challenge) : 1 });
  if (against !== undefined) return [withheld(context, talk, against)];
  const before = await gate.enter(way);
  if (context.signal?.aborted === true) return [];
  if (before === 'refused' || before === 'unanswered') return [withheld(context, talk, BEFORE[before])];
  const at = offsetMs(context);
  // Who answers the query with 400 may want a Contact in every REGISTER.
  const binding = before === 'first' || challenge.status === 400 ? contactOf(talk) : undefined;
  const attempted = await attemptRegister(context, talk, { login, binding });
  if (before === 'first') gate.settle(attempted.verdict);
  const seen = observe(talk, { at, result: withVerdict(attempted, login), step: 'sign-in', binding });
  const { response } = attempted.result;
  if (response !== undefined && isRedirection(response)) return [seen, ...((await talk.follow?.(response)) ?? [])];
  if (binding === undefined || attempted.bound === 'no') return [seen];
  return [seen, await signOut(context, talk, { login, binding, bound: attempted.bound, made: attempted.result })];
}
