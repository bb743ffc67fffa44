import { readCertificate } from '../pki/certificate.ts';
import { validatePath } from '../pki/path.ts';
import type { TlsFacts } from '../world.ts';
import type { ProbeContext } from './context.ts';
import { isAddress } from './endpoint-text.ts';
import { poolOf } from './trust.ts';

/** Why the certificate of a DNS server does not prove that it is the one that was named; undefined: it does. RFC 8310 section 8. */
export async function checkPeer(context: ProbeContext, facts: TlsFacts, name: string): Promise<string | undefined> {
  const { trust, world } = context;
  if (trust === undefined) return 'there are no trusted roots to verify it with';
  const chain = facts.readChain();
  const roots = (await poolOf(trust)).namedBy(chain);
  try {
    const [leaf, ...intermediates] = chain.map((der) => readCertificate(der));
    if (leaf === undefined) return 'the server sent none';
    const verdict = validatePath({
      leaf,
      intermediates,
      roots: roots.map(({ der }) => readCertificate(der)),
      at: new Date(world.now()).toISOString(),
      purpose: 'server',
      rules: 'basic',
      name: { rule: 'rfc9525', target: isAddress(name) ? { address: name } : { host: name } },
    });
    return verdict.ok ? undefined : verdict.detail;
  } catch (error) {
    if (error instanceof Error && error.name === 'WireError') return `it cannot be read: ${error.message}`;
    throw error;
  }
}
