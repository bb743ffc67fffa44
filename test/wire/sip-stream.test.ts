import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headerValue, type SipMessage } from '../../src/wire/sip-message.ts';
import { createSipFramer, type SipFramer } from '../../src/wire/sip-stream.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { cpuMs } from '../cpu-ms.ts';

const octets = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const message = (id: string, body: string, length = `Content-Length: ${body.length}\r\n`): string =>
  `SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nf: <sip:a@h>;tag=1\r\nt: <sip:a@h>\r\ni: ${id}\r\nCSeq: 1 A\r\n${length}\r\n${body}`;
/** What came out, as text: a message by its Call-ID and body, a keep-alive by its name. */
const shown = (found: (SipMessage | 'keep-alive')[]): string[] =>
  found.map((one) => (one === 'keep-alive' ? one : `${headerValue(one, 'i')}:${Buffer.from(one.body).toString()}`));
const feed = (framer: SipFramer, parts: Uint8Array[]): string[] => parts.flatMap((part) => shown(framer.push(part)));
const cut = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

describe('a framer', () => {
  test('cuts several messages out of one segment', () => {
    const framer = createSipFramer();
    expect(shown(framer.push(octets(message('1', 'ab') + message('2', '') + message('3', '\r\n\r\n'))))).toEqual([
      '1:ab',
      '2:',
      '3:\r\n\r\n',
    ]);
    expect(framer.pending()).toBe(0);
  });

  test('puts a message together from many segments', () => {
    const framer = createSipFramer();
    const bytes = octets(message('1', 'abc'));
    expect(framer.push(bytes.subarray(0, 30))).toEqual([]);
    expect(framer.pending()).toBe(30);
    expect(framer.push(bytes.subarray(30, -1))).toEqual([]);
    expect(shown(framer.push(bytes.subarray(-1)))).toEqual(['1:abc']);
  });

  test('gives the same, however the stream is cut', () => {
    const text = `\r\n${message('1', 'ab')}\r\n\r\n${message('2', '')}\r\n\r\n\r\n\n${message('3', 'x'.repeat(300))}\r\n`;
    const whole = shown(createSipFramer().push(octets(text)));
    expect(whole).toEqual([
      'keep-alive',
      '1:ab',
      'keep-alive',
      '2:',
      'keep-alive',
      'keep-alive',
      `3:${'x'.repeat(300)}`,
      'keep-alive',
    ]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), (size) => {
        expect(feed(createSipFramer(), cut(octets(text), size))).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  test('does not share bodies with its store', () => {
    const framer = createSipFramer();
    const [first] = framer.push(octets(message('1', 'first')));
    framer.push(octets(message('2', 'other')));
    expect(first).toMatchObject({ body: octets('first') });
  });

  test.each([
    ['\r\n', ['keep-alive']],
    ['\r\n\r\n', ['keep-alive']],
    ['\r\n\r\n\r\n\r\n', ['keep-alive', 'keep-alive']],
    ['\r', []],
  ])('takes %j for a ping or pong', (text, wanted) => {
    expect(feed(createSipFramer(), cut(octets(text), 1))).toEqual(wanted);
  });

  test('faults a message without Content-Length and takes its body as empty', () => {
    const framer = createSipFramer();
    expect(framer.push(octets(message('1', '', '')))).toMatchObject([{ faults: [{ code: 'content-length-missing' }] }]);
    expect(shown(framer.push(octets(message('2', ''))))).toEqual(['2:']);
  });

  test.each(['Content-Length: x\r\n', 'Content-Length: -1\r\n', 'l: 1\r\nl: 2\r\n'])(
    'gives the message with the length %j, with the fault, and then has lost the framing',
    (length) => {
      const framer = createSipFramer();
      const [found] = framer.push(octets(message('1', 'ab', length)));
      expect(Object(found).faults.map(({ code }: { code: string }) => code)).toContain('content-length');
      expect(() => framer.push(octets(message('2', '')))).toThrow(expect.objectContaining({ code: 'content-length' }));
    },
  );

  test('gives the messages before the garbage first and throws at the next call, and ever after', () => {
    const framer = createSipFramer();
    expect(shown(framer.push(octets(`${message('1', '')}\x00\x01`)))).toEqual(['1:']);
    expect(() => framer.push(new Uint8Array(0))).toThrow(expect.objectContaining({ code: 'not-sip' }));
    expect(() => framer.push(octets(message('2', '')))).toThrow(WireError);
  });

  test.each([
    ['HTTP/', 'http'],
    ['GET / HTTP/1.1\r\n', 'http'],
    ['\x15', 'tls-record'],
    ['\x15\x03\x03\x00\x02\x02\x28', 'tls-record'],
    ['\x80', 'not-sip'],
    ['\rx', 'not-sip'],
    ['<html>', 'not-sip'],
    ['SSH-2.0-OpenSSH_9.6\r\n', 'not-sip'],
    ['+OK ready\r\n', 'not-sip'],
    ['SIP/2.0 99999 x\r\n', 'status-code'],
    ['A'.repeat(129), 'not-sip'],
    [`SIP/${'2'.repeat(65_536)}`, 'head-too-long'],
    [`OPTIONS sip:h SIP/2.0\r\nX: ${'b'.repeat(65_536)}`, 'head-too-long'],
    ['OPTIONS sip:h SIP/2.0\r\nContent-Length: 1048577\r\n\r\n', 'body-too-large'],
    [`OPTIONS sip:h SIP/2.0\r\n${'a:\r\n'.repeat(600)}\r\n`, 'too-many-headers'],
  ])('gives up on %j at once with the code %s', (text, code) => {
    expect(() => createSipFramer().push(octets(text))).toThrow(expect.objectContaining({ name: 'WireError', code }));
  });

  test('keeps to the limits it is given', () => {
    expect(() => createSipFramer({ headOctets: 64 }).push(octets(message('1', '')))).toThrow(
      expect.objectContaining({ code: 'head-too-long' }),
    );
    expect(() => createSipFramer({ bodyOctets: 1 }).push(octets(message('1', 'ab')))).toThrow(
      expect.objectContaining({ code: 'body-too-large' }),
    );
  });

  test('never throws anything but a WireError', () => {
    const piece = fc.constantFrom(
      '\r\n',
      '\r',
      '\n',
      message('1', 'a'),
      'SIP/2.0 200 OK\r\n',
      'l: 1\r\n',
      '\r\n\r\n',
      'x',
      ' ',
      ':',
      '\0',
    );
    const fates = new Set<string>();
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (parts) => {
        try {
          feed(createSipFramer(), parts.map(octets));
          fates.add('read');
        } catch (error) {
          fates.add(error instanceof WireError ? 'refused' : String(error));
        }
      }),
      { numRuns: 2000 },
    );
    expect([...fates].sort()).toEqual(['read', 'refused']);
  });
});

describe('64 KiB, an octet at a time', () => {
  test.each([
    ['a long header', `OPTIONS sip:h SIP/2.0\r\nX: ${'b'.repeat(65_000)}\r\nl: 0\r\n\r\n`, 1],
    ['many line feeds', `OPTIONS sip:h SIP/2.0\r\nX:${'\r\n a'.repeat(16_000)}\r\nl: 0\r\n\r\n`, 1],
    ['a long first line', `OPTIONS sip:h;x=${'b'.repeat(65_000)} SIP/2.0\r\nl: 0\r\n\r\n`, 1],
    ['a long body', message('1', 'x'.repeat(65_000)), 1],
    ['keep-alives', '\r\n'.repeat(32_000), 16_000],
  ])('takes time in proportion for %s', (_what, text, count) => {
    const parts = cut(octets(text), 1);
    const started = cpuMs();
    const found = feed(createSipFramer(), parts);
    expect(found).toHaveLength(count);
    // 65,000 calls; a framer that looks at every octet again each time needs some 2,000,000,000 steps.
    expect(cpuMs() - started).toBeLessThan(1000);
  });
});
