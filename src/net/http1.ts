/** HTTP/1.1 over a TLS connection: one request after the other, in the order in which they were made. RFC 9112 section 9.3. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpsAnswer, HttpsConnection, HttpsPost, TlsStream } from '../world.ts';
import { duplexOver } from './duplex.ts';
import { showEndpoint } from './endpoint.ts';
import { ended, explain, gather, type Opened } from './http-answer.ts';
import { limited, type Settle } from './limit.ts';
import { NetError } from './net-error.ts';

/** Answers before the answer (RFC 9110 section 15.2): servers of practice send one. */
const MAX_PROVISIONAL = 16;

/** The one connection, and the requests that wait for it. Node's agent would throw past them once it has ended. */
interface Line extends Opened {
  ask(post: HttpsPost): ClientRequest;
  isOpen(): boolean;
  /** Requests behind the one that is under way. */
  waiting: (() => void)[];
  state: 'idle' | 'busy';
  /** Why no more can be asked. */
  broken?: NetError;
}

/** Node's HTTP asks of a socket what a duplex does not have. */
function asSocket(duplex: Duplex): Duplex {
  const nothing = (): void => undefined;
  const missing = { setKeepAlive: nothing, setNoDelay: nothing, setTimeout: nothing, ref: nothing, unref: nothing };
  return Object.assign(duplex, missing);
}

/** The turn of a request is over when Node has let go of the connection, or has ended it. */
function nextTurn(line: Line): void {
  line.state = 'idle';
  if (!line.isOpen()) line.broken ??= ended(line, 'the connection has ended');
  const broken = line.broken !== undefined;
  for (const begin of line.waiting.splice(0, broken ? Infinity : 1)) begin();
}

function takeResponse(line: Line, response: IncomingMessage, settle: Settle<HttpsAnswer>): void {
  const answer = gather(line.what, settle);
  answer.head(response.statusCode ?? 0, response.headers['content-type'] ?? '');
  response.on('data', (chunk: Buffer) => answer.data(chunk));
  response.on('end', () => {
    if (response.complete) answer.end();
    else settle.reject(ended(line, 'the answer is incomplete'));
  });
  response.on('error', (error) => settle.reject(explain(error, line.failure(), line.what)));
}

/** Asks at once; gives what breaks the request off. */
function askNow(line: Line, post: HttpsPost, settle: Settle<HttpsAnswer>): () => void {
  if (!line.isOpen()) line.broken ??= ended(line, 'the connection has ended');
  if (line.broken !== undefined) {
    settle.reject(line.broken);
    return () => undefined;
  }
  line.state = 'busy';
  const asked = line.ask(post);
  // What ends this request ends the connection, and those behind it for the same reason.
  const fail = (error: NetError): void => {
    line.broken ??= error;
    settle.reject(error);
  };
  let provisional = 0;
  asked.on('information', () => {
    provisional += 1;
    if (provisional > MAX_PROVISIONAL)
      fail(new NetError('other', `${line.what}: more than ${MAX_PROVISIONAL} answers that are none`));
  });
  asked.once('upgrade', ({ statusCode }, socket) => {
    fail(new NetError('other', `${line.what}: HTTP status ${statusCode}`));
    socket.destroy();
  });
  asked.on('error', (error) => fail(explain(error, line.failure(), line.what)));
  asked.on('response', (response) => takeResponse(line, response, { resolve: settle.resolve, reject: fail }));
  asked.once('close', () => {
    // Node ends a connection on which more comes than was asked for.
    if (asked.shouldKeepAlive && !line.isOpen() && line.failure() === undefined)
      line.broken ??= new NetError('other', `${line.what}: more came than the answer`);
    nextTurn(line);
  });
  asked.end(post.body);
  return () => {
    // Its answer may still come, and would be taken for that of the next.
    line.broken ??= new NetError('timeout', `${line.what}: the request before was not answered`);
    asked.destroy();
  };
}

/** Waits for its turn. */
function postInTurn(line: Line, post: HttpsPost, settle: Settle<HttpsAnswer>): () => void {
  let breakOff = (): void => undefined;
  let isOver = false;
  const over: Settle<HttpsAnswer> = {
    resolve(answer) {
      isOver = true;
      settle.resolve(answer);
    },
    reject: settle.reject,
  };
  const begin = (): void => void (breakOff = askNow(line, post, over));
  if (line.state === 'idle') begin();
  else line.waiting.push(begin);
  return () => {
    const place = line.waiting.indexOf(begin);
    if (place >= 0) line.waiting.splice(place, 1);
    else if (!isOver) breakOff();
  };
}

/** See `Net.openHttps`; the connection owns the stream from now on. */
export async function openHttp1(tls: TlsStream, authority: string): Promise<HttpsConnection> {
  const { request } = await import('node:http');
  const { duplex, failure } = duplexOver(tls);
  const socket = asSocket(duplex);
  const ask = ({ path, contentType, accept, body }: HttpsPost): ClientRequest => {
    const about = { host: authority, 'content-type': contentType, accept, 'content-length': body.length };
    const headers = { ...about, connection: 'keep-alive' };
    return request({ createConnection: () => socket, method: 'POST', path, headers });
  };
  const isOpen = (): boolean => !socket.destroyed && failure() === undefined;
  const what = `POST to ${showEndpoint(tls.remote)}`;
  const line: Line = { what, failure, ask, isOpen, waiting: [], state: 'idle' };
  return {
    facts: tls.facts,
    post: (post, wait) => limited(wait, what, (settle) => postInTurn(line, post, settle)),
    close: () => void duplex.destroy(),
  };
}
