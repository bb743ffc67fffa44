import { readFileSync } from 'node:fs';
import { decode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DnsRecord } from '../../src/model/dns.ts';
import { readAnswer } from '../../src/wire/dns-answer.ts';
import { decodeMessage, encodeQuery, type QueryContent } from '../../src/wire/dns-message.ts';
import { encodeResponse } from '../../src/wire/dns-response.ts';
import { formatMessage, recordText, type RecordData } from '../../src/wire/dns-text.ts';
import type { DnsMessage } from '../../src/wire/dns-types.ts';
import { WireError } from '../../src/wire/wire-error.ts';

const code = (expected: string): unknown => expect.objectContaining({ name: 'WireError', code: expected });
const record = (name: string, data: RecordData): DnsRecord => ({ name, ttl: 300, text: recordText(data), ...data });
const query: QueryContent = { id: 4660, name: 'sip.example.com', type: 'A', recursion: 'desired', ednsSize: 1232 };
const asked = (change: Partial<QueryContent> = {}): DnsMessage => decodeMessage(encodeQuery({ ...query, ...change }));

const RECORDS: DnsRecord[] = [
  record('sip.example.com', { type: 'A', address: '192.0.2.10' }),
  record('sip.example.com', { type: 'AAAA', address: '2001:db8::10' }),
  record('sip.example.com', { type: 'AAAA', address: '::ffff:192.0.2.1' }),
  record('sip.example.com', { type: 'AAAA', address: '::' }),
  record(String.raw`a\.b\000.example.com`, { type: 'CNAME', host: String.raw`\255\254.example.com` }),
  record('example.com', { type: 'NS', host: 'ns.example.com' }),
  record('_sip._tcp.example.com', { type: 'SRV', srv: { priority: 1, weight: 65_535, port: 5061, target: '.' } }),
  record('example.com', {
    type: 'NAPTR',
    naptr: {
      order: 1,
      preference: 2,
      flags: 's',
      services: 'SIP+D2T',
      regexp: '!^(.*)"$!\\1\u00ff!',
      replacement: '.',
    },
  }),
  record('.', { type: 'SOA', soa: { serial: 4_294_967_295, mname: 'ns.example.com' } }),
];

describe('a query', () => {
  test('has the octets of RFC 1035 section 4.1 and RFC 6891 section 6.1.2', () => {
    const hex = '12340100000100000000000103736970076578616d706c6503636f6d000001000100002904d0000000000000';
    expect(Buffer.from(encodeQuery(query)).toString('hex')).toBe(hex);
  });

  test('to an authority wants no recursion, and may do without EDNS', () => {
    const { id, name, type } = query;
    const hex = '12340000000100000000000003736970076578616d706c6503636f6d0000010001';
    expect(Buffer.from(encodeQuery({ id, name, type, recursion: 'not-desired' })).toString('hex')).toBe(hex);
  });

  test.each(['.', 'SIP.Example.com', String.raw`a\.b.example.com`, String.raw`\255\000.x`, `${'a'.repeat(63)}.com`])(
    'asks for %s as it stands',
    (name) => {
      expect(asked({ name, type: 'NAPTR' }).questions).toEqual([{ name, type: 'NAPTR', class: 1 }]);
    },
  );

  test.each([[16], [65_280], [0]])('asks for a type that has no name here, %i', (type) => {
    expect(asked({ type }).questions[0]?.type).toBe(type);
  });

  test.each([
    [{ name: `${'a'.repeat(64)}.com` }, 'label-too-long'],
    [{ name: 'a..com' }, 'name-empty-label'],
    [{ name: '' }, 'name-empty-label'],
    [{ name: 'müller.de' }, 'name-not-ascii'],
    [{ id: 65_536 }, 'number-range'],
    [{ id: 1.5 }, 'number-range'],
    [{ type: 65_536 }, 'number-range'],
    [{ ednsSize: 511 }, 'number-range'],
  ])('%j cannot be asked', (change, expected) => {
    expect(() => encodeQuery({ ...query, ...change })).toThrow(code(expected));
  });
});

describe('a response', () => {
  test('is read back as the records that it was made of', () => {
    const [first, ...rest] = RECORDS;
    const bytes = encodeResponse({
      query: asked({ name: 'SIP.example.COM' }),
      answers: RECORDS,
      authority: rest,
      additional: first ? [first] : [],
      flags: ['aa', 'ra', 'tc'],
    });
    const { answers, authority, additional, questions, ...others } = decodeMessage(bytes);
    expect({ answers, authority, additional }).toEqual({ answers: RECORDS, authority: rest, additional: [first] });
    expect(questions).toEqual([{ name: 'SIP.example.COM', type: 'A', class: 1 }]);
    expect(others).toMatchObject({ id: 4660, qr: true, aa: true, ra: true, tc: true, rd: true, rcode: 0, cut: false });
  });

  test('is understood by another reader', () => {
    const answers = RECORDS.filter(({ type }) => type === 'SRV' || type === 'A' || type === 'NS');
    const seen = decode(Buffer.from(encodeResponse({ query: asked(), answers })));
    expect(seen.answers).toMatchObject([
      { name: 'sip.example.com', type: 'A', ttl: 300, data: '192.0.2.10' },
      { name: 'example.com', type: 'NS', data: 'ns.example.com' },
      { type: 'SRV', data: { priority: 1, weight: 65_535, port: 5061, target: '.' } },
    ]);
    expect(seen.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }]);
  });

  test.each([3, 16, 23, 4095])('carries the response code %i', (rcode) => {
    expect(decodeMessage(encodeResponse({ query: asked(), rcode })).rcode).toBe(rcode);
  });

  test('has an OPT record only when the query had one', () => {
    const plain = decodeMessage(encodeQuery({ id: 1, name: 'a', type: 'A', recursion: 'desired' }));
    expect(decodeMessage(encodeResponse({ query: asked() })).edns?.udpSize).toBe(1232);
    expect(decodeMessage(encodeResponse({ query: plain })).edns).toBeUndefined();
    expect(() => encodeResponse({ query: plain, rcode: 16 })).toThrow(code('rcode-needs-edns'));
  });

  test.each([
    [record('a', { type: 'A', address: '192.0.2.256' }), 'address'],
    [record('a', { type: 'A', address: '192.0.2' }), 'address'],
    [record('a', { type: 'A', address: '192.0.2.1.' }), 'address'],
    [record('a', { type: 'A', address: '::1' }), 'address'],
    [record('a', { type: 'AAAA', address: '192.0.2.1' }), 'address'],
    [record('a', { type: 'AAAA', address: 'fe80::1%eth0' }), 'address'],
    [record('a', { type: 'AAAA', address: '::1]/[::1' }), 'address'],
    [record('a', { type: 'A' }), 'address'],
    [record('a', { type: 'NS' }), 'record-incomplete'],
    [record('a', { type: 'SRV' }), 'record-incomplete'],
    [record('a', { type: 'SRV', srv: { priority: -1, weight: 0, port: 0, target: 'b' } }), 'number-range'],
    [{ ...record('a', { type: 'A', address: '192.0.2.1' }), ttl: 2 ** 31 }, 'number-range'],
    [{ ...record('a', { type: 'SOA' }), text: 'ns. mail. 1 2 3' }, 'soa-text'],
    [{ ...record('a', { type: 'SOA' }), text: 'ns. mail. 1 2 3 4 x' }, 'number-range'],
    [record('a..b', { type: 'A', address: '192.0.2.1' }), 'name-empty-label'],
  ])('is not made of %j', (answer, expected) => {
    expect(() => encodeResponse({ query: asked(), answers: [answer] })).toThrow(code(expected));
  });

  test.each(['\u0100', 'x'.repeat(256)])('is not made of a character-string such as %j', (services) => {
    const naptr = { order: 1, preference: 1, flags: 's', services, regexp: '', replacement: 'a' };
    const answers = [record('a', { type: 'NAPTR', naptr })];
    expect(() => encodeResponse({ query: asked(), answers })).toThrow(code('string-octets'));
  });

  test('has at most 65535 octets', () => {
    const answers = Array.from({ length: 4000 }, () => record('sip.example.com', { type: 'A', address: '192.0.2.1' }));
    expect(() => encodeResponse({ query: asked(), answers })).toThrow(code('message-too-long'));
  });
});

const whole = encodeResponse({ query: asked(), answers: RECORDS, flags: ['ra'] });

describe('a damaged message', () => {
  test('gives a WireError wherever it ends', () => {
    const lengths = Array.from({ length: whole.length }, (_, length) => length);
    const silent = lengths.filter((length) => {
      try {
        decodeMessage(whole.subarray(0, length));
        return true;
      } catch (error) {
        return !(error instanceof WireError);
      }
    });
    expect(decodeMessage(whole).answers).toHaveLength(RECORDS.length);
    expect(silent).toEqual([]);
  });

  test('that is marked TC keeps the records before the cut', () => {
    const marked = Uint8Array.from(whole);
    marked[2] = (marked[2] ?? 0) | 0x02;
    const kept = decodeMessage(marked.subarray(0, whole.length - 30));
    expect(kept).toMatchObject({ tc: true, cut: true });
    expect(kept.answers).toEqual(RECORDS.slice(0, kept.answers.length));
    expect(kept.answers.length).toBeGreaterThan(4);
  });

  // The time that reading takes is bounded by the test's own limit.
  test('gives a message or a WireError whatever was changed in it, and never an undefined value', () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.integer({ min: 0, max: 255 }) });
    const changes = fc.array(change, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (list, length) => {
        const bytes = Uint8Array.from(whole);
        for (const { at, to } of list) bytes[at] = to;
        const texts = [bytes, bytes.subarray(0, length)].map((damaged) => {
          const reading = readAnswer({ query, bytes: damaged, transport: 'udp' });
          return 'message' in reading ? formatMessage(reading.message) : reading.detail;
        });
        expect(texts.join('')).toMatch(/^[\n\t -~]+$/);
        expect(texts.join('')).not.toContain('undefined');
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a message that is beyond the limits', () => {
  test('is refused when its header counts more than 4000 records', () => {
    const bytes = Uint8Array.from(whole);
    bytes[6] = 0x0f;
    bytes[7] = 0xa0;
    expect(() => decodeMessage(bytes)).toThrow(code('too-many-records'));
  });

  test('is refused above 64 KiB', () => {
    expect(() => decodeMessage(new Uint8Array(65_536))).toThrow(code('message-too-long'));
  });
});

describe('the recorded conformance cases', () => {
  const file = new URL('../../fixtures/conformance/dns-wire.json', import.meta.url);
  // The shape is written down in the file's own `terms`.
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: { id: string; hex: string }[] };

  test.each(cases)('$id: gives a reading for every prefix and every octet turned round', ({ hex }) => {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    const kinds = new Set<string>();
    for (let at = 0; at <= bytes.length; at += 1) {
      const turned = bytes.map((octet, index) => (index === at ? octet ^ 0xff : octet));
      for (const damaged of [bytes.subarray(0, at), turned]) {
        kinds.add(readAnswer({ query, bytes: damaged, transport: 'udp' }).kind);
      }
    }
    expect([...kinds]).toContain('malformed');
  });
});
