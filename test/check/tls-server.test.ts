import { describe, expect, test } from 'vitest';
import { tlsServer } from '../../src/check/tls-server.ts';
import { askCheck, failed, HOST, idsOf, makeChain, seen } from './tls-observation.ts';

describe('tls-server', () => {
  test('gathers what one handshake has shown', () => {
    const { findings } = askCheck(tlsServer, [seen()]);
    expect(idsOf(findings)).toEqual(['tls-server.facts info']);
    expect(findings[0]?.evidence).toMatchObject({
      version: 'TLSv1.3',
      sni: HOST,
      root: 'CN=Test root',
      sent: [{ place: 'server' }, { place: 'used' }],
      clientCert: 'not-asked',
      peer: 'server',
    });
  });

  test('marks what was sent for nothing', () => {
    const [leaf = Buffer.alloc(0), issuer = Buffer.alloc(0)] = makeChain();
    const stranger = makeChain({ issuer: { subject: 'Stranger' } })[1] ?? Buffer.alloc(0);
    const one = seen();
    const chain = [leaf, stranger, issuer].map((der) => Buffer.from(der).toString('base64'));
    if (!one.outcome.ok) throw new Error('the sample is a success');
    const shown = { ...one, outcome: { ...one.outcome, value: { ...one.outcome.value, chain } } };
    const { findings } = askCheck(tlsServer, [shown]);
    expect(findings[0]?.evidence['sent']).toMatchObject([{ place: 'server' }, { place: 'unused' }, { place: 'used' }]);
  });

  test('has nothing to say of a handshake that failed', () => {
    expect(askCheck(tlsServer, [failed()]).findings).toEqual([]);
  });
});
