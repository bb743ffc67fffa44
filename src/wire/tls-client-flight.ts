import {
  addCertificates,
  CERTIFICATE,
  type Message,
  openHandshake,
  plainMessages,
  readCertificates12,
  readCertificates13,
  type SentCertificates,
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

/** All that the messages hold. */
function gather(messages: readonly Message[], read: typeof readCertificates12): SentCertificates {
  const sent: SentCertificates = { certificates: [] };
  for (const { type, body } of messages) if (type === CERTIFICATE) addCertificates(sent, read(body));
  return sent;
}

/**
 * The certificates of a client; empty: it sent none. Throws WireError 'tls-record', 'tls-truncated', 'tls-no-secret', 'tls-cipher', 'tls-decrypt', 'tls-too-many'. RFC 8446 section 4.4.2, RFC 5246
 * section 7.4.6.
 */
export function readClientCertificates(input: ClientFlightInput): SentCertificates {
  const records = splitRecords(input.clientFlight);
  if (input.version !== 'TLSv1.3') {
    return gather(plainMessages(takeUntil(records, CHANGE_CIPHER_SPEC)), readCertificates12);
  }
  const suite = suiteCode(input.cipher);
  if (suite === undefined) throw new WireError('tls-cipher', `cipher suite ${input.cipher} cannot be read`);
  const sealed = records.filter(({ type }) => type === APPLICATION_DATA);
  const { messages } = openHandshake(sealed, createRecordOpener(suite, { sender: 'client', keyLog: input.keyLog }));
  return gather(messages, readCertificates13);
}
