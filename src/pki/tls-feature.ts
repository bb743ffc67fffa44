import { WireError } from '../wire/wire-error.ts';
import type { Certificate } from './certificate.ts';
import { readSequence, readSingleValue } from './der.ts';
import { readSmallInteger } from './der-primitives.ts';
import { extensionOid } from './extension-oids.ts';

/** status_request, RFC 6066 section 8. */
const STATUS_REQUEST = 5;

/** True when the certificate may be shown only together with an OCSP response ('must staple'). RFC 7633 section 4. */
export function demandsStaple({ extensions }: Certificate): boolean {
  const feature = extensions.find(({ oid }) => oid === extensionOid.tlsFeature);
  if (feature === undefined) return false;
  try {
    const features = readSequence(readSingleValue(feature.value), 'TLSFeatures');
    return features.some((one) => readSmallInteger(one, 'TLS feature') === STATUS_REQUEST);
  } catch (error) {
    // A list that cannot be read demands nothing of a client.
    if (error instanceof WireError) return false;
    throw error;
  }
}
