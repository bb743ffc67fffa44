import type { ClientHttp2Session } from 'node:http2';
import type { Endpoint, HttpsAnswer, HttpsConnection, HttpsPost, TlsStream, Wait } from '../world.ts';
import { duplexOver } from './duplex.ts';
import { showEndpoint } from './endpoint.ts';
import type { JudgingContexts } from './judging-contexts.ts';
import { limited, type Settle } from './limit.ts';
import { ended, explain, gather, type Opened } from './http-answer.ts';
import { openHttp1 } from './http1.ts';
import { NetError } from './net-error.ts';
import { connectTcp } from './tcp.ts';
import { startTlsOver } from './tls.ts';

/** RFC 9113 section 7. */
const NO_ERROR = 0;

/** See `Net.openHttps`. The wait is that of both steps together. Throws NetError. */
export async function openHttpsTo(
  to: Endpoint,
  host: string,
  { wait, contexts }: { wait: Wait; contexts: JudgingContexts },
): Promise<HttpsConnection> {
  const startedAt = performance.now();
  const tcp = await connectTcp(to, wait);
  const left = { ...wait, timeoutMs: Math.max(1, wait.timeoutMs - (performance.now() - startedAt)) };
  const tls = await startTlsOver(tcp, { serverName: host, alpn: ['h2', 'http/1.1'] }, { wait: left, contexts });
  const authority = `${host.includes(':') ? `[${host}]` : host}${to.port === 443 ? '' : `:${to.port}`}`;
  const open = tls.facts.alpn === 'h2' ? openHttp2 : openHttp1;
  return open(tls, authority);
}

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
  const answer = gather(what, {
    resolve: settle.resolve,
    reject(error) {
      settle.reject(error);
      // Node goes on to take in what belongs to a stream that was closed: only the end of the connection ends it.
      session.destroy(new NetError('closed', `${what}: the connection was ended: an answer was too large`));
    },
  });
  stream.on('response', (head) => answer.head(head[':status'] ?? 0, head['content-type'] ?? ''));
  stream.on('data', (chunk: Buffer) => answer.data(chunk));
  stream.on('error', (error) => settle.reject(explain(error, failure(), what)));
  // A stream that was reset ends too, or whose connection has ended before it: only its close tells, with the code that it ends by.
  stream.on('close', () => {
    const isWhole = stream.readableEnded && !stream.aborted && stream.rstCode === NO_ERROR;
    if (isWhole && answer.hasHead()) answer.end();
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
