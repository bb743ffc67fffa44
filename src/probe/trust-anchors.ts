import type { TlsSeen } from '../model.ts';
import { asBase64 } from './context.ts';
import { poolOf, type TrustStore } from './trust.ts';

/** The trusted roots that the names in a chain (DER) point to, as an observation holds them. */
export async function trustAnchorsFor(
  chain: readonly Uint8Array[],
  trust: TrustStore,
): Promise<Pick<TlsSeen, 'trustAnchors' | 'publicAnchors'>> {
  const anchors = (await poolOf(trust)).namedBy(chain);
  const trustAnchors = anchors.map(({ der }) => asBase64(der));
  if (trust.publicRoots === undefined) return { trustAnchors };
  const publicRoots = new Set(anchors.length === 0 ? [] : await trust.publicRoots());
  const texts = [...trust.added, ...(await trust.builtIn())];
  const isPublic = ({ text }: { text: number }): boolean => publicRoots.has(texts[text] ?? '');
  return { trustAnchors, publicAnchors: anchors.flatMap((anchor, place) => (isPublic(anchor) ? place : [])) };
}
