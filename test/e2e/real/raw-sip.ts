/** SIP over bare sockets, made without any code of src/, so that the real servers are proven independently of it. */
import { createHash, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

const ANSWER_LIMIT_MS = 5_000;

export interface RawEndpoint {
  transport: 'udp' | 'tcp' | 'tls';
  address: string;
  port: number;
  /** For TLS: roots, names, client certificate. Nothing is verified unless `ca` is given. */
  tls?: ConnectionOptions;
}

export interface RequestParts {
  method: string;
  uri: string;
  /** Address of record of From and To. */
  aor: string;
  /** Of the Via. */
  transport: RawEndpoint['transport'];
  /** Further header lines. */
  headers?: string[];
}

/** A request without a body. Via asks for the answer to come back to where the request came from (RFC 3581). */
export function rawRequest(parts: RequestParts): string {
  const tag = randomBytes(6).toString('hex');
  return [
    `${parts.method} ${parts.uri} SIP/2.0`,
    `Via: SIP/2.0/${parts.transport.toUpperCase()} harness.invalid;branch=z9hG4bK${tag};rport`,
    `From: <${parts.aor}>;tag=${tag}`,
    `To: <${parts.aor}>`,
    `Call-ID: ${tag}@harness.invalid`,
    `CSeq: 1 ${parts.method}`,
    'Max-Forwards: 70',
    ...(parts.headers ?? []),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

async function askByUdp(to: RawEndpoint, request: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    socket.send(request, to.port, to.address);
    const [bytes] = await answer;
    return String(bytes);
  } finally {
    socket.close();
  }
}

function openStream(to: RawEndpoint): Socket {
  if (to.transport === 'tcp') return connectTcp(to.port, to.address);
  const verifying = to.tls?.ca !== undefined;
  return connectTls({ host: to.address, port: to.port, rejectUnauthorized: verifying, ...to.tls });
}

async function askByStream(to: RawEndpoint, request: string): Promise<string> {
  const stream = openStream(to);
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  try {
    await once(stream, to.transport === 'tls' ? 'secureConnect' : 'connect', { signal });
    stream.write(request);
    let text = '';
    while (!text.includes('\r\n\r\n')) text += String((await once(stream, 'data', { signal }))[0]);
    return text;
  } finally {
    stream.destroy();
  }
}

/** Sends one request and gives the first answer as text. Rejects when none comes within 5 s or the connection fails. */
export function ask(to: RawEndpoint, request: string): Promise<string> {
  return to.transport === 'udp' ? askByUdp(to, request) : askByStream(to, request);
}

/** '200', or '' when the text is no SIP answer. */
export function statusOf(answer: string): string {
  return /^SIP\/2\.0 (\d{3}) /.exec(answer)?.[1] ?? '';
}

export interface Credentials {
  user: string;
  password: string;
}

/** The Authorization line that answers a 401 for REGISTER to `uri` (RFC 3261 section 22.4, RFC 8760), qop auth or none. */
export function authorizationLine(challenge: string, uri: string, { user, password }: Credentials): string {
  const line = /^WWW-Authenticate: Digest (.*)$/im.exec(challenge)?.[1] ?? '';
  const field = (name: string) => new RegExp(`${name}="?([^",\\r]*)`).exec(line)?.[1];
  const [realm, nonce, algorithm = 'MD5'] = [field('realm'), field('nonce'), field('algorithm')];
  const digest = (text: string) =>
    createHash(algorithm === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const secret = digest(`${user}:${realm}:${password}`);
  const uses = line.includes('qop=') ? '00000001:abcdef:auth:' : '';
  const response = digest(`${secret}:${nonce}:${uses}${digest(`REGISTER:${uri}`)}`);
  const qop = uses === '' ? '' : ', qop=auth, nc=00000001, cnonce="abcdef"';
  return `Authorization: Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${algorithm}${qop}`;
}
