import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { revocation } from '../../src/check/revocation.ts';
import type { RevocationObservation, TlsObservation } from '../../src/model/tls.ts';
import { createRealWorld } from '../../src/net/real-world.ts';
import { probeRevocation } from '../../src/probe/revocation.ts';
import { askCheck, idsOf, seen } from '../check/tls-observation.ts';

/** OpenSSL is authority, revocation list and OCSP responder; a web server on loopback hands out what it makes. */
let folder = '';
let port = 0;
const at = (name: string): string => join(folder, name);
const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
const derOf = (name: string): Buffer =>
  Buffer.from(readFileSync(at(name), 'utf8').replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  // The stream of a request gives octets unless an encoding is set.
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  if (request.url === '/ca.crl') return void response.end(readFileSync(at('ca.crl.der')));
  if (request.url === '/other.crl') return void response.end('hello');
  if (request.url !== '/ocsp') return void response.writeHead(404).end();
  writeFileSync(at('request.der'), body);
  openssl(
    'ocsp',
    '-index',
    'index.txt',
    '-CA',
    'ca.pem',
    '-rsigner',
    'ca.pem',
    '-rkey',
    'ca.key',
    '-reqin',
    'request.der',
    '-respout',
    'response.der',
    '-ndays',
    '1',
  );
  response.end(readFileSync(at('response.der')));
}
const server = createServer((request, response) => {
  void serve(request, response);
});

const config = (): string => `[ca]
default_ca=x
[x]
database=index.txt
serial=serial
new_certs_dir=.
default_md=sha256
policy=p
default_crl_days=1
default_days=30
crlnumber=crlnumber
unique_subject=no
[p]
commonName=supplied
[e]
subjectAltName=DNS:sip.example.com
authorityInfoAccess=OCSP;URI:http://127.0.0.1:${port}/ocsp
crlDistributionPoints=URI:http://127.0.0.1:${port}/ca.crl
[broken]
subjectAltName=DNS:sip.example.com
authorityInfoAccess=OCSP;URI:http://127.0.0.1:${port}/absent
crlDistributionPoints=URI:http://127.0.0.1:${port}/other.crl,URI:http://127.0.0.1:1/ca.crl,URI:ldap:///CN=x
`;

function issue(name: string, section: string): void {
  openssl(
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-subj',
    `/CN=${name}`,
    '-out',
    `${name}.csr`,
  );
  openssl(
    'ca',
    '-batch',
    '-notext',
    '-config',
    'ca.conf',
    '-extensions',
    section,
    '-cert',
    'ca.pem',
    '-keyfile',
    'ca.key',
    '-in',
    `${name}.csr`,
    '-out',
    `${name}.pem`,
  );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sipdiag-revocation-'));
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const [name, content] of [
    ['ca.conf', config()],
    ['index.txt', ''],
    ['serial', '1000'],
    ['crlnumber', '01'],
  ])
    writeFileSync(at(name ?? ''), content ?? '');
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'ca.key',
    '-subj',
    '/CN=Test CA',
    '-days',
    '30',
    '-out',
    'ca.pem',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  );
  issue('good', 'e');
  issue('bad', 'e');
  issue('broken', 'broken');
  openssl('ca', '-config', 'ca.conf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-revoke', 'bad.pem');
  openssl('ca', '-config', 'ca.conf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-gencrl', '-out', 'ca.crl');
  openssl('crl', '-in', 'ca.crl', '-outform', 'DER', '-out', 'ca.crl.der');
});
afterAll(async () => {
  await new Promise((settle) => server.close(settle));
  rmSync(folder, { recursive: true, force: true });
});

function shown(name: string, address = '127.0.0.1'): TlsObservation {
  const base = seen();
  const value = {
    version: 'TLSv1.3',
    cipher: 'x',
    chain: [derOf(`${name}.pem`).toString('base64')],
    trustAnchors: [derOf('ca.pem').toString('base64')],
  };
  return {
    ...base,
    about: { ...base.about, address, judgeAt: new Date(Date.now() + 5000).toISOString() },
    outcome: { ok: true, ms: 1, value },
  };
}

async function ask(...observations: TlsObservation[]): Promise<RevocationObservation[]> {
  const world = createRealWorld();
  return probeRevocation(
    { world, startedAt: world.now(), timeoutMs: 3000, trust: { added: [], builtIn: async () => [] } },
    observations,
  );
}
const stateOf = ({ about, outcome }: RevocationObservation): string =>
  `${about.method} ${outcome.ok ? `${outcome.value.status}: ${outcome.value.detail}` : `${outcome.reason}: ${outcome.detail}`}`;

describe('probeRevocation', () => {
  test('finds a good certificate good by responder and list', async () => {
    const observations = await ask(shown('good'));
    expect(observations.map(stateOf)).toEqual(['ocsp good: the responder says good', 'crl good: not on the list']);
    expect(askCheck(revocation, observations)).toEqual({ findings: [], status: 'passed' });
  });

  test('finds a revoked certificate revoked by both', async () => {
    const observations = await ask(shown('bad'));
    expect(observations.map((one) => stateOf(one).slice(0, 12))).toEqual(['ocsp revoked', 'crl revoked:']);
    expect(idsOf(askCheck(revocation, observations).findings)).toEqual([
      'revocation.revoked error',
      'revocation.revoked error',
    ]);
  });

  test('tells an address that is dead from an answer that decides nothing', async () => {
    const observations = await ask(shown('broken'));
    expect(observations.map((one) => stateOf(one).split(':')[0])).toEqual([
      'ocsp unusable',
      'crl unusable',
      'crl refused',
      'crl other',
    ]);
    expect(idsOf(askCheck(revocation, observations).findings)).toEqual([
      'revocation.unknown warning',
      'revocation.unknown warning',
      'revocation.unreachable warning',
      'revocation.not-asked info',
    ]);
  });

  test('asks each address once for servers that show the same certificate', async () => {
    expect(await ask(shown('good'), shown('good', '127.0.0.2'))).toHaveLength(2);
  });

  test('never asks a service of this machine for the certificate of another', async () => {
    const observations = await ask(shown('good', '192.0.2.1'));
    expect(observations.map((one) => stateOf(one).split(':')[0])).toEqual(['ocsp address', 'crl address']);
  });

  test('an answer for one certificate does not serve for another', async () => {
    await ask(shown('good'));
    const { readOcspResponse } = await import('../../src/pki/ocsp.ts');
    const { readCertificate } = await import('../../src/pki/certificate.ts');
    const issued = { certificate: readCertificate(derOf('bad.pem')), issuer: readCertificate(derOf('ca.pem')) };
    const response = readFileSync(at('response.der'));
    const soon = new Date(Date.now() + 5000).toISOString();
    expect(() => readOcspResponse(response, issued, soon)).toThrow('about another certificate');
    const good = { ...issued, certificate: readCertificate(derOf('good.pem')) };
    expect(readOcspResponse(response, good, soon).status).toBe('good');
    expect(() => readOcspResponse(response, good, '2046-01-01T00:00:00Z')).toThrow('was valid until');
    const forged = Buffer.from(response);
    // The last digit of producedAt, which is signed.
    const digit = forged.indexOf(Buffer.of(0x18, 0x0f)) + 15;
    forged.writeUInt8(forged.readUInt8(digit) ^ 1, digit);
    expect(() => readOcspResponse(forged, good, soon)).toThrow(expect.objectContaining({ code: 'signature' }));
  });
});

test('a run without the option leaves the question out', () => {
  expect(askCheck(revocation, [seen()])).toEqual({ findings: [], status: 'not-applicable' });
});
