/** What both versions of HTTP have in common: an answer as it comes, and why none came. */
import type { HttpsAnswer } from '../world.ts';
import type { Settle } from './limit.ts';
import { NetError } from './net-error.ts';
import { codeOf, explainSystemError } from './system-error.ts';

/** Octets of an answer that are taken. */
const MAX_BODY = 65_536;

/** What came of one request, gathered while it arrives. */
export interface Gathering {
  head(status: number, contentType: string): void;
  data(chunk: Uint8Array): void;
  end(): void;
  /** The status has arrived. */
  hasHead(): boolean;
}

export function gather(what: string, settle: Settle<HttpsAnswer>): Gathering {
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

/** Node's names of RST_STREAM and GOAWAY, RFC 9113 sections 6.4 and 6.8. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['ERR_HTTP2_STREAM_ERROR', 'ERR_HTTP2_SESSION_ERROR']);

/** The stream under HTTP knows better why it ended than HTTP does. */
export function explain(error: unknown, failure: unknown, what: string): NetError {
  if (failure instanceof NetError) return new NetError(failure.code, `${what}: ${failure.message}`, { cause: failure });
  const fault = codeOf(error);
  if (BROKEN_OFF.has(fault)) return new NetError('other', `${what}: the server has broken it off (${fault})`);
  if (/^(?:HPE|ERR_HTTP2)_/.test(fault))
    return new NetError('other', `${what}: what came cannot be read as HTTP (${fault})`);
  return explainSystemError(error, what);
}

/** An open HTTP connection of either version, and what its requests need. */
export interface Opened {
  /** 'POST to 192.0.2.1:443', for errors. */
  what: string;
  /** What ended the stream under HTTP. */
  failure(): unknown;
}

export const ended = ({ what, failure }: Opened, how: string): NetError =>
  explain(new NetError('closed', `${what}: ${how}`), failure(), what);
