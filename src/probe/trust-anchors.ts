import type { TlsSeen } from '../model/tls.ts';
import { writePem } from '../pki/pem-text.ts';
import { asBase64, type ProbeContext } from './context.ts';
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

/** The roots as OpenSSL takes them. */
export const pemOf = ({ trustAnchors }: Pick<TlsSeen, 'trustAnchors'>): string[] =>
  trustAnchors.map((root) => writePem(Buffer.from(root, 'base64')));

const NOW_MS = 60_000;

/** OpenSSL judges dates by the clock of this machine: it is asked only where the time of the judgement is now. */
export const isJudgedNow = ({ world }: ProbeContext, judgeAt: string): boolean =>
  Math.abs(Date.parse(judgeAt) - world.now()) < NOW_MS;
