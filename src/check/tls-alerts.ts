/** TLS alerts that a client meets when it signs in: their names, and what each means here. RFC 8446 section 6.2. */
export const TLS_ALERTS: Readonly<Record<number, { name: string; meaning: string }>> = {
  0: { name: 'close_notify', meaning: 'the server ended the connection in an orderly way' },
  10: { name: 'unexpected_message', meaning: 'the server did not expect this message' },
  20: { name: 'bad_record_mac', meaning: 'a record was damaged on the way' },
  22: { name: 'record_overflow', meaning: 'a record was too long' },
  40: { name: 'handshake_failure', meaning: 'the two sides have no TLS parameters in common' },
  42: { name: 'bad_certificate', meaning: 'the server found the client certificate damaged' },
  43: {
    name: 'unsupported_certificate',
    meaning: 'the server does not accept this kind of client certificate; often it lacks the EKU clientAuth',
  },
  44: { name: 'certificate_revoked', meaning: 'the client certificate was revoked' },
  45: { name: 'certificate_expired', meaning: 'the client certificate has expired' },
  46: { name: 'certificate_unknown', meaning: 'the server did not accept the client certificate' },
  47: { name: 'illegal_parameter', meaning: 'the server found a value out of range' },
  48: { name: 'unknown_ca', meaning: 'the server does not trust the CA of the client certificate' },
  49: { name: 'access_denied', meaning: 'the client certificate is valid, but access is denied' },
  50: { name: 'decode_error', meaning: 'the server could not read a message' },
  51: { name: 'decrypt_error', meaning: 'a signature or key exchange did not verify' },
  70: { name: 'protocol_version', meaning: 'the server does not speak this version of TLS' },
  71: { name: 'insufficient_security', meaning: 'the server wants stronger ciphers' },
  80: { name: 'internal_error', meaning: 'the server failed for a reason of its own' },
  86: { name: 'inappropriate_fallback', meaning: 'the server refuses a downgrade of the version' },
  90: { name: 'user_canceled', meaning: 'the handshake was cancelled' },
  109: { name: 'missing_extension', meaning: 'the server misses an extension in the ClientHello' },
  112: { name: 'unrecognized_name', meaning: 'the server does not serve the name in the SNI' },
  113: { name: 'bad_certificate_status_response', meaning: 'the OCSP response was not accepted' },
  115: { name: 'unknown_psk_identity', meaning: 'the server does not know the pre-shared key' },
  116: { name: 'certificate_required', meaning: 'the server demands a client certificate, and none was offered' },
  120: { name: 'no_application_protocol', meaning: 'the two sides have no ALPN protocol in common' },
};

/** 'alert 40 handshake_failure', also for numbers that no standard names. */
export const alertText = (alert: number): string => `alert ${alert} ${TLS_ALERTS[alert]?.name ?? '(unassigned)'}`;
