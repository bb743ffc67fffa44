import { kindOfAddress, type AddressKind } from '../pki/address-kind.ts';

const OWN: ReadonlySet<AddressKind> = new Set(['loopback', 'link-local']);
const isOwn = (address: string): boolean => OWN.has(kindOfAddress(address));

/**
 * Whether the word of a stranger at `stranger` may send this machine to an address: never to a service of its own, or of the host
 * that it runs on, unless he is there too. 0.0.0.0 and :: lead to this machine as well.
 */
export const mayLeadTo = (address: string, stranger: string): boolean =>
  isOwn(stranger) || (!isOwn(address) && kindOfAddress(address) !== 'unusable');
