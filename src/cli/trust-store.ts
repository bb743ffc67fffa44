import { readFile } from 'node:fs';
import { promisify } from 'node:util';
import { poolRoots, type RootPool } from '../pki/roots.ts';
import type { TrustStore } from '../probe/trust.ts';
import { decodePem } from '../pki/pem.ts';
import { readTextFile } from './files.ts';
import { UsageError } from './usage-error.ts';

/** Where the systems that sipdiag runs on keep their own bundle; the first that exists is read. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const MAX_PEM_BYTES = 16 * 1024 * 1024;

async function mozillaRoots(): Promise<readonly string[]> {
  const { rootCertificates } = await import('node:tls');
  return rootCertificates;
}

async function systemBundle(): Promise<string[]> {
  for (const file of SYSTEM_BUNDLES) {
    try {
      // PEM is ASCII; comments in another encoding do not matter.
      return [await promisify(readFile)(file, 'latin1')];
    } catch {
      // Not this distribution's place, or not readable by this user: Node's own roots remain.
    }
  }
  return [];
}

async function readRoots(file: string): Promise<string> {
  const text = await readTextFile(file, 'certificates in PEM form', MAX_PEM_BYTES);
  try {
    if (decodePem(text).length > 0) return text;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WireError') throw error;
    throw new UsageError(`cannot read ${file}: ${error.message}; expected certificates in PEM form`);
  }
  throw new UsageError(`cannot read ${file}: it holds no certificate; expected PEM (-----BEGIN CERTIFICATE-----)`);
}

/** Mozilla's roots as Node ships them, the system's bundle, and the files of --ca. Throws UsageError. */
export async function loadTrustStore(files: readonly string[]): Promise<TrustStore> {
  const added = await Promise.all(files.map(readRoots));
  const load = async (): Promise<readonly string[]> => {
    const [mozilla, system] = await Promise.all([mozillaRoots(), systemBundle()]);
    return [...mozilla, ...system];
  };
  let loading: Promise<readonly string[]> | undefined;
  const builtIn = (): Promise<readonly string[]> => (loading ??= load());
  let pooling: Promise<RootPool> | undefined;
  const pool = async (): Promise<RootPool> => poolRoots([...added, ...(await builtIn())]);
  return {
    added,
    builtIn,
    pool: () => (pooling ??= pool()),
    publicRoots: mozillaRoots,
  };
}
