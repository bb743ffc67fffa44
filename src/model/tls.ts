/** What is seen of TLS handshakes and certificates: the rungs tls and certificate. */
import type { Attempt, Observed, Reason } from '../model.ts';

/** A file that stands in for what a server would send. */
export interface CertificateSource {
  name: string;
  format: 'PEM' | 'DER' | 'PKCS#12' | 'PKCS#7';
  /** Servers send the first certificate of a file as their own. */
  order: 'leaf-first' | 'leaf-later';
  /** The private key that was given along: whether it is the key of the certificate. */
  key?: 'belongs' | 'other';
}

/** A Windows policy that changes which names a Microsoft client accepts. */
export interface NamePolicy {
  file: string;
  /** The registry key and value, as in the file. */
  setting: string;
  strictNaming: 'on' | 'off';
}

export interface TlsSeen {
  /** Empty when the certificate comes from a file; so is `cipher`. */
  version: string;
  cipher: string;
  /** DER certificates as sent, leaf first, base64; the first 32. */
  chain: string[];
  /** How many certificates were sent; absent: no more than `chain` holds. */
  chainSent?: number;
  /** Trusted roots, base64 DER, that the names in the chain point to: what was trusted at the time, so that a saved run is judged alike. */
  trustAnchors: string[];
  /** Places in `trustAnchors` of the roots that browsers trust too (Mozilla's programme); absent: not known. */
  publicAnchors?: number[];
  ocspStaple?: string;
  /** Absent: the server asked for no client certificate. */
  clientCertRequest?: ClientCertRequest;
  /** The server showed its certificate, asked for one of the client, and then ended the connection. */
  refusal?: { reason: Reason; detail: string; alert?: number };
  /** What OpenSSL made of the same chain and roots, names left aside: its version; 'ok' or its name of the fault. Absent: not asked. */
  openssl?: { version: string; verdict: string };
  /** What a peer that connected to us offered in its ClientHello. */
  hello?: ClientHelloSeen;
}

/** What a server says of the client certificates that it wants. RFC 8446 section 4.3.2. */
export interface ClientCertRequest {
  /** Subjects of the authorities that it accepts, RFC 4514 text, the first 32; empty: it does not say. */
  authorities: string[];
  /** How many it named. */
  total: number;
}

export interface ClientHelloSeen {
  serverName: string | null;
  /** Newest first: 'TLSv1.3' … 'TLSv1', and 'SSLv3'. */
  versions: string[];
  cipherSuites: number;
  alpn: string[];
}

export type TlsObservation = Observed<
  'tls',
  TlsSeen,
  Attempt & {
    sni: string | null;
    verifyName: string;
    domain?: string;
    judgeAt: string;
    /** The profile whose rules decide, never 'auto'; absent: rfc3263. */
    profile?: string;
    namePolicy?: NamePolicy;
    /** No handshake: the certificate was read from a file. */
    file?: CertificateSource;
    /** The peer connected to us: its certificate is that of a client. Absent: it is a server. */
    peer?: 'client';
    /** Subject of the client certificate that was offered. */
    offered?: string;
    /** A peer was shown a certificate that nobody can trust, made for the occasion. */
    shown?: 'throw-away' | 'own';
  }
>;

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface VariantSeen {
  version: string;
  cipher: string;
  /** The first certificate as sent, base64 DER; absent: none was seen. */
  leaf?: string;
}

/**
 * One more handshake with a server, in another way. by-address: without server name, as to an address. version: in one version
 * only. legacy: TLS 1.2 and older with every cipher and key size, once today's handshake has failed.
 */
export type VariantObservation = Observed<
  'variant',
  VariantSeen,
  Attempt & { way: 'by-address' | 'version' | 'legacy'; sni: string | null; offered: TlsVersion[] }
>;

/** A SIP request in clear to a port on which TLS failed, and the first line of what came back. */
export type CleartextObservation = Observed<'cleartext', { received: string }, Attempt>;

/** A client certificate that is to be offered, looked at before anything is connected. `chain`: DER, leaf first, base64. */
export type OfferObservation = Observed<'offer', { chain: string[] }, { source: string; judgeAt: string }>;

/** What a revocation list or an OCSP responder says about one certificate. Times are ISO 8601. */
export interface RevocationSeen {
  httpStatus: number;
  /** Of the body. */
  octets: number;
  /** unusable: there was an answer, and it decides nothing. */
  status: 'good' | 'revoked' | 'unknown' | 'unusable';
  detail: string;
  thisUpdate?: string;
  nextUpdate?: string;
  revokedAt?: string;
}

/** One question about one certificate to one address that the certificate names. */
export type RevocationObservation = Observed<
  'revocation',
  RevocationSeen,
  {
    method: 'ocsp' | 'crl';
    url: string;
    /** Subject and serial number (hex) of the certificate in question. */
    certificate: string;
    serial: string;
    /** The server that showed the certificate. */
    host: string;
  }
>;
