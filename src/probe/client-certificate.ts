import type { OfferObservation } from '../model/tls.ts';
import { asBase64, offsetMs, type ProbeContext } from './context.ts';

/** A certificate that is shown to servers that ask for one. */
export interface ClientCertificate {
  /** The file that it comes from. */
  source: string;
  /** DER, leaf first. */
  chain: readonly Uint8Array[];
  /** Subject of the leaf, RFC 4514 text. */
  subject: string;
  certPem: string;
  keyPem: string;
}

/** What will be offered, on record before anything is connected. */
export function observeOffer(context: ProbeContext, offer: ClientCertificate, judgeAt: string): OfferObservation {
  return {
    kind: 'offer',
    subject: `the client certificate in ${offer.source}`,
    at: offsetMs(context),
    about: { source: offer.source, judgeAt },
    outcome: { ok: true, value: { chain: offer.chain.map(asBase64) }, ms: 0 },
  };
}
