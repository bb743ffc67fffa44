import { describe, expect, test } from 'vitest';
import { parseAnswer, parseAsk } from '../../src/wire/agent-messages.ts';
import {
  createLineReader,
  formatLine,
  isProven,
  MAX_ANSWER_OCTETS,
  MAX_ASK_OCTETS,
  MAX_MIRRORED_OCTETS,
  MAX_PORTS,
  proofOf,
  type AgentAnswer,
  type AgentAsk,
} from '../../src/wire/agent-protocol.ts';
import { WireError } from '../../src/wire/wire-error.ts';

const NONCE = '00112233445566778899aabbccddeeff';
const ASK: AgentAsk = {
  type: 'ask',
  version: 1,
  waitMs: 3000,
  ports: [{ transport: 'tcp', port: 7100, nonce: NONCE }],
  mirror: 'left-out',
};

/** Code of the WireError that the work throws; undefined: it throws none. */
function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
}

const refusal = (change: object): string | undefined => codeOf(() => parseAsk(JSON.stringify({ ...ASK, ...change })));

describe('an ask', () => {
  test.each([[ASK], [{ ...ASK, proof: 'a'.repeat(64) }], [{ ...ASK, ports: [], mirror: 'asked' as const }]])(
    'is read as it was written: %j',
    (ask) => {
      expect(parseAsk(Buffer.from(formatLine(ask)).toString().trimEnd())).toEqual(ask);
    },
  );

  test('of another version is refused for that, whatever else it holds', () => {
    expect(refusal({ version: 2, new: 'field' })).toBe('version');
    expect(codeOf(() => parseAsk('{"version":99}'))).toBe('version');
  });

  test.each([
    ['', 'no JSON'],
    ['GET / HTTP/1.1', 'no JSON'],
    ['[]', 'no object'],
    ['null', 'no object'],
    ['1', 'no object'],
    ['{}', 'no version'],
    ['{"version":"1"}', 'no number'],
    ['{"version":1}', 'nothing else'],
  ])('%j is malformed (%s)', (line) => {
    expect(codeOf(() => parseAsk(line))).toBe('malformed');
  });

  const port = ASK.ports[0];
  test.each([
    [{ address: '192.0.2.1' }],
    [{ host: 'victim.example' }],
    [{ type: 'hello' }],
    [{ waitMs: 99 }],
    [{ waitMs: 8001 }],
    [{ waitMs: 1.5 }],
    [{ mirror: true }],
    [{ proof: 'short' }],
    [{ proof: 'A'.repeat(64) }],
    [{ ports: {} }],
    [{ ports: [7100] }],
    [{ ports: [{ ...port, port: 0 }] }],
    [{ ports: [{ ...port, port: 65_536 }] }],
    [{ ports: [{ ...port, port: '7100' }] }],
    [{ ports: [{ ...port, transport: 'tls' }] }],
    [{ ports: [{ ...port, nonce: 'zz' }] }],
    [{ ports: [{ ...port, nonce: NONCE.toUpperCase() }] }],
    [{ ports: [{ ...port, address: '192.0.2.1' }] }],
    [{ ports: [port, port] }],
    [{ ports: Array.from({ length: MAX_PORTS + 1 }, (_, at) => ({ ...port, port: 7100 + at })) }],
  ])('with %j is malformed', (change) => {
    expect(refusal(change)).toBe('malformed');
  });

  test('the longest fits into a line', () => {
    const ports = Array.from({ length: MAX_PORTS }, (_, at) => ({
      transport: 'tcp' as const,
      port: 65_535 - at,
      nonce: NONCE,
    }));
    const longest = { ...ASK, waitMs: 8000, ports, proof: 'a'.repeat(64) };
    expect(formatLine(longest).length).toBeLessThanOrEqual(MAX_ASK_OCTETS);
  });
});

const ANSWERS: AgentAnswer[] = [
  { type: 'hello', versions: [1], challenge: NONCE, token: 'required', ports: 16 },
  {
    type: 'accepted',
    software: 'sipdiag/1',
    address: '2001:db8::1',
    port: 50_112,
    session: NONCE,
    mirror: [{ transport: 'udp', port: 5060, way: 'sip-port' }],
  },
  { type: 'result', transport: 'udp', port: 5350, result: 'timeout', detail: 'nothing came back' },
  { type: 'mirrored', transport: 'tcp', port: 5060, message: Buffer.alloc(MAX_MIRRORED_OCTETS).toString('base64') },
  { type: 'done' },
  { type: 'error', code: 'rate', detail: 'too many', versions: [1] },
];

describe('an answer', () => {
  test.each(ANSWERS)('is read as it was written: $type', (answer) => {
    const line = formatLine(answer);
    expect(line.length).toBeLessThanOrEqual(MAX_ANSWER_OCTETS);
    expect(parseAnswer(Buffer.from(line).toString().trimEnd())).toEqual(answer);
  });

  test.each(ANSWERS)('of type $type is refused with a field more, or with one less', (answer) => {
    expect(codeOf(() => parseAnswer(JSON.stringify({ ...answer, more: 1 })))).toBe('malformed');
    const [, second] = Object.keys(answer);
    const less = Object.fromEntries(Object.entries(answer).filter(([name]) => name !== second && name !== 'type'));
    expect(codeOf(() => parseAnswer(JSON.stringify(less)))).toBe('malformed');
  });

  test.each(['toString', '__proto__', 'constructor', 'nothing', 5, null])('of type %j is malformed', (type) => {
    expect(codeOf(() => parseAnswer(JSON.stringify({ type })))).toBe('malformed');
  });

  test.each(['result', 'accepted', 'error'])('of type %s brings no control characters', (type) => {
    const answer = ANSWERS.find((one) => one.type === type);
    const changed = { ...answer, ...(type === 'accepted' ? { software: '\u001b[2J' } : { detail: 'a\nb' }) };
    expect(codeOf(() => parseAnswer(JSON.stringify(changed)))).toBe('malformed');
  });
});

describe('lines', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text);

  test('are the same however the stream is cut', () => {
    const all = bytes('{"a":1}\n{"ä":2}\n\nrest');
    for (let at = 0; at <= all.length; at += 1) {
      const reader = createLineReader(64);
      expect([...reader.push(all.subarray(0, at)), ...reader.push(all.subarray(at))]).toEqual([
        '{"a":1}',
        '{"ä":2}',
        '',
      ]);
    }
  });

  test('of just the limit are read, and those of an octet more are refused, ended or not', () => {
    expect(createLineReader(8).push(bytes('1234567\n'))).toEqual(['1234567']);
    expect(codeOf(() => createLineReader(8).push(bytes('12345678\n')))).toBe('too-long');
    expect(codeOf(() => createLineReader(8).push(bytes('123456789')))).toBe('too-long');
  });

  test('that come octet by octet are held to the limit too', () => {
    const reader = createLineReader(8);
    expect(codeOf(() => Array.from({ length: 9 }, () => reader.push(bytes('x'))))).toBe('too-long');
  });
});

describe('the proof of the token', () => {
  const token = 'a token of some length';
  const proven = (ask: AgentAsk, challenge: string): boolean =>
    isProven(token, challenge, { ...ask, proof: proofOf(token, NONCE, ASK) });

  test('holds for this ask and this challenge', () => {
    expect(proven(ASK, NONCE)).toBe(true);
  });

  test('does not hold for another challenge: what was overheard is of no use', () => {
    expect(proven(ASK, 'f'.repeat(32))).toBe(false);
  });

  test.each([
    [{ waitMs: 3001 }],
    [{ mirror: 'asked' as const }],
    [{ ports: [] }],
    [{ ports: [{ transport: 'udp' as const, port: 7100, nonce: NONCE }] }],
    [{ ports: [{ transport: 'tcp' as const, port: 7101, nonce: NONCE }] }],
    [{ ports: [{ transport: 'tcp' as const, port: 7100, nonce: 'f'.repeat(32) }] }],
  ])('does not hold for an ask that was changed on the way: %j', (change) => {
    expect(proven({ ...ASK, ...change }, NONCE)).toBe(false);
  });

  test('does not hold with another token, nor without any', () => {
    expect(isProven('another token', NONCE, { ...ASK, proof: proofOf(token, NONCE, ASK) })).toBe(false);
    expect(isProven(token, NONCE, ASK)).toBe(false);
  });

  test('is what RFC 2104 says, as other programs compute it', () => {
    // printf 'sipdiag agent\n1\n<challenge>\n3000\nleft-out\ntcp/7100/<nonce>' | openssl dgst -sha256 -hmac '<token>'
    expect(proofOf(token, NONCE, ASK)).toBe('2ff2107ce6abf96deab535c2cb48ba859c9c2adf990a63c64b57048ab1636d2f');
  });
});
