import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { answerRequest } from '../../src/probe/answer-request.ts';
import { answerAll, takeAcceptance, takeChallenges, takeRechallenge } from '../../src/probe/digest-login.ts';
import { maskSip } from '../../src/wire/mask.ts';
import { readAdvice } from '../../src/wire/sip-diagnostics.ts';
import { parseCSeq, parseNameAddr, parseVia } from '../../src/wire/sip-fields.ts';
import { formatSip, headerValues, parseSip, type SipMessage, type SipResponse } from '../../src/wire/sip-message.ts';
import { readOffers } from '../../src/wire/sip-offers.ts';
import { createSipFramer } from '../../src/wire/sip-stream.ts';
import { parseSipUri } from '../../src/wire/sip-uri.ts';
import { inPieces, orRefused, type FuzzedParser } from './fuzzed-parser.ts';

const credentials = { user: 'alice', password: 'x' };

/** What a sign-in does with an answer. */
function signInWith(response: SipResponse): void {
  const login = { realms: new Map() };
  const request = { credentials, method: 'REGISTER', uri: 'sip:a', sha512: undefined, cnonce: () => 'c' };
  orRefused(() => takeChallenges(login, response));
  orRefused(() => answerAll(login, request));
  orRefused(() => takeRechallenge(login, response));
  orRefused(() => takeAcceptance(login, response));
}

function readMessage(message: SipMessage): void {
  for (const name of ['via', 'from', 'to', 'contact', 'cseq', 'route'])
    for (const value of headerValues(message, name).slice(0, 4)) {
      orRefused(() => parseNameAddr(value));
      orRefused(() => parseVia(value));
      orRefused(() => parseCSeq(value));
    }
  const headers: Record<string, string[]> = {};
  for (const { name, value } of message.headers) (headers[name] ??= []).push(value);
  readAdvice(headers);
  readOffers(message);
  if (message.kind === 'request') {
    orRefused(() => parseSipUri(message.uri));
    answerRequest(message, 'tag');
  } else signInWith(message);
  orRefused(() => formatSip(message));
}

function seeds(): Uint8Array[] {
  const folder = new URL('../../fixtures/conformance/sip-torture/', import.meta.url);
  const torture = ['rfc4475', 'rfc5118'].flatMap((name) =>
    readdirSync(new URL(name, folder)).map((file) => readFileSync(new URL(`${name}/${file}`, folder))),
  );
  const own = [
    'SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nTo: <sip:a@b>;tag=1\r\nFrom: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth,auth-int", algorithm=SHA-256, stale=true, opaque="o"\r\nProxy-Authenticate: NTLM realm="SIP Communications Service", targetname="x", version=4\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\nContent-Length: 0\r\n\r\n',
    'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCSeq: 2 REGISTER\r\nContact: "A, B" <sip:a@b;transport=tcp>;expires=60;+sip.instance="<urn:uuid:1>", <sip:[2001:db8::1]>;q=0.5\r\nAuthentication-Info: nextnonce="n", rspauth="00", cnonce="c", nc=00000001, qop=auth\r\nms-diagnostics: 1009;reason="x";source="y"\r\nContent-Length: 0\r\n\r\n',
  ];
  return [...torture, ...own.map((text) => Buffer.from(text))];
}

const tokens = [
  '\r\n',
  '\n',
  ' ',
  '"',
  '\\',
  '<',
  '>',
  ';',
  ',',
  '=',
  ':',
  '%00',
  '\0',
  '\u00ff',
  '(',
  'Digest ',
].concat(['@', '[', '::']);

const NAMES = ['Via', 'v', 'From', 'To', 'Contact', 'CSeq', 'WWW-Authenticate', 'Warning', 'Reason', 'Date', 'X'];
const STARTS = ['REGISTER sip:a SIP/2.0', 'SIP/2.0 401 No', 'SIP/2.0 200 OK', 'OPTIONS sips:[::1]:5061 SIP/2.0', ''];

const generated = fc
  .record({
    start: fc.constantFrom(...STARTS),
    headers: fc.array(
      fc.tuple(
        fc.constantFrom(...NAMES),
        fc.oneof(
          fc.string({ maxLength: 80, unit: 'binary' }),
          fc.string({ maxLength: 80 }),
          fc.constantFrom(...tokens),
        ),
      ),
      { maxLength: 12 },
    ),
    body: fc.string({ maxLength: 60 }),
  })
  .map(({ start, headers, body }) =>
    Buffer.from([start, ...headers.map((pair) => pair.join(': ')), '', body].join('\r\n'), 'utf8'),
  );

/** SIP messages, as datagrams and as streams, and everything that a sign-in reads out of them. */
export const sipParser: FuzzedParser = {
  seeds,
  tokens,
  generated,
  read(bytes, pieces) {
    const datagram = orRefused(() => parseSip(bytes));
    if (datagram !== undefined) readMessage(datagram);
    orRefused(() => {
      const framer = createSipFramer();
      inPieces(bytes, pieces, (piece) => framer.push(piece));
    });
    maskSip(bytes);
  },
};
