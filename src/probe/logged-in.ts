import { answerAll, takeChallenges, takeRechallenge, type Login } from './digest-login.ts';
import type { ProbeContext } from './context.ts';
import type { Credentials } from './sign-in.ts';
import type { SipChannel } from './sip-channel.ts';
import { exchangeSip, type SipResult } from './sip-exchange.ts';
import { nextRequest, type Series } from './sip-requests.ts';

/** Who asks on a connection, once the password is known to be right. */
export interface LoggedIn {
  channel: SipChannel;
  series: Series;
  login: Login;
  /** Absent: challenges are not answered. */
  credentials: Credentials | undefined;
}

type Extra = NonNullable<Parameters<typeof nextRequest>[2]>;

/** Registrar and proxy may each ask, and each nonce may grow stale once. */
const MAX_ROUNDS = 4;

async function askOnce(context: ProbeContext, who: LoggedIn, extra: Extra): Promise<SipResult> {
  const { series, login, credentials, channel } = who;
  const answers =
    credentials === undefined
      ? []
      : answerAll(login, {
          credentials: { user: credentials.account, password: credentials.password() },
          method: series.method,
          uri: series.identity.requestUri,
          sha512: credentials.sha512,
          cnonce: () => context.world.randomHex('sip/callback/cnonce', 16),
        });
  const request = nextRequest(context, series, { ...extra, headers: [...(extra.headers ?? []), ...answers] });
  const [result] = await exchangeSip(context, channel, [request]);
  return result ?? { outcome: { ok: false, reason: 'other', detail: 'no outcome', ms: 0 } };
}

/** Whether the challenge can be answered, and the same request be sent again. */
function mayAnswer({ login, credentials }: LoggedIn, { response }: SipResult, round: number): boolean {
  if (credentials === undefined || response === undefined || ![401, 407].includes(response.status)) return false;
  if (round === 0) return takeChallenges(login, response) > 0;
  const said = takeRechallenge(login, response);
  return said === 'stale' || said === 'new-realm';
}

/** Sends a request, and again with an answer to each challenge; a password that is refused is not sent a second time. */
export async function askLoggedIn(context: ProbeContext, who: LoggedIn, extra: Extra): Promise<SipResult> {
  let result = await askOnce(context, who, extra);
  for (let round = who.login.realms.size === 0 ? 0 : 1; round < MAX_ROUNDS; round += 1) {
    if (!mayAnswer(who, result, round)) return result;
    result = await askOnce(context, who, extra);
  }
  return result;
}
