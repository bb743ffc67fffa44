import { describe, expect, test } from 'vitest';
import { changesBetween } from '../../src/probe/compare-mirrored.ts';

const BODY = 'v=0\r\no=- 1 1 IN IP4 10.0.0.5\r\ns=-\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\nm=audio 5350 RTP/AVP 0\r\n';
const SENT = [
  'INVITE sip:mirror@192.0.2.44:5060 SIP/2.0',
  'Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK1;rport',
  'Max-Forwards: 70',
  'Call-ID: abc@10.0.0.5',
  'Contact: <sip:sipdiag@10.0.0.5:5060>',
  `Content-Length: ${BODY.length}`,
  '',
  BODY,
].join('\r\n');

const changes = (arrived: string) => changesBetween(Buffer.from(SENT), Buffer.from(arrived, 'latin1'));
const fields = (arrived: string): string[] => changes(arrived).map(({ field }) => field);

describe('what was changed on the way', () => {
  test('is nothing when every octet is the same', () => {
    expect(changes(SENT)).toEqual([]);
  });

  test.each([
    ['the start line', 'sip:mirror@192.0.2.44:5060', 'sip:mirror@192.0.2.45:5060', ['start line']],
    ['the Via', 'Via: SIP/2.0/UDP 10.0.0.5:5060', 'Via: SIP/2.0/UDP 198.51.100.7:61000', ['Via']],
    ['an added Via', 'Via: ', 'Via: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK2\r\nVia: ', ['Via']],
    ['the Contact', '<sip:sipdiag@10.0.0.5:5060>', '<sip:sipdiag@198.51.100.7:5060>', ['Contact']],
    ['the Call-ID', 'abc@10.0.0.5', 'abc@198.51.100.7', ['Call-ID']],
    ['the hops', 'Max-Forwards: 70', 'Max-Forwards: 69', ['Max-Forwards']],
    ['a new header', 'Max-Forwards', 'Record-Route: <sip:x;lr>\r\nMax-Forwards', ['Record-Route']],
    ['a header that is gone', 'Max-Forwards: 70\r\n', '', ['Max-Forwards']],
    ['the spelling of a name', 'Call-ID:', 'Call-Id:', ['Call-ID (name)']],
    ['a compact name', 'Call-ID:', 'i:', ['Call-ID (name)']],
    ['o= of the SDP', 'o=- 1 1 IN IP4 10.0.0.5', 'o=- 1 1 IN IP4 10.0.0.6', ['SDP o=']],
    ['c= of the SDP', 'c=IN IP4 10.0.0.5', 'c=IN IP4 10.0.0.6', ['SDP c=']],
    ['m= of the SDP', 'm=audio 5350', 'm=audio 5351', ['SDP m=']],
    ['another line of the body', 't=0 0', 't=1 1', ['body']],
    [
      'the length of the body alone',
      `Content-Length: ${BODY.length}`,
      'Content-Length: 5',
      ['Content-Length', 'body length'],
    ],
    ['a body that grew', 'c=IN IP4 10.0.0.5', 'c=IN IP4 198.51.100.7', ['SDP c=', 'body length']],
  ])('is %s', (_name, ...[from, to, expected]) => {
    expect(fields(SENT.replace(from, to))).toEqual(expected);
  });

  test('is the order of the headers', () => {
    const swapped = SENT.replace(/(Max-Forwards.*\r\n)(Call-ID.*\r\n)/, '$2$1');
    expect(fields(swapped)).toEqual(['order of the headers']);
  });

  test('holds both values', () => {
    expect(changes(SENT.replace('Max-Forwards: 70', 'Max-Forwards: 69'))).toEqual([
      { field: 'Max-Forwards', sent: '70', arrived: '69' },
    ]);
  });

  test.each([
    ['nothing', ''],
    ['no SIP', '\u0000\u00ff:::\n\n\n'],
    [
      'a thousand headers',
      `A SIP/2.0\r\n${Array.from({ length: 1000 }, (_, at) => `H${at}: ${'x'.repeat(500)}`).join('\r\n')}`,
    ],
  ])('is bounded when %s arrives', (_name, arrived) => {
    const found = changes(arrived);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(24);
    expect(Math.max(...found.map((one) => one.arrived.length))).toBeLessThanOrEqual(201);
  });
});
