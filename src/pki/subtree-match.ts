import type { DistinguishedName } from './distinguished-name.ts';
import type { GeneralName } from './general-name.ts';
import { depthInside, isHostName, isWildcardName, normalizeHost } from './host-name.ts';
import { parseAddress } from './ip-address.ts';

/** strict: as RFC 5280 writes constraints. lenient: a DNS constraint may begin with a dot, as many authorities write it. */
export type ConstraintSyntax = 'strict' | 'lenient';
export type SubtreeMatch = 'match' | 'no-match' | 'malformed' | 'unsupported';

interface Reading {
  syntax: ConstraintSyntax;
  list: 'permitted' | 'excluded';
}

const verdict = (inside: boolean): SubtreeMatch => (inside ? 'match' : 'no-match');
const inDomain = (host: string, domain: string): boolean => depthInside(host, domain) !== undefined;

function matchDns(baseText: string, nameText: string, { syntax, list }: Reading): SubtreeMatch {
  const dotted = baseText.startsWith('.');
  const base = normalizeHost(dotted ? baseText.slice(1) : baseText);
  const name = normalizeHost(nameText);
  if (dotted && syntax === 'strict') return 'malformed';
  const wildcard = isWildcardName(name);
  // An underscore breaks RFC 1034 and is no danger here; it is reported as such by the rules for alternative names.
  if (!wildcard && !isHostName(name.replaceAll('_', 'x'))) return 'malformed';
  if (base === '') return 'match';
  if (!isHostName(base)) return 'malformed';
  const parent = wildcard ? name.slice(2) : name;
  if (dotted) return verdict((wildcard && parent === base) || (depthInside(parent, base) ?? 0) > 0);
  // A wildcard stands for hosts right below its parent, one of which may be what is excluded.
  const mayCover = wildcard && list === 'excluded' && base.slice(base.indexOf('.') + 1) === parent;
  return verdict(mayCover || inDomain(parent, base));
}

/** '.host': everything below the host; 'host': the host alone (RFC 5280 section 4.2.1.10, URI and e-mail). */
function matchHost(base: string, host: string): SubtreeMatch {
  const domain = normalizeHost(base.replace(/^\./, ''));
  if (!isHostName(domain)) return 'malformed';
  return verdict(base.startsWith('.') ? (depthInside(host, domain) ?? 0) > 0 : host === domain);
}

function splitMailbox(text: string): { local: string; host: string } | undefined {
  const parts = text.split('@');
  const [local, host] = parts;
  if (parts.length !== 2 || local === undefined || local === '' || host === undefined || !isHostName(host))
    return undefined;
  return { local, host: normalizeHost(host) };
}

function matchEmail(base: string, name: string): SubtreeMatch {
  const mailbox = splitMailbox(name);
  if (mailbox === undefined) return 'malformed';
  if (base === '') return 'match';
  if (!base.includes('@')) return matchHost(base, mailbox.host);
  const wanted = splitMailbox(base);
  // The local part is compared as it stands (RFC 5321 section 2.4).
  return wanted === undefined ? 'malformed' : verdict(wanted.local === mailbox.local && wanted.host === mailbox.host);
}

/** The host of a URI with authority, or of a sip: URI, which has none. */
const uriHost = /^[a-z][a-z0-9+.-]*:(?:\/\/)?(?:[^@/?#]*@)?(?<host>[^:/?#;]+)/i;

function matchUri(base: string, name: string): SubtreeMatch {
  const host = normalizeHost(uriHost.exec(name)?.groups?.['host'] ?? '');
  if (!isHostName(host) || parseAddress(host) !== undefined) return 'malformed';
  return base === '' ? 'match' : matchHost(base, host);
}

function matchAddress(base: Uint8Array, name: Uint8Array): SubtreeMatch {
  if (base.length !== 8 && base.length !== 32) return 'malformed';
  if (base.length !== 2 * name.length) return 'no-match';
  const mask = base.subarray(name.length);
  const bits = Array.from(mask, (octet) => octet.toString(2).padStart(8, '0')).join('');
  if (!/^1*0*$/.test(bits)) return 'malformed';
  return verdict(name.every((octet, i) => (octet & (mask[i] ?? 0)) === ((base[i] ?? 0) & (mask[i] ?? 0))));
}

function matchDirectory(base: DistinguishedName, name: DistinguishedName): SubtreeMatch {
  return verdict(base.keys.every((key, i) => key === name.keys[i]));
}

/** A text that is compared with thousands of others must be short; no host, mailbox or URI of practice is longer. */
const MAX_TEXT = 2048;

const isLong = (name: GeneralName): boolean => 'value' in name && name.value.length > MAX_TEXT;

/** Whether a name lies in the subtree; both have the same form. RFC 5280 section 4.2.1.10. */
export function matchSubtree(base: GeneralName, name: GeneralName, reading: Reading): SubtreeMatch {
  if (isLong(base) || isLong(name)) return 'malformed';
  if (base.type === 'dns' && name.type === 'dns') return matchDns(base.value, name.value, reading);
  if (base.type === 'email' && name.type === 'email') return matchEmail(base.value, name.value);
  if (base.type === 'uri' && name.type === 'uri') return matchUri(base.value, name.value);
  if (base.type === 'ip' && name.type === 'ip') return matchAddress(base.bytes, name.bytes);
  if (base.type === 'dirName' && name.type === 'dirName') return matchDirectory(base.name, name.name);
  return base.type === name.type ? 'unsupported' : 'no-match';
}
