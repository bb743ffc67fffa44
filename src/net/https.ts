import type { ClientRequest } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { Endpoint, HttpsAnswer, HttpsConnection, HttpsPost, TlsStream, Wait } from '../world.ts';
import { duplexOver } from './duplex.ts';
import { showEndpoint } from './endpoint.ts';
import { limited, type Settle } from './limit.ts';
import { NetError } from './net-error.ts';
import { explainSystemError } from './system-error.ts';
import { connectTcp } from './tcp.ts';
import { startTlsOver } from './tls.ts';

/** Octets of an answer that are taken. */
const MAX_BODY = 65_536;

/** See `Net.openHttps`. The wait is that of both steps together. Throws NetError. */
export async function openHttpsTo(to: Endpoint, host: string, wait: Wait): Promise<HttpsConnection> {
  const startedAt = performance.now();
  const tcp = await connectTcp(to, wait);
  const left = { ...wait, timeoutMs: Math.max(1, wait.timeoutMs - (performance.now() - startedAt)) };
  const tls = await startTlsOver(tcp, { serverName: host, alpn: ['h2', 'http/1.1'] }, left);
  const authority = `${host.includes(':') ? `[${host}]` : host}${to.port === 443 ? '' : `:${to.port}`}`;
  const open = tls.facts.alpn === 'h2' ? openHttp2 : openHttp1;
  return open(tls, authority);
}

/** What came of one request, gathered while it arrives. */
interface Gathering {
  head(status: number, contentType: string): void;
  data(chunk: Uint8Array): void;
  end(): void;
  /** The status has arrived. */
  hasHead(): boolean;
}

function gather(what: string, settle: Settle<HttpsAnswer>): Gathering {
  const chunks: Uint8Array[] = [];
  const answer = { status: 0, contentType: '' };
  let octets = 0;
  return {
    head(status, contentType) {
      const [type = ''] = contentType.split(';');
      Object.assign(answer, { status, contentType: type.trim().toLowerCase() });
    },
    data(chunk) {
      octets += chunk.length;
      if (octets > MAX_BODY) settle.reject(new NetError('too-large', `${what}: more than ${MAX_BODY} octets`));
      else chunks.push(chunk);
    },
    hasHead: () => answer.status !== 0,
    end: () => settle.resolve({ ...answer, body: new Uint8Array(Buffer.concat(chunks)) }),
  };
}

/** The stream under HTTP knows better why it ended than HTTP does. */
function explain(error: unknown, failure: unknown, what: string): NetError {
  if (failure instanceof NetError) return new NetError(failure.code, `${what}: ${failure.message}`, { cause: failure });
  return explainSystemError(error, what);
}

/** An open HTTP connection of either version, and what its requests need. */
interface Opened {
  /** 'POST to 192.0.2.1:443', for errors. */
  what: string;
  /** What ended the stream under HTTP. */
  failure(): unknown;
}

const ended = ({ what, failure }: Opened, how: string): NetError =>
  explain(new NetError('closed', `${what}: ${how}`), failure(), what);

function postOverHttp2(
  opened: Opened & { session: ClientHttp2Session },
  { path, contentType, accept, body }: HttpsPost,
  settle: Settle<HttpsAnswer>,
): () => void {
  const { session, what, failure } = opened;
  if (session.destroyed || session.closed) {
    settle.reject(ended(opened, 'the connection has ended'));
    return () => undefined;
  }
  const headers = { 'content-type': contentType, accept, 'content-length': body.length };
  const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
  const answer = gather(what, settle);
  stream.on('response', (head) => answer.head(head[':status'] ?? 0, head['content-type'] ?? ''));
  stream.on('data', (chunk: Buffer) => answer.data(chunk));
  stream.on('error', (error) => settle.reject(explain(error, failure(), what)));
  // A stream that was reset ends too, and only its close tells.
  stream.on('close', () => {
    if (stream.readableEnded && !stream.aborted && answer.hasHead()) answer.end();
    else settle.reject(ended(opened, 'the answer is incomplete'));
  });
  stream.end(body);
  return () => stream.close();
}

/** RFC 9113. */
async function openHttp2(tls: TlsStream, authority: string): Promise<HttpsConnection> {
  const http2 = await import('node:http2');
  const { duplex, failure } = duplexOver(tls);
  const session = http2.connect(`https://${authority}`, { createConnection: () => duplex });
  session.on('error', () => undefined);
  const opened = { session, failure, what: `POST to ${showEndpoint(tls.remote)}` };
  return {
    facts: tls.facts,
    post: (request, wait) => limited(wait, opened.what, (settle) => postOverHttp2(opened, request, settle)),
    close() {
      session.destroy();
      duplex.destroy();
    },
  };
}

/** The agent keeps sockets, and asks of them what a duplex does not have. */
function asSocket(duplex: Duplex): Duplex {
  const nothing = (): void => undefined;
  const missing = { setKeepAlive: nothing, setNoDelay: nothing, setTimeout: nothing, ref: nothing, unref: nothing };
  return Object.assign(duplex, missing);
}

function postOverHttp1(
  opened: Opened & { ask: (post: HttpsPost) => ClientRequest },
  post: HttpsPost,
  settle: Settle<HttpsAnswer>,
): () => void {
  const { ask, what, failure } = opened;
  const answer = gather(what, settle);
  const onError = (error: Error): void => settle.reject(explain(error, failure(), what));
  const asked = ask(post);
  asked.on('error', onError);
  asked.on('response', (response) => {
    answer.head(response.statusCode ?? 0, response.headers['content-type'] ?? '');
    response.on('data', (chunk: Buffer) => answer.data(chunk));
    response.on('end', () => {
      if (response.complete) answer.end();
      else settle.reject(ended(opened, 'the answer is incomplete'));
    });
    response.on('error', onError);
  });
  asked.end(post.body);
  return () => undefined;
}

/** RFC 9112, one request after the other on the one connection. */
async function openHttp1(tls: TlsStream, authority: string): Promise<HttpsConnection> {
  const { Agent, request } = await import('node:http');
  const { duplex, failure } = duplexOver(tls);
  const what = `POST to ${showEndpoint(tls.remote)}`;
  const socket = asSocket(duplex);
  const createConnection = (): Duplex => {
    if (socket.destroyed) throw new NetError('closed', `${what}: the connection has ended`);
    return socket;
  };
  const agent = Object.assign(new Agent({ keepAlive: true, maxSockets: 1 }), { createConnection });
  const ask = ({ path, contentType, accept, body }: HttpsPost): ClientRequest => {
    const headers = { host: authority, 'content-type': contentType, accept, 'content-length': body.length };
    return request({ agent, method: 'POST', path, headers });
  };
  return {
    facts: tls.facts,
    post: (post, wait) => limited(wait, what, (settle) => postOverHttp1({ ask, what, failure }, post, settle)),
    close() {
      agent.destroy();
      duplex.destroy();
    },
  };
}
