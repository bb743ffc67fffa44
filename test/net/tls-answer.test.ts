import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRealNet } from '../../src/net/real-net.ts';
import { readClientCertificates, type ClientFlightInput } from '../../src/wire/tls-client-flight.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { createOpened, makeCertificates, writeBundle, type TestCertificates } from './loopback-servers.ts';

const net = createRealNet();
const opened = createOpened();
const wait = { timeoutMs: 5_000 };
let certificates: TestCertificates;

beforeAll(() => {
  certificates = makeCertificates();
});
afterEach(() => opened.closeAll());
afterAll(() => certificates.remove());

const fileOf = (name: string): string => readFileSync(join(certificates.directory, name), 'latin1');

/** What `openssl s_client` sends in a handshake to us. */
async function overhear(args: readonly string[]): Promise<ClientFlightInput> {
  const listener = await net.listen({ address: '127.0.0.1', port: 0 });
  opened.keep(() => listener.close());
  const to = ['-connect', `127.0.0.1:${listener.local.port}`];
  const client = spawn('openssl', ['s_client', ...to, ...args], { cwd: certificates.directory, stdio: 'pipe' });
  opened.keep(() => client.kill());
  const ended = once(client, 'close');
  const settings = { certificate: fileOf('leaf.pem'), key: fileOf('leaf.key') };
  const stream = await net.answerTls(await listener.accept(wait), settings, wait);
  stream.close();
  client.stdin.end();
  await ended;
  const { version, cipher, handshake } = stream.facts;
  return {
    clientFlight: handshake?.serverFlight ?? new Uint8Array(),
    keyLog: handshake?.keyLog ?? [],
    version,
    cipher,
  };
}

const VERSIONS = [
  ['-tls1_2'],
  ['-tls1_3'],
  ['-tls1_3', '-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256'],
  ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'],
];

describe.each(VERSIONS)('the chain of a client with %s %s %s', (...version) => {
  const options = version.filter((one) => one !== undefined);

  test.each([
    ['whole and in order', ['intermediate', 'root']],
    ['in the wrong order', ['root', 'intermediate']],
    ['with a stranger in it', ['stranger', 'intermediate']],
    ['with a certificate twice', ['intermediate', 'intermediate']],
  ])('is read exactly as sent: %s', async (_what, extra) => {
    const bundle = writeBundle(certificates, extra);
    const flight = await overhear([...options, '-cert', 'leaf.pem', '-key', 'leaf.key', '-cert_chain', bundle]);
    const sent = ['leaf', ...extra].map((name) => certificates.der(name));
    expect(readClientCertificates(flight)).toEqual({ certificates: sent });
  });

  test('is empty when it has none', async () => {
    expect(readClientCertificates(await overhear(options))).toEqual({ certificates: [] });
  });
});

describe('a flight of a client', () => {
  const codeOf = (flight: ClientFlightInput): string => {
    try {
      return `${readClientCertificates(flight).certificates.length} certificates`;
    } catch (error) {
      if (error instanceof WireError) return error.code;
      throw error;
    }
  };

  test.each(['-tls1_2', '-tls1_3'])(
    'that is cut short gives what is whole, or says what is wrong: %s',
    async (version) => {
      const flight = await overhear([version, '-cert', 'leaf.pem', '-key', 'leaf.key']);
      const known = ['0 certificates', '1 certificates', 'tls-truncated', 'tls-decrypt'];
      for (let end = 0; end < flight.clientFlight.length; end += 1) {
        expect(known).toContain(codeOf({ ...flight, clientFlight: flight.clientFlight.subarray(0, end) }));
      }
      expect(codeOf(flight)).toBe('1 certificates');
    },
  );

  test('needs the secret and a known suite of the connection', async () => {
    const flight = await overhear(['-tls1_3', '-cert', 'leaf.pem', '-key', 'leaf.key']);
    const [line = ''] = flight.keyLog;
    expect(codeOf({ ...flight, keyLog: [] })).toBe('tls-no-secret');
    expect(codeOf({ ...flight, keyLog: [line.replace('CLIENT', 'SERVER')] })).toBe('tls-no-secret');
    expect(codeOf({ ...flight, cipher: 'TLS_AES_128_CCM_SHA256' })).toBe('tls-cipher');
    expect(codeOf({ ...flight, keyLog: [line.slice(0, -4) + (line.endsWith('0000') ? '1111' : '0000')] })).toBe(
      'tls-decrypt',
    );
  });
});
