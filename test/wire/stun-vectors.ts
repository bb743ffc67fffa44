import { readFileSync } from 'node:fs';

/** One message of RFC 5769 or RFC 8489, as the file has it. */
export interface StunVector {
  id: string;
  hex: string;
  class: string;
  transaction_id: string;
  credential: {
    kind: 'short-term' | 'long-term';
    username?: string;
    password?: string;
    password_raw?: string;
    realm?: string;
    nonce?: string;
    key_md5?: string;
    key_sha256?: string;
  };
  software?: string;
  mapped?: { address: string; port: number };
  attributes: { name: string; type: string; value: string }[];
}

const file = new URL('../../fixtures/conformance/stun-rfc5769.json', import.meta.url);
// The shape is that of the file, which the project itself has written.
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: StunVector[] };

/** The four messages of RFC 5769. */
export const RFC5769: readonly StunVector[] = vectors.filter(({ id }) => id.startsWith('rfc5769'));

/** Throws Error for an id that the file does not hold. */
export function vectorOf(id: string): StunVector {
  const found = vectors.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
}

export const octetsOf = ({ hex }: { hex: string }): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
