import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatSip,
  headerValue,
  headerValues,
  parseSip,
  sipHeader,
  type SipHeader,
  type SipMessage,
  type SipRequest,
} from '../../src/wire/sip-message.ts';
import { WireError } from '../../src/wire/wire-error.ts';

const octets = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const HEADERS = [
  'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
  'From: <sip:a@h.example>;tag=1',
  'To: <sip:a@h.example>;tag=2',
  'Call-ID: 1@h',
  'CSeq: 1 OPTIONS',
];
const answer = (...more: string[]): Uint8Array => octets(['SIP/2.0 200 OK', ...HEADERS, ...more, '', ''].join('\r\n'));
const codesOf = (bytes: Uint8Array): string[] => parseSip(bytes).faults.map(({ code }) => code);
const request: SipRequest = {
  kind: 'request',
  method: 'OPTIONS',
  uri: 'sip:h.example',
  headers: HEADERS.map((line) => sipHeader(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2))),
  body: new Uint8Array(0),
  faults: [],
};

describe('parseSip', () => {
  test('reads a response and names its headers in their long form', () => {
    const message = parseSip(answer('k: path, outbound', 'l: 0'));
    expect(message).toMatchObject({ kind: 'response', status: 200, reason: 'OK', faults: [] });
    expect(message.headers.slice(-2)).toEqual([
      { name: 'supported', value: 'path, outbound', written: 'k' },
      { name: 'content-length', value: '0', written: 'l' },
    ]);
  });

  test('passes over empty lines before the message', () => {
    expect(parseSip(Buffer.concat([octets('\r\n\r\n'), answer('Content-Length: 0')])).faults).toEqual([]);
  });

  test('does not share its body with the octets it was given', () => {
    const datagram = Buffer.concat([answer('Content-Length: 2'), octets('ab')]);
    const message = parseSip(datagram);
    datagram.fill(0);
    expect(message.body).toEqual(octets('ab'));
  });

  test.each([
    ['', 'empty'],
    ['\r\n\r\n', 'empty'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'http'],
    ['GET / HTTP/1.1\r\n\r\n', 'http'],
    ['\x15\x03\x01\x00\x02\x02\x46', 'tls-record'],
    ['\x16\x03\x03\x00\x31\x02', 'tls-record'],
    ['\x16\x01', 'not-sip'],
    ['SSH-2.0-OpenSSH_9.6\r\n', 'not-sip'],
    ['220 mail.example ESMTP\r\n\r\n', 'not-sip'],
    ['\x00\x01\x00\x00\x21\x12\xa4\x42', 'not-sip'],
    ['SIP/2.0\r\n\r\n', 'not-sip'],
    ['SIP/2.0 OK\r\n\r\n', 'not-sip'],
    ['SIP/2.0 4294967301 x\r\n\r\n', 'status-code'],
    ['OPTIONS sip:a@h; lr SIP/2.0\r\n\r\n', 'request-uri'],
    [`${'A'.repeat(200)} sip:h SIP/2.0\r\n\r\n`, 'not-sip'],
    [`OPTIONS sip:h SIP/2.0\r\n${'a:\r\n'.repeat(600)}\r\n`, 'too-many-headers'],
    [`OPTIONS sip:h SIP/2.0\r\na:${'b'.repeat(65_536)}\r\n\r\n`, 'head-too-long'],
    [`OPTIONS sip:h SIP/2.0\r\n\r\n${'b'.repeat(1_048_577)}`, 'body-too-large'],
  ])('refuses %j with the code %s', (text, code) => {
    expect(() => parseSip(octets(text))).toThrow(expect.objectContaining({ name: 'WireError', code }));
  });

  test.each([
    ['Content-Length: x', 'content-length'],
    ['Content-Length: 1', 'body-truncated'],
    ['Content-Length: 0\r\nl: 0', 'repeated-header'],
    ['no colon', 'header-line'],
    ['a b: c', 'header-line'],
    [': c', 'header-line'],
    ['Subject: \xff', 'utf-8'],
    ['Subject: a\rb', 'line-end'],
    ['Subject: a\nX: b', 'line-end'],
    ['To: <sip:b@h.example>', 'repeated-header'],
    ['Contact: <sip:[::1>', 'contact'],
    ['Record-Route: *', 'record-route'],
    ['Max-Forwards: 256', 'max-forwards'],
    [`Contact: ${'<sip:a@h>,'.repeat(256)}<sip:a@h>`, 'contact'],
    ['v: SIP/2.0/UDP 192.0.2.1;branch=Z9HG4bK', 'via'],
  ])('reads past %j and keeps the fault %s', (line, code) => {
    expect(codesOf(answer(line))).toContain(code);
  });

  test.each([
    ['SIP/3.0 200 OK', 'version'],
    ['SIP/2.0 200 \xff', 'utf-8'],
    ['SIP/2.0 200', 'start-line'],
    ['SIP/2.0  200 OK', 'start-line'],
    ['SIP/2.0 700 OK', 'status-code'],
    ['OPTIONS  sip:h SIP/2.0', 'start-line'],
    ['OPTIONS <sip:h> SIP/2.0', 'request-uri'],
    ['OPTIONS sip:2001:db8::1 SIP/2.0', 'request-uri'],
    ['OPTIONS sip:h?a=b SIP/2.0', 'request-uri'],
    ['REGISTER sip:h SIP/2.0', 'cseq-method'],
  ])('reads past the start line %j and keeps the fault %s', (line, code) => {
    expect(codesOf(octets([line, ...HEADERS, '', ''].join('\r\n')))).toEqual([code]);
  });

  test('points a fault at the octet where the header begins', () => {
    const bytes = answer('Max-Forwards: x');
    const [fault] = parseSip(bytes).faults;
    expect(Buffer.from(bytes).indexOf('Max-Forwards')).toBe(fault?.offset);
  });

  test('does not take the continuation of a start line for a header', () => {
    expect(codesOf(octets('OPTIONS sip:h SIP/2.0\r\n Via: x\r\n\r\n'))).toEqual(
      expect.arrayContaining(['header-line', 'missing-header']),
    );
  });

  test('keeps octets that are not UTF-8', () => {
    const message = parseSip(answer('Subject: J\xf6rg \xe9', 'Content-Length: 0'));
    expect(
      Buffer.from(formatSip(message)).equals(Buffer.from(answer('Subject: J\xf6rg \xe9', 'Content-Length: 0'))),
    ).toBe(true);
  });
});

describe('headerValues', () => {
  test.each([
    [
      'Contact',
      'Contact: "a, \\", b" <sip:a@h;x=1,2>;q=1 , <sip:b@h>',
      ['"a, \\", b" <sip:a@h;x=1,2>;q=1', '<sip:b@h>'],
    ],
    ['m', 'Contact: <sip:a@h>;methods="INVITE, BYE",sip:b@h', ['<sip:a@h>;methods="INVITE, BYE"', 'sip:b@h']],
    ['supported', 'Supported:', []],
    ['ALLOW', 'Allow: INVITE,, BYE\r\nAllow: ACK', ['INVITE', 'BYE', 'ACK']],
    ['www-authenticate', 'WWW-Authenticate: Digest realm="a", nonce="b"', ['Digest realm="a", nonce="b"']],
    ['authorization', 'Authorization: Digest a=1, b=2', ['Digest a=1, b=2']],
    ['date', 'Date: Sat, 15 Oct 2005 04:44:56 GMT', ['Sat, 15 Oct 2005 04:44:56 GMT']],
    ['user-agent', 'User-Agent: a (b, c), d', ['a (b, c), d']],
    ['subject', 's:', ['']],
    ['absent', 'X: y', []],
  ])('gives the values of %s in %j', (name, line, values) => {
    const message = parseSip(answer(line));
    expect(headerValues(message, name)).toEqual(values);
    expect(headerValue(message, name)).toBe(values[0]);
  });
});

describe('formatSip', () => {
  test('writes the length of the body, whatever the message says', () => {
    const headers = [...request.headers, sipHeader('l', '99'), sipHeader('X', ''), sipHeader('Content-Length', '1')];
    const text = Buffer.from(formatSip({ ...request, headers, body: octets('abc') })).toString();
    expect(text.split('\r\n').slice(-5)).toEqual(['CSeq: 1 OPTIONS', 'l: 3', 'X:', '', 'abc']);
  });

  test.each<[string, Partial<SipRequest>, string]>([
    ['a CR in a value', { headers: [sipHeader('X', 'a\rb')] }, 'injection'],
    ['a LF in a value', { headers: [sipHeader('X', 'a\nVia: b')] }, 'injection'],
    ['a NUL in a value', { headers: [sipHeader('X', 'a\0')] }, 'injection'],
    ['a LF in a name', { headers: [sipHeader('X: y\nZ', 'a')] }, 'injection'],
    ['a LF in the name of the length', { headers: [sipHeader('Content-Length\n', 'a')] }, 'injection'],
    ['a colon in a name', { headers: [sipHeader('X:', 'a')] }, 'header-name'],
    ['a name that hides another', { headers: [{ name: 'content-length', written: 'Via', value: 'a' }] }, 'header-name'],
    ['a LF in the method', { method: 'A\n' }, 'injection'],
    ['a blank in the method', { method: 'A B' }, 'method'],
    ['a CR in the URI', { uri: 'sip:a\r' }, 'injection'],
    ['a blank in the URI', { uri: 'sip:a b' }, 'request-uri'],
    ['no URI', { uri: '' }, 'request-uri'],
    ['a long head', { headers: [sipHeader('X', 'a'.repeat(65_536))] }, 'head-too-long'],
    ['a long body', { body: new Uint8Array(1_048_577) }, 'body-too-large'],
  ])('refuses %s', (_what, change, code) => {
    expect(() => formatSip({ ...request, ...change })).toThrow(expect.objectContaining({ name: 'WireError', code }));
  });

  test.each([99, 700, 200.5, Number.NaN])('refuses the status %d', (status) => {
    const response: SipMessage = {
      kind: 'response',
      status,
      reason: '',
      headers: [],
      body: new Uint8Array(0),
      faults: [],
    };
    expect(() => formatSip(response)).toThrow(WireError);
  });

  test('refuses a line end in the reason phrase', () => {
    const response: SipMessage = { ...request, kind: 'response', status: 200, reason: 'a\r\nb' };
    expect(() => formatSip(response)).toThrow(WireError);
  });
});

describe('any octets', () => {
  const withoutLength = (headers: SipHeader[]): SipHeader[] => headers.filter(({ name }) => name !== 'content-length');
  const shape = ({ headers, body, ...rest }: SipMessage): unknown => {
    const { faults: _faults, trailing: _trailing, ...start } = { trailing: 0, ...rest };
    return { start, headers: withoutLength(headers), body: [...body] };
  };
  /** What became of the octets: 'same' when writing what was read reads the same. */
  const fate = (bytes: Uint8Array): string => {
    try {
      const message = parseSip(bytes);
      const again = parseSip(formatSip(message));
      return JSON.stringify(shape(again)) === JSON.stringify(shape(message)) ? 'same' : 'changed';
    } catch (error) {
      return error instanceof WireError ? 'refused' : `threw ${String(error)}`;
    }
  };
  const piece = fc.oneof(
    fc.constantFrom('SIP/2.0 200 OK\r\n', 'OPTIONS sip:h SIP/2.0\r\n', ...HEADERS.map((line) => `${line}\r\n`)),
    fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      ' ',
      '\t',
      ':',
      ';',
      ',',
      '"',
      '\\',
      '<',
      '>',
      '\0',
      '\xff',
      '\xc3\xb6',
      'v:',
      'm: *',
      'l: 3',
      '=',
    ),
    fc.string({ maxLength: 8 }),
  );
  const near = fc.array(piece, { maxLength: 20 }).map((parts) => octets(`OPTIONS sip:h SIP/2.0\r\n${parts.join('')}`));
  const far = fc.uint8Array({ maxLength: 200 });
  const mutated = fc.tuple(fc.nat(), fc.nat(255)).map(([place, octet]) => {
    const bytes = answer('Contact: "a" <sip:a@h>;q=1', 'Content-Length: 0');
    bytes[place % bytes.length] = octet;
    return bytes;
  });

  test('are read or refused by a WireError, and what is read and written reads the same', () => {
    const fates = new Set<string>();
    fc.assert(
      fc.property(fc.oneof(near, far, mutated), (bytes) => {
        fates.add(fate(bytes));
      }),
      { numRuns: 4000 },
    );
    expect([...fates].sort()).toEqual(['refused', 'same']);
  });
});
