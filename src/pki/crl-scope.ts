import type { Certificate } from './certificate.ts';
import type { Crl } from './crl.ts';
import { contextTag, type DerValue, readChildren, readSequence, readSingleValue } from './der.ts';
import { extensionOid } from './extension-oids.ts';
import { readGeneralName } from './general-name.ts';

function distributionUrls(point: DerValue): string[] {
  const fullName = readChildren(point).find((field) => field.tag === contextTag(0, 'constructed'));
  if (fullName === undefined) return [];
  return readChildren(fullName).flatMap((item) => {
    const name = readGeneralName(item);
    return name.type === 'uri' ? [name.value] : [];
  });
}

/** True when the list is for this certificate: its kind, and the address that it was fetched from. */
function covers(fields: readonly DerValue[], { certificate, url }: { certificate: Certificate; url: string }): boolean {
  const isCa = certificate.basicConstraints?.ca === true;
  return fields.every((field) => {
    if (field.tag === contextTag(0, 'constructed')) return distributionUrls(field).includes(url);
    // onlyContainsUserCerts, onlyContainsCACerts; lists by reason and indirect lists are not understood.
    if (field.tag === contextTag(1, 'primitive')) return !isCa;
    return field.tag === contextTag(2, 'primitive') && isCa;
  });
}

/**
 * The list with its issuing distribution point marked as understood, when that says that the list is for this certificate; else
 * the list as it is. Large authorities split their lists this way. Throws WireError. RFC 5280 section 5.2.5.
 */
export function understandScope(crl: Crl, scope: { certificate: Certificate; url: string }): Crl {
  const point = crl.extensions.find(({ oid }) => oid === extensionOid.issuingDistributionPoint);
  if (point === undefined || !covers(readSequence(readSingleValue(point.value), 'IssuingDistributionPoint'), scope))
    return crl;
  return { ...crl, extensions: crl.extensions.map((one) => (one === point ? { ...one, critical: false } : one)) };
}
