/** What small SIP servers of our own say, for what a real one cannot be brought to do. */
import { createHash } from 'node:crypto';

/** How a scripted server answers one request; undefined: not at all; null: it closes the connection. */
export type Behaviour = (request: string) => string | undefined | null;

const copied = (request: string): string[] =>
  ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => {
    const line = new RegExp(`^${name}: .*$`, 'im').exec(request)?.[0] ?? `${name}: `;
    return name === 'To' ? `${line};tag=scripted` : line;
  });

export const answer = (request: string, status: string, headers: readonly string[] = []): string =>
  [`SIP/2.0 ${status}`, ...copied(request), ...headers, 'Content-Length: 0', '', ''].join('\r\n');

/** 200 for OPTIONS, 401 for anything else (RFC 3261 sections 11.2 and 10.3); what does not begin like SIP gets no answer. */
export const challenging: Behaviour = (request) => {
  if (!/ SIP\/2\.0\r\n/.test(request)) return undefined;
  if (request.startsWith('OPTIONS ')) return answer(request, '200 OK');
  return answer(request, '401 Unauthorized', [
    'WWW-Authenticate: Digest realm="example.org", nonce="6e6f6e6365", qop="auth"',
  ]);
};

/** As of the days of Live Communications Server: NTLM and Kerberos, no Digest. [MS-SIPAE] section 4. */
export const lcs: Behaviour = (request) => {
  if (request.startsWith('OPTIONS ')) return answer(request, '200 OK', ['Server: RTC/2.0']);
  const realm = 'realm="SIP Communications Service"';
  return answer(request, '401 Unauthorized', [
    `Date: ${new Date().toUTCString()}`,
    `WWW-Authenticate: NTLM ${realm}, targetname="lcs.fuzzybunny.local", version=2`,
    `WWW-Authenticate: Kerberos ${realm}, targetname="sip/lcs.fuzzybunny.local", version=2`,
  ]);
};

/** A registrar after the example that RFC 7616 section 3.9.2 prints: its SHA-512-256 is SHA-512 cut to 256 bits. */
export const sha512Truncated =
  (password: string): Behaviour =>
  (request) => {
    if (request.startsWith('OPTIONS ')) return answer(request, '200 OK');
    const realm = 'fuzzybunny.local';
    const given = /^Authorization: (.*)$/im.exec(request)?.[1] ?? '';
    const param = (name: string): string => new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(given)?.[1] ?? '';
    const hash = (text: string): string => createHash('sha512').update(text).digest('hex').slice(0, 64);
    const secret = hash(`${param('username')}:${realm}:${password}`);
    const wanted = [secret, param('nonce'), param('nc'), param('cnonce'), 'auth', hash(`REGISTER:${param('uri')}`)];
    if (given !== '' && hash(wanted.join(':')) === param('response')) return answer(request, '200 OK');
    return answer(request, '401 Unauthorized', [
      `WWW-Authenticate: Digest realm="${realm}", nonce="6e6f6e6365", algorithm=SHA-512-256, qop="auth"`,
    ]);
  };
