import { describe, expect, test } from 'vitest';
import { clientCert } from '../../src/check/client-cert.ts';
import type { OfferObservation, TlsObservation, TlsSeen } from '../../src/model/tls.ts';
import { extendedKeyUsage, makeDer } from '../pki/make-certificate.ts';
import { askCheck, CLIENT_AUTH, failed, idsOf, leafKey, seen, SERVER_AUTH, standIn } from './tls-observation.ts';

const REQUEST = { authorities: ['CN=Test issuer'], total: 1 };
const REFUSED = { reason: 'tls-alert', detail: 'alert', alert: 116 } as const;

function server(change: Partial<TlsSeen>, offered?: string): TlsObservation {
  const one = seen({ about: offered === undefined ? {} : { offered } });
  if (!one.outcome.ok) throw new Error('the sample is a success');
  return { ...one, outcome: { ...one.outcome, value: { ...one.outcome.value, ...change } } };
}

interface Offered {
  usages?: string[];
  issuer?: string;
  notBefore?: string;
  notAfter?: string;
}

function offer({ usages = [CLIENT_AUTH], ...fields }: Offered = {}): OfferObservation {
  const der = makeDer({
    subject: 'sbc.example.com',
    issuer: 'Test issuer',
    key: leafKey,
    signer: leafKey,
    extensions: [extendedKeyUsage(...usages)],
    ...fields,
  });
  return {
    kind: 'offer',
    subject: 'client.pem',
    at: 0,
    about: { source: 'client.pem', judgeAt: '2026-06-01T00:00:00.000Z' },
    outcome: { ok: true, ms: 0, value: { chain: [Buffer.from(der).toString('base64')] } },
  };
}

const ask = (...observations: (TlsObservation | OfferObservation)[]) => askCheck(clientCert, observations);

describe('a server that asks for a client certificate', () => {
  test('is an error where none was offered and it ended the connection', () => {
    const { findings } = ask(server({ clientCertRequest: REQUEST, refusal: REFUSED }));
    expect(idsOf(findings)).toEqual(['client-cert.required error']);
    expect(findings[0]?.text).toContain('alert 116 certificate_required');
    expect(findings[0]?.text).toContain('CN=Test issuer');
  });

  test('is a warning where another server stands in', () => {
    const { findings } = ask(server({ clientCertRequest: REQUEST, refusal: REFUSED }), standIn());
    expect(idsOf(findings)).toEqual(['client-cert.required warning']);
  });

  test('is named with the way in which it closed, when no alert came', () => {
    const refusal = { reason: 'closed', detail: 'ended' } as const;
    const { findings } = ask(server({ clientCertRequest: REQUEST, refusal }));
    expect(findings[0]?.text).toContain('closed the connection');
  });

  test('is an error where it refused the one that was offered', () => {
    const refusal = { reason: 'tls-alert', detail: 'alert', alert: 48 } as const;
    const { findings } = ask(server({ clientCertRequest: REQUEST, refusal }, 'CN=sbc.example.com'), offer());
    expect(idsOf(findings)).toEqual(['client-cert.rejected error']);
    expect(findings[0]?.text).toContain('alert 48 unknown_ca');
  });

  test('is information where it goes on without one', () => {
    expect(idsOf(ask(server({ clientCertRequest: REQUEST })).findings)).toEqual(['client-cert.requested info']);
  });

  test('is warned of where it names other authorities than the issuer', () => {
    const one = server({ clientCertRequest: REQUEST }, 'CN=sbc.example.com');
    const { findings } = ask(one, offer({ issuer: 'Another CA' }));
    expect(idsOf(findings)).toEqual(['client-cert.not-listed warning', 'client-cert.requested info']);
  });

  test('may name no authority at all', () => {
    const one = server({ clientCertRequest: { authorities: [], total: 0 } }, 'CN=sbc.example.com');
    expect(idsOf(ask(one, offer({ issuer: 'Another CA' })).findings)).toEqual(['client-cert.requested info']);
  });
});

describe('a client certificate that is offered', () => {
  test.each<[string, Offered, string]>([
    ['for servers only', { usages: [SERVER_AUTH] }, 'client-cert.client-auth-missing warning'],
    ['that has expired', { notAfter: '2026-05-01T00:00:00Z' }, 'client-cert.expired warning'],
    ['that is not valid yet', { notBefore: '2026-07-01T00:00:00Z' }, 'client-cert.not-yet-valid warning'],
  ])('%s is warned of before any server has seen it', (_name, fields, id) => {
    const { findings } = ask(server({ clientCertRequest: REQUEST }, 'CN=sbc.example.com'), offer(fields));
    expect(idsOf(findings)).toContain(id);
  });

  test('is an error when it cannot be read', () => {
    const broken = { ...offer(), outcome: { ok: true as const, ms: 0, value: { chain: ['AAAA'] } } };
    expect(idsOf(ask(server({}), broken).findings)).toContain('client-cert.unreadable error');
  });

  test('is information when the server does not ask for it', () => {
    expect(idsOf(ask(server({}, 'CN=sbc.example.com'), offer()).findings)).toEqual(['client-cert.not-requested info']);
  });
});

describe('without a request and without an offer', () => {
  test('the question does not arise', () => {
    expect(ask(server({})).status).toBe('not-applicable');
  });

  test('a handshake that failed leaves it open', () => {
    expect(ask(failed(), offer()).status).toBe('inconclusive');
  });
});
