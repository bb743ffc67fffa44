import { createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Endpoint } from '../world.ts';
import type { LabCertificates } from './certificates.ts';
import { listenTcp, type Listener } from './listener.ts';

/** TLS servers that are sound up to one moment, and break there what no TLS library would break. */

type Identity = Pick<LabCertificates, 'chainPem' | 'keyPem' | 'rootPem'>;

const ANSWER = new TextEncoder().encode('SIP/2.0 200 OK\r\nServer: sipdiag-lab\r\nContent-Length: 0\r\n\r\n');
/** In a record of application data: what OpenSSL says of octets in no record at all differs from version to version. */
const CLEAR = Uint8Array.of(0x17, 3, 3, 0, ANSWER.length, ...ANSWER);

/** After a whole handshake, the first request is answered without encryption. Throws NetError. */
export async function startLeavingTls(at: Endpoint, { chainPem, keyPem }: Identity): Promise<Listener> {
  const secureContext = createSecureContext({ cert: chainPem, key: keyPem });
  const server = createServer((raw) => {
    const secure = new TLSSocket(raw, { isServer: true, secureContext });
    secure.on('error', () => raw.destroy());
    secure.once('data', () => raw.write(CLEAR));
  });
  return listenTcp(server, at);
}

/** fatal(2) bad_certificate(42) in a record of TLS 1.2. RFC 5246 section 7.2.2. */
const REFUSAL = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 42);

/** What the socket carries up to the answer of the client to the whole side of the server; `refuse` is called then. */
function carrierUpTo(raw: Socket, refuse: () => void): Duplex {
  let side: 'awaited' | 'said' = 'awaited';
  const carrier = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      side = 'said';
      raw.write(chunk, () => done());
    },
  });
  raw.on('data', (bytes) => {
    if (side === 'awaited') carrier.push(bytes);
    else refuse();
  });
  raw.once('close', () => carrier.destroy());
  return carrier;
}

/**
 * Asks for a client certificate, and refuses whichever comes. Up to TLS 1.2, where the refusal can be written in the clear: Node
 * would end the connection without an alert. Throws NetError.
 */
export async function startRefusingTls(
  at: Endpoint,
  { chainPem, keyPem, rootPem }: Identity,
  clientRoot = rootPem,
): Promise<Listener> {
  const secureContext = createSecureContext({ cert: chainPem, key: keyPem, ca: [clientRoot], maxVersion: 'TLSv1.2' });
  const server = createServer((raw) => {
    const carrier = carrierUpTo(raw, () => raw.end(REFUSAL));
    const secure = new TLSSocket(carrier, { isServer: true, secureContext, requestCert: true });
    secure.on('error', () => undefined);
  });
  return listenTcp(server, at);
}
