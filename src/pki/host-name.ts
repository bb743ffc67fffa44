/** RFC 1035 section 2.3.4. */
const MAX_HOST_LENGTH = 253;

/** ASCII letters in lower case, the final dot of an absolute name taken away. Names are compared in A-label form. */
export function normalizeHost(name: string): string {
  // Only ASCII letters may fold (RFC 4343): toLowerCase would fold others, such as the Kelvin sign, into ASCII.
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/\.$/, '');
}

/** True for a host name in the preferred syntax: letters, digits and inner hyphens (RFC 1034 section 3.5). */
export function isHostName(name: string): boolean {
  return (
    name.length <= MAX_HOST_LENGTH &&
    name.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))
  );
}

/** True for a '*' label followed by at least one label of the preferred syntax. */
export function isWildcardName(name: string): boolean {
  return name.startsWith('*.') && isHostName(name.slice(2));
}

/** How a name that a certificate presents covers a host. */
export type Coverage = 'exact' | 'wildcard' | 'none';

/**
 * Compares a presented name with a host, which is normalized already. A wildcard must be the whole left-most label, stands for
 * exactly one label and must be followed by at least two, so that nobody holds a whole top-level domain. RFC 9525 section 6.3.
 */
export function coverHost(presented: string, host: string): Coverage {
  const name = presented.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (host === '' || name.includes('\0')) return 'none';
  if (name === host) return 'exact';
  if (!isWildcardName(name) || name.split('.').length < 3) return 'none';
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot + 1) === name.slice(2) ? 'wildcard' : 'none';
}

/** Labels that `host` has to the left of `domain`: 0 when they are the same, undefined when it is not inside. Both normalized. */
export function depthInside(host: string, domain: string): number | undefined {
  if (host === domain) return 0;
  if (!host.endsWith(`.${domain}`)) return undefined;
  return host.slice(0, -domain.length - 1).split('.').length;
}
