/** A TURN server that is asked with long-term credentials. RFC 8656 section 5, RFC 8489 section 9.2. */
import type { Failure, Outcome } from '../model.ts';
import { answerStunChallenge, readStunChallenge, type StunLogin } from '../wire/stun-challenge.ts';
import { addIntegrity, verifyIntegrity } from '../wire/stun-integrity.ts';
import { attributeValue, buildStun, type StunAttribute, type StunMessage } from '../wire/stun-message.ts';
import { STUN_ATTRIBUTE } from '../wire/stun-registry.ts';
import { errorCodeOf, type StunErrorCode } from '../wire/stun-values.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';
import { failureOf, leftOf, sinceMs, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';
import { newTransactionId } from './stun-binding.ts';
import { errorFailure } from './stun-errors.ts';
import { askStun, type StunArrival, type StunLink } from './stun-link.ts';
import type { LoginFailure, LoginGate, LoginVerdict } from './turn-login-gate.ts';

export interface TurnCredentials {
  user: string;
  /** Asked for only when the server challenges; never part of an observation. */
  password: () => string;
}

/** One connection, or one socket, with what the server has last asked for. */
export interface TurnSession {
  link: StunLink;
  server: Endpoint;
  credentials: TurnCredentials;
  /** Shared by the sessions of one run. */
  gate: LoginGate;
  login?: StunLogin;
}

export interface TurnRequest {
  method: number;
  /** The transaction id hides addresses. */
  attributes: readonly StunAttribute[] | ((transactionId: string) => readonly StunAttribute[]);
}

/** What came of a request: the success response, or why there is none; `code`: of an error response. */
export type TurnOutcome = Extract<Outcome<StunMessage>, { ok: true }> | (Failure & { code?: number });

/** Nonces that are taken in for one request: the first, and those that were stale on arrival. */
const MAX_CHALLENGES = 3;

/** A response that somebody else has made is as if it had not come. RFC 8489 section 9.2.5. */
function isFromServer({ message }: StunArrival, login: StunLogin | undefined): boolean {
  if (login === undefined) return true;
  const type = { sha1: STUN_ATTRIBUTE.MESSAGE_INTEGRITY, sha256: STUN_ATTRIBUTE.MESSAGE_INTEGRITY_SHA256 }[
    login.key.hash
  ];
  // An error response to a request that was not authenticated has no integrity.
  if (message.class === 'error' && attributeValue(message, type) === undefined) return true;
  try {
    verifyIntegrity(message, login.key);
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

async function askOnce(
  context: ProbeContext,
  session: TurnSession,
  request: TurnRequest,
): Promise<Outcome<StunMessage>> {
  const { link, server, login } = session;
  const transactionId = newTransactionId(context);
  const own = typeof request.attributes === 'function' ? request.attributes(transactionId) : request.attributes;
  const attributes = [...own, ...(login?.attributes ?? [])];
  const plain = buildStun({ class: 'request', method: request.method, transactionId, attributes });
  let forged = 0;
  const accepts = (arrival: StunArrival): boolean => {
    if (arrival.message.method !== request.method || formatEndpoint(arrival.from) !== formatEndpoint(server))
      return false;
    const mine = isFromServer(arrival, login);
    if (!mine) forged += 1;
    return mine;
  };
  const bytes = login === undefined ? plain : addIntegrity(plain, login.key);
  const asked = await askStun(context, link, { to: server, transactionId, bytes, accepts });
  if (asked.ok) return { ...asked, value: asked.value.message };
  if (forged === 0 || asked.reason !== 'timeout') return asked;
  return { ...asked, reason: 'malformed', detail: 'its answer has a MESSAGE-INTEGRITY of another password' };
}

/** Takes in a challenge. Throws WireError. */
async function takeChallenge(session: TurnSession, message: StunMessage): Promise<void> {
  const { user, password } = session.credentials;
  session.login = await answerStunChallenge(readStunChallenge(message), { user, password: password() });
}

interface Said {
  error: StunErrorCode;
  message: StunMessage;
}

/** A request as it goes on; `turn`: that the password is tried for the first time, by it. */
interface Asking {
  session: TurnSession;
  /** `world.now()` before it: all that goes to and fro has one limit. */
  from: number;
  request: TurnRequest;
  turn: 'none' | 'mine';
  challenges: number;
}

const REFUSED_BEFORE: Omit<Failure, 'ms'> & { code: number } = {
  ok: false,
  reason: 'denied',
  detail: 'not asked with the password, which the server has refused a moment before',
  code: 401,
};
/** The first that was asked with the password has had the whole step for it. */
const unansweredBefore = ({ reason, detail }: LoginFailure): Omit<Failure, 'ms'> => ({
  ok: false,
  reason,
  detail: `not asked with the password again: a moment before, ${detail}`,
});

/** What to do about an error response: 'again' once its challenge was taken in. */
async function answerError(asking: Asking, used: StunLogin | undefined, { error, message }: Said) {
  const { session } = asking;
  const isFirst = error.code === 401 && used === undefined;
  if (!isFirst && error.code !== 438) return { ok: false as const, ...errorFailure(error), code: error.code };
  if (asking.challenges >= MAX_CHALLENGES) return { ok: false as const, ...errorFailure(error), code: error.code };
  asking.challenges += 1;
  if (isFirst) {
    const before = await session.gate.enter();
    if (before === 'refused') return REFUSED_BEFORE;
    if (before === 'first') asking.turn = 'mine';
    else if (before !== 'accepted') return unansweredBefore(before);
  }
  // A request beside this one may have been told the new nonce already.
  if (session.login === used) await takeChallenge(session, message);
  return 'again' as const;
}

async function converse(context: ProbeContext, asking: Asking): Promise<TurnOutcome> {
  for (;;) {
    const used = asking.session.login;
    const asked = await askOnce(leftOf(context, asking.from), asking.session, asking.request);
    if (!asked.ok || asked.value.class === 'success') return asked;
    const error = errorCodeOf(asked.value);
    if (error === undefined) throw new WireError('error-code', 'an error response without ERROR-CODE');
    const said = await answerError(asking, used, { error, message: asked.value });
    if (said !== 'again') return { ...said, ms: asked.ms };
  }
}

const BROKEN_OFF: LoginFailure = { reason: 'other', detail: 'the request was broken off' };

/** Only an answer says what the server makes of the password. */
function verdictOf(outcome: TurnOutcome): LoginVerdict {
  if (outcome.ok) return 'accepted';
  if (outcome.code === undefined) return outcome;
  return outcome.code === 401 ? 'refused' : 'accepted';
}

/**
 * Sends a request, answers the challenge to it (401) and takes a new nonce when the old one is stale (438). Any number may run
 * side by side on one session.
 */
export async function requestTurn(
  context: ProbeContext,
  session: TurnSession,
  request: TurnRequest,
): Promise<TurnOutcome> {
  const from = context.world.now();
  const asking: Asking = { session, from, request, turn: 'none', challenges: 0 };
  let outcome: TurnOutcome | undefined;
  try {
    outcome = await converse(context, asking);
  } catch (error) {
    outcome = { ok: false, ...failureOf(error), ms: 0 };
  } finally {
    if (asking.turn === 'mine') session.gate.settle(outcome === undefined ? BROKEN_OFF : verdictOf(outcome));
  }
  return { ...outcome, ms: sinceMs(context, from) };
}
