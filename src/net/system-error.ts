import type { NetReason } from '../world.ts';
import { NetError } from './net-error.ts';

/** The system's error code ('ECONNREFUSED', 'ERR_SSL_…') of a thrown value; '' when it has none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

const REASONS: ReadonlyMap<string, NetReason> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ETIMEDOUT', 'timeout'],
  ['ECONNRESET', 'reset'],
  ['ECONNABORTED', 'reset'],
  ['EPIPE', 'reset'],
  ['ERR_STREAM_DESTROYED', 'closed'],
  ['ERR_STREAM_WRITE_AFTER_END', 'closed'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'closed'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  // ICMP "administratively prohibited", and a firewall on this machine.
  ['EACCES', 'unreachable'],
  ['EPERM', 'unreachable'],
  ['ENETDOWN', 'no-network'],
  ['EADDRNOTAVAIL', 'no-network'],
  ['EAFNOSUPPORT', 'no-network'],
  ['EADDRINUSE', 'address'],
  ['EMSGSIZE', 'too-large'],
  ['EINVAL', 'address'],
  ['ERR_SOCKET_BAD_PORT', 'address'],
]);

/** Who decided: the kernel of this machine at once ('here'), or an answer from the network ('remote'). */
export type Origin = 'here' | 'remote';

/** Names an error of a socket. Without a route, this machine's own kernel says what a router would say: `origin` tells them apart. */
export function explainSystemError(error: unknown, what: string, origin: Origin = 'remote'): NetError {
  if (error instanceof NetError) return error;
  const code = codeOf(error);
  const local = origin === 'here' && (code === 'ENETUNREACH' || code === 'EHOSTUNREACH');
  const reason = local ? 'no-network' : (REASONS.get(code) ?? 'other');
  const text = code !== '' ? code : error instanceof Error ? error.message : String(error);
  return new NetError(reason, `${what}: ${text}`, { cause: error });
}
