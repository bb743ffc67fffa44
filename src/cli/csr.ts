import { generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildRequest, MAX_COMMON_NAME, type RequestKey, type RequestName } from '../pki/csr.ts';
import { codeOf } from '../net/system-error.ts';
import { purposeOid } from '../pki/extension-oids.ts';
import { isHostName, isWildcardName } from '../pki/host-name.ts';
import { parseAddress } from '../pki/ip-address.ts';
import { writePem } from '../pki/pem-text.ts';
import { checkWritable, explainWriting, writeTextFile } from './files.ts';
import { writeErr, writeOut } from './output.ts';
import { toDomain, UNREADABLE } from './parse-domain.ts';
import { UsageError } from './usage-error.ts';

export type KeyType = 'rsa2048' | 'rsa3072' | 'rsa4096' | 'p256' | 'p384';

export interface CsrOptions {
  name?: string[];
  pool?: string;
  member?: string[];
  sipDomain?: string[];
  profile: string;
  keyType: KeyType;
  /** Where the new private key goes; absent: <common name>.key. */
  key?: string;
  output?: string;
  quiet?: boolean;
}

/** What a system wants of the names in its certificate. */
interface RequestRules {
  /** name: the common name is the first --name or the pool; edge: it is sip.<first SIP domain>. */
  subject: 'name' | 'edge';
  /** microsoft: sip.<domain> for every SIP domain; sip: also the domain itself, as name and as URI (RFC 5922). */
  sipNames: 'microsoft' | 'sip';
  names: 'one' | 'many';
  keys: 'any' | 'rsa';
}

const SIP: RequestRules = { subject: 'name', sipNames: 'sip', names: 'many', keys: 'any' };
const MICROSOFT: RequestRules = { ...SIP, sipNames: 'microsoft', keys: 'rsa' };

const RULES: ReadonlyMap<string, RequestRules> = new Map([
  // Live Communications Server 2003 reads the common name, one for each server.
  ['lcs2003', { ...MICROSOFT, names: 'one' }],
  ['communicator2007', MICROSOFT],
  ['communicator2007r2', MICROSOFT],
  ['phone-edition', MICROSOFT],
  ['lync', MICROSOFT],
  ['federation', { ...MICROSOFT, subject: 'edge' }],
  ['office365', MICROSOFT],
  ['teams-direct-routing', { ...MICROSOFT, sipNames: 'microsoft', keys: 'any' }],
]);

function checkName(text: string): string {
  if (parseAddress(text) !== undefined) return text;
  const name = isWildcardName(text) ? text.toLowerCase() : toDomain(text);
  if (name === UNREADABLE || !(isHostName(name) || isWildcardName(name)))
    throw new UsageError(`'${text}' is not a host name; expected for example sip.example.com`);
  return name;
}

const dns = (value: string): RequestName => ({ type: 'dns', value });
function altName(name: string): RequestName {
  const octets = parseAddress(name);
  return octets === undefined ? dns(name) : { type: 'ip', octets };
}

function sipNames(domains: readonly string[], { sipNames: style }: RequestRules): RequestName[] {
  const hosts = domains.map((domain) => dns(`sip.${domain}`));
  if (style === 'microsoft') return hosts;
  return [...hosts, ...domains.flatMap((domain) => [dns(domain), { type: 'uri' as const, value: `sip:${domain}` }])];
}

interface Wanted {
  commonName: string;
  altNames: RequestName[];
}

function distinct(names: readonly RequestName[]): RequestName[] {
  const keyOf = (name: RequestName): string =>
    name.type === 'ip' ? `ip ${name.octets.join('.')}` : `${name.type} ${name.value}`;
  return [...new Map(names.map((name) => [keyOf(name), name])).values()];
}

function wantedNames(options: CsrOptions, rules: RequestRules): Wanted {
  const domains = (options.sipDomain ?? []).map(checkName);
  const pool = options.pool === undefined ? [] : [checkName(options.pool)];
  const names = [...pool, ...(options.name ?? []).map(checkName), ...(options.member ?? []).map(checkName)];
  const edge = rules.subject === 'edge' && domains[0] !== undefined ? [`sip.${domains[0]}`] : [];
  const [commonName = domains[0] === undefined ? undefined : `sip.${domains[0]}`] = [...edge, ...names];
  if (commonName === undefined)
    throw new UsageError('no name was given; expected --name HOST, --pool NAME or --sip-domain DOMAIN');
  if (commonName.length > MAX_COMMON_NAME)
    throw new UsageError(
      `'${commonName}' is too long for a common name; expected at most ${MAX_COMMON_NAME} characters first`,
    );
  const altNames = distinct([altName(commonName), ...names.map(altName), ...sipNames(domains, rules)]);
  return { commonName, altNames };
}

function checkRules({ profile, keyType }: CsrOptions, rules: RequestRules, { altNames, commonName }: Wanted): void {
  if (rules.names === 'one' && altNames.length > 1)
    throw new UsageError(
      `a server of the profile ${profile} reads one name, the common name; expected one --name for each server`,
    );
  if (rules.keys === 'rsa' && !keyType.startsWith('rsa'))
    throw new UsageError(
      `--key-type ${keyType} does not fit --profile ${profile}; expected rsa2048, rsa3072 or rsa4096`,
    );
  if (profile === 'teams-direct-routing' && /(^|\.)onmicrosoft\.com$/.test(commonName))
    throw new UsageError(
      `'${commonName}' cannot be used: Direct Routing takes no names under onmicrosoft.com; expected a name in a domain of your own`,
    );
}

const generate = promisify(generateKeyPair);

function makeKeys(type: KeyType): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  if (type === 'p256') return generate('ec', { namedCurve: 'prime256v1' });
  if (type === 'p384') return generate('ec', { namedCurve: 'secp384r1' });
  return generate('rsa', { modulusLength: Number(type.slice('rsa'.length)) });
}

function requestKey(type: KeyType, { publicKey, privateKey }: Awaited<ReturnType<typeof makeKeys>>): RequestKey {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  if (type === 'p384')
    return { spki, algorithm: 'ecdsa-with-SHA384', sign: (octets) => sign('sha384', octets, privateKey) };
  const algorithm = type === 'p256' ? 'ecdsa-with-SHA256' : 'sha256WithRSAEncryption';
  return { spki, algorithm, sign: (octets) => sign('sha256', octets, privateKey) };
}

/** A private key is written once, for its owner alone, and never over another file. Throws UsageError. */
async function writeKey(file: string, pem: string): Promise<void> {
  try {
    await writeFile(file, pem, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) === 'EEXIST')
      throw new UsageError(`${file} exists already, and a key is never overwritten; expected --key with a new file`);
    throw new UsageError(`cannot write ${file}: ${explainWriting(file, error)}`);
  }
}

/** Before the key is written: a key whose request has no place would be in the way of the next try. Throws UsageError. */
async function checkPlaces(keyFile: string, output: string): Promise<void> {
  if (resolve(keyFile) === resolve(output))
    throw new UsageError(`${output} cannot hold the key and the request; expected --key and --output with two files`);
  await checkWritable(output);
}

/** What the web enrolment of a Windows CA takes under "Type of Certificate Needed: Other…". */
const WINDOWS_OIDS = `${purposeOid.serverAuth},${purposeOid.clientAuth}`;

function notes(keyFile: string, { profile }: CsrOptions): string {
  const lines = [
    `The private key is in ${keyFile}: keep it on the server, and back it up.`,
    `A Windows CA asked by its web pages wants under "Other..." the OIDs: ${WINDOWS_OIDS}`,
  ];
  if (profile === 'teams-direct-routing')
    lines.push('Direct Routing needs a CA of the Microsoft Trusted Root Program; such a CA may leave clientAuth out.');
  return `${lines.join('\n')}\n`;
}

/** `sipdiag csr`: a new key and a certificate request with the right names and both usages. Throws UsageError. */
export async function csrCommand(options: CsrOptions): Promise<number> {
  const rules = RULES.get(options.profile) ?? SIP;
  const wanted = wantedNames(options, rules);
  checkRules(options, rules, wanted);
  const keyFile = options.key ?? `${wanted.commonName.replace('*', 'wildcard')}.key`;
  if (options.output !== undefined) await checkPlaces(keyFile, options.output);
  const keys = await makeKeys(options.keyType);
  const request = buildRequest({ ...wanted, usages: ['serverAuth', 'clientAuth'] }, requestKey(options.keyType, keys));
  await writeKey(keyFile, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  if (options.output === undefined) writeOut(writePem(request, 'CERTIFICATE REQUEST'));
  else await writeTextFile(options.output, writePem(request, 'CERTIFICATE REQUEST'));
  if (options.quiet !== true) writeErr(notes(keyFile, options));
  return 0;
}
