import type { Failure } from '../model.ts';
import type { SipObservation } from '../model/sip.ts';
import type { Binding } from './binding.ts';
import { offsetMs, type ProbeContext } from './context.ts';
import { takeChallenges, takeRechallenge, type Login } from './digest-login.ts';
import { observe, register, type Redial, type Talk } from './sign-in-talk.ts';
import type { SipResult } from './sip-exchange.ts';

/** Taking a Contact back must not hold up whoever pressed Ctrl-C. */
const SIGN_OUT_MS = 1000;

/** A binding that is to be removed. */
interface Leaving {
  login: Login;
  binding: Binding;
  /** Without an answer nobody knows whether the password was right either. */
  bound: 'yes' | 'unknown';
  /** What came of the REGISTER that made it. */
  made: SipResult;
}

async function unregister(context: ProbeContext, talk: Talk, { login, binding, bound }: Leaving): Promise<SipResult> {
  const gone: Binding = { ...binding, expires: 0 };
  const isFresh = login.realms.size === 0;
  const result = await register(context, talk, { login, binding: gone });
  const { response } = result;
  if (response === undefined || ![401, 407].includes(response.status)) return result;
  // A password that was accepted before is not what is refused; any other is not sent again for the same challenge.
  const mayAnswer =
    isFresh || bound === 'yes' ? takeChallenges(login, response) > 0 : takeRechallenge(login, response) === 'stale';
  return mayAnswer ? register(context, talk, { login, binding: gone }) : result;
}

/** Whether the connection is of no use any more: what is told next has to be told on another. */
const isLost = ({ reason }: Failure): boolean => reason !== 'timeout' && reason !== 'cancelled';

/** On a new connection the challenge is a new one, too: nothing that was lost with the old one can be refused there. */
async function unregisterElsewhere(
  context: ProbeContext,
  talk: Talk,
  { leaving, redial, lost }: { leaving: Leaving; redial: Redial; lost: Failure },
): Promise<SipResult> {
  const dialled = await redial(context);
  if (!dialled.ok)
    return { outcome: { ...lost, detail: `${lost.detail}; and on a new connection: ${dialled.detail}` } };
  const { channel, close } = dialled.line;
  try {
    const series = { ...talk.series, local: channel.local };
    return await unregister(context, { ...talk, channel, series }, { ...leaving, login: { realms: new Map() } });
  } finally {
    close();
  }
}

/** Removes the binding of this run, and no other; also when the run was cancelled. RFC 3261 section 10.2.2. */
export async function signOut(context: ProbeContext, talk: Talk, leaving: Leaving): Promise<SipObservation> {
  const at = offsetMs(context);
  const timeoutMs = Math.min(context.timeoutMs, SIGN_OUT_MS);
  const bounded: ProbeContext = { ...context, timeoutMs, signal: undefined };
  const { binding } = leaving;
  const { redial } = talk;
  const { outcome: before } = leaving.made;
  // The password is not sent into a connection that is lost already.
  const isUseless = redial !== undefined && !before.ok && isLost(before);
  const result = isUseless ? leaving.made : await unregister(bounded, talk, leaving);
  const { outcome } = result;
  if (outcome.ok || redial === undefined || !isLost(outcome))
    return observe(talk, { at, result, step: 'sign-out', binding });
  const second = await unregisterElsewhere(bounded, talk, { leaving, redial, lost: outcome });
  return observe(talk, { at, result: second, step: 'sign-out', binding });
}
