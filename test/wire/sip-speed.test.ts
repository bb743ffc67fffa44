import { describe, expect, test } from 'vitest';
import { parseChallenge } from '../../src/wire/sip-challenge.ts';
import { parseCSeq, parseNameAddr, parseVia } from '../../src/wire/sip-fields.ts';
import { headerValues, parseSip } from '../../src/wire/sip-message.ts';
import { parseSipUri, unescapeUri } from '../../src/wire/sip-uri.ts';
import { WireError } from '../../src/wire/wire-error.ts';
import { cpuMs } from '../cpu-ms.ts';

const SIZE = 65_400;
const LIMIT_MS = 50;
const UNITS = [
  ...Array.from('a1 \t"\\,;<>:=\r\xff\xe2[(&./@%?*'),
  '%41',
  '\n ',
  '\r\n ',
  '\xc3\xb6',
  'a\xff',
  ':::1.',
  'a ',
  ', ',
  ';a',
  ';a=',
  ';a=1',
  'a,',
  'a=1,',
  'sip:a,',
  '"",',
  '<>,',
  'a:\r\n',
  'v: a\r\n',
  ' / ',
  '&a=',
  '.a',
  '::',
];
const filled = (unit: string): string => unit.repeat(Math.floor(SIZE / unit.length));
const head = 'OPTIONS sip:h SIP/2.0\r\n';

/** Milliseconds of processor time of the quickest of three runs. */
function quickest(run: () => void): number {
  const times = [1, 2, 3].map(() => {
    const started = cpuMs();
    try {
      run();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
    return cpuMs() - started;
  });
  return Math.min(...times);
}

const slow = (run: (text: string) => void): [string, number][] =>
  UNITS.map((unit): [string, number] => [unit, quickest(() => run(filled(unit)))]).filter(([, ms]) => ms >= LIMIT_MS);

describe('64 KiB of anything takes less than 50 ms', () => {
  const frames: [string, (text: string) => string][] = [
    ['a first line', (text) => text],
    ['a request line', (text) => `OPTIONS ${text} SIP/2.0\r\n\r\n`],
    ['a user part', (text) => `OPTIONS sip:${text}@h SIP/2.0\r\n\r\n`],
    ['URI parameters', (text) => `OPTIONS sip:h;${text} SIP/2.0\r\n\r\n`],
    ['URI headers', (text) => `OPTIONS sip:h?${text} SIP/2.0\r\n\r\n`],
    ['a status line', (text) => `SIP/2.0 200 ${text}\r\n\r\n`],
    ['a header name', (text) => `${head}${text}:\r\n\r\n`],
    ['header lines', (text) => `${head}${text}\r\n\r\n`],
    ['a body', (text) => `${head}\r\n${text}`],
    ...['Via', 'From', 'Contact', 'CSeq', 'Call-ID', 'Max-Forwards', 'Content-Length', 'Subject', 'Supported'].map(
      (name): [string, (text: string) => string] => [name, (text) => `${head}${name}: ${text}\r\n\r\n`],
    ),
    ['a quoted name', (text) => `${head}To: "${text}\r\n\r\n`],
    ['a bracketed URI', (text) => `${head}To: <sip:a@h;${text.slice(0, SIZE / 2)}>;${text.slice(0, SIZE / 2)}\r\n\r\n`],
    ['a sent-by', (text) => `${head}Via: SIP/2.0/UDP ${text};a\r\n\r\n`],
    ['an IPv6 sent-by', (text) => `${head}Via: SIP/2.0/UDP [${text}];a\r\n\r\n`],
    ['Via parameters', (text) => `${head}Via: SIP/2.0/UDP h;${text}\r\n\r\n`],
  ];

  test.each(frames)('as %s', (_what, frame) => {
    const read = (text: string): void => {
      headerValues(parseSip(new Uint8Array(Buffer.from(frame(text).slice(0, 65_536), 'latin1'))), 'contact');
    };
    expect(slow(read)).toEqual([]);
  });

  const parsers: [string, (text: string) => unknown][] = [
    ['parseVia', parseVia],
    ['parseVia behind its transport', (text) => parseVia(`SIP/2.0/UDP ${text}`)],
    ['parseNameAddr', parseNameAddr],
    ['parseNameAddr in brackets', (text) => parseNameAddr(`<${text}>`)],
    ['parseCSeq', parseCSeq],
    ['parseChallenge', parseChallenge],
    ['parseChallenge behind its scheme', (text) => parseChallenge(`Digest ${text}`)],
    ['parseChallenge in quotes', (text) => parseChallenge(`Digest a="${text}`)],
    ['parseSipUri', (text) => parseSipUri(`sip:${text}`)],
    ['unescapeUri', unescapeUri],
  ];

  test.each(parsers)('in %s', (_what, parse) => {
    expect(slow((text) => void parse(text))).toEqual([]);
  });
});
