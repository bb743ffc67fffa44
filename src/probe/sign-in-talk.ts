/** REGISTER with credentials on a connection on which one was challenged. */
import type { Observation } from '../model.ts';
import type { SipObservation } from '../model/sip.ts';
import type { DigestCredentials } from '../wire/digest.ts';
import type { SipResponse } from '../wire/sip-message.ts';
import { bindContact, EXPIRES_SECONDS, type Binding } from './binding.ts';
import type { ProbeContext } from './context.ts';
import { answerAll, type Login } from './digest-login.ts';
import type { Credentials, SignInPlan } from './sign-in.ts';
import type { SipChannel } from './sip-channel.ts';
import { exchangeSip, type SipResult } from './sip-exchange.ts';
import { nextRequest, type Series } from './sip-requests.ts';

/** A connection of its own, or why there is none. */
export type Redial = (
  context: ProbeContext,
) => Promise<{ ok: true; line: { channel: SipChannel; close(): void } } | { ok: false; detail: string }>;

/** A connection on which a REGISTER was challenged. */
export interface Talk {
  channel: SipChannel;
  series: Series;
  plan: SignInPlan;
  /** Says where, for the subject of an observation. */
  where: string;
  /** Opens a further connection to the same server, which has proved again who it is; absent: there is none to open. */
  redial?: Redial | undefined;
  /** Goes where a 3xx sends a registration whose credentials were taken; absent: it is not followed. */
  follow?: ((response: SipResponse) => Promise<Observation[]>) | undefined;
}

function digestCredentials({ account, password }: Credentials): DigestCredentials {
  return { user: account, password: password() };
}

/** One REGISTER that answers all challenges so far. */
export async function register(
  context: ProbeContext,
  talk: Talk,
  { login, binding }: { login: Login; binding: Binding | undefined },
): Promise<SipResult> {
  const { series, plan, channel } = talk;
  const answers = answerAll(login, {
    credentials: digestCredentials(plan.credentials),
    method: 'REGISTER',
    uri: series.identity.requestUri,
    sha512: plan.credentials.sha512,
    cnonce: () => context.world.randomHex(`sip/${plan.way}/cnonce`, 16),
  });
  const bound = binding === undefined ? { headers: [] } : bindContact(binding);
  const request = nextRequest(context, series, { ...bound, headers: [...bound.headers, ...answers] });
  const [result = { outcome: { ok: false, reason: 'other', detail: 'no outcome', ms: 0 } }] = await exchangeSip(
    context,
    channel,
    [request],
  );
  return result;
}

export function observe(
  { series, plan, where }: Talk,
  seen: { at: number; result: SipResult; step: 'sign-in' | 'sign-out'; binding: Binding | undefined },
): SipObservation {
  const { at, result, step, binding } = seen;
  const { about, identity } = series;
  return {
    kind: 'sip',
    subject: `REGISTER ${identity.requestUri} ${step === 'sign-in' ? 'with credentials' : 'to sign out'} over ${where}`,
    at,
    about: {
      ...about,
      ...identity,
      method: 'REGISTER',
      step,
      account: plan.credentials.account,
      ...(binding === undefined ? {} : { contact: binding.uri }),
      ...(binding === undefined || binding.expires <= EXPIRES_SECONDS ? {} : { raisedTo: binding.expires }),
      instance: plan.instance,
    },
    outcome: result.outcome,
  };
}
