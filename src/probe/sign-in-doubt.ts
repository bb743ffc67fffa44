import type { TlsObservation } from '../model/tls.ts';
import type { ProbeContext } from './context.ts';
import { doubtOf, type WantedPeer } from './trusted-peer.ts';

/** Why a TLS server has not proved to be the wanted one. In clear, without a handshake, there is nobody to prove anything. */
export function doubtAbout(
  context: ProbeContext,
  { host, domain }: Pick<WantedPeer, 'host' | 'domain'>,
  tls: TlsObservation | undefined,
): string | undefined {
  if (tls === undefined) return undefined;
  if (!tls.outcome.ok) return 'the handshake failed';
  return doubtOf(tls.outcome.value, {
    ...(host === undefined ? {} : { host }),
    ...(domain === undefined ? {} : { domain }),
    at: new Date(context.world.now()).toISOString(),
  });
}
