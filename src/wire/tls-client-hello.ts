import { type Cursor, cursorOver } from './tls-cursor.ts';
import { HANDSHAKE, splitRecords } from './tls-record.ts';
import { WireError } from './wire-error.ts';

/** What a client offers at the start of a TLS handshake. RFC 8446 section 4.1.2. */
export interface ClientHello {
  /** Names of the versions, newest first; unknown ones (GREASE, RFC 8701) are left out. */
  versions: string[];
  /** RFC 6066 section 3; null: none is sent. */
  serverName: string | null;
  /** Cipher suites, GREASE and signalling values included. */
  cipherSuites: number;
  /** RFC 7301, the first 16. */
  alpn: string[];
}

const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;
const MAX_PROTOCOLS = 16;
/** A ClientHello with every extension that is known, post-quantum key shares included, stays far below. */
const MAX_HELLO = 65_536;

const VERSIONS: ReadonlyMap<number, string> = new Map([
  [0x0304, 'TLSv1.3'],
  [0x0303, 'TLSv1.2'],
  [0x0302, 'TLSv1.1'],
  [0x0301, 'TLSv1'],
  [0x0300, 'SSLv3'],
]);

const reader = (bytes: Uint8Array): Cursor => cursorOver(bytes, 'the ClientHello');

/** The body of the first handshake message, which may be spread over records. */
function helloBody(flight: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { type, body } of splitRecords(flight.subarray(0, MAX_HELLO))) {
    if (type !== HANDSHAKE) break;
    parts.push(body);
  }
  const message = reader(Buffer.concat(parts));
  if (message.left() === 0) throw new WireError('tls-truncated', 'the client sent no handshake message');
  const type = message.number(1);
  if (type !== CLIENT_HELLO) throw new WireError('tls-message', `the client began with handshake message ${type}`);
  return message.vector(3);
}

function extensionsOf(bytes: Uint8Array): Map<number, Uint8Array> {
  const list = reader(bytes);
  const extensions = new Map<number, Uint8Array>();
  while (list.left() > 0) {
    const type = list.number(2);
    const body = list.vector(2);
    if (!extensions.has(type)) extensions.set(type, body);
  }
  return extensions;
}

/** Without the extension a client offers its highest version and those below (RFC 5246 appendix E.1). */
function versionsOf(legacy: number, extension: Uint8Array | undefined): string[] {
  if (extension === undefined)
    return [...VERSIONS].flatMap(([code, name]) => (code <= legacy && code > 0x0300 ? name : []));
  const list = reader(reader(extension).vector(1));
  const codes = new Set<number>();
  while (list.left() > 0) codes.add(list.number(2));
  return [...VERSIONS].flatMap(([code, name]) => (codes.has(code) ? name : []));
}

function serverNameOf(extension: Uint8Array | undefined): string | null {
  if (extension === undefined || extension.length === 0) return null;
  const list = reader(reader(extension).vector(2));
  while (list.left() > 0) {
    const type = list.number(1);
    const name = list.vector(2);
    if (type === 0) return Buffer.from(name).toString('latin1');
  }
  return null;
}

function alpnOf(extension: Uint8Array | undefined): string[] {
  if (extension === undefined) return [];
  const list = reader(reader(extension).vector(2));
  const names: string[] = [];
  while (list.left() > 0 && names.length < MAX_PROTOCOLS) names.push(Buffer.from(list.vector(1)).toString('latin1'));
  return names;
}

/**
 * Reads the ClientHello at the start of what a client has sent. Throws WireError 'tls-record', 'tls-truncated', 'tls-message'. RFC
 * 8446 section 4.1.2, RFC 5246 section 7.4.1.2.
 */
export function readClientHello(flight: Uint8Array): ClientHello {
  const hello = reader(helloBody(flight));
  const legacy = hello.number(2);
  hello.bytes(32);
  hello.vector(1);
  const cipherSuites = Math.floor(hello.vector(2).length / 2);
  hello.vector(1);
  const extensions = hello.left() > 0 ? extensionsOf(hello.vector(2)) : new Map<number, Uint8Array>();
  return {
    versions: versionsOf(legacy, extensions.get(SUPPORTED_VERSIONS)),
    serverName: serverNameOf(extensions.get(SERVER_NAME)),
    cipherSuites,
    alpn: alpnOf(extensions.get(ALPN)),
  };
}
