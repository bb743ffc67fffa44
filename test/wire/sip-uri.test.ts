import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHostPort, isIpv6, parseHostPort } from '../../src/wire/sip-host.ts';
import { checkUri, escapeUser, formatSipUri, parseSipUri, unescapeUri, uriParam } from '../../src/wire/sip-uri.ts';
import { WireError } from '../../src/wire/wire-error.ts';

const bare = { params: [], headers: [] };

describe('parseSipUri', () => {
  test.each([
    ['sip:example.com', { scheme: 'sip', host: 'example.com', hostKind: 'name', ...bare }],
    ['SIPS:alice@192.0.2.1', { scheme: 'sips', user: 'alice', host: '192.0.2.1', hostKind: 'ipv4', ...bare }],
    ['sip:[2001:db8::10]:5070', { scheme: 'sip', host: '2001:db8::10', hostKind: 'ipv6', port: 5070, ...bare }],
    ['sip:[2001:db8::10:5070]', { scheme: 'sip', host: '2001:db8::10:5070', hostKind: 'ipv6', ...bare }],
    [
      'sip:a:b&c@h.example:1',
      { scheme: 'sip', user: 'a', password: 'b&c', host: 'h.example', hostKind: 'name', port: 1, ...bare },
    ],
    ['sip:a:@h.example', { scheme: 'sip', user: 'a', password: '', host: 'h.example', hostKind: 'name', ...bare }],
  ])('takes %s apart', (text, parts) => {
    expect(parseSipUri(text)).toEqual(parts);
  });

  test('keeps the escapes of parameters and headers and undoes them on request', () => {
    const uri = parseSipUri('sip:a@h.example;%6C%72;n%61me=v%25%34%31;transport=TLS?Route=%3Csip:b%3E&x=');
    expect(uri.headers.map(({ name, value }) => [name, unescapeUri(value ?? '')])).toEqual([
      ['Route', '<sip:b>'],
      ['x', ''],
    ]);
    expect(['lr', 'NAME', 'transport', 'maddr'].map((name) => uriParam(uri, name))).toEqual([
      null,
      'v%41',
      'TLS',
      undefined,
    ]);
  });

  test.each([
    ['tel:+1', 'uri-scheme'],
    ['', 'uri-scheme'],
    ['sip:', 'host'],
    ['sip:@example.com', 'uri-user'],
    ['sip:a#b@example.com', 'uri-user'],
    ['sip:a%4@example.com', 'uri-user'],
    ['sip:a:b"@example.com', 'uri-user'],
    ['sip:a@b@example.com', 'host'],
    ['sip:2001:db8::10', 'host'],
    ['sip:[2001:db8::10', 'host'],
    ['sip:[2001:db8::10]x', 'host'],
    ['sip:[fe80::1%25eth0]', 'host'],
    ['sip:[192.0.2.1]', 'host'],
    ['sip:a@300.1.1.1', 'host'],
    ['sip:a@ex ample.com', 'host'],
    ['sip:a@ example.com', 'host'],
    ['sip:a@b..example', 'host'],
    ['sip:a@example.com:', 'port'],
    ['sip:a@example.com:0', 'port'],
    ['sip:a@example.com:65536', 'port'],
    ['sip:a@example.com;', 'uri-params'],
    ['sip:a@example.com;a=', 'uri-params'],
    ['sip:a@example.com; lr', 'uri-params'],
    ['sip:a@example.com?', 'uri-headers'],
    ['sip:a@example.com?Route', 'uri-headers'],
    ['sip:a@example.com?a=<b>', 'uri-headers'],
  ])('refuses %j with the code %s', (text, code) => {
    expect(() => parseSipUri(text)).toThrow(expect.objectContaining({ name: 'WireError', code }));
  });
});

describe('IPv6 addresses', () => {
  test.each(['::', '::1', '1::', '1:2:3:4:5:6:7:8', '1::3:4:5:6:7:8', '::ffff:192.0.2.1', '1:2:3:4:5:6:1.2.3.4'])(
    'are taken in the form %s',
    (text) => {
      expect(isIpv6(text)).toBe(true);
    },
  );

  test.each([
    '',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    '1.2.3.4::',
    '1.2.3.4',
    '::1.2.3',
    '1::2:3:4:5:6:7:8',
    'g::',
  ])('are refused in the form %j', (text) => {
    expect(isIpv6(text)).toBe(false);
  });

  test('lose the third colon that the grammar of RFC 3261 produces before a dotted quad', () => {
    expect(parseHostPort('[2001:db8:::192.0.2.1]').host).toBe('2001:db8::192.0.2.1');
  });

  test('get their brackets back', () => {
    expect(formatHostPort(parseHostPort('[2001:db8::1] : 5061'))).toBe('[2001:db8::1]:5061');
  });
});

describe('checkUri', () => {
  test.each(['tel:+1-201-555-0123', 'isbn:2983792873', 'http://www.example.com', 'soap.beep://192.0.2.103:3002'])(
    'takes the unknown scheme of %s',
    (text) => {
      expect(() => checkUri(text)).not.toThrow();
    },
  );

  test.each(['', 'example.com', ':x', 'a b:c', 'tel:', 'tel:<1>', ' tel:1'])('refuses %j', (text) => {
    expect(() => checkUri(text)).toThrow(WireError);
  });
});

describe('formatSipUri', () => {
  test.each([
    'sip:a:b@[2001:db8::1]:5070;transport=tcp;lr?Subject=x&Priority=',
    'sips:user;par=u%40example.net@example.com',
    'sip:%00@h.example;%6C%72',
  ])('writes %s as it was read', (text) => {
    expect(formatSipUri(parseSipUri(text))).toBe(text);
  });

  test('refuses parts that would read as something else', () => {
    expect(() => formatSipUri({ ...parseSipUri('sip:h.example'), user: 'a@evil.example;x' })).toThrow(WireError);
    expect(() => formatSipUri({ ...parseSipUri('sip:h.example'), host: 'h\r\nVia: x' })).toThrow(WireError);
  });

  test('carries any user that was escaped', () => {
    const users = fc.string({ minLength: 1, unit: 'binary' });
    fc.assert(
      fc.property(users, (user) => {
        const text = formatSipUri({
          scheme: 'sip',
          user: escapeUser(user),
          host: 'h.example',
          hostKind: 'name',
          ...bare,
        });
        return unescapeUri(parseSipUri(text).user ?? '') === user;
      }),
      { numRuns: 300 },
    );
    expect(escapeUser('a@b é')).toBe('a%40b%20%C3%A9');
  });

  test('never throws anything but a WireError on what looks like a URI', () => {
    const pieces = fc.constantFrom(
      'sip:',
      'a',
      '@',
      ':',
      '[',
      ']',
      '::',
      '%',
      '%41',
      ';',
      '=',
      '?',
      '&',
      '.',
      '1',
      ' ',
      '\0',
      '\ud800',
    );
    const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => `sip:${parts.join('')}`);
    fc.assert(
      fc.property(texts, (text) => {
        try {
          return formatSipUri(parseSipUri(text)).startsWith('sip:');
        } catch (error) {
          return error instanceof WireError;
        }
      }),
      { numRuns: 2000 },
    );
    expect(() => parseSipUri('sip:')).toThrow(WireError);
  });
});
