import type { ClientCertificate } from '../probe/client-certificate.ts';
import type { KeyObject } from 'node:crypto';
import { readCertificate, type Certificate } from '../pki/certificate.ts';
import { readCertificateFile } from '../pki/certificate-file.ts';
import { belongsTo, readPrivateKey } from '../pki/key-match.ts';
import { writePem } from '../pki/pem-text.ts';
import { readBinaryFile, readTextFile } from './files.ts';
import { UsageError } from './usage-error.ts';

/** The options that name a client certificate. */
export interface ClientCertificateOptions {
  clientCert?: string;
  clientKey?: string;
  pfx?: string;
  /** Opens the PKCS#12 file or the private key. */
  pfxPasswordFile?: string;
}

const MAX_OCTETS = 1024 * 1024;
/** Certificates that are sent along with one's own. */
const MAX_CHAIN = 32;

/** Where a private key may stand. */
const HINTS = { alone: '; expected the key in it, or in the file that --client-key or --tls-key names', apart: '' };

function orUsage<T>(file: string, work: () => T, keys: 'alone' | 'apart' = 'apart'): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WireError') throw error;
    const needsPassword = 'code' in error && error.code === 'password';
    const hint = needsPassword ? '; expected --pfx-password-file FILE with the right one' : HINTS[keys];
    throw new UsageError(`cannot read ${file}: ${error.message}${hint}`);
  }
}

async function passwordIn(file: string | undefined): Promise<string> {
  return file === undefined ? '' : (await readTextFile(file, 'a password', 4096)).replace(/\r?\n$/, '');
}

/** The certificate and key that belong together, the certificate first. Throws UsageError when they do not. */
function pair(source: string, certificates: readonly Uint8Array[], key: KeyObject): ClientCertificate {
  const read = certificates.slice(0, MAX_CHAIN).map((der): Certificate => orUsage(source, () => readCertificate(der)));
  const place = read.findIndex((one) => belongsTo(key, one));
  const leaf = read[place];
  if (leaf === undefined) {
    const subject = read[0]?.subject.text ?? '';
    throw new UsageError(
      `the private key does not belong to "${subject}" in ${source}; expected the key that it was made with`,
    );
  }
  const chain = [leaf, ...read.filter((_, at) => at !== place)].map(({ der }) => der);
  return {
    source,
    chain,
    subject: leaf.subject.text,
    certPem: chain.map((der) => writePem(der)).join(''),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

async function fromPfx(file: string, password: string): Promise<ClientCertificate> {
  const bytes = await readBinaryFile(file, 'a PKCS#12 file', MAX_OCTETS);
  const { certificates, keys } = orUsage(file, () => readCertificateFile(bytes, password));
  const [key] = keys;
  if (key === undefined)
    throw new UsageError(`cannot use ${file}: it holds no private key; expected PKCS#12 with the key`);
  return pair(
    file,
    certificates,
    orUsage(file, () => readPrivateKey(key, '')),
  );
}

/** One PEM file may hold both the certificate and its key. */
export async function loadCertificateAndKey(
  certFile: string,
  keyFile: string | undefined,
  passwordFile: string | undefined,
): Promise<ClientCertificate> {
  const password = await passwordIn(passwordFile);
  const bytes = await readBinaryFile(certFile, 'a certificate', MAX_OCTETS);
  const { certificates } = orUsage(certFile, () => readCertificateFile(bytes, password));
  const source = keyFile ?? certFile;
  const keyBytes = keyFile === undefined ? bytes : await readBinaryFile(keyFile, 'a private key', MAX_OCTETS);
  const key = orUsage(source, () => readPrivateKey(keyBytes, password), keyFile === undefined ? 'alone' : 'apart');
  return pair(certFile, certificates, key);
}

/** The certificate to offer; undefined when the options name none. Throws UsageError. */
export async function loadClientCertificate(options: ClientCertificateOptions): Promise<ClientCertificate | undefined> {
  const { clientCert, clientKey, pfx, pfxPasswordFile } = options;
  if (pfx !== undefined) {
    if (clientCert !== undefined || clientKey !== undefined)
      throw new UsageError('--pfx holds certificate and key; expected it without --client-cert and --client-key');
    return fromPfx(pfx, await passwordIn(pfxPasswordFile));
  }
  if (clientCert !== undefined) return loadCertificateAndKey(clientCert, clientKey, pfxPasswordFile);
  if (clientKey !== undefined)
    throw new UsageError('--client-key is of no use alone; expected --client-cert FILE as well');
  return undefined;
}
