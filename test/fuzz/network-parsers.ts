import { readFileSync } from 'node:fs';
import { readAnswer } from '../../src/wire/dns-answer.ts';
import { decodeMessage } from '../../src/wire/dns-message.ts';
import { createDnsFramer, frameDnsMessage } from '../../src/wire/dns-stream.ts';
import { formatMessage } from '../../src/wire/dns-text.ts';
import { readHttpResponse } from '../../src/wire/http.ts';
import { answerStunChallenge, readStunChallenge } from '../../src/wire/stun-challenge.ts';
import { verifyIntegrity } from '../../src/wire/stun-integrity.ts';
import { buildStun, parseStun, unknownRequired, type StunMessage } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE, STUN_METHOD } from '../../src/wire/stun-registry.ts';
import { createStunFramer, encodeChannelData } from '../../src/wire/stun-stream.ts';
import {
  dialectOf,
  errorCodeAttribute,
  errorCodeOf,
  numberAttribute,
  numberOf,
  plainAddressAttribute,
  plainAddressOf,
  textAttribute,
  textOf,
  unknownAttributesOf,
  xorAddressAttribute,
  xorAddressOf,
} from '../../src/wire/stun-values.ts';
import { readClientCertificates } from '../../src/wire/tls-client-flight.ts';
import { readClientHello } from '../../src/wire/tls-client-hello.ts';
import { readServerFlight } from '../../src/wire/tls-flight.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { octetsOf, RFC5769 } from '../wire/stun-vectors.ts';
import { rfc8448, tls12, tls13 } from '../wire/tls-flight-captured.ts';
import { inPieces, orRefused, type FuzzedParser } from './fuzzed-parser.ts';

const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

interface DnsCase {
  transport: string;
  query: { id: number; name: string; type: 'A' };
  hex: string;
}

function dnsCases(): DnsCase[] {
  const file = new URL('../../fixtures/conformance/dns-wire.json', import.meta.url);
  // The shape is that of the file, which the project itself has written.
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: DnsCase[] }).cases;
}

/** DNS messages over every transport. Asked for is what most of the seeds answer, so that injured answers are read to their end. */
export const dnsParser: FuzzedParser = {
  seeds: () => dnsCases().map(({ hex }) => fromHex(hex)),
  tokens: [
    '\xc0\x0c',
    '\xc0\x00',
    '\xff\xff',
    '\x00\x01\x00\x01',
    '\x00\x21\x00\x01',
    '\x00\x23\x00\x01',
    '\x3f',
    '\x00',
  ],
  read(bytes, pieces) {
    const message = orRefused(() => decodeMessage(bytes));
    if (message !== undefined) formatMessage(message);
    const query = { id: 0x1234, name: 'sip.example.com', type: 'A' } as const;
    for (const transport of ['udp', 'tcp'] as const) readAnswer({ query, bytes, transport });
    for (const stream of [bytes, orRefused(() => frameDnsMessage(bytes)) ?? bytes])
      orRefused(() => {
        const framer = createDnsFramer();
        inPieces(stream, pieces, (piece) => framer.push(piece));
        framer.end();
      });
  },
};

function readStun(message: StunMessage): void {
  unknownRequired(message);
  unknownAttributesOf(message);
  dialectOf(message);
  orRefused(() => errorCodeOf(message));
  for (const type of Object.values(STUN_ATTRIBUTE)) {
    orRefused(() => xorAddressOf(message, type));
    orRefused(() => plainAddressOf(message, type));
    orRefused(() => textOf(message, type));
    orRefused(() => numberOf(message, type));
  }
  for (const hash of ['sha1', 'sha256'] as const)
    orRefused(() => verifyIntegrity(message, { octets: Buffer.from('key'), hash }));
}

async function logInWith(message: StunMessage): Promise<void> {
  const challenge = orRefused(() => readStunChallenge(message));
  if (challenge === undefined) return;
  try {
    await answerStunChallenge(challenge, { user: 'alice', password: 'x' });
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
}

const ID = 'b7e7a701bc34d686fa87dfae';
const PEER = { address: '192.0.2.1', port: 32_853 };

const stunSeeds = (): Uint8Array[] => [
  ...RFC5769.map(octetsOf),
  buildStun({
    class: 'error',
    method: STUN_METHOD.ALLOCATE,
    transactionId: ID,
    attributes: [
      errorCodeAttribute({ code: 401, reason: 'Unauthorized' }),
      textAttribute(STUN_ATTRIBUTE.REALM, 'example.org'),
      textAttribute(STUN_ATTRIBUTE.NONCE, 'obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA'),
      { type: STUN_ATTRIBUTE.PASSWORD_ALGORITHMS, value: Uint8Array.of(0, 2, 0, 0, 0, 1, 0, 0) },
    ],
  }),
  buildStun({
    class: 'success',
    method: STUN_METHOD.ALLOCATE,
    transactionId: ID,
    attributes: [
      xorAddressAttribute(STUN_ATTRIBUTE.XOR_RELAYED_ADDRESS, PEER, ID),
      xorAddressAttribute(STUN_ATTRIBUTE.XOR_MAPPED_ADDRESS, { address: '2001:db8::1', port: 1 }, ID),
      plainAddressAttribute(STUN_ATTRIBUTE.MAPPED_ADDRESS, PEER),
      numberAttribute(STUN_ATTRIBUTE.LIFETIME, 600),
    ],
  }),
  encodeChannelData({ channel: 0x4000, data: Buffer.from('hello') }),
];

/** STUN and TURN, as datagrams and as streams, and the login that a relay asks for. */
export const stunParser: FuzzedParser = {
  seeds: stunSeeds,
  tokens: [
    '\x21\x12\xa4\x42',
    '\x00\x20\x00\x08',
    '\x00\x09\x00\x04',
    '\x80\x28\x00\x04',
    '\x40\x00',
    '\xff\xff',
    '\x00',
  ],
  async read(bytes, pieces) {
    const message = orRefused(() => parseStun(bytes));
    if (message !== undefined) {
      readStun(message);
      await logInWith(message);
    }
    for (const channels of ['bound', 'none'] as const)
      orRefused(() => {
        const framer = createStunFramer({ channels });
        inPieces(bytes, pieces, (piece) => {
          framer.push(piece);
          while (framer.next() !== undefined);
        });
        framer.rest();
      });
  },
};

/** As for autodiscover documents. */
const MAX_BODY = 65_536;

const HTTP_SEEDS = [
  'HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\n\r\n',
  'HTTP/1.0 302 Found\r\nLocation: https://example.org/\r\n\r\n',
];

export const httpParser: FuzzedParser = {
  seeds: () => HTTP_SEEDS.map((text) => Buffer.from(text)),
  tokens: [
    '\r\n',
    '\n',
    ':',
    ' ',
    ';',
    '0',
    'ffffffff',
    'Content-Length: -1\r\n',
    'Transfer-Encoding: chunked\r\n',
    '\0',
  ],
  read(bytes, pieces) {
    for (const stream of ['open', 'ended'] as const)
      orRefused(() => readHttpResponse(bytes, { stream, maxBody: MAX_BODY }));
    orRefused(() => {
      let arrived = 0;
      inPieces(bytes, pieces, (piece) => {
        arrived += piece.length;
        readHttpResponse(bytes.subarray(0, arrived), { stream: 'open', maxBody: MAX_BODY });
      });
    });
  },
};

const TLS_TOKENS = [
  '\x16\x03\x03',
  '\x17\x03\x03',
  '\x14\x03\x03\x00\x01\x01',
  '\x0b\x00',
  '\x0d\x00',
  '\xff\xff',
  '\x00',
];

/** What a server sends in a handshake. The secrets of all that was captured are known, so that injured flights are opened. */
export const tlsServerParser: FuzzedParser = {
  seeds: () => [rfc8448, tls12, tls13].map(({ serverFlight }) => serverFlight),
  tokens: TLS_TOKENS,
  read(serverFlight) {
    for (const keyLog of [[], rfc8448.keyLog, tls13.keyLog])
      orRefused(() => readServerFlight({ serverFlight, keyLog }));
  },
};

/** A ClientHello as Node 20 sends it, for sip.example.org and sip/2; base64. */
const CLIENT_HELLO = [
  'FgMBAXwBAAF4AwPNamLuUP/36gqQiK9SePbREjHKWzR8s77SMLijhx2mGyDOagEYJA8xLUZjXC6DO7cihRyy8fW4xWRhXmZ9H1RecgB2EwITAx',
  'MBwC/AK8AwwCwAnsAnAGfAKABrAKMAn8ypzKjMqsCvwK3Ao8CfwF3AYcBXwFMAosCuwKzAosCewFzAYMBWwFLAJABqwCMAQMAKwBQAOQA4wAnA',
  'EwAzADIAncChwJ3AUQCcwKDAnMBQAD0APAA1AC8A/wEAALkAAAAUABIAAA9zaXAuZXhhbXBsZS5vcmcACwAEAwABAgAKABYAFAAdABcAHgAZAB',
  'gBAAEBAQIBAwEEACMAAAAQAAgABgVzaXAvMgAWAAAAFwAAAA0AKgAoBAMFAwYDCAcICAgJCAoICwgECAUIBgQBBQEGAQMDAwEDAgQCBQIGAgAr',
  'AAUEAwQDAwAtAAIBAQAzACYAJAAdACA9bPJUqMDoAjBIt/G32TWZbOFh0tJD/kzDCzARGppJdg==',
].join('');

/** What a client sends in a handshake. */
export const tlsClientParser: FuzzedParser = {
  seeds: () => [new Uint8Array(Buffer.from(CLIENT_HELLO, 'base64')), tls12.serverFlight, tls13.serverFlight],
  tokens: [...TLS_TOKENS, '\x00\x00', '\x00\x2b', '\x00\x10', '\x01\x00'],
  read(bytes) {
    orRefused(() => readClientHello(bytes));
    for (const version of ['TLSv1.2', 'TLSv1.3'])
      orRefused(() =>
        readClientCertificates({
          clientFlight: bytes,
          keyLog: tls13.keyLog.map((line) => line.replace('SERVER', 'CLIENT')),
          version,
          cipher: 'TLS_AES_256_GCM_SHA384',
        }),
      );
  },
};
