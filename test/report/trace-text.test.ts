import { describe, expect, test } from 'vitest';
import { renderTrace, type TraceEntry } from '../../src/report/trace-text.ts';

const run = { version: '1.2.3', startedAt: '2026-11-23T12:00:00.000Z' };
const about = { transport: 'tcp', local: '192.0.2.1:5070', remote: '192.0.2.10:5060' } as const;
const request: TraceEntry = {
  ...about,
  at: 1,
  direction: 'sent',
  text: 'REGISTER sip:a.example SIP/2.0\r\nCSeq: 1 REGISTER\r\nAuthorization: Digest response="xxxx"\r\n\r\n',
};
const response: TraceEntry = {
  ...about,
  at: 12.34,
  direction: 'received',
  text: 'SIP/2.0 401 Unauthorized\r\nCSeq: 1 REGISTER\r\n\r\n',
};

describe('a trace', () => {
  test('is a ladder, then every message with number, time, transport and addresses', () => {
    expect(renderTrace([request, response], run)).toBe(
      `sipdiag 1.2.3: SIP messages of the run that began at 2026-11-23T12:00:00.000Z. Secrets are masked with x; TLS is shown in clear.

tcp 192.0.2.1:5070 <-> 192.0.2.10:5060
   1.0 ms  #1  |-- REGISTER (1 REGISTER) --------------------->|
  12.3 ms  #2  |<------------- 401 Unauthorized (1 REGISTER) --|

#1  1.0 ms  tcp  sent 192.0.2.1:5070 -> 192.0.2.10:5060

    REGISTER sip:a.example SIP/2.0
    CSeq: 1 REGISTER
    Authorization: Digest response="xxxx"

#2  12.3 ms  tcp  received 192.0.2.1:5070 <- 192.0.2.10:5060

    SIP/2.0 401 Unauthorized
    CSeq: 1 REGISTER
`,
    );
  });

  test('has a ladder of its own for each connection', () => {
    const other = { ...request, transport: 'tls' as const, remote: '192.0.2.10:5061' };
    const text = renderTrace([request, other, response], run);
    expect(text.match(/^t\w+ \S+ <-> \S+$/gm)).toEqual([
      'tcp 192.0.2.1:5070 <-> 192.0.2.10:5060',
      'tls 192.0.2.1:5070 <-> 192.0.2.10:5061',
    ]);
    expect(text).toMatch(/5060\n.*#1 .*\n.*#3 .*\n\ntls.*\n.*#2 /);
  });

  test('says so when there was nothing', () => {
    expect(renderTrace([], run)).toContain('No SIP message was sent or received.');
  });

  test('lets no remote text act on a terminal, nor begin a line of its own', () => {
    const hostile = { ...response, text: 'SIP/2.0 200 \u001b[2J\u202eOK\r\nX: a\rb\r\n#9  forged\r\n\r\n' };
    const text = renderTrace([hostile], run);
    expect(text).not.toMatch(/[\u001b\u202e\r]/);
    expect(text).toContain('|<');
    expect(text).not.toMatch(/^#9/m);
  });

  test('is bounded in lines and in the length of one', () => {
    const long = { ...response, text: `SIP/2.0 200 ${'x'.repeat(10_000)}\r\n${'a: b\r\n'.repeat(5000)}` };
    const text = renderTrace([long], run);
    expect(text.length).toBeLessThan(10_000);
    expect(text).toContain('(4601 more lines)');
  });

  test('of a message that is a megabyte of empty lines comes to its end', () => {
    const text = `SIP/2.0 200 OK\r\n${'\n'.repeat(1_000_000)}x\r\n\n`;
    expect(renderTrace([{ ...response, text }], run)).toMatch(/\.\.\. \(999602 more lines\)\n$/);
  });
});
