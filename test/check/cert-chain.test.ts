import { describe, expect, test } from 'vitest';
import { certChain } from '../../src/check/cert-chain.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import { authority, extendedKeyUsage, makeDer, makeKey } from '../pki/make-certificate.ts';
import {
  askCheck,
  caIssuers,
  CLIENT_AUTH,
  failed,
  healthyExtensions,
  HOST,
  idsOf,
  makeChain,
  observed,
  root,
  seen,
  standIn,
} from './tls-observation.ts';

const ask = (...all: TlsObservation[]) => askCheck(certChain, all);
const ids = (...all: TlsObservation[]): string[] => idsOf(ask(...all).findings);
const withoutAnchors = (one: TlsObservation): TlsObservation => ({
  ...one,
  outcome: one.outcome.ok ? { ...one.outcome, value: { ...one.outcome.value, trustAnchors: [] } } : one.outcome,
});

const [leaf = Buffer.of(), issuer = Buffer.of()] = makeChain();
const selfSigned = makeDer({ subject: HOST, key: makeKey('ec'), extensions: healthyExtensions() });
const file = { name: 'server.pem', format: 'PEM' as const, order: 'leaf-first' as const };

describe('the chain', () => {
  test('that leads to a trusted root passes', () => {
    expect(ask(seen())).toEqual({ findings: [], status: 'passed' });
  });

  test.each<[string, TlsObservation, string]>([
    [
      'from an authority that nobody trusts',
      withoutAnchors(observed([leaf, issuer, root])),
      'cert-chain.untrusted-root error',
    ],
    ['of a certificate signed with its own key', observed([selfSigned]), 'cert-chain.self-signed error'],
    ['whose issuer was not sent and is not told', observed([leaf]), 'cert-chain.untrusted-root error'],
    [
      'whose issuer was not sent and says where it is to be had',
      observed(makeChain({ extensions: [...healthyExtensions(), caIssuers] }).slice(0, 1)),
      'cert-chain.intermediate-missing error',
    ],
    ['through a certificate that is no authority', seen({ issuer: { extensions: [] } }), 'cert-chain.invalid error'],
    [
      'that holds nothing that can be read',
      observed([Buffer.from('3003020101', 'hex')]),
      'cert-chain.unreadable error',
    ],
    ['of no certificate', observed([]), 'cert-chain.unreadable error'],
  ])('%s is refused', (_, one, id) => {
    expect(ids(one)).toEqual([id]);
  });

  test.each([
    [[leaf, issuer], 'cert-chain.too-long', 'sends 100 certificates, of which the first 2 were read'],
    [
      makeChain({ extensions: [...healthyExtensions(), caIssuers] }).slice(0, 1),
      'cert-chain.intermediate-missing',
      'sends 100 certificates: the certificate of the issuer "CN=Test issuer" is not among the first 1,',
    ],
  ])('of which a part was read says so', (chain, wanted, words) => {
    const one = observed(chain);
    const outcome = one.outcome.ok ? { ...one.outcome, value: { ...one.outcome.value, chainSent: 100 } } : one.outcome;
    const { findings } = ask({ ...one, outcome });
    expect(idsOf(findings)).toContain('cert-chain.too-long warning');
    expect(findings.find(({ id }) => id === wanted)?.text).toContain(words);
  });

  test('in the wrong order is a warning', () => {
    const second = makeKey('ec');
    const first = makeKey('ec');
    const upper = makeDer({ subject: 'Upper', key: second, extensions: [authority()] });
    const lower = makeDer({ subject: 'Lower', issuer: 'Upper', key: first, signer: second, extensions: [authority()] });
    const server = makeDer({
      subject: HOST,
      issuer: 'Lower',
      key: makeKey('ec'),
      signer: first,
      extensions: healthyExtensions(),
    });
    expect(ids(observed([server, upper, lower]))).toContain('cert-chain.order warning');
  });

  test('with another server of the set in order is a warning', () => {
    expect(ids(observed([selfSigned]), standIn())).toEqual(['cert-chain.self-signed warning']);
  });

  test('that was not seen is not judged', () => {
    expect(ask(failed())).toEqual({ findings: [], status: 'inconclusive' });
  });
});

describe('what other checks tell', () => {
  test.each<[string, TlsObservation]>([
    ['an expired certificate', seen({ leaf: { notAfter: '2026-02-01T00:00:00Z' } })],
    ['a purpose that is missing', seen({ extensions: [extendedKeyUsage(CLIENT_AUTH)] })],
    ['a weak signature', seen({ leaf: { key: makeKey('ec', 'sha1') } })],
  ])('%s is not told here as well', (_, one) => {
    expect(ids(one)).toEqual([]);
  });
});

describe('a file', () => {
  test('whose server certificate does not stand first is in the wrong order', () => {
    const about = { file: { ...file, order: 'leaf-later' as const } };
    expect(ids(observed([leaf, issuer], { about }))).toEqual(['cert-chain.order warning']);
  });

  test('of PKCS#12 has no order', () => {
    const about = { file: { ...file, format: 'PKCS#12' as const, order: 'leaf-later' as const } };
    expect(ids(observed([leaf, issuer], { about }))).toEqual([]);
  });

  test('is named instead of a server', () => {
    const { findings } = ask(observed([selfSigned], { about: { file } }));
    expect(findings[0]).toMatchObject({
      subject: 'server.pem',
      text: expect.stringContaining('of server.pem is self-signed'),
    });
  });
});

describe('the verdict of OpenSSL', () => {
  const beside = (one: TlsObservation, verdict: string): TlsObservation => ({
    ...one,
    outcome: one.outcome.ok
      ? { ...one.outcome, value: { ...one.outcome.value, openssl: { version: '3.0.17', verdict } } }
      : one.outcome,
  });

  test.each<[string, TlsObservation, string[]]>([
    ['agrees that it is valid', beside(seen(), 'ok'), []],
    [
      'agrees that it is not, for whatever reason',
      beside(withoutAnchors(seen()), 'CERT_HAS_EXPIRED'),
      ['cert-chain.untrusted-root error'],
    ],
    ['objects alone', beside(seen(), 'CA_MD_TOO_WEAK'), ['cert-chain.openssl-differs info']],
    [
      'accepts what is refused here',
      beside(withoutAnchors(seen()), 'ok'),
      ['cert-chain.openssl-differs info', 'cert-chain.untrusted-root error'],
    ],
  ])('%s', (_, one, expected) => {
    expect(ids(one)).toEqual(expected);
  });

  const ofPeer = (one: TlsObservation): TlsObservation => ({ ...one, about: { ...one.about, peer: 'client' } });
  const weak = (): TlsObservation => {
    const signer = makeKey('ec', 'sha1');
    return seen({ leaf: { signer }, issuer: { key: signer } });
  };

  test.each<[string, TlsObservation, string[]]>([
    ['is of one mind about a peer', beside(ofPeer(seen()), 'ok'), []],
    ['is not asked how strong the signatures of a peer are', beside(ofPeer(weak()), 'ok'), []],
    ['is asked for those of a server', beside(weak(), 'ok'), ['cert-chain.openssl-differs info']],
  ])('%s', (_, one, expected) => {
    expect(ids(one)).toEqual(expected);
  });

  test('names the servers that a peer will meet', () => {
    const [finding] = ask(beside(ofPeer(seen()), 'CA_MD_TOO_WEAK')).findings;
    expect(finding?.text).toContain('servers built on OpenSSL may refuse it too');
    expect(finding?.remedy).toContain('sipdiag tls --listen PORT --json');
  });

  test('is told with its version and its words', () => {
    expect(ask(beside(seen(), 'CA_MD_TOO_WEAK')).findings[0]?.text).toContain('OpenSSL 3.0.17 refuses the chain');
    expect(ask(beside(seen(), 'CA_MD_TOO_WEAK')).findings[0]?.text).toContain('(CA_MD_TOO_WEAK)');
  });
});
