/** Zone file lines (RFC 1035 section 5) that read as what they mean. Names are relative to the zone unless they end in a dot. */

const TTL_SECONDS = 60;

/** The name of the zone itself. */
export const APEX = '@';

export function a(name: string, address: string): string {
  return `${name} A ${address}`;
}

export function aaaa(name: string, address: string): string {
  return `${name} AAAA ${address}`;
}

export function cname(name: string, target: string): string {
  return `${name} CNAME ${target}`;
}

export function ns(name: string, target: string): string {
  return `${name} NS ${target}`;
}

/** RFC 2782. Priority and weight are 0 when not given; a target of '.' means: no such service. */
export function srv(name: string, to: { target: string; port: number; priority?: number; weight?: number }): string {
  return `${name} SRV ${to.priority ?? 0} ${to.weight ?? 0} ${to.port} ${to.target}`;
}

/** RFC 3403 section 4.1, with the flag 's' of RFC 3263 when not given. */
export function naptr(
  name: string,
  rule: { order: number; preference: number; service: string; replacement: string; flags?: string; regexp?: string },
): string {
  const { order, preference, service, replacement, flags = 's', regexp = '' } = rule;
  return `${name} NAPTR ${order} ${preference} "${flags}" "${service}" "${regexp}" ${replacement}`;
}

/** SOA and NS with the authority's own address, followed by the records. A body that has its own SOA is left as it is. */
export function zoneBody(records: string, authorityAddress: string): string {
  if (/\bSOA\b/.test(records)) return records.endsWith('\n') ? records : `${records}\n`;
  const type = authorityAddress.includes(':') ? 'AAAA' : 'A';
  return [
    `$TTL ${TTL_SECONDS}`,
    `@ SOA authority hostmaster 1 3600 600 86400 ${TTL_SECONDS}`,
    '@ NS authority',
    `authority ${type} ${authorityAddress}`,
    records,
    '',
  ].join('\n');
}
