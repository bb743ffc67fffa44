import { describe, expect, test } from 'vitest';
import { authParam, parseChallenge } from '../../src/wire/sip-challenge.ts';
import { parseCSeq, parseNameAddr, parseVia } from '../../src/wire/sip-fields.ts';
import { paramValue } from '../../src/wire/sip-params.ts';
import { WireError } from '../../src/wire/wire-error.ts';

describe('parseVia', () => {
  test('reads sent-by, transport, branch, received and rport', () => {
    expect(parseVia('SIP/2.0/tls h.example:5061;branch=z9hG4bKa;received=[2001:db8::1];rport=4000')).toMatchObject({
      version: '2.0',
      transport: 'TLS',
      host: 'h.example',
      port: 5061,
      branch: 'z9hG4bKa',
      received: '2001:db8::1',
      rport: 4000,
    });
  });

  test('tells an rport that is asked for from one that is absent', () => {
    expect(parseVia('SIP/2.0/UDP 192.0.2.1;rport').rport).toBeNull();
    expect(parseVia('SIP/2.0/UDP 192.0.2.1').rport).toBeUndefined();
  });

  test('keeps the parameters of vendors', () => {
    const { params } = parseVia('SIP/2.0/TLS 192.0.2.1:50123;ms-received-port=50123;ms-received-cid=2600');
    expect(paramValue(params, 'MS-Received-CID')).toBe('2600');
  });

  test.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0 192.0.2.1',
    'SIP/2.0/UDP ;branch=x',
    'SIP/2.0/UDP 192.0.2.1;branch',
    'SIP/2.0/UDP 192.0.2.1;branch=',
    'SIP/2.0/UDP 192.0.2.1;;',
    'SIP/2.0/UDP 192.0.2.1;rport=70000',
    'SIP/2.0/UDP 192.0.2.1 192.0.2.2',
    'SIP/2.0/UDP 2001:db8::1',
    'SIP/2.0/UDP 192.0.2.1;branch=a b',
    'SIP/2.0/UDP 192.0.2.1;branch="a',
    'SIP/2.0/UDP 192.0.2.1;branch="a"b',
  ])('refuses %j', (value) => {
    expect(() => parseVia(value)).toThrow(WireError);
  });
});

describe('parseNameAddr', () => {
  test.each([
    ['sip:a@h.example;tag=1', { uri: 'sip:a@h.example', params: [{ name: 'tag', value: '1' }] }],
    ['<sip:a@h.example;lr>', { uri: 'sip:a@h.example;lr', params: [] }],
    ['"A, \\"B\\" <x>" <sip:a@h.example>', { display: 'A, "B" <x>', uri: 'sip:a@h.example', params: [] }],
    ['Mr.  Watson<sip:a@h.example>', { display: 'Mr. Watson', uri: 'sip:a@h.example', params: [] }],
    ['Jörg <sip:a@h.example>', { display: 'Jörg', uri: 'sip:a@h.example', params: [] }],
    ['"" <sip:a@h.example>', { display: '', uri: 'sip:a@h.example', params: [] }],
    [
      '<tel:+1> ; q = 0.5 ; x',
      {
        uri: 'tel:+1',
        params: [
          { name: 'q', value: '0.5' },
          { name: 'x', value: null },
        ],
      },
    ],
    ['sip:a@h.example;x="<b>"', { uri: 'sip:a@h.example', params: [{ name: 'x', value: '<b>' }] }],
    [' * ', { uri: '*', params: [] }],
  ])('reads %s', (value, address) => {
    expect(parseNameAddr(value)).toEqual(address);
  });

  test('reads an instance id, which holds angle brackets in quotes', () => {
    const { params } = parseNameAddr('<sip:a@h.example>;+sip.instance="<urn:uuid:0>";methods="INVITE, BYE"');
    expect(paramValue(params, '+sip.instance')).toBe('<urn:uuid:0>');
  });

  test.each([
    '',
    '<>',
    '"A <sip:a@h.example>',
    '"A" sip:a@h.example',
    'A, B <sip:a@h.example>',
    '<sip:a@h.example',
    '< sip:a@h.example >',
    '<sip:a@h.example>;;',
    '<sip:a@h.example> x',
    'sip:a@h.example?Route=x',
    'sip:a@h.example, sip:b@h.example',
    'no-uri',
  ])('refuses %j', (value) => {
    expect(() => parseNameAddr(value)).toThrow(WireError);
  });
});

describe('parseCSeq', () => {
  test('reads number and method', () => {
    expect(parseCSeq('0009 \t INVITE')).toEqual({ number: 9, method: 'INVITE' });
    expect(parseCSeq('4294967295 X')).toEqual({ number: 4_294_967_295, method: 'X' });
  });

  test.each(['', '1', 'INVITE', '4294967296 INVITE', '-1 INVITE', '1.5 INVITE', '1 IN VITE', '1 IN/VITE'])(
    'refuses %j',
    (value) => {
      expect(() => parseCSeq(value)).toThrow(expect.objectContaining({ code: 'cseq' }));
    },
  );
});

describe('parseChallenge', () => {
  test.each([
    [
      'NTLM realm="SIP Communications Service", targetname="srv.contoso.com", version=4',
      'NTLM',
      { version: '4', targetname: 'srv.contoso.com' },
    ],
    ['Kerberos realm="x",targetname="sip/srv.contoso.com"', 'Kerberos', { targetname: 'sip/srv.contoso.com' }],
    ['TLS-DSK sts-uri="https://h.example/a,b.svc", version=4', 'TLS-DSK', { 'sts-uri': 'https://h.example/a,b.svc' }],
    [
      'Digest realm="a \\"b\\\\", Qop="auth,auth-int", stale = FALSE ,, nonce=""',
      'Digest',
      { realm: 'a "b\\', qop: 'auth,auth-int', stale: 'FALSE', nonce: '' },
    ],
    ['X opaque=a/b+c==', 'X', { opaque: 'a/b+c==' }],
    ['Negotiate', 'Negotiate', {}],
  ])('reads %s', (value, scheme, wanted) => {
    const challenge = parseChallenge(value);
    const shown = Object.fromEntries(Object.keys(wanted).map((name) => [name, authParam(challenge, name)]));
    expect({ scheme: challenge.scheme, ...shown }).toEqual({ scheme, ...wanted });
  });

  test('keeps a value as it was written, for schemes that sign it so', () => {
    expect(parseChallenge('Digest realm="a\\"b"').params).toEqual([
      { name: 'realm', value: 'a"b', written: '"a\\"b"' },
    ]);
  });

  test('reads a scheme with one opaque value', () => {
    expect(parseChallenge('Negotiate TlRMTVNTUAAB==')).toEqual({
      scheme: 'Negotiate',
      params: [],
      token68: 'TlRMTVNTUAAB==',
    });
  });

  test.each([
    '',
    '"x"',
    'Digest realm="a',
    'Digest realm="a" nonce="b"',
    'Digest =a',
    'Digest realm=a b',
    'Digest a, b=c',
  ])('refuses %j', (value) => {
    expect(() => parseChallenge(value)).toThrow(WireError);
  });
});
