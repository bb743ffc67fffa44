import type { Attempt, Target } from '../model.ts';
import type { Identity } from './sip-requests.ts';

/** The address-of-record that is asked for; what the user has not given is made up, and said to be. RFC 3261 section 10.2. */
export function identityOf(target: Target, about: Attempt): Identity {
  const domain = target.domain ?? about.host;
  const scheme = about.transport === 'tls' && target.scheme === 'sips' ? 'sips' : 'sip';
  const hostPart = domain.includes(':') ? `[${domain}]` : domain;
  const requestUri = `${scheme}:${hostPart}`;
  if (target.user !== undefined) return { requestUri, aor: `${scheme}:${target.user}@${hostPart}` };
  // The host of host:port is where to connect, and a SIP domain only by chance.
  const isDomain = target.domain !== undefined && target.domain !== target.server?.host;
  return { requestUri, aor: `${scheme}:sipdiag@${hostPart}`, madeUp: isDomain ? 'user' : 'user-and-domain' };
}
