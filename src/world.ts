/**
 * The contract with the outside: network, clock, randomness. Everything that a run learns or sends passes here, so that a
 * tape can record a run and repeat it byte for byte.
 */

/** Why the network did not do what was asked. A remote's behaviour, never a programming error. */
export type NetReason =
  /** Nothing happened inside the limit. */
  | 'timeout'
  /** RST to a SYN, or ICMP port unreachable. */
  | 'refused'
  /** ICMP host or network unreachable, or administratively prohibited, from a router on the way. */
  | 'unreachable'
  /** This machine itself has no route, no address of that family, or no network at all. */
  | 'no-network'
  /** RST on an open connection. */
  | 'reset'
  /** Orderly end of the stream while more was expected. */
  | 'closed'
  /** The peer ended the TLS handshake, or the connection under it, with an alert. */
  | 'tls-alert'
  /** What came back is not TLS. */
  | 'not-tls'
  /** TLS failed on this side for another reason. */
  | 'tls-failed'
  /** The address or port cannot be used here. */
  | 'address'
  /** Another program listens on the port. */
  | 'in-use'
  /** A port below 1024, and this user may not listen there. */
  | 'privileged'
  /** The peer sent more than the limit allows. */
  | 'too-large'
  /** What the peer sent in a TLS handshake breaks the protocol, or its certificate cannot be read. */
  | 'malformed'
  /** The run was cancelled or its deadline passed. */
  | 'cancelled'
  | 'other';

/**
 * The shape of every error that the network layer throws, for rooms that may not import its class: an `Error` whose `name`
 * is 'NetError'.
 */
export interface NetFailure {
  name: 'NetError';
  message: string;
  code: NetReason;
  /** With 'tls-alert': the AlertDescription, RFC 8446 section 6. */
  alert?: number | undefined;
  /** With 'not-tls': what came instead, the first 256 octets at most. */
  received?: Uint8Array | undefined;
  /** After a TLS handshake that failed: what the peer had sent until then, when it looked like TLS. */
  handshake?: HandshakeRecord | undefined;
}

/** An address that was already resolved: names never reach the network layer. */
export interface Endpoint {
  /** IPv4 or IPv6 literal, without brackets. */
  address: string;
  port: number;
}

/** Limits of one wait. */
export interface Wait {
  /** Infinity: no limit of time. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** A connected byte stream. Every method may throw NetError. */
export interface ByteStream {
  local: Endpoint;
  remote: Endpoint;
  /** Resolves when the octets were handed to the system; throws NetError 'timeout' when the peer reads nothing. */
  send(bytes: Uint8Array, wait: Wait): Promise<void>;
  /** The next bytes that arrived, at least one; throws NetError 'closed' at the end of the stream. */
  receive(wait: Wait): Promise<Uint8Array>;
  /** Ends the connection; safe to call twice. */
  close(): void;
}

export interface TlsSettings {
  /** Server name indication; absent: none is sent (as for an IP address, RFC 6066 section 3). */
  serverName?: string | undefined;
  /** PEM certificate chain and key that are offered when the server asks. */
  clientCert?: string | undefined;
  clientKey?: string | undefined;
  minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
  maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** OpenSSL cipher string, for example 'DEFAULT@SECLEVEL=0'. */
  ciphers?: string | undefined;
  /** Protocols that are offered, best first (RFC 7301). */
  alpn?: readonly string[] | undefined;
  /** What OpenSSL judges the peer's chain by. Absent: it is not asked. The handshake comes about whatever it says. */
  roots?: RootFinder | undefined;
}

/** Finds the trusted roots that a chain needs: to hand OpenSSL all of them would cost every handshake 20 ms. */
export interface RootFinder {
  /** Whose roots they are: all connections that name the same one are judged by the same roots. */
  trust: object;
  /** The roots (PEM) for what the peer has sent so far; asked some times over, until it gives an answer. */
  find: (handshake: HandshakeRecord) => Promise<readonly string[] | undefined>;
}

/** What the peer sent during a TLS handshake, and what it takes to read it: input of `readServerFlight` in wire/tls-flight.ts. */
export interface HandshakeRecord {
  /** The octets from the peer, from its first until the handshake ended; the first 512 KiB at most. */
  serverFlight: Uint8Array;
  /** NSS key log lines with the handshake traffic secret of the peer (TLS 1.3 only): they open the handshake, never the data. */
  keyLog: string[];
}

/** What a TLS handshake that came to its end has shown. Nothing is verified here. */
export interface TlsFacts {
  /** 'TLSv1', 'TLSv1.1', 'TLSv1.2' or 'TLSv1.3'. */
  version: string;
  /** OpenSSL's name of the cipher suite. */
  cipher: string;
  /**
   * The certificates that the peer sent, leaf first, DER, in the order in which each issued the one before: a certificate that
   * issued none of them is left out. `readServerFlight(handshake)` gives them exactly as sent, and sooner. To be asked before the
   * connection is closed.
   */
  readChain(): Uint8Array[];
  /** Absent only where a stand-in network has no octets to show. */
  handshake?: HandshakeRecord | undefined;
  /** The stapled OCSP response, DER. */
  ocspStaple?: Uint8Array | undefined;
  /** The protocol that the peer chose of those offered (RFC 7301); absent: none. */
  alpn?: string | undefined;
  /** What OpenSSL makes of the peer's chain, names left aside; absent: it was not asked. */
  openssl?: OpensslVerdict | undefined;
}

export interface OpensslVerdict {
  /** Of the library that Node is built with. */
  version: string;
  /** 'ok', or its name of the fault: 'CERT_HAS_EXPIRED'. */
  verdict: string;
}

export interface TlsStream extends ByteStream {
  facts: TlsFacts;
}

/** One POST. RFC 9110 section 9.3.3. */
export interface HttpsPost {
  /** With the query, if any. */
  path: string;
  contentType: string;
  accept: string;
  body: Uint8Array;
}

export interface HttpsAnswer {
  status: number;
  /** Lower case, without parameters; '' when the server names none. */
  contentType: string;
  /** 64 KiB at most. */
  body: Uint8Array;
}

/** An HTTP connection over TLS. */
export interface HttpsConnection {
  facts: TlsFacts;
  /** Requests may be made side by side; over HTTP/1.1 they wait for one another. Throws NetError. */
  post(request: HttpsPost, wait: Wait): Promise<HttpsAnswer>;
  /** Ends the connection and what is under way on it; safe to call twice. */
  close(): void;
}

/** What is shown to a peer that connects. */
export interface TlsServerSettings {
  /** PEM: the certificate with its chain, and the private key. */
  certificate: string;
  key: string;
  /** As `find` of RootFinder; what was agreed on by then stands beside it, since a client does not say it. */
  rootsFor?:
    | ((seen: HandshakeRecord & Pick<TlsFacts, 'version' | 'cipher'>) => Promise<readonly string[] | undefined>)
    | undefined;
}

/** A TCP port that takes connections. */
export interface Listener {
  local: Endpoint;
  /** The next connection. Throws NetError. */
  accept(wait: Wait): Promise<ByteStream>;
  /** Takes no more connections; those that were accepted stay. Safe to call twice. */
  close(): void;
}

export interface Datagram {
  bytes: Uint8Array;
  from: Endpoint;
}

/** A UDP socket: answers of any source are handed over, the caller judges the source. */
export interface DatagramSocket {
  local: Endpoint;
  send(to: Endpoint, bytes: Uint8Array): Promise<void>;
  /**
   * The next datagram; throws NetError 'timeout', or 'refused' / 'unreachable' once for each ICMP error. ICMP errors are heard
   * for the peer that the socket was opened towards, and not on Windows; the socket stays usable after one.
   */
  receive(wait: Wait): Promise<Datagram>;
  close(): void;
}

export interface Net {
  /** Opens a TCP connection. Throws NetError. */
  connect(to: Endpoint, wait: Wait): Promise<ByteStream>;
  /** Makes ready for startTls, once: to be called while a connection is awaited. Nothing is sent. */
  prepareTls?(): Promise<void>;
  /** Runs the TLS handshake as client on an open connection, accepting any certificate. Throws NetError. */
  startTls(stream: ByteStream, settings: TlsSettings, wait: Wait): Promise<TlsStream>;
  /**
   * Opens an HTTPS connection, accepting any certificate: HTTP/2, or HTTP/1.1 where the server chooses no other. The host is
   * the one of the URL, a name or an address literal without brackets. Throws NetError.
   */
  openHttps(to: Endpoint, host: string, wait: Wait): Promise<HttpsConnection>;
  /** Listens on a TCP port; port 0 lets the system choose, '::' and '0.0.0.0' stand for all addresses. Throws NetError 'in-use', 'privileged' or 'address'. */
  listen(on: Endpoint): Promise<Listener>;
  /**
   * Runs the TLS handshake as server on a connection that was accepted: any version from TLS 1.0 on, asks for a certificate of any
   * authority and accepts it, and none. `handshake.serverFlight` holds what the client sent (wire/tls-client-flight.ts). Throws NetError.
   */
  answerTls(stream: ByteStream, settings: TlsServerSettings, wait: Wait): Promise<TlsStream>;
  /** Opens a UDP socket on a random local port, with the address that this machine uses towards the peer. Throws NetError. */
  openUdp(towards: Endpoint): Promise<DatagramSocket>;
  /**
   * Opens a UDP socket on a port of this machine, to be reached by anybody; port 0 lets the system choose, '::' and '0.0.0.0'
   * stand for all addresses. Throws NetError 'in-use', 'privileged' or 'address'.
   */
  bindUdp(on: Endpoint): Promise<DatagramSocket>;
  /**
   * What the operating system answers for a host name (hosts file, search list, NSS), as getaddrinfo gives it, without
   * duplicates; empty: it says that there is no such name or no address. Throws NetError when it could not find out.
   */
  systemLookup(host: string, wait: Wait): Promise<string[]>;
  /** The DNS servers that this machine is configured to ask. */
  systemResolvers(): Promise<Endpoint[]>;
  /** The ports that the system hands out by itself to sockets that name none; undefined: it does not say. */
  ephemeralPorts(): Promise<{ first: number; last: number } | undefined>;
}

export interface World {
  net: Net;
  /** Milliseconds since the Unix epoch; never runs backwards within a run. */
  now(): number;
  /**
   * `bytes` random octets in hex, unpredictable to a remote. The label names the use ('sip/branch/…'): the same label asked
   * again gives the next value, and labels are independent of one another, so that probes that run side by side stay repeatable.
   */
  randomHex(label: string, bytes: number): string;
}
