import { expect, test } from 'vitest';
import { sipHeader } from '../../src/wire/sip-message.ts';
import { readChallenges, readOffers, readSeenOffers } from '../../src/wire/sip-offers.ts';

const message = (...lines: string[]) => ({
  headers: lines.map((line) => sipHeader(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2))),
});

test('reads the offers of a Microsoft server in its order', () => {
  const offers = readOffers(
    message(
      'WWW-Authenticate: NTLM realm="SIP Communications Service", targetname="srv.contoso.com", version=4',
      'WWW-Authenticate: Kerberos realm="SIP Communications Service", targetname="sip/srv.contoso.com", version=4',
      'WWW-Authenticate: TLS-DSK realm="SIP Communications Service", targetname="srv.contoso.com", version=4, sts-uri="https://srv.contoso.com/CertProv/CertProvisioningService.svc"',
      'WWW-Authenticate: Negotiate',
    ),
  );
  const common = { header: 'WWW-Authenticate', realm: 'SIP Communications Service', version: 4, qop: [] };
  expect(offers).toEqual([
    { ...common, scheme: 'NTLM', kind: 'ntlm', targetname: 'srv.contoso.com' },
    { ...common, scheme: 'Kerberos', kind: 'kerberos', targetname: 'sip/srv.contoso.com' },
    {
      ...common,
      scheme: 'TLS-DSK',
      kind: 'tls-dsk',
      targetname: 'srv.contoso.com',
      stsUri: 'https://srv.contoso.com/CertProv/CertProvisioningService.svc',
    },
    { scheme: 'Negotiate', kind: 'negotiate', header: 'WWW-Authenticate', qop: [] },
  ]);
});

test('tells the challenge of a proxy from that of a registrar, and reads algorithm and qop', () => {
  const offers = readOffers(
    message('Proxy-Authenticate: Digest realm="p", nonce="n", algorithm=SHA-256, qop="auth,AUTH-INT"'),
  );
  expect(offers).toEqual([
    {
      scheme: 'Digest',
      kind: 'digest',
      header: 'Proxy-Authenticate',
      realm: 'p',
      algorithm: 'SHA-256',
      qop: ['auth', 'auth-int'],
    },
  ]);
});

test('reads the same from the headers of an observation', () => {
  const value = 'NTLM realm="SIP Communications Service", targetname="srv.contoso.com", version=4';
  expect(readSeenOffers({ 'www-authenticate': [value], server: ['x'] })).toEqual(
    readOffers(message(`WWW-Authenticate: ${value}`)),
  );
  expect(readSeenOffers({ 'proxy-authenticate': [value] })).toMatchObject([
    { kind: 'ntlm', header: 'Proxy-Authenticate' },
  ]);
  expect(readSeenOffers({})).toEqual([]);
});

test('passes over what is no challenge, and keeps the others', () => {
  const read = readChallenges(message('WWW-Authenticate: Digest realm="open', 'WWW-Authenticate: constructor a=1'));
  expect(read.map(({ challenge }) => challenge.scheme)).toEqual(['constructor']);
  expect(readOffers(message('WWW-Authenticate: constructor a=1'))[0]?.kind).toBe('other');
});

test('is bounded in number and length, whatever the server sends', () => {
  const lines = Array.from(
    { length: 400 },
    () => `WWW-Authenticate: NTLM realm="${'x'.repeat(5000)}", version=99999999`,
  );
  const offers = readOffers(message(...lines));
  expect(offers).toHaveLength(16);
  expect(offers[0]?.realm).toHaveLength(256);
  expect(offers[0]?.version).toBeUndefined();
});
