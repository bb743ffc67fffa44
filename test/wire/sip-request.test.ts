import { describe, expect, test } from 'vitest';
import { formatSip, headerValue, parseSip, sipHeader, type SipResponse } from '../../src/wire/sip-message.ts';
import { buildRequest, responseMatches, type RequestPlan } from '../../src/wire/sip-request.ts';

const plan: RequestPlan = {
  method: 'REGISTER',
  uri: 'sip:example.com',
  transport: 'TLS',
  sentBy: { address: '2001:db8::1', port: 5061 },
  branch: 'abc',
  fromUri: 'sip:alice@example.com',
  fromTag: 'f1',
  toUri: 'sip:alice@example.com',
  callId: 'c1@host',
  cseq: 1,
};

describe('buildRequest', () => {
  test('writes what RFC 3261 demands of a request, and rport', () => {
    expect(Buffer.from(buildRequest(plan)).toString()).toBe(
      [
        'REGISTER sip:example.com SIP/2.0',
        'Via: SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bKabc;rport',
        'Max-Forwards: 70',
        'From: <sip:alice@example.com>;tag=f1',
        'To: <sip:alice@example.com>',
        'Call-ID: c1@host',
        'CSeq: 1 REGISTER',
        'User-Agent: sipdiag',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  });

  test('writes Contact, further headers, endpoint parameters and a body', () => {
    const bytes = buildRequest({
      ...plan,
      branch: 'z9hG4bKown',
      fromParams: [
        { name: 'epid', value: '01ab' },
        { name: 'x', value: 'a "b"' },
        { name: 'y', value: null },
      ],
      contact: '<sip:192.0.2.1:5060>;expires=60',
      maxForwards: 0,
      extra: [
        { name: 'User-Agent', value: 'RTC/1.1' },
        { name: 'c', value: 'text/plain' },
      ],
      body: new Uint8Array([97, 0]),
    });
    const message = parseSip(bytes);
    const values = ['via', 'from', 'contact', 'max-forwards', 'user-agent', 'content-type', 'content-length'];
    expect(values.map((name) => headerValue(message, name))).toEqual([
      'SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bKown;rport',
      '<sip:alice@example.com>;tag=f1;epid=01ab;x="a \\"b\\"";y',
      '<sip:192.0.2.1:5060>;expires=60',
      '0',
      'RTC/1.1',
      'text/plain',
      '2',
    ]);
    expect(message).toMatchObject({ faults: [], body: new Uint8Array([97, 0]) });
  });

  test.each<[string, Partial<RequestPlan>, string]>([
    ['a method that is no token', { method: 'A B' }, 'cseq'],
    ['a Request-URI with a line end', { uri: 'sip:h\r\nVia: x' }, 'host'],
    ['a From that closes its brackets', { fromUri: 'tel:1>;tag=2' }, 'uri-scheme'],
    ['a To that is no URI', { toUri: 'alice' }, 'uri-scheme'],
    ['a tag with a parameter', { fromTag: 'a;b=c' }, 'token'],
    ['a parameter name with a semicolon', { fromParams: [{ name: 'a;b', value: null }] }, 'token'],
    ['a branch with a parameter', { branch: 'a;received=b' }, 'token'],
    ['a sent-by that is no host', { sentBy: { address: 'h;x', port: 5060 } }, 'params'],
    ['a sent-by without a port', { sentBy: { address: 'h', port: 0 } }, 'port'],
    ['a Call-ID with a blank', { callId: 'a b' }, 'call-id'],
    ['a CSeq beyond 32 bits', { cseq: 4_294_967_296 }, 'cseq'],
    ['a Contact with a line end', { contact: '*\r\nX: y' }, 'injection'],
    ['a second Via', { extra: [{ name: 'v', value: 'x' }] }, 'header-name'],
    ['an extra header with a line end', { extra: [{ name: 'X', value: 'a\nb' }] }, 'injection'],
  ])('refuses %s', (_what, change, code) => {
    expect(() => buildRequest({ ...plan, ...change })).toThrow(expect.objectContaining({ name: 'WireError', code }));
  });
});

describe('responseMatches', () => {
  const request = parseSip(buildRequest(plan));
  const respond = (via: string, cseq: string): SipResponse => ({
    kind: 'response',
    status: 200,
    reason: 'OK',
    headers: [sipHeader('v', via), sipHeader('CSeq', cseq)],
    body: new Uint8Array(0),
    faults: [],
  });
  const via = 'SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bKabc;rport=5061;received=192.0.2.9';

  test.each([
    ['the same branch and method', via, '1 REGISTER', true],
    ['the same branch in capitals', via.toUpperCase(), '1 REGISTER', true],
    ['the same branch in the top of two Via values', `${via}, SIP/2.0/TCP h;branch=z9hG4bKx`, '1 REGISTER', true],
    ['an rport without its number', via.replace('rport=5061', 'rport='), '1 REGISTER', true],
    ['an rport that is no number', via.replace('rport=5061', 'rport=x1'), '1 REGISTER', true],
    ['a received without an address', via.replace('192.0.2.9', ''), '1 REGISTER', true],
    ['another branch in a Via against the grammar', via.replace('abc;rport=5061', 'abd;rport='), '1 REGISTER', false],
    ['another branch', via.replace('abc', 'abd'), '1 REGISTER', false],
    ['the branch only below the top Via', `SIP/2.0/TCP h;branch=z9hG4bKx, ${via}`, '1 REGISTER', false],
    ['another method', via, '1 OPTIONS', false],
    ['no branch', 'SIP/2.0/TLS h', '1 REGISTER', false],
    ['a Via that cannot be read', ';;', '1 REGISTER', false],
    ['a CSeq that cannot be read', via, 'REGISTER', false],
  ])('judges a response with %s', (...[, top, cseq, wanted]) => {
    expect(responseMatches(request, respond(top, cseq))).toBe(wanted);
  });

  test('takes neither a request nor a response without Via for an answer', () => {
    expect(responseMatches(request, request)).toBe(false);
    expect(responseMatches(request, { ...respond(via, '1 REGISTER'), headers: [] })).toBe(false);
  });

  test('accepts its own response after a trip over the wire', () => {
    expect(responseMatches(request, parseSip(formatSip(respond(via, '1 REGISTER'))))).toBe(true);
  });
});
