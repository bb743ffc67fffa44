import { canonicalName, toAsciiDomain } from '../wire/dns-name.ts';

/** `_service._proto.name`, the owner of an SRV record. RFC 2782. */
export const isServiceName = (domain: string): boolean => /^_[^.]+\._[^.]+\../.test(domain);

export const UNREADABLE = Symbol('unreadable');

/** Letters, digits and hyphens (RFC 952, RFC 1123 section 2.1), and the underscore of service names (RFC 2782). */
const HOST_CHARACTERS = /^[a-z0-9_.-]+$/;

/** A domain in lower-case A-label form (RFC 5891), or the mark of one that cannot exist. */
export function toDomain(text: string): string | typeof UNREADABLE {
  try {
    const domain = canonicalName(toAsciiDomain(text)).replace(/\.$/, '');
    return HOST_CHARACTERS.test(domain) ? domain : UNREADABLE;
  } catch (error) {
    if (error instanceof Error && error.name === 'WireError') return UNREADABLE;
    throw error;
  }
}
