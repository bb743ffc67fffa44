import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ocspStaple } from '../../src/check/ocsp-staple.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import { readCertificate } from '../../src/pki/certificate.ts';
import { der, makeKey, oid, signWith, text, type TestKey } from '../pki/make-certificate.ts';
import {
  askCheck,
  failed,
  healthyExtensions,
  idsOf,
  issuerKey,
  makeChain,
  observed,
  seen,
  type Wish,
} from './tls-observation.ts';

const MUST_STAPLE = { oid: '1.3.6.1.5.5.7.1.24', value: der(0x30, der(0x02, [5])) };

interface Response {
  status?: Buffer;
  thisUpdate?: string;
  nextUpdate?: string;
  key?: TestKey;
  hash?: [string, string];
  serial?: Buffer;
}

const GOOD = der(0x80);
const UNKNOWN = der(0x82);
const revokedAt = (time: string): Buffer => der(0xa1, text(0x18, time));

/** An OCSP response as a responder with the key of the issuer makes it (RFC 6960 section 4.2.1). */
function respond(chain: readonly Buffer[], response: Response = {}): Buffer {
  const [leaf, issuer] = chain.map((one) => readCertificate(one));
  if (leaf === undefined || issuer === undefined) throw new Error('a chain of two is needed');
  const { status = GOOD, thisUpdate = '20260531000000Z', nextUpdate = '20260607000000Z', key = issuerKey } = response;
  const [hash, hashOid] = response.hash ?? ['sha1', '1.3.14.3.2.26'];
  const digest = (bytes: Uint8Array): Buffer => der(0x04, createHash(hash).update(bytes).digest());
  const serial = response.serial ?? Buffer.from(leaf.serial, 'hex');
  const certId = der(
    0x30,
    der(0x30, oid(hashOid)),
    digest(issuer.subject.der),
    digest(issuer.publicKey.key),
    der(0x02, serial),
  );
  const single = der(0x30, certId, status, text(0x18, thisUpdate), der(0xa0, text(0x18, nextUpdate)));
  const responder = der(0xa1, issuer.subject.der);
  const data = der(0x30, responder, text(0x18, thisUpdate), der(0x30, single));
  const basic = der(0x30, data, key.algorithm, der(0x03, [0], signWith(key, data)));
  return der(0x30, der(0x0a, [0]), der(0xa0, der(0x30, oid('1.3.6.1.5.5.7.48.1.1'), der(0x04, basic))));
}

const chain = makeChain();

function stapling(ocspStaple: Buffer, wish: Wish = {}): TlsObservation {
  const one = observed(chain, wish);
  return one.outcome.ok
    ? {
        ...one,
        outcome: { ...one.outcome, value: { ...one.outcome.value, ocspStaple: ocspStaple.toString('base64') } },
      }
    : one;
}

const judged = (response: Response): string[] =>
  idsOf(askCheck(ocspStaple, [stapling(respond(chain, response))]).findings);

describe('ocsp-staple', () => {
  test.each<[string, Response, string[]]>([
    ['good', {}, []],
    ['good, by SHA-256', { hash: ['sha256', '2.16.840.1.101.3.4.2.1'] }, []],
    ['good, by a clock that is a little ahead', { thisUpdate: '20260601000400Z' }, []],
    ['revoked', { status: revokedAt('20260501000000Z') }, ['ocsp-staple.revoked error']],
    ['unknown', { status: UNKNOWN }, ['ocsp-staple.unknown warning']],
    ['of yesterday', { nextUpdate: '20260531120000Z' }, ['ocsp-staple.stale warning']],
    ['of tomorrow', { thisUpdate: '20260602000000Z' }, ['ocsp-staple.stale warning']],
    ['signed by a stranger', { key: makeKey('ec') }, ['ocsp-staple.unusable warning']],
    ['about another certificate', { serial: Buffer.from([0x12]) }, ['ocsp-staple.unusable warning']],
    ['by a hash that nobody knows', { hash: ['sha1', '1.2.3.4'] }, ['ocsp-staple.unusable warning']],
  ])('a response that is %s', (_, response, expected) => {
    expect(judged(response)).toEqual(expected);
  });

  test('names the day of the revocation', () => {
    const one = stapling(respond(chain, { status: revokedAt('20260501000000Z') }));
    expect(askCheck(ocspStaple, [one]).findings[0]?.text).toContain('was revoked on 2026-05-01T00:00:00Z');
  });

  test('says what the responder said instead of an answer', () => {
    const tryLater = der(0x30, der(0x0a, [3]));
    const { findings } = askCheck(ocspStaple, [stapling(tryLater)]);
    expect(findings.map(({ id, text: words }) => `${id}: ${words}`)).toEqual([
      expect.stringContaining('ocsp-staple.unusable: The OCSP response that sip.example.com'),
    ]);
    expect(findings[0]?.text).toContain('tryLater');
  });

  test('what is no response at all is of no use', () => {
    expect(idsOf(askCheck(ocspStaple, [stapling(Buffer.from('hello'))]).findings)).toEqual([
      'ocsp-staple.unusable warning',
    ]);
  });

  test('another server of the set stands in for the one that is revoked', () => {
    const revoked = stapling(respond(chain, { status: revokedAt('20260501000000Z') }));
    const other = stapling(respond(chain), { about: { address: '192.0.2.2' } });
    expect(idsOf(askCheck(ocspStaple, [revoked, other]).findings)).toEqual(['ocsp-staple.revoked warning']);
  });

  test('a certificate that demands a response is not shown without one', () => {
    const one = seen({ extensions: [...healthyExtensions(), MUST_STAPLE] });
    expect(idsOf(askCheck(ocspStaple, [one]).findings)).toEqual(['ocsp-staple.missing warning']);
    const feature = { ...MUST_STAPLE, value: der(0x30, der(0x02, [17])) };
    expect(askCheck(ocspStaple, [seen({ extensions: [...healthyExtensions(), feature] })]).findings).toEqual([]);
  });

  test.each<[string, TlsObservation]>([
    ['no server sends one', seen()],
    ['the issuer is not known', stapling(respond(chain), {})],
    [
      'the certificate comes from a file',
      stapling(Buffer.from('x'), { about: { file: { name: 'a.pem', format: 'PEM', order: 'leaf-first' } } }),
    ],
    ['it is that of a client', stapling(Buffer.from('x'), { about: { peer: 'client' } })],
  ])('the question does not arise: %s', (why, one) => {
    const [leaf = ''] = one.outcome.ok ? one.outcome.value.chain : [];
    const alone =
      one.outcome.ok && why === 'the issuer is not known'
        ? { ...one, outcome: { ...one.outcome, value: { ...one.outcome.value, chain: [leaf] } } }
        : one;
    expect(askCheck(ocspStaple, [alone])).toEqual({ findings: [], status: 'not-applicable' });
  });

  test('is open when there was no handshake, and passed when the response is good', () => {
    expect(askCheck(ocspStaple, [failed()]).status).toBe('inconclusive');
    expect(askCheck(ocspStaple, [stapling(respond(chain))]).status).toBe('passed');
  });
});
