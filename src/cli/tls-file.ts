import type { KeyObject } from 'node:crypto';
import type { Observation, Rung, Target } from '../model.ts';
import type { CertificateSource, NamePolicy, TlsObservation } from '../model/tls.ts';
import { type Certificate, readCertificate } from '../pki/certificate.ts';
import { type CertificateFile, readCertificateFile } from '../pki/certificate-file.ts';
import { sameBytes } from '../pki/der-primitives.ts';
import { belongsTo, readPrivateKey } from '../pki/key-match.ts';
import { asBase64 } from '../probe/context.ts';
import { trustAnchorsFor } from '../probe/trust-anchors.ts';
import { assembleReport } from '../judge.ts';
import type { RunOptions } from './common-options.ts';
import { checkOutput } from './check-output.ts';
import { deliver } from './deliver.ts';
import { readBinaryFile, readTextFile } from './files.ts';
import { readNamePolicy } from './name-policy.ts';
import { saveRun } from './saved-run.ts';
import { loadTrustStore } from './trust-store.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

/** What judging a file needs of the options that `sipdiag tls` has. */
export type TlsFileOptions = Pick<
  RunOptions,
  | 'at'
  | 'ca'
  | 'profile'
  | 'policy'
  | 'save'
  | 'verifyName'
  | 'format'
  | 'json'
  | 'output'
  | 'failOn'
  | 'color'
  | 'quiet'
  | 'verbose'
  | 'redact'
  | 'revocation'
> & {
  /** The name that clients look for; --verify-name says the same. */
  name?: string;
  /** File with the private key. */
  key?: string;
  /** File with the password of a PKCS#12 file or of the private key. */
  passwordFile?: string;
};

const MAX_OCTETS = 16 * 1024 * 1024;
/** A bundle of roots is no server certificate with its chain. */
const MAX_CERTIFICATES = 256;
const EXPECTED = 'certificates as PEM, DER, PKCS#12 or PKCS#7';

/** Gives what `work` gives; what a file has wrong becomes one line for the user. */
function orUsage<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WireError') throw error;
    const hint =
      'code' in error && error.code === 'password' ? '; expected --password-file FILE with the right one' : '';
    throw new UsageError(`cannot read ${file}: ${error.message}${hint}`);
  }
}

async function readPassword(file: string | undefined): Promise<string> {
  if (file === undefined) return '';
  const text = await readTextFile(file, 'a password', 4096);
  return text.replace(/\r?\n$/, '');
}

function readEach(certificates: readonly Uint8Array[]): (Certificate | undefined)[] {
  return certificates.map((der) => {
    try {
      return readCertificate(der);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'WireError') throw error;
      // One that cannot be read stays in the chain, where the checks tell of it.
      return undefined;
    }
  });
}

const issuedAnother = (one: Certificate, all: readonly (Certificate | undefined)[]): boolean =>
  all.some((other) => other !== undefined && other !== one && sameBytes(other.issuer.der, one.subject.der));

/** Place of the server certificate: the one that the key belongs to, or the first that issued none of the others. */
function leafPlace(all: readonly (Certificate | undefined)[], keys: readonly KeyObject[]): number {
  const owned = all.findIndex((one) => one !== undefined && keys.some((key) => belongsTo(key, one)));
  if (owned >= 0) return owned;
  const leaf = all.findIndex(
    (one) => one !== undefined && one.basicConstraints?.ca !== true && !issuedAnother(one, all),
  );
  if (leaf >= 0) return leaf;
  return Math.max(
    0,
    all.findIndex((one) => one !== undefined && !issuedAnother(one, all)),
  );
}

interface FromFile {
  /** DER, the server certificate first. */
  chain: Uint8Array[];
  source: CertificateSource;
}

function arrange(name: string, read: CertificateFile, key: KeyObject | undefined): FromFile {
  const { format, certificates } = read;
  if (certificates.length > MAX_CERTIFICATES)
    throw new UsageError(
      `cannot use ${name}: it holds ${certificates.length} certificates; expected a server certificate with its chain`,
    );
  const own = read.keys.map((der) => orUsage(name, () => readPrivateKey(der, '')));
  const parsed = readEach(certificates);
  const place = leafPlace(parsed, key === undefined ? own : [key]);
  const leaf = parsed[place];
  // The reader itself says best what is wrong with the only certificate.
  if (leaf === undefined) orUsage(name, () => readCertificate(certificates[place] ?? new Uint8Array()));
  const matched = leaf !== undefined && key !== undefined ? belongsTo(key, leaf) : undefined;
  return {
    chain: [...certificates.slice(place, place + 1), ...certificates.filter((_, at) => at !== place)],
    source: {
      name,
      format,
      order: place === 0 ? 'leaf-first' : 'leaf-later',
      ...(matched === undefined ? {} : { key: matched ? 'belongs' : 'other' }),
    },
  };
}

async function readSource(file: string, options: TlsFileOptions): Promise<FromFile> {
  const bytes = await readBinaryFile(file, EXPECTED, MAX_OCTETS);
  const password = await readPassword(options.passwordFile);
  const read = orUsage(file, () => readCertificateFile(bytes, password));
  if (options.key === undefined) return arrange(file, read, undefined);
  const keyFile = options.key;
  const keyBytes = await readBinaryFile(keyFile, 'a private key', MAX_OCTETS);
  return arrange(
    file,
    read,
    orUsage(keyFile, () => readPrivateKey(keyBytes, password)),
  );
}

interface Judging {
  options: TlsFileOptions;
  judgeAt: string;
  policy: NamePolicy | undefined;
}

async function observe({ chain, source }: FromFile, { options, judgeAt, policy }: Judging): Promise<TlsObservation> {
  const wanted = (options.name ?? options.verifyName)?.toLowerCase();
  const { name } = source;
  const anchors = await trustAnchorsFor(chain, await loadTrustStore(options.ca ?? []));
  return {
    kind: 'tls',
    subject: name,
    at: 0,
    about: {
      transport: 'tls',
      host: name,
      address: name,
      port: 0,
      published: true,
      set: name,
      sni: null,
      verifyName: wanted ?? '',
      ...(wanted === undefined ? {} : { domain: wanted }),
      judgeAt,
      profile: options.profile === 'auto' ? 'rfc3263' : options.profile,
      ...(policy === undefined ? {} : { namePolicy: policy }),
      file: source,
    },
    outcome: { ok: true, value: { version: '', cipher: '', chain: chain.map(asBase64), ...anchors }, ms: 0 },
  };
}

const OTHER_RUNGS: readonly Rung[] = ['dns', 'connect', 'tls', 'sip', 'auth', 'callback', 'media'];

const leftOut = (rung: Rung): Observation => ({
  kind: 'skipped',
  subject: rung,
  at: 0,
  about: { rung },
  outcome: { ok: true, value: { why: 'not part of sipdiag tls --file' }, ms: 0 },
});

/**
 * `sipdiag tls --file`: judges certificates out of a file as if a server had sent them, without a network. Gives the exit code.
 * Throws UsageError.
 */
export async function tlsFileCommand(file: string, options: TlsFileOptions): Promise<number> {
  if (options.quiet === true && options.verbose === true)
    throw new UsageError('--quiet and --verbose exclude each other; expected one of them');
  if (options.revocation === true)
    throw new UsageError('--revocation asks third parties, --file uses no network; expected one of them');
  await checkOutput(options);
  const start = new Date();
  const judgeAt = options.at ?? start.toISOString();
  const source = await readSource(file, options);
  const policy = options.policy === undefined ? undefined : await readNamePolicy(options.policy);
  const observation = await observe(source, { options, judgeAt, policy });
  const target: Target = {
    input: file,
    scheme: 'sip',
    transports: ['tls'],
    profile: options.profile,
    ...(observation.about.domain === undefined ? {} : { domain: observation.about.domain }),
  };
  const report = assembleReport([observation, ...OTHER_RUNGS.map(leftOut)], {
    version: VERSION,
    command: 'tls',
    startedAt: start.toISOString(),
    ms: Date.now() - start.getTime(),
    target,
  });
  if (options.save !== undefined) await saveRun(options.save, report, options);
  return deliver(report, options);
}
