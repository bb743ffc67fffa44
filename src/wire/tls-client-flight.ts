import {
  CERTIFICATE,
  openHandshake,
  plainMessages,
  readCertificates12,
  readCertificates13,
  takeUntil,
} from './tls-messages.ts';
import { APPLICATION_DATA, CHANGE_CIPHER_SPEC, createRecordOpener, splitRecords, suiteCode } from './tls-record.ts';
import { WireError } from './wire-error.ts';

/** What a client sent in a handshake, and what it takes to read it. */
export interface ClientFlightInput {
  clientFlight: Uint8Array;
  /** NSS key log lines; TLS 1.3 needs CLIENT_HANDSHAKE_TRAFFIC_SECRET. */
  keyLog: readonly string[];
  /** As agreed on: 'TLSv1.3' protects the client's certificates, older versions send them in clear. */
  version: string;
  /** Name of the cipher suite; only that of TLS 1.3 is looked at. */
  cipher: string;
}

/**
 * The certificates of a client, DER, exactly as sent: order, doubles and strangers included; empty: it sent none. Throws
 * WireError 'tls-record', 'tls-truncated', 'tls-no-secret', 'tls-cipher', 'tls-decrypt', 'tls-too-many'. RFC 8446 section 4.4.2, RFC 5246
 * section 7.4.6.
 */
export function readClientCertificates(input: ClientFlightInput): Uint8Array[] {
  const records = splitRecords(input.clientFlight);
  if (input.version !== 'TLSv1.3') {
    const messages = plainMessages(takeUntil(records, CHANGE_CIPHER_SPEC));
    return messages.flatMap(({ type, body }) => (type === CERTIFICATE ? readCertificates12(body) : []));
  }
  const suite = suiteCode(input.cipher);
  if (suite === undefined) throw new WireError('tls-cipher', `cipher suite ${input.cipher} cannot be read`);
  const sealed = records.filter(({ type }) => type === APPLICATION_DATA);
  const { messages } = openHandshake(sealed, createRecordOpener(suite, { sender: 'client', keyLog: input.keyLog }));
  return messages.flatMap(({ type, body }) =>
    type === CERTIFICATE ? readCertificates13(body).map(({ der }) => der) : [],
  );
}
