import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatSip, parseSip, type SipHeader, type SipMessage } from '../../src/wire/sip-message.ts';
import { createSipFramer } from '../../src/wire/sip-stream.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { showMessage } from './sip-torture-expectations.ts';

interface Entry {
  name: string;
  file: string;
  parser: 'accept' | 'reject' | 'either';
  expect?: Parameters<typeof showMessage>[1];
  as_published?: { file: string };
  facts: { octets: number; content_length_headers: string[] };
}

const ROOM = new URL('../../fixtures/conformance/sip-torture/', import.meta.url);
const bytesOf = (file: string): Uint8Array => readFileSync(new URL(file, ROOM));
// The index is our own file; its shape is stated in its README.
const index = JSON.parse(readFileSync(new URL('index.json', ROOM), 'utf8')) as { messages: Entry[] };
const of = (...verdicts: Entry['parser'][]): Entry[] =>
  index.messages.filter(({ parser }) => verdicts.includes(parser));
const stating = (...verdicts: Entry['parser'][]): Entry[] => of(...verdicts).filter((entry) => entry.expect);

/** Those that state their length: a cut one can be told from a whole one. */
const framed = of('accept').filter(({ facts }) => facts.content_length_headers.length > 0);
/** NUL may stand in a quoted-pair, and is refused in what is written all the same. */
const writable = (answer: 'yes' | 'no'): Entry[] =>
  of('accept').filter(({ file }) => {
    const { headers } = parseSip(bytesOf(file));
    return headers.some(({ value }) => value.includes('\0')) === (answer === 'no');
  });
const withoutLength = (headers: SipHeader[]): SipHeader[] => headers.filter(({ name }) => name !== 'content-length');

/** The message and whether a strict element would take it, or the error. */
function read(bytes: Uint8Array): { verdict: 'accept' | 'reject'; message?: SipMessage } {
  try {
    const message = parseSip(bytes);
    return { verdict: message.faults.length === 0 ? 'accept' : 'reject', message };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { verdict: 'reject' };
  }
}

describe('the messages of RFC 4475 and RFC 5118', () => {
  test('are all there', () => {
    expect(index.messages.map(({ file }) => bytesOf(file).length)).toEqual(
      index.messages.map(({ facts }) => facts.octets),
    );
    expect(index.messages).toHaveLength(61);
  });

  test.each(of('accept'))('$name is read without a fault', ({ file }) => {
    expect(parseSip(bytesOf(file)).faults).toEqual([]);
  });

  test.each(of('reject'))('$name is refused, by an error or a fault', ({ file }) => {
    expect(read(bytesOf(file)).verdict).toBe('reject');
  });

  test.each(of('either'))('$name is read or refused, and nothing else', ({ file }) => {
    expect(() => read(bytesOf(file))).not.toThrow();
  });

  test.each(stating('accept', 'reject', 'either'))(
    '$name shows what the index states',
    ({ file, expect: wanted = {} }) => {
      expect(showMessage(parseSip(bytesOf(file)), wanted)).toEqual(wanted);
    },
  );

  test.each(framed)('$name is read from a stream as from a datagram', ({ file }) => {
    const { trailing: _datagramOnly, ...message } = parseSip(bytesOf(file));
    expect(createSipFramer().push(bytesOf(file))[0]).toEqual(message);
  });

  test.each(index.messages)('$name, cut anywhere, is read or throws a WireError', ({ file }) => {
    const bytes = bytesOf(file);
    expect(() => bytes.forEach((_, end) => read(bytes.subarray(0, end)))).not.toThrow();
  });

  test.each(framed)('$name, cut anywhere before its end, is never taken for whole', ({ file }) => {
    const bytes = bytesOf(file);
    const whole = bytes.length - (parseSip(bytes).trailing ?? 0);
    const verdicts = Array.from({ length: whole }, (_, end) => read(bytes.subarray(0, end)).verdict);
    expect(verdicts).not.toContain('accept');
  });

  test.each(writable('yes'))('$name is written so that it reads the same', ({ file }) => {
    const { trailing: _noise, ...message } = parseSip(bytesOf(file));
    const again = parseSip(formatSip(message));
    const { headers, ...rest } = message;
    expect(again).toMatchObject({ ...rest, faults: expect.any(Array) });
    expect(withoutLength(again.headers)).toEqual(withoutLength(headers));
  });

  test.each(writable('no'))('$name is not written, because it holds a NUL', ({ file }) => {
    const message = parseSip(bytesOf(file));
    expect(() => formatSip(message)).toThrow(expect.objectContaining({ code: 'injection' }));
  });

  test.each(index.messages.filter((entry) => entry.as_published))(
    '$name as published, with bare line feeds, has the same headers and the fault named',
    ({ file, as_published: published }) => {
      const message = parseSip(bytesOf(published?.file ?? ''));
      expect(withoutLength(message.headers)).toEqual(withoutLength(parseSip(bytesOf(file)).headers));
      expect(message.faults.map(({ code }) => code)).toContain('line-end');
    },
  );
});
