import { canonicalName, toAsciiDomain } from '../wire/dns-name.ts';

export const UNREADABLE = Symbol('unreadable');

/** A domain in lower-case A-label form (RFC 5891), or the mark of one that cannot exist. */
export function toDomain(text: string): string | typeof UNREADABLE {
  try {
    const domain = canonicalName(toAsciiDomain(text)).replace(/\.$/, '');
    return domain === '' ? UNREADABLE : domain;
  } catch (error) {
    if (error instanceof Error && error.name === 'WireError') return UNREADABLE;
    throw error;
  }
}
