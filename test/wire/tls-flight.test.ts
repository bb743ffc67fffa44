import { describe, expect, test } from 'vitest';
import { readServerFlight, type ServerFlight } from '../../src/wire/tls-flight.ts';
import { splitRecords } from '../../src/wire/tls-record.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { extra, leaf, rfc8448, rfc8448Certificate, tls12, tls13 } from './tls-flight-captured.ts';

interface Flight {
  serverFlight: Uint8Array;
  keyLog: string[];
}

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const prefixed = (octets: 1 | 2 | 3, body: Buffer): Buffer => {
  const length = Buffer.alloc(octets);
  length.writeUIntBE(body.length, 0, octets);
  return Buffer.concat([length, body]);
};
const message = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([type]), prefixed(3, body)]);
const handshakeRecord = (body: Buffer): Buffer => Buffer.concat([bytes('160303'), prefixed(2, body)]);
const hello12 = (extensions = Buffer.alloc(0), version = '0303'): Buffer =>
  message(2, Buffer.concat([bytes(version), Buffer.alloc(32), bytes('00 c02f 00'), prefixed(2, extensions)]));
const inClear = (...messages: Buffer[]): Flight => ({
  serverFlight: new Uint8Array(handshakeRecord(Buffer.concat(messages))),
  keyLog: [],
});

/** What comes of a flight: its reading, or the code of the WireError; anything else is thrown on. */
function attempt(flight: Flight): ServerFlight | string {
  try {
    return readServerFlight(flight);
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
}

describe('a captured flight', () => {
  test('of RFC 8448 section 3 gives its certificate', () => {
    expect(readServerFlight(rfc8448)).toEqual({
      version: 'TLSv1.3',
      cipherSuite: 0x1301,
      certificates: [rfc8448Certificate],
      end: 'said',
    });
  });

  test.each([
    ['TLSv1.2', tls12, 0xc02b],
    ['TLSv1.3', tls13, 0x1302],
  ])('of %s gives certificates, request and staple as sent', (version, flight, cipherSuite) => {
    expect(readServerFlight(flight)).toEqual({
      version,
      cipherSuite,
      certificates: [leaf, extra],
      end: 'said',
      certificateRequest: {
        authorities: [
          new Uint8Array(Buffer.concat([bytes('301c311a301806035504030c11'), Buffer.from('extra.example.com')])),
        ],
        signatureAlgorithms: [0x0403, 0x0401],
      },
      ocspStaple: new Uint8Array(bytes('30030a0106')),
    });
  });

  test.each([
    ['RFC 8448', rfc8448],
    ['TLS 1.2', tls12],
    ['TLS 1.3', tls13],
  ])('cut at any octet gives what is whole or a WireError: %s', (_name, { serverFlight, keyLog }) => {
    const whole = readServerFlight({ serverFlight, keyLog });
    const results = Array.from(serverFlight, (_octet, end) =>
      attempt({ serverFlight: serverFlight.subarray(0, end), keyLog }),
    );
    const readings = results.filter((result) => typeof result !== 'string');
    expect(results[0]).toBe('tls-no-server-hello');
    expect(readings.length).toBeGreaterThan(100);
    expect(
      readings.every(({ certificates }) =>
        certificates.every((der, at) => Buffer.compare(der, whole.certificates[at] ?? leaf) === 0),
      ),
    ).toBe(true);
  });

  test.each([
    ['RFC 8448', rfc8448],
    ['TLS 1.2', tls12],
    ['TLS 1.3', tls13],
  ])('with any octet changed never fails but with a WireError: %s', (_name, { serverFlight, keyLog }) => {
    const results = Array.from(serverFlight, (octet, at) =>
      attempt({ serverFlight: serverFlight.with(at, octet ^ 0xff), keyLog }),
    );
    expect(results.some((result) => typeof result === 'string')).toBe(true);
  });

  test('of TLS 1.3 needs the secret of its connection', () => {
    expect(attempt({ ...tls13, keyLog: [] })).toBe('tls-no-secret');
    expect(attempt({ ...tls13, keyLog: rfc8448.keyLog })).toBe('tls-no-secret');
    const otherSecret = rfc8448.keyLog.map((line) => line.replace(/8$/, '9'));
    expect(attempt({ ...rfc8448, keyLog: otherSecret })).toBe('tls-decrypt');
  });

  test('goes on with records under other keys without harm', () => {
    const more = Buffer.concat([tls13.serverFlight, bytes('1703030020'), Buffer.alloc(32, 7)]);
    expect(readServerFlight({ ...tls13, serverFlight: more })).toEqual(readServerFlight(tls13));
  });
});

describe('a flight in clear', () => {
  const certificate = (...ders: Buffer[]): Buffer =>
    message(11, prefixed(3, Buffer.concat(ders.map((der) => prefixed(3, der)))));

  test('may spread one message over many records', () => {
    const stream = Buffer.concat([hello12(), certificate(bytes('aabbcc'), bytes('dd'))]);
    const records = Array.from(stream, (octet) => handshakeRecord(Buffer.from([octet])));
    expect(readServerFlight({ serverFlight: Buffer.concat(records), keyLog: [] }).certificates).toEqual([
      new Uint8Array([0xaa, 0xbb, 0xcc]),
      new Uint8Array([0xdd]),
    ]);
  });

  test.each([
    ['0301', 'TLSv1'],
    ['0302', 'TLSv1.1'],
    ['0303', 'TLSv1.2'],
  ])('of version %s is %s', (code, version) => {
    expect(readServerFlight(inClear(hello12(undefined, code)))).toMatchObject({
      version,
      cipherSuite: 0xc02f,
      certificates: [],
      end: 'missing',
    });
  });

  test('names the protocol that ALPN chose', () => {
    const list = prefixed(2, prefixed(1, Buffer.from('sip/2')));
    const extension = Buffer.concat([bytes('0010'), prefixed(2, list)]);
    expect(readServerFlight(inClear(hello12(extension)))).toMatchObject({ alpn: 'sip/2' });
  });

  test('reads the request of TLS 1.0, which knows no signature algorithms', () => {
    const names = prefixed(2, prefixed(2, bytes('3000')));
    const request = message(13, Buffer.concat([bytes('0101'), names]));
    expect(readServerFlight(inClear(hello12(undefined, '0301'), request)).certificateRequest).toEqual({
      authorities: [new Uint8Array([0x30, 0])],
      signatureAlgorithms: [],
    });
  });

  test('keeps 256 of the names of a request', () => {
    const names = prefixed(2, Buffer.concat(Array.from({ length: 300 }, () => prefixed(2, bytes('3000')))));
    const request = message(13, Buffer.concat([bytes('0101 0000'), names]));
    expect(readServerFlight(inClear(hello12(), request)).certificateRequest?.authorities).toHaveLength(256);
  });

  test.each([
    [32, undefined],
    [33, 33],
    [1000, 1000],
  ])('of %i certificates has the first 32, and says how many were sent beyond', (length, certificatesSent) => {
    const list = Array.from({ length }, (_, at) => Buffer.from([at >> 8, at & 0xff]));
    const flight = readServerFlight(inClear(hello12(), certificate(...list)));
    expect(flight.certificates.map((der) => Buffer.from(der).toString('hex'))).toEqual(
      list.slice(0, 32).map((der) => der.toString('hex')),
    );
    expect(flight.certificatesSent).toBe(certificatesSent);
  });

  test('counts over all its messages', () => {
    const twenty = certificate(...Array.from({ length: 20 }, () => bytes('00')));
    const flight = readServerFlight(inClear(hello12(), twenty, twenty, twenty));
    expect([flight.certificates.length, flight.certificatesSent]).toEqual([32, 60]);
  });

  test('gives the alert that ended it', () => {
    const { serverFlight } = inClear(hello12());
    const alert = bytes('15 0303 0002 0228');
    expect(readServerFlight({ serverFlight: Buffer.concat([serverFlight, alert]), keyLog: [] })).toMatchObject({
      alert: 40,
    });
  });

  test.each([
    ['an empty flight', '', 'tls-no-server-hello'],
    ['an alert alone', '15 0303 0002 0228', 'tls-no-server-hello'],
    ['plain text', Buffer.from('SIP/2.0 400').toString('hex'), 'tls-record'],
    ['a record beyond the limit', '16 0303 ffff', 'tls-record'],
    ['an unknown version', handshakeRecord(hello12(undefined, '0399')).toString('hex'), 'tls-version'],
    ['a hello that is too short', handshakeRecord(message(2, bytes('0303'))).toString('hex'), 'tls-truncated'],
  ])('refuses %s', (_what, hex, code) => {
    expect(attempt({ serverFlight: bytes(hex), keyLog: [] })).toBe(code);
  });
});

test('records are cut where they say, and the last half is left', () => {
  expect(
    splitRecords(bytes('14 0303 0001 01 16 0303 0002 ab')).map(({ type, body, offset }) => [type, body.length, offset]),
  ).toEqual([[20, 1, 0]]);
});
