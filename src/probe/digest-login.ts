import { chooseChallenges, readDigestChallenge, type DigestAnswer, type DigestCredentials } from '../wire/digest.ts';
import { digestAlgorithm, type Sha512Form } from '../wire/digest-hash.ts';
import {
  answerInSession,
  checkRspauth,
  readAuthenticationInfo,
  readRechallenge,
  startDigestSession,
  takeAuthenticationInfo,
  type DigestSession,
} from '../wire/digest-session.ts';
import { authParam } from '../wire/sip-challenge.ts';
import { headerValue, type SipResponse } from '../wire/sip-message.ts';
import { readChallenges, type AuthOffer } from '../wire/sip-offers.ts';
import { WireError } from '../wire/wire-error.ts';

interface Realm {
  session: DigestSession;
  header: AuthOffer['header'];
  /** What the last request answered. */
  answered?: DigestAnswer;
}

/** The state of signing in at one server: one session for each realm that has asked. Replaced in place after each step. */
export interface Login {
  realms: Map<string, Realm>;
}

const ANSWER_HEADER = { 'WWW-Authenticate': 'Authorization', 'Proxy-Authenticate': 'Proxy-Authorization' } as const;
const INFO_HEADERS = ['authentication-info', 'proxy-authentication-info'] as const;

const keyOf = (header: string, realm: string | undefined): string => `${header} ${realm ?? ''}`;

/** Takes up the challenges of a response that can be answered, the registrar's and the proxy's; gives how many there are. */
export function takeChallenges(login: Login, response: SipResponse): number {
  const read = readChallenges(response);
  let taken = 0;
  for (const header of ['WWW-Authenticate', 'Proxy-Authenticate'] as const) {
    const mine = read.filter((one) => one.header === header).map(({ challenge }) => challenge);
    for (const challenge of chooseChallenges(mine)) {
      const isKnown = login.realms.has(keyOf(header, authParam(challenge, 'realm')));
      if (!isKnown && login.realms.size >= MAX_REALMS) continue;
      login.realms.set(keyOf(header, authParam(challenge, 'realm')), {
        session: startDigestSession(challenge),
        header,
      });
      taken += 1;
    }
  }
  return taken;
}

/** Realms that are answered at one server: its own, and those of proxies before it, whose challenges it may hand on together. */
const MAX_REALMS = 8;

/** The headers that answer every challenge in force. Throws WireError as `answerChallenge`. */
export function answerAll(
  login: Login,
  request: {
    credentials: DigestCredentials;
    method: string;
    uri: string;
    sha512: Sha512Form | undefined;
    cnonce: () => string;
  },
): { name: string; value: string }[] {
  const { credentials, method, uri, cnonce, sha512 = 'standard' } = request;
  return [...login.realms.values()].map((realm) => {
    const answer = answerInSession(realm.session, { credentials, method, uri, cnonce: cnonce(), sha512 });
    realm.session = answer.session;
    realm.answered = answer.input;
    return { name: ANSWER_HEADER[realm.header], value: answer.header };
  });
}

/** The algorithms of the challenges that were answered, as they are registered, each once; of SHA-512-256 also in which form. */
export function answeredWith({ realms }: Login): string[] {
  const names = [...realms.values()].flatMap(({ answered }) => {
    if (answered === undefined) return [];
    const algorithm = digestAlgorithm(readDigestChallenge(answered.challenge).algorithm);
    if (algorithm === undefined) return [];
    const cut = algorithm.hash === 'SHA-512-256' && answered.sha512 === 'truncated';
    return [cut ? `${algorithm.name} (truncated)` : algorithm.name];
  });
  return [...new Set(names)];
}

/** What a further 401 or 407 means for the password. new-realm: somebody else asks, and has not been answered yet. */
export type Rechallenge = 'stale' | 'same-nonce' | 'new-nonce' | 'new-realm' | 'unanswerable';

/** Reads a further challenge, and takes it up where it is to be answered. */
export function takeRechallenge(login: Login, response: SipResponse): Rechallenge {
  const challenges = readChallenges(response);
  const verdicts = [...login.realms.values()].flatMap(({ answered, header }) => {
    if (answered === undefined) return [];
    const mine = challenges.filter((one) => one.header === header).map(({ challenge }) => challenge);
    return [readRechallenge(answered.challenge, mine)];
  });
  for (const refusal of ['same-nonce', 'new-nonce'] as const) if (verdicts.includes(refusal)) return refusal;
  if (takeChallenges(login, response) === 0) return 'unanswerable';
  return verdicts.includes('stale') ? 'stale' : 'new-realm';
}

/** What an accepted request says about the next one, and whether the server has proved that it knows the password too. */
export function takeAcceptance(login: Login, response: SipResponse): 'right' | 'wrong' | 'absent' {
  let proof: 'right' | 'wrong' | 'absent' = 'absent';
  for (const name of INFO_HEADERS) {
    const value = headerValue(response, name);
    const wanted = name === 'authentication-info' ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const realm = [...login.realms.values()].find(({ header }) => header === wanted);
    if (value === undefined || realm?.answered === undefined) continue;
    try {
      const info = readAuthenticationInfo(value);
      const checked = checkRspauth(info, realm.answered, response.body);
      if (proof !== 'wrong') proof = checked === 'absent' ? proof : checked;
      realm.session = takeAuthenticationInfo(realm.session, info);
    } catch (error) {
      // A header that cannot be read proves nothing, and costs at most one more challenge.
      if (!(error instanceof WireError)) throw error;
    }
  }
  return proof;
}
