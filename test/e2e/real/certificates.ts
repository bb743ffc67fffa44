/** A public key infrastructure for tests, made with the openssl command: any key, any name, any date, good or bad. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrThrow } from './run-command.ts';

export type KeyKind = 'rsa-512' | 'rsa-1024' | 'rsa-2048' | 'rsa-4096' | 'ec-p256' | 'ec-p384' | 'ed25519';
export type Digest = 'sha256' | 'sha384' | 'sha512' | 'sha1' | 'md5';

/** What authorities and leaves have in common. */
interface Common {
  /** Name of the files; also the common name when no subject is given. Unique within a folder. */
  name: string;
  /** As openssl takes it, '/O=Example/CN=sip.example.org'; '/' gives an empty subject. */
  subject?: string;
  /** Default 'ec-p256'. */
  key?: KeyKind;
  /** Default: an hour ago. */
  notBefore?: Date;
  /** Default: in 90 days for a leaf, in 10 years for an authority. */
  notAfter?: Date;
  /** Of the signature on this certificate; default sha256. Ed25519 issuers have no choice. */
  digest?: Digest;
  /** Further extension lines in the form of openssl's x509v3_config: 'nameConstraints = critical, permitted;DNS:example.org'. */
  extensions?: string[];
}

export interface AuthoritySettings extends Common {
  /** Absent: a self-signed root. */
  issuer?: Authority;
  /** pathLenConstraint (RFC 5280 section 4.2.1.9); absent: none. */
  pathLength?: number;
}

export interface LeafSettings extends Common {
  /** The authority that signs, or 'self'. */
  issuer: Authority | 'self';
  /** subjectAltName entries; none at all: no such extension. */
  dns?: string[];
  ip?: string[];
  uri?: string[];
  /** Extended key usages as openssl names them, or OIDs; default serverAuth and clientAuth; [] leaves the extension out. */
  eku?: string[];
  /** Default digitalSignature and keyEncipherment; [] leaves the extension out. */
  keyUsage?: string[];
  /** 1: a version 1 certificate, which has no extensions at all. Default 3. */
  version?: 1 | 3;
}

export interface Issued {
  certFile: string;
  keyFile: string;
  /** This certificate followed by the intermediates up to, but without, the root. */
  chainFile: string;
  certPem: string;
  keyPem: string;
  chainPem: string;
}

export interface Authority extends Issued {
  /** Where its own and its children's files are. */
  dir: string;
  /** Of its own key, which settles how it signs. */
  key: KeyKind;
  rootFile: string;
  rootPem: string;
}

const KEY_OPTIONS: Record<KeyKind, string[]> = {
  'rsa-512': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:512'],
  'rsa-1024': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
  'rsa-2048': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'rsa-4096': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:4096'],
  'ec-p256': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  'ec-p384': ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ed25519: ['-algorithm', 'ED25519'],
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `days` from now, negative for the past; for notBefore and notAfter. */
export function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MS);
}

/** GeneralizedTime, which openssl ca takes for any year. */
function generalizedTime(date: Date): string {
  return `${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
}

interface SignOrder {
  dir: string;
  settings: Common;
  issuer: Authority | 'self';
  /** Lines of the extension section; none: a version 1 certificate. */
  extensions: string[];
  lifeDays: number;
}

/** `openssl ca` is the one command of OpenSSL 3.0 that sets both dates freely; it wants a configuration and a database. */
function caConfig(work: string, extensions: string[]): string {
  return [
    '[ca]\ndefault_ca = own',
    `[own]\ndatabase = ${join(work, 'index.txt')}\nnew_certs_dir = ${work}\nunique_subject = no\nserial = ${join(work, 'serial')}`,
    'policy = any\nemail_in_dn = yes\nstring_mask = utf8only',
    '[any]\ncountryName = optional\nstateOrProvinceName = optional\nlocalityName = optional',
    'organizationName = optional\norganizationalUnitName = optional\ncommonName = optional\nserialNumber = optional\nemailAddress = optional',
    '[req]\ndistinguished_name = dn\n[dn]',
    `[ext]\n${extensions.join('\n')}\n`,
  ].join('\n');
}

async function signRequest(work: string, order: SignOrder): Promise<void> {
  const { settings, issuer, extensions, lifeDays, dir } = order;
  const config = join(work, 'openssl.cnf');
  const request = join(work, 'request.pem');
  const keyFile = join(dir, `${settings.name}.key.pem`);
  writeFileSync(config, caConfig(work, extensions));
  writeFileSync(join(work, 'index.txt'), '');
  writeFileSync(join(work, 'serial'), `5${randomBytes(15).toString('hex').slice(1)}\n`);
  const subject = settings.subject ?? `/CN=${settings.name}`;
  await runOrThrow(['openssl', 'genpkey', ...KEY_OPTIONS[settings.key ?? 'ec-p256'], '-out', keyFile]);
  const req = [
    'openssl',
    'req',
    '-new',
    '-utf8',
    '-config',
    config,
    '-key',
    keyFile,
    '-subj',
    subject,
    '-out',
    request,
  ];
  await runOrThrow(req);
  const signer =
    issuer === 'self' ? ['-selfsign', '-keyfile', keyFile] : ['-cert', issuer.certFile, '-keyfile', issuer.keyFile];
  const issuerKey = issuer === 'self' ? settings.key : issuer.key;
  const notBefore = settings.notBefore ?? new Date(Date.now() - HOUR_MS);
  const notAfter = settings.notAfter ?? daysFromNow(lifeDays);
  const command = ['openssl', 'ca', '-batch', '-notext', '-preserveDN', '-utf8', '-config', config];
  // Ed25519 signs without a digest of its own (RFC 8410); openssl has the name 'null' for that.
  command.push('-md', issuerKey === 'ed25519' ? 'null' : (settings.digest ?? 'sha256'));
  command.push('-startdate', generalizedTime(notBefore), '-enddate', generalizedTime(notAfter));
  if (extensions.length > 0) command.push('-extensions', 'ext');
  command.push(...signer, '-in', request, '-out', join(dir, `${settings.name}.pem`));
  await runOrThrow(command);
}

async function sign(order: SignOrder): Promise<Issued> {
  const { dir, settings, issuer } = order;
  mkdirSync(dir, { recursive: true });
  const work = mkdtempSync(join(dir, 'ca-'));
  try {
    await signRequest(work, order);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const file = (suffix: string) => join(dir, `${settings.name}${suffix}.pem`);
  const certPem = readFileSync(file(''), 'utf8');
  const aboveRoot = issuer === 'self' || issuer.certPem === issuer.rootPem ? '' : issuer.chainPem;
  const chainPem = certPem + aboveRoot;
  writeFileSync(file('.chain'), chainPem);
  const keyPem = readFileSync(file('.key'), 'utf8');
  return { certFile: file(''), keyFile: file('.key'), chainFile: file('.chain'), certPem, keyPem, chainPem };
}

/** Makes a root (self-signed) or an intermediate authority; its files and those of its leaves go into `dir`. */
export async function createAuthority(dir: string, settings: AuthoritySettings): Promise<Authority> {
  const length = settings.pathLength === undefined ? '' : `, pathlen:${settings.pathLength}`;
  const issuer = settings.issuer ?? 'self';
  const extensions = [
    `basicConstraints = critical, CA:TRUE${length}`,
    'keyUsage = critical, keyCertSign, cRLSign',
    'subjectKeyIdentifier = hash',
    ...(issuer === 'self' ? [] : ['authorityKeyIdentifier = keyid']),
    ...(settings.extensions ?? []),
  ];
  const issued = await sign({ dir, settings, issuer, extensions, lifeDays: 3650 });
  const root =
    issuer === 'self' ? { file: issued.certFile, pem: issued.certPem } : { file: issuer.rootFile, pem: issuer.rootPem };
  return { ...issued, dir, key: settings.key ?? 'ec-p256', rootFile: root.file, rootPem: root.pem };
}

function leafExtensions(leaf: LeafSettings): string[] {
  if (leaf.version === 1) return [];
  const { dns = [], ip = [], uri = [], eku = ['serverAuth', 'clientAuth'] } = leaf;
  const { keyUsage = ['digitalSignature', 'keyEncipherment'] } = leaf;
  const names = [
    ...dns.map((name) => `DNS:${name}`),
    ...ip.map((name) => `IP:${name}`),
    ...uri.map((name) => `URI:${name}`),
  ];
  return [
    'basicConstraints = CA:FALSE',
    'subjectKeyIdentifier = hash',
    ...(leaf.issuer === 'self' ? [] : ['authorityKeyIdentifier = keyid']),
    ...(names.length === 0 ? [] : [`subjectAltName = ${names.join(', ')}`]),
    ...(eku.length === 0 ? [] : [`extendedKeyUsage = ${eku.join(', ')}`]),
    ...(keyUsage.length === 0 ? [] : [`keyUsage = critical, ${keyUsage.join(', ')}`]),
    ...(leaf.extensions ?? []),
  ];
}

/** Makes an end-entity certificate. `dir` defaults to that of the authority and is needed for a self-signed one. */
export async function issue(leaf: LeafSettings, dir?: string): Promise<Issued> {
  const folder = dir ?? (leaf.issuer === 'self' ? undefined : leaf.issuer.dir);
  if (folder === undefined) throw new Error('a self-signed certificate needs a folder');
  return sign({ dir: folder, settings: leaf, issuer: leaf.issuer, extensions: leafExtensions(leaf), lifeDays: 90 });
}
