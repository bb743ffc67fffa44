import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  canonicalName,
  formatName,
  isUnder,
  nameToOctets,
  parseName,
  sameName,
  toAsciiDomain,
  toUnicodeDomain,
} from '../../src/wire/dns-name.ts';
import { WireError } from '../../src/wire/wire-error.ts';

const code = (expected: string): unknown => expect.objectContaining({ name: 'WireError', code: expected });
const octets = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('presentation form', () => {
  test.each([
    [[octets(0x61, 0x2e, 0x62), octets(0x63)], String.raw`a\.b.c`],
    [[octets(0x61, 0x5c)], String.raw`a\\`],
    [[octets(0x20, 0x00, 0x0a, 0x7f)], String.raw`\032\000\010\127`],
    [[octets(0xc3, 0xbc)], String.raw`\195\188`],
    [[octets(0x22, 0x28, 0x29, 0x3b, 0x40, 0x24)], String.raw`\"\(\)\;\@\$`],
    [[octets(0x60, 0x27, 0x26, 0x7c, 0x3c, 0x3e)], String.raw`\096\039\038\124\060\062`],
    [[octets(0x41, 0x2d, 0x5f, 0x39)], 'A-_9'],
    [[], '.'],
  ])('writes and reads the labels %j as %s', (labels, text) => {
    expect(formatName(labels)).toBe(text);
    expect(parseName(text)).toEqual(labels);
  });

  test('gives every list of labels a spelling that reads back as itself', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const text = formatName(labels);
        expect(text).toMatch(/^[!-~]+$/);
        // Nothing that a shell would act on stands there without its backslash.
        expect(text.replaceAll(/\\./g, '')).not.toMatch(/[`'"&|<>;$()]/);
        expect(parseName(text)).toEqual(labels);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['', 'name-empty-label'],
    ['a..b', 'name-empty-label'],
    ['.a', 'name-empty-label'],
    ['a.b..', 'name-empty-label'],
    [`${'a'.repeat(64)}.com`, 'label-too-long'],
    [`${'a'.repeat(63)}.`.repeat(4), 'name-too-long'],
    ['a.'.repeat(2000), 'name-too-long'],
    [String.raw`a\256`, 'name-escape'],
    [String.raw`a\25`, 'name-escape'],
    ['a\\', 'name-escape'],
    ['a\\\u00fc', 'name-escape'],
    ['bücher.example', 'name-not-ascii'],
    ['a b', 'name-character'],
    ['a\nb', 'name-character'],
  ])('refuses %j', (text, expected) => {
    expect(() => parseName(text)).toThrow(code(expected));
  });

  test('takes labels of 63 and names of 255 octets', () => {
    const long = `${`${'a'.repeat(63)}.`.repeat(3)}${'b'.repeat(61)}`;
    expect(nameToOctets(long)).toHaveLength(255);
    expect(() => nameToOctets(`${long}b`)).toThrow(code('name-too-long'));
  });
});

describe('comparison', () => {
  test.each([
    ['SIP.Example.COM.', 'sip.example.com', true],
    [String.raw`\115ip.example.com`, 'sip.example.com', true],
    [String.raw`sip\.example.com`, 'sip.example.com', false],
    [String.raw`\195\156`, String.raw`\195\188`, false],
    [String.raw`a\000`, 'a', false],
    ['.', '.', true],
  ])('%s and %s: the same name is %s', (a, b, same) => {
    expect(sameName(a, b)).toBe(same);
  });

  test.each([
    ['sip.example.com', 'Example.com', true],
    ['example.com', 'example.com', true],
    ['badexample.com', 'example.com', false],
    [String.raw`bad\.example.com`, 'example.com', false],
    ['com', 'example.com', false],
    ['example.com', '.', true],
  ])('%s under %s is %s', (name, zone, under) => {
    expect(isUnder(name, zone)).toBe(under);
  });

  test('is made on one spelling, with the escapes that are needed and no others', () => {
    expect(canonicalName(String.raw`\065\066.\.\032.COM.`)).toBe(String.raw`ab.\.\032.com`);
  });
});

describe('internationalized names', () => {
  test.each([
    ['Bücher.Example', 'xn--bcher-kva.example', 'bücher.example'],
    ['_sip._tls.müller.de.', '_sip._tls.xn--mller-kva.de', '_sip._tls.müller.de'],
    ['straße.de', 'xn--strae-oqa.de', 'straße.de'],
    ['日本語。jp', 'xn--wgv71a119e.jp', '日本語.jp'],
    ['مثال.إختبار', 'xn--mgbh0fb.xn--kgbechtv', 'مثال.إختبار'],
    ['ü.1', 'xn--tda.1', 'ü.1'],
    ['sip.example.com', 'sip.example.com', 'sip.example.com'],
    ['.', '.', '.'],
  ])('%s is %s on the wire and %s on the screen', (typed, ascii, shown) => {
    expect(toAsciiDomain(typed)).toBe(ascii);
    expect(toUnicodeDomain(ascii)).toBe(shown);
  });

  test.each([
    ['ü@evil.example', 'name-idn'],
    ['ü/evil.example', 'name-idn'],
    ['ü:5060', 'name-idn'],
    ['x%41ü', 'name-idn'],
    ['ü\\.example', 'name-idn'],
    ['xn--ü.de', 'name-idn'],
    ['\u{2100}.de', 'name-idn'],
    ['a..ü', 'name-empty-label'],
    [`${'ü'.repeat(63)}.de`, 'label-too-long'],
    ['ü'.repeat(5000), 'name-too-long'],
  ])('%j has no form on the wire', (typed, expected) => {
    expect(() => toAsciiDomain(typed)).toThrow(code(expected));
  });

  test.each([
    'xn--',
    'xn--a',
    'xn--99999999999',
    'xn--google-',
    `xn--${'9'.repeat(59)}`,
    String.raw`a\.xn--mller-kva.de`,
    String.raw`xn--mller-kva\.de`,
  ])('%s stays as it is on the screen', (name) => {
    expect(toUnicodeDomain(name)).toBe(name);
  });

  test('on the screen always lead back to the same name', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'x', 'y', 'z', '0', '1', '9', '-'), maxLength: 40 });
    fc.assert(
      fc.property(text, (tail) => {
        const label = `xn--${tail}`;
        const shown = toUnicodeDomain(label);
        expect(shown === label || toAsciiDomain(shown) === label).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test('whatever is typed gives a name or a WireError', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (typed) => {
      let outcome: unknown;
      try {
        outcome = canonicalName(toAsciiDomain(typed));
      } catch (error) {
        outcome = error;
      }
      expect(typeof outcome === 'string' || outcome instanceof WireError).toBe(true);
    }),
    { numRuns: 500 },
  );
});
