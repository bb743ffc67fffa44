import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { answerChallenge } from '../../src/wire/digest.ts';
import { maskSip, maskText } from '../../src/wire/mask.ts';
import { parseChallenge } from '../../src/wire/sip-challenge.ts';
import { maskTrace } from '../../src/wire/traced-message.ts';
import { cpuMs } from '../cpu-ms.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const torture = new URL('../../fixtures/conformance/sip-torture/rfc4475/', import.meta.url);

describe('masking', () => {
  test('keeps the user and hides what a password can be guessed from', () => {
    const header = answerChallenge({
      challenge: parseChallenge('Digest realm="a.example", nonce="n0nce", qop="auth", algorithm=MD5, opaque="0paque"'),
      credentials: { user: 'alice', password: 'zanzibar' },
      method: 'REGISTER',
      uri: 'sip:a.example',
      cnonce: 'cn0nce',
      nc: 1,
    });
    expect(maskText(`Authorization: ${header}\r\nTo: x\r\n`)).toBe(
      `Authorization: Digest username="alice", realm="a.example", nonce="xxxxx", uri="sip:a.example", response="${'x'.repeat(32)}", algorithm=MD5, cnonce="xxxxxx", opaque="xxxxxx", qop=auth, nc=00000001\r\nTo: x\r\n`,
    );
  });

  test.each([
    ['Proxy-Authorization: Basic YWxpY2U6c2VjcmV0==', 'Proxy-Authorization: Basic xxxxxxxxxxxxxxxxxx'],
    ['authorization:Bearer secret', 'authorization:Bearer xxxxxx'],
    [
      'Authorization: NTLM qop="auth", gssapi-data="c2VjcmV0", crand="secret", targetname="srv"',
      'Authorization: NTLM qop="auth", gssapi-data="xxxxxxxx", crand="xxxxxx", targetname="srv"',
    ],
    ['Authorization: Digest response=secret', 'Authorization: Digest response=xxxxxx'],
    ['Authorization: Digest response="sec\\"ret", nc=1', 'Authorization: Digest response="xxxxxxxx", nc=1'],
    ['Authorization: Digest response="secret, username=x', `Authorization: Digest response=${'x'.repeat(19)}`],
    ['Authorization: Digest nc=1,\r\n response="secret"', 'Authorization: Digest nc=1,\r\n response="xxxxxx"'],
    ['Authorization: Digest\r\n\tresponse="secret"', 'Authorization: Digest\r\n\tresponse="xxxxxx"'],
    ['Authorization: secret', 'Authorization: xxxxxx'],
    ['WWW-Authenticate: Negotiate', 'WWW-Authenticate: Negotiate'],
    ['Authorization: response="secret"', 'Authorization: response="xxxxxx"'],
    ['Authorization: Digest a b secret', 'Authorization: Digest xxxxxxxxxx'],
    ['WWW-Authenticate: Digest realm="r", nonce="secret"', 'WWW-Authenticate: Digest realm="r", nonce="xxxxxx"'],
    ['Authentication-Info: nextnonce="secret", qop=auth', 'Authentication-Info: nextnonce="xxxxxx", qop=auth'],
    ['Proxy-Authentication-Info: rspauth="secret"', 'Proxy-Authentication-Info: rspauth="xxxxxx"'],
    ['REGISTER sip:alice:secret@a.example SIP/2.0', 'REGISTER sip:alice:xxxxxx@a.example SIP/2.0'],
    ['REGISTER sip:alice:sec,ret@a.example SIP/2.0', 'REGISTER sip:alice:xxxxxxx@a.example SIP/2.0'],
    ['To: <sip:alice;day=tuesday?x:secret@a.example>', 'To: <sip:alice;day=tuesday?x:xxxxxx@a.example>'],
    ['To: <sip:al,ice:secret@a.example>', 'To: <sip:al,ice:xxxxxx@a.example>'],
    ['Route: sip:a.example:5060,sip:bob@b.example', 'Route: sip:a.example:5060,sip:bob@b.example'],
    ['Contact: <sip:a.example:5060;x=@b>', 'Contact: <sip:a.example:5060;x=@b>'],
    ['a=ice-pwd:secret\r\na=ice-ufrag:u', 'a=ice-pwd:xxxxxx\r\na=ice-ufrag:u'],
    [
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:secret|2^20|1:4',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:xxxxxx|2^20|1:4',
    ],
    [
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:secret|2^20|1:4;inline:second|2^20|2:4 FEC_KEY=inline:third',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:xxxxxx|2^20|1:4;inline:xxxxxx|2^20|2:4 FEC_KEY=inline:xxxxx',
    ],
    ['k=clear:secret', 'k=clear:xxxxxx'],
    ['a=key-mgmt:mikey secret', 'a=key-mgmt:mikey xxxxxx'],
    ['Authorization: Digest response="gehéim"', 'Authorization: Digest response="xxxxxxx"'],
    ['Subject: response="kept"', 'Subject: response="kept"'],
  ])('%j', (text, masked) => {
    expect(maskText(text)).toBe(masked);
  });

  test('never changes the number of octets, whatever the message', () => {
    const messages = readdirSync(torture).map((file) => new Uint8Array(readFileSync(new URL(file, torture))));
    expect(messages.length).toBeGreaterThan(40);
    expect(messages.map((bytes) => maskSip(bytes).length)).toEqual(messages.map((bytes) => bytes.length));
  });

  test('never throws, and never changes the number of octets of arbitrary ones', () => {
    const piece = fc.constantFrom(
      'Authorization: ',
      'Digest ',
      '"',
      ',',
      '=',
      '\\',
      '\r\n',
      ' ',
      'sip:a:b@',
      'a=ice-pwd:',
      'é',
    );
    const hostile = fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }).map((parts) => bytesOf(parts.join('')));
    fc.assert(fc.property(fc.oneof(hostile, fc.uint8Array()), (bytes) => maskSip(bytes).length === bytes.length));
    expect(maskSip(Uint8Array.of(0xff, 0xfe))).toEqual(Uint8Array.of(0xff, 0xfe));
  });

  test.each(['a="b"', 'a', 'a=b ', 'sip:a:b', '=', '"', ', ', '\n a="b",'])(
    'takes time in proportion to a megabyte of %j',
    (unit) => {
      const text = `Authorization: Digest ${unit.repeat(1_000_000 / unit.length)}`;
      const before = cpuMs();
      expect(maskText(text)).toHaveLength(text.length);
      expect(cpuMs() - before).toBeLessThan(2000);
    },
  );

  test('makes text of traced messages, without lone surrogates', () => {
    const about = { at: 1, direction: 'sent', transport: 'tls', local: 'a', remote: 'b' } as const;
    const bytes = Uint8Array.of(...bytesOf('Authorization: Digest response="secret"\r\n'), 0xff);
    expect(maskTrace([{ ...about, bytes }])).toEqual([
      { ...about, text: 'Authorization: Digest response="xxxxxx"\r\n\ufffd' },
    ]);
  });
});
