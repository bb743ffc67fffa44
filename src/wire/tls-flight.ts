import { cursorOver } from './tls-cursor.ts';
import {
  CERTIFICATE,
  addCertificates,
  type Message,
  openHandshake,
  plainMessages,
  readCertificates12,
  readCertificates13,
  type SentCertificates,
  takeUntil,
} from './tls-messages.ts';
import {
  ALERT,
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC,
  createRecordOpener,
  splitRecords,
  type TlsRecord,
} from './tls-record.ts';
import { WireError } from './wire-error.ts';

/** What a server asks of the client's certificate, RFC 8446 section 4.3.2, RFC 5246 section 7.4.4. */
export interface CertificateRequest {
  /** Distinguished names (DER) of the authorities that it accepts, the first 256; empty: it does not say. */
  authorities: Uint8Array[];
  /** SignatureScheme code points, RFC 8446 section 4.2.3; empty before TLS 1.2. */
  signatureAlgorithms: number[];
}

/** What a server sent in its side of a TLS handshake; no certificates when it ends before them. Nothing is verified. */
export interface ServerFlight extends SentCertificates {
  version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** Code point of the cipher suite. */
  cipherSuite: number;
  certificateRequest?: CertificateRequest;
  /** OCSP response for the first certificate, DER (RFC 6066 section 8). */
  ocspStaple?: Uint8Array;
  alpn?: string;
  /** AlertDescription of an alert that the server sent during the handshake. */
  alert?: number;
  /** Whether the server has said all that it says before it waits for the client: ServerHelloDone, or Finished in TLS 1.3. */
  end: 'said' | 'missing';
}

const MAX_AUTHORITIES = 256;

const SERVER_HELLO = 2;
const ENCRYPTED_EXTENSIONS = 8;
const CERTIFICATE_REQUEST = 13;
const SERVER_HELLO_DONE = 14;
const CERTIFICATE_STATUS = 22;
const COMPRESSED_CERTIFICATE = 25;

const STATUS_REQUEST = 5;
const SIGNATURE_ALGORITHMS = 13;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;
const CERTIFICATE_AUTHORITIES = 47;

const VERSIONS: ReadonlyMap<number, ServerFlight['version']> = new Map([
  [0x0301, 'TLSv1'],
  [0x0302, 'TLSv1.1'],
  [0x0303, 'TLSv1.2'],
  [0x0304, 'TLSv1.3'],
]);

/**
 * Reads what a server sent during a TLS handshake. In TLS 1.3 all but the ServerHello is encrypted: `keyLog` needs the line
 * SERVER_HANDSHAKE_TRAFFIC_SECRET of this connection. A flight that is cut short gives what is whole in it. Throws WireError
 * 'tls-record', 'tls-truncated', 'tls-message', 'tls-version', 'tls-no-server-hello', 'tls-no-secret', 'tls-cipher', 'tls-decrypt', 'tls-too-many'.
 * RFC 8446 sections 4, 5 and 7.3; RFC 5246 section 7.4.
 */
export function readServerFlight(input: { serverFlight: Uint8Array; keyLog: readonly string[] }): ServerFlight {
  const records = splitRecords(input.serverFlight);
  const beforeCipher = takeUntil(records, CHANGE_CIPHER_SPEC);
  const flight: ServerFlight = {
    ...readHello(plainMessages(takeUntil(beforeCipher, APPLICATION_DATA))),
    certificates: [],
    end: 'missing',
  };
  if (flight.version === 'TLSv1.3') {
    // ChangeCipherSpec means nothing here and may stand between two hellos (appendix D.4).
    readPlainAlert(takeUntil(records, APPLICATION_DATA), flight);
    const sealed = records.filter((record) => record.type === APPLICATION_DATA);
    if (sealed.length === 0) return flight;
    const sender = { sender: 'server' as const, keyLog: input.keyLog };
    const { messages, ...ending } = openHandshake(sealed, createRecordOpener(flight.cipherSuite, sender));
    Object.assign(flight, ending);
    for (const message of messages) readMessage13(message, flight);
  } else {
    readPlainAlert(beforeCipher, flight);
    for (const message of plainMessages(beforeCipher)) readMessage12(message, flight);
  }
  return flight;
}

function readPlainAlert(records: readonly TlsRecord[], flight: ServerFlight): void {
  const alert = records.find((record) => record.type === ALERT)?.body[1];
  if (alert !== undefined) flight.alert = alert;
}

function readHello(messages: readonly Message[]): Pick<ServerFlight, 'version' | 'cipherSuite' | 'alpn'> {
  const hello = messages.find((message) => message.type === SERVER_HELLO);
  if (hello === undefined) throw new WireError('tls-no-server-hello', 'the flight holds no ServerHello');
  const cursor = cursorOver(hello.body, 'ServerHello');
  const legacyVersion = cursor.number(2);
  cursor.bytes(32);
  cursor.vector(1);
  const cipherSuite = cursor.number(2);
  cursor.number(1);
  const extensions = cursor.left() > 0 ? readExtensions(cursor.vector(2)) : new Map<number, Uint8Array>();
  const chosen = extensions.get(SUPPORTED_VERSIONS);
  const code = chosen === undefined ? legacyVersion : cursorOver(chosen, 'supported_versions').number(2);
  const version = VERSIONS.get(code);
  if (version === undefined) throw new WireError('tls-version', `the server chose version 0x${code.toString(16)}`);
  return { version, cipherSuite, ...readAlpn(extensions) };
}

function readExtensions(bytes: Uint8Array): Map<number, Uint8Array> {
  const cursor = cursorOver(bytes, 'the extensions');
  const extensions = new Map<number, Uint8Array>();
  while (cursor.left() > 0) extensions.set(cursor.number(2), cursor.vector(2));
  return extensions;
}

/** RFC 7301 section 3.1: a list of exactly one name. */
function readAlpn(extensions: ReadonlyMap<number, Uint8Array>): { alpn?: string } {
  const bytes = extensions.get(ALPN);
  if (bytes === undefined) return {};
  const list = cursorOver(cursorOver(bytes, 'ALPN').vector(2), 'ALPN');
  return { alpn: Buffer.from(list.vector(1)).toString('latin1') };
}

function readMessage12({ type, body }: Message, flight: ServerFlight): void {
  const cursor = cursorOver(body, `handshake message ${type}`);
  if (type === CERTIFICATE) addCertificates(flight, readCertificates12(body));
  else if (type === CERTIFICATE_STATUS) addStaple(flight, body);
  else if (type === SERVER_HELLO_DONE) flight.end = 'said';
  else if (type === CERTIFICATE_REQUEST) {
    cursor.vector(1);
    const signatureAlgorithms = flight.version === 'TLSv1.2' ? readCodes(cursor.vector(2)) : [];
    flight.certificateRequest = { signatureAlgorithms, authorities: readNames(cursor.vector(2)) };
  }
}

function readMessage13({ type, body }: Message, flight: ServerFlight): void {
  const cursor = cursorOver(body, `handshake message ${type}`);
  if (type === ENCRYPTED_EXTENSIONS) Object.assign(flight, readAlpn(readExtensions(cursor.vector(2))));
  else if (type === CERTIFICATE_REQUEST) {
    cursor.vector(1);
    const extensions = readExtensions(cursor.vector(2));
    const names = extensions.get(CERTIFICATE_AUTHORITIES);
    const codes = extensions.get(SIGNATURE_ALGORITHMS);
    flight.certificateRequest = {
      authorities: names === undefined ? [] : readNames(cursorOver(names, 'certificate_authorities').vector(2)),
      signatureAlgorithms: codes === undefined ? [] : readCodes(cursorOver(codes, 'signature_algorithms').vector(2)),
    };
  } else if (type === CERTIFICATE) {
    const entries = readCertificates13(body);
    addCertificates(flight, entries);
    const { leafExtensions } = entries;
    const staple = leafExtensions === undefined ? undefined : readExtensions(leafExtensions).get(STATUS_REQUEST);
    if (staple !== undefined) addStaple(flight, staple);
  } else if (type === COMPRESSED_CERTIFICATE) {
    throw new WireError('tls-message', 'the certificates are compressed, which was not offered');
  }
}

/** CertificateStatus, RFC 6066 section 8: status type 1 is OCSP. */
function addStaple(flight: ServerFlight, bytes: Uint8Array): void {
  const cursor = cursorOver(bytes, 'CertificateStatus');
  if (cursor.number(1) === 1) flight.ocspStaple = Uint8Array.from(cursor.vector(3));
}

function readCodes(bytes: Uint8Array): number[] {
  const cursor = cursorOver(bytes, 'the signature algorithms');
  const codes: number[] = [];
  while (cursor.left() > 0) codes.push(cursor.number(2));
  return codes;
}

function readNames(bytes: Uint8Array): Uint8Array[] {
  const cursor = cursorOver(bytes, 'the certificate authorities');
  const names: Uint8Array[] = [];
  while (cursor.left() > 0 && names.length < MAX_AUTHORITIES) names.push(Uint8Array.from(cursor.vector(2)));
  return names;
}
