import type { TlsSeen } from '../model.ts';
import { decodePem } from '../pki/pem.ts';
import { relevantRoots } from '../pki/roots.ts';
import { asBase64 } from './context.ts';
import type { TrustStore } from './trust.ts';

/** The trusted roots that the names in a chain (DER) point to, as an observation holds them. Throws WireError for a broken PEM text. */
export async function trustAnchorsFor(
  chain: readonly Uint8Array[],
  trust: TrustStore,
): Promise<Pick<TlsSeen, 'trustAnchors' | 'publicAnchors'>> {
  const publicRoots = new Set((await trust.publicRoots?.()) ?? []);
  const ofProgramme = new Set<Uint8Array>();
  const trusted = [...trust.added, ...(await trust.builtIn())].flatMap((pem) => {
    const ders = decodePem(pem);
    if (publicRoots.has(pem)) for (const der of ders) ofProgramme.add(der);
    return ders;
  });
  const anchors = relevantRoots(chain, trusted);
  return {
    trustAnchors: anchors.map(asBase64),
    ...(trust.publicRoots === undefined
      ? {}
      : { publicAnchors: anchors.flatMap((der, place) => (ofProgramme.has(der) ? place : [])) }),
  };
}
