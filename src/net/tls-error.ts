import type { HandshakeRecord } from '../world.ts';
import { NetError } from './net-error.ts';
import { codeOf, explainSystemError } from './system-error.ts';

/** Octets of a stranger's protocol that are kept to show what it was. */
const SHOWN_BYTES = 256;

/** AlertDescription by OpenSSL's reason, RFC 8446 section 6 and RFC 5246 section 7.2. */
const ALERTS: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['ERR_SSL_SSLV3_ALERT_UNEXPECTED_MESSAGE', [10, 'unexpected_message']],
  ['ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC', [20, 'bad_record_mac']],
  ['ERR_SSL_TLSV1_ALERT_DECRYPTION_FAILED', [21, 'decryption_failed']],
  ['ERR_SSL_TLSV1_ALERT_RECORD_OVERFLOW', [22, 'record_overflow']],
  ['ERR_SSL_SSLV3_ALERT_DECOMPRESSION_FAILURE', [30, 'decompression_failure']],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', [40, 'handshake_failure']],
  ['ERR_SSL_SSLV3_ALERT_NO_CERTIFICATE', [41, 'no_certificate']],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', [42, 'bad_certificate']],
  ['ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE', [43, 'unsupported_certificate']],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', [44, 'certificate_revoked']],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', [45, 'certificate_expired']],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', [46, 'certificate_unknown']],
  ['ERR_SSL_SSLV3_ALERT_ILLEGAL_PARAMETER', [47, 'illegal_parameter']],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', [48, 'unknown_ca']],
  ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', [49, 'access_denied']],
  ['ERR_SSL_TLSV1_ALERT_DECODE_ERROR', [50, 'decode_error']],
  ['ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR', [51, 'decrypt_error']],
  ['ERR_SSL_TLSV1_ALERT_EXPORT_RESTRICTION', [60, 'export_restriction']],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', [70, 'protocol_version']],
  ['ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY', [71, 'insufficient_security']],
  ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', [80, 'internal_error']],
  ['ERR_SSL_TLSV1_ALERT_INAPPROPRIATE_FALLBACK', [86, 'inappropriate_fallback']],
  ['ERR_SSL_TLSV1_ALERT_USER_CANCELLED', [90, 'user_canceled']],
  ['ERR_SSL_TLSV1_ALERT_NO_RENEGOTIATION', [100, 'no_renegotiation']],
  ['ERR_SSL_TLSV13_ALERT_MISSING_EXTENSION', [109, 'missing_extension']],
  ['ERR_SSL_TLSV1_UNSUPPORTED_EXTENSION', [110, 'unsupported_extension']],
  ['ERR_SSL_TLSV1_CERTIFICATE_UNOBTAINABLE', [111, 'certificate_unobtainable']],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', [112, 'unrecognized_name']],
  ['ERR_SSL_TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE', [113, 'bad_certificate_status_response']],
  ['ERR_SSL_TLSV1_BAD_CERTIFICATE_HASH_VALUE', [114, 'bad_certificate_hash_value']],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_PSK_IDENTITY', [115, 'unknown_psk_identity']],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', [116, 'certificate_required']],
  ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', [120, 'no_application_protocol']],
]);

const NAMES: ReadonlyMap<number, string> = new Map(ALERTS.values());

/** True for the start of a TLS record: content type 20 to 24, major version 3 (RFC 8446 section 5.1). */
function looksLikeTls(bytes: Uint8Array): boolean {
  const [type, major] = bytes;
  return (type === undefined || (type >= 20 && type <= 24)) && (major === undefined || major === 3);
}

/** Names an error of a TLS socket whose handshake is over. */
export function explainTlsError(error: unknown, what: string): NetError {
  if (error instanceof NetError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  // OpenSSL appends the number to the alerts that the peer sent, also to those that it has no name for.
  const number = /SSL alert number (\d{1,3})/.exec(message)?.[1];
  const alert = number === undefined ? ALERTS.get(code)?.[0] : Number(number);
  if (alert !== undefined) return new NetError('tls-alert', describeAlert(alert, what), { alert, cause: error });
  if (!code.startsWith('ERR_SSL_') && !code.startsWith('ERR_OSSL_') && !code.startsWith('ERR_TLS_')) {
    return explainSystemError(error, what);
  }
  const reason = code
    .replace(/^ERR_(?:O?SSL|TLS)_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();
  return new NetError('tls-failed', `${what}: ${reason}`, { cause: error });
}

/** What OpenSSL says of a peer that breaks the protocol, whichever parameters it offers. */
const VIOLATIONS: ReadonlySet<string> = new Set([
  'ERR_SSL_BAD_CHANGE_CIPHER_SPEC',
  'ERR_SSL_BAD_DATA',
  'ERR_SSL_BAD_DIGEST_LENGTH',
  'ERR_SSL_BAD_ECPOINT',
  'ERR_SSL_BAD_EXTENSION',
  'ERR_SSL_BAD_HELLO_REQUEST',
  'ERR_SSL_BAD_KEY_SHARE',
  'ERR_SSL_BAD_LEGACY_VERSION',
  'ERR_SSL_BAD_LENGTH',
  'ERR_SSL_BAD_PACKET',
  'ERR_SSL_BAD_RECORD_TYPE',
  'ERR_SSL_BAD_SIGNATURE',
  'ERR_SSL_CCS_RECEIVED_EARLY',
  'ERR_SSL_DATA_BETWEEN_CCS_AND_FINISHED',
  'ERR_SSL_DATA_LENGTH_TOO_LONG',
  'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
  'ERR_SSL_DIGEST_CHECK_FAILED',
  'ERR_SSL_ENCRYPTED_LENGTH_TOO_LONG',
  'ERR_SSL_GOT_A_FIN_BEFORE_A_CCS',
  'ERR_SSL_INVALID_ALERT',
  'ERR_SSL_INVALID_CCS_MESSAGE',
  'ERR_SSL_INVALID_STATUS_RESPONSE',
  'ERR_SSL_LENGTH_MISMATCH',
  'ERR_SSL_LENGTH_TOO_LONG',
  'ERR_SSL_LENGTH_TOO_SHORT',
  'ERR_SSL_NOT_ON_RECORD_BOUNDARY',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_RECORD_LENGTH_MISMATCH',
  'ERR_SSL_RECORD_TOO_SMALL',
  'ERR_SSL_TOO_MANY_WARN_ALERTS',
  'ERR_SSL_UNEXPECTED_CCS_MESSAGE',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_UNEXPECTED_RECORD',
  'ERR_SSL_UNKNOWN_ALERT_TYPE',
  'ERR_SSL_UNSOLICITED_EXTENSION',
  'ERR_SSL_UNSUPPORTED_STATUS_TYPE',
  'ERR_SSL_WRONG_CERTIFICATE_TYPE',
  'ERR_SSL_WRONG_CIPHER_RETURNED',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);
/** In a handshake only certificates are written in ASN.1. */
const CERTIFICATE_LIBRARIES: ReadonlySet<string> = new Set(['asn1 encoding routines', 'x509 certificate routines']);

const libraryOf = (error: unknown): string =>
  error instanceof Error && 'library' in error && typeof error.library === 'string' ? error.library : '';

/** What a message says of `what`; one that names something else, as the connection below, is kept whole. */
const saidOf = (message: string, what: string): string =>
  message.startsWith(`${what}: `) ? message.slice(what.length + 2) : message;

/** What the peer did wrong in a handshake that it had begun. */
function blame(known: NetError, what: string): Pick<NetError, 'code' | 'message'> {
  const { code, message, cause } = known;
  if (code === 'timeout') return { code, message: `${what}: it began, and did not come to its end in time` };
  if (code !== 'tls-failed') return { code, message };
  const why = saidOf(message, what);
  if (CERTIFICATE_LIBRARIES.has(libraryOf(cause)))
    return { code: 'malformed', message: `${what}: its certificate cannot be read (${why})` };
  if (codeOf(cause) === 'ERR_SSL_EXCESSIVE_MESSAGE_SIZE') return { code: 'too-large', message };
  return { code: VIOLATIONS.has(codeOf(cause)) ? 'malformed' : code, message };
}

/** Names what ended a handshake, and keeps what the peer had sent until then. */
export function explainHandshakeError(error: unknown, what: string, record: HandshakeRecord): NetError {
  const first = record.serverFlight;
  const known = explainTlsError(error, what);
  if (known.code === 'cancelled') return known;
  if (!looksLikeTls(first)) {
    const received = first.slice(0, SHOWN_BYTES);
    const message = `${what}: the answer is not TLS (${first.length} octets, ${saidOf(known.message, what)})`;
    return new NetError('not-tls', message, { received, cause: error });
  }
  if (first.length === 0) return known;
  const cause = known.cause ?? known;
  // Node stays silent on an alert that OpenSSL has no name for.
  const alert = known.alert ?? clearAlertIn(first);
  if (alert !== undefined) {
    return new NetError('tls-alert', describeAlert(alert, what), { alert, handshake: record, cause });
  }
  const { code, message } = blame(known, what);
  return new NetError(code, message, { handshake: record, cause });
}

/** The fatal alert that was sent in clear, before any key was agreed. RFC 8446 section 6. */
function clearAlertIn(flight: Uint8Array): number | undefined {
  for (let at = 0; at + 7 <= flight.length;) {
    const [type, , , high = 0, low = 0, level, description] = flight.subarray(at, at + 7);
    const length = high * 256 + low;
    if (type === 21 && length === 2 && level === 2) return description;
    at += 5 + length;
  }
  return undefined;
}

function describeAlert(alert: number, what: string): string {
  return `${what}: the peer sent the TLS alert ${NAMES.get(alert) ?? 'unknown'} (${alert})`;
}
