import { headerValue, sipHeader, type SipRequest } from '../wire/sip-message.ts';
import type { ReplyContent } from './sip-reply.ts';

/**
 * What the registrar says to a REGISTER. Before any password: the first group; after the right one: the second; the third
 * asks for a password in its own way.
 */
export type Registration =
  | 'served'
  | 'domain-not-served'
  | 'user-unknown'
  | 'forbidden'
  | 'moved'
  | 'moved-here'
  | 'moved-to-pool'
  | 'refused'
  | 'unanswered'
  | 'unchallenged'
  | 'account-unknown'
  | 'account-forbidden'
  | 'too-brief'
  | 'fails'
  | 'swallowed'
  | 'kept'
  | 'others-there'
  | 'password-changed'
  | 'ntlm-only'
  | 'no-challenge'
  | 'asks-again'
  | 'kerberos-first'
  | 'clock-ahead'
  | 'proof-wrong';

const say = (status: number, reason: string, headers: ReplyContent['headers'] = []): ReplyContent => ({
  status,
  reason,
  headers,
});

/** 'unanswered': nothing is sent. */
type Fixed = ReplyContent | 'unanswered';

/** The challenges of Live Communications Server and its successors. MS-SIPAE section 2.2.2. */
function microsoft(domain: string, schemes: readonly ('NTLM' | 'Kerberos')[]): ReplyContent {
  const challenges = schemes.map((scheme) => {
    const target = scheme === 'NTLM' ? `pool.${domain}` : `sip/pool.${domain}`;
    const value = `${scheme} realm="SIP Communications Service", targetname="${target}", version=4`;
    return sipHeader('WWW-Authenticate', value);
  });
  return say(401, 'Unauthorized', challenges);
}

/** What is said to everybody, whatever the request brings along. */
const AT_ONCE: Partial<Record<Registration, (domain: string, pool: string) => Fixed>> = {
  'domain-not-served': () => say(404, 'Not Found'),
  'user-unknown': () => say(404, 'User Not Found'),
  forbidden: () => say(403, 'Forbidden'),
  moved: (domain) => say(302, 'Moved Temporarily', [sipHeader('Contact', `<sip:pool2.${domain};transport=tls>`)]),
  'moved-here': (domain) => say(302, 'Moved Temporarily', [sipHeader('Contact', `<sip:${domain}>`)]),
  'moved-to-pool': (_domain, pool) => say(302, 'Moved Temporarily', [sipHeader('Contact', `<${pool}>`)]),
  refused: () => say(488, 'Not Acceptable Here'),
  unanswered: () => 'unanswered',
  'no-challenge': () => say(401, 'Unauthorized'),
  'ntlm-only': (domain) => microsoft(domain, ['NTLM']),
  'kerberos-first': (domain) => microsoft(domain, ['NTLM', 'Kerberos']),
};

/** What is said once the password was right. */
const SIGNED_IN: Partial<Record<Registration, () => Fixed>> = {
  'account-unknown': () => say(404, 'Not Found'),
  'account-forbidden': () => say(403, 'Forbidden'),
  // Longer than any client asks for.
  'too-brief': () => say(423, 'Interval Too Brief', [sipHeader('Min-Expires', '86400')]),
  fails: () => say(500, 'Server Internal Error'),
  swallowed: () => 'unanswered',
};

/** The answer before any password is looked at; undefined: the registrar goes on. */
export function saidAtOnce(
  registration: Registration,
  { domain, pool }: { domain: string; pool: string },
): Fixed | undefined {
  return AT_ONCE[registration]?.(domain, pool);
}

/** The answer to a request whose password was right; undefined: the registrar does what it is asked. */
export function saidToKnown(registration: Registration, request: SipRequest): Fixed | undefined {
  if (registration === 'kept' && isRemoval(request)) return say(500, 'Server Internal Error');
  return SIGNED_IN[registration]?.();
}

function isRemoval(request: SipRequest): boolean {
  return headerValue(request, 'expires') === '0' || /;\s*expires=0\b/i.test(headerValue(request, 'contact') ?? '');
}
