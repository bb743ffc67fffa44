import { describe, expect, test } from 'vitest';
import type { DnsRecord } from '../../src/model/dns.ts';
import { decodeMessage, encodeQuery } from '../../src/wire/dns-message.ts';
import { encodeResponse } from '../../src/wire/dns-response.ts';
import { formatMessage, formatRecord, quoted, recordText, type RecordData } from '../../src/wire/dns-text.ts';
import { className, rcodeName } from '../../src/wire/dns-types.ts';

const record = (name: string, data: RecordData): DnsRecord => ({ name, ttl: 300, text: recordText(data), ...data });

describe('a record', () => {
  // The right-hand sides are what dig 9.18 printed for these records.
  test.each<[DnsRecord, string]>([
    [
      record('sip.example.com', {
        type: 'SRV',
        srv: { priority: 1, weight: 2, port: 5061, target: String.raw`a\.b\032\255\\\@\$\(\"\;.example.com` },
      }),
      'sip.example.com.\t300\tIN\tSRV\t1 2 5061 a\\.b\\032\\255\\\\\\@\\$\\(\\"\\;.example.com.',
    ],
    [
      record('sip.example.com', {
        type: 'NAPTR',
        naptr: {
          order: 50,
          preference: 50,
          flags: 's',
          services: 'SIP+D2T',
          regexp: '!^(.*)"$!sip:\\1@x!',
          replacement: '_sip._tcp.example.com',
        },
      }),
      'sip.example.com.\t300\tIN\tNAPTR\t50 50 "s" "SIP+D2T" "!^(.*)\\"$!sip:\\\\1@x!" _sip._tcp.example.com.',
    ],
    [
      record('b.example.com', { type: 'AAAA', address: '2001:db8::10' }),
      'b.example.com.\t\t300\tIN\tAAAA\t2001:db8::10',
    ],
    [
      record('example.com', { type: 'SOA', soa: { serial: 7, mname: 'ns.example.com' } }),
      'example.com.\t\t300\tIN\tSOA\tns.example.com. hostmaster. 7 3600 600 86400 300',
    ],
    [record('.', { type: 'NS', host: '.' }), '.\t\t\t300\tIN\tNS\t.'],
  ])('is written as dig writes it: %j', (one, line) => {
    expect(formatRecord(one)).toBe(line);
  });

  test.each([
    [{ name: 'a.example', type: 65_280, class: 1, ttl: 5, raw: Uint8Array.of(1, 0xab) }, 'IN\tTYPE65280\t\\# 2 01AB'],
    [{ name: 'a.example', type: 65_280, class: 1, ttl: 5, raw: Uint8Array.of() }, 'IN\tTYPE65280\t\\# 0'],
    [{ name: 'a.example', type: 1, class: 4, ttl: 5, raw: Uint8Array.of(1) }, 'HS\tTYPE1\t\\# 1 01'],
    [
      { name: 'a.example', type: 16, class: 1, ttl: 5, raw: Uint8Array.of(2, 0x61, 0x22, 0, 1, 0x1b) },
      'IN\tTXT\t"a\\"" "" "\\027"',
    ],
  ])('of another type is written by RFC 3597 section 5: %j', (one, tail) => {
    expect(formatRecord(one)).toBe(`a.example.\t\t5\t${tail}`);
  });

  test('keeps the letters of names in its text and has them in lower case where they are compared', () => {
    const query = decodeMessage(encodeQuery({ id: 1, name: 'A.example', type: 'CNAME', recursion: 'desired' }));
    const [seen] = decodeMessage(
      encodeResponse({ query, answers: [record('A.example', { type: 'CNAME', host: 'Sip.Example.COM' })] }),
    ).answers;
    expect(seen).toEqual({
      name: 'a.example',
      type: 'CNAME',
      ttl: 300,
      host: 'sip.example.com',
      text: 'Sip.Example.COM.',
    });
  });
});

describe('a message', () => {
  const query = decodeMessage(
    encodeQuery({ id: 34_913, name: 'sip.Example.com', type: 'A', recursion: 'desired', ednsSize: 1232 }),
  );

  // Compared with what dig 9.18 printed for the same octets.
  test('is written as dig writes it', () => {
    const bytes = encodeResponse({
      query,
      flags: ['aa', 'ra'],
      answers: [record('sip.example.com', { type: 'A', address: '192.0.2.10' })],
      authority: [record('example.com', { type: 'NS', host: 'ns.example.com' })],
      additional: [record('ns.example.com', { type: 'A', address: '192.0.2.53' })],
    });
    expect(formatMessage(decodeMessage(bytes))).toBe(
      [
        ';; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 34913',
        ';; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 1, ADDITIONAL: 2',
        '',
        ';; OPT PSEUDOSECTION:',
        '; EDNS: version: 0, flags:; udp: 1232',
        ';; QUESTION SECTION:',
        ';sip.Example.com.\t\tIN\tA',
        '',
        ';; ANSWER SECTION:',
        'sip.example.com.\t300\tIN\tA\t192.0.2.10',
        '',
        ';; AUTHORITY SECTION:',
        'example.com.\t\t300\tIN\tNS\tns.example.com.',
        '',
        ';; ADDITIONAL SECTION:',
        'ns.example.com.\t\t300\tIN\tA\t192.0.2.53',
        '',
      ].join('\n'),
    );
  });

  test('says what is wrong with its size, and the extended error', () => {
    const edns = {
      version: 0,
      udpSize: 512,
      dnssecOk: true,
      errors: [
        { code: 6, text: 'bogus' },
        { code: 22, text: '' },
      ],
    };
    const text = formatMessage({ ...query, edns, opcode: 15, cut: true, trailing: 4 });
    expect(text).toContain('opcode: RESERVED15');
    expect(text).toContain(';; WARNING: Message has 4 extra bytes at end\n');
    expect(text).toContain(';; WARNING: Message ends before');
    expect(text).toContain('; EDNS: version: 0, flags: do; udp: 512\n; EDE: 6: (bogus)\n; EDE: 22\n');
  });
});

test('what is not printable is escaped', () => {
  expect(quoted('\u001b[31m\u00ff"\\')).toBe(String.raw`"\027[31m\255\"\\"`);
});

test.each([
  [rcodeName(3), 'NXDOMAIN'],
  [rcodeName(3841), 'RCODE3841'],
  [className(3), 'CH'],
  [className(254), 'CLASS254'],
])('a number is called %s', (seen, expected) => {
  expect(seen).toBe(expected);
});
