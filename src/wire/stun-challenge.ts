/** The challenge of the long-term credential mechanism, and its answer. RFC 8489 section 9.2. */
import { saslPrepared } from './saslprep.ts';
import { longTermKey, type PasswordAlgorithm, type StunKey } from './stun-integrity.ts';
import { attributeValue, paddedTo4, type StunAttribute, type StunMessage } from './stun-message.ts';
import { STUN_ATTRIBUTE } from './stun-registry.ts';
import { textAttribute, textOf } from './stun-values.ts';
import { WireError } from './wire-error.ts';

/** What an error response 401 or 438 asks for. */
export interface StunChallenge {
  realm: string;
  /** Octet for octet. */
  nonce: Uint8Array;
  algorithm: PasswordAlgorithm;
  /** PASSWORD-ALGORITHMS as it came: it goes back unchanged, so that nobody on the way can have weakened it. */
  offered?: Uint8Array;
}

/** What every further request carries, until the nonce is stale. */
export interface StunLogin {
  key: StunKey;
  /** USERNAME, REALM, NONCE, and what chooses the algorithm. */
  attributes: StunAttribute[];
}

/** A nonce that begins so was made by a server of RFC 8489, which offers algorithms. Section 9.2. */
const NONCE_COOKIE = 'obMatJos2';
const NUMBERS: Readonly<Record<PasswordAlgorithm, number>> = { MD5: 1, 'SHA-256': 2 };

/** Numbers of the algorithms on offer. RFC 8489 section 14.11. */
function algorithmsIn(value: Uint8Array): number[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const numbers: number[] = [];
  for (let at = 0; at + 4 <= value.length; at += 4 + paddedTo4(view.getUint16(at + 2)))
    numbers.push(view.getUint16(at));
  return numbers;
}

function chooseAlgorithm(offered: Uint8Array): PasswordAlgorithm {
  const numbers = algorithmsIn(offered);
  const chosen = (['SHA-256', 'MD5'] as const).find((one) => numbers.includes(NUMBERS[one]));
  if (chosen === undefined)
    throw new WireError(
      'algorithm',
      `only password algorithms that are not known here: ${numbers.slice(0, 8).join(', ')}`,
    );
  return chosen;
}

/** Throws WireError 'challenge' when realm or nonce is missing, 'algorithm', 'text-too-long'. */
export function readStunChallenge(message: StunMessage): StunChallenge {
  const [realm, nonce] = [textOf(message, STUN_ATTRIBUTE.REALM), attributeValue(message, STUN_ATTRIBUTE.NONCE)];
  if (realm === undefined) throw new WireError('challenge', 'the challenge has no REALM');
  if (nonce === undefined) throw new WireError('challenge', 'the challenge has no NONCE');
  const offered = attributeValue(message, STUN_ATTRIBUTE.PASSWORD_ALGORITHMS);
  const isRfc8489 = Buffer.from(nonce).toString('latin1').startsWith(NONCE_COOKIE);
  if (offered === undefined || !isRfc8489) return { realm, nonce, algorithm: 'MD5' };
  return { realm, nonce, algorithm: chooseAlgorithm(offered), offered };
}

/** Throws WireError 'saslprep'. RFC 8489 section 9.2.3.2. */
export async function answerStunChallenge(
  challenge: StunChallenge,
  credentials: { user: string; password: string },
): Promise<StunLogin> {
  const { realm, nonce, algorithm, offered } = challenge;
  const number = NUMBERS[algorithm];
  return {
    key: await longTermKey({ ...credentials, realm, algorithm }, offered === undefined ? 'sha1' : 'sha256'),
    attributes: [
      textAttribute(STUN_ATTRIBUTE.USERNAME, await saslPrepared(credentials.user)),
      textAttribute(STUN_ATTRIBUTE.REALM, realm),
      { type: STUN_ATTRIBUTE.NONCE, value: nonce },
      ...(offered === undefined
        ? []
        : [
            { type: STUN_ATTRIBUTE.PASSWORD_ALGORITHMS, value: offered },
            { type: STUN_ATTRIBUTE.PASSWORD_ALGORITHM, value: Uint8Array.of(0, number, 0, 0) },
          ]),
    ],
  };
}
