import type { Report } from '../model.ts';
import type { TlsObservation } from '../model/tls.ts';
import type { CertificateFacts } from './certificate-facts.ts';

/** How far the time of the judgement may be from that of the handshake before OpenSSL is not asked. */
const NOW_MS = 60_000;

/** What OpenSSL says of a chain, or why it was not asked, not escaped; undefined: the run was saved before it ever was. */
export function opensslText(
  { openssl, file, cipher }: CertificateFacts,
  { about, at }: TlsObservation,
  { startedAt }: Report,
): string | undefined {
  if (openssl === undefined) return undefined;
  if (openssl !== null) return openssl === 'ok' ? 'accepts the chain' : `refuses the chain: ${openssl}`;
  if (file !== null) return 'not asked: it judges a chain only in a handshake';
  if (cipher === '') return 'not asked: the handshake did not come to its end';
  if (Math.abs(Date.parse(about.judgeAt) - Date.parse(startedAt) - at) >= NOW_MS)
    return 'not asked: it judges by the clock of this machine, not by --at';
  return 'not asked: the chain could not be read in time';
}
