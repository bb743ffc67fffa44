import { describe, expect, test } from 'vitest';
import { buildHttpRequest, readHttpResponse } from '../../src/wire/http.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const read = (text: string, stream: 'open' | 'ended' = 'open') =>
  readHttpResponse(bytes(text), { stream, maxBody: 100 });
const coded = (code: string) => expect.objectContaining({ code });

describe('buildHttpRequest', () => {
  test('writes a GET', () => {
    const text = Buffer.from(buildHttpRequest({ method: 'GET', host: 'crl.example:8080', path: '/a?b' })).toString();
    expect(text).toBe(
      'GET /a?b HTTP/1.1\r\nHost: crl.example:8080\r\nUser-Agent: sipdiag\r\nConnection: close\r\n\r\n',
    );
  });

  test('writes a POST with its length', () => {
    const request = { method: 'POST' as const, host: 'x', path: '/', contentType: 'a/b', body: bytes('hello') };
    expect(Buffer.from(buildHttpRequest(request)).toString()).toMatch(
      /Content-Type: a\/b\r\nContent-Length: 5\r\n\r\nhello$/,
    );
  });

  test.each(['/a\r\nX: y', '/a b', '/\0'])('refuses a path that would add to the request: %j', (path) => {
    expect(() => buildHttpRequest({ method: 'GET', host: 'x', path })).toThrow(coded('syntax'));
  });
});

describe('readHttpResponse', () => {
  test.each<[string, string, 'open' | 'ended']>([
    ['a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'open'],
    [
      'a body in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n',
      'open',
    ],
    ['a body up to the end of the stream', 'HTTP/1.0 200 OK\r\n\r\nhello', 'ended'],
  ])('reads %s', (...[, text, stream]) => {
    const answer = read(text, stream);
    expect(answer?.status).toBe(200);
    expect(Buffer.from(answer?.body ?? '').toString()).toBe('hello');
  });

  test('waits for what is still to come, at every octet', () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n';
    for (let end = 0; end < text.length; end++) expect(read(text.slice(0, end))).toBeUndefined();
  });

  test('an answer that ends too early is an error', () => {
    expect(() => read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel', 'ended')).toThrow(coded('truncated'));
    expect(() => read('', 'ended')).toThrow(coded('truncated'));
  });

  test.each<[string, string, string]>([
    ['another protocol', 'SIP/2.0 200 OK\r\n\r\n', 'syntax'],
    ['another protocol without a line end', 'SSH-2.0-x', 'syntax'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', 'syntax'],
    ['a chunk without size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'syntax'],
    ['a body that is too large', 'HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n', 'too-large'],
    ['chunks that are too large', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n', 'too-large'],
    ['a body without end', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(101)}`, 'too-large'],
    ['headers without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`, 'too-large'],
  ])('refuses %s', (...[, text, code]) => {
    expect(() => read(text)).toThrow(coded(code));
  });

  test('refuses a body of thousands of small chunks, which costs more to read than to send', () => {
    const body = '1\r\nx\r\n'.repeat(5000);
    const all = bytes(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`);
    expect(() => readHttpResponse(all, { stream: 'open', maxBody: 10_000 })).toThrow(coded('too-large'));
  });
});
