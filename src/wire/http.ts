import { WireError } from './wire-error.ts';

/** Headers of an HTTP answer; servers of practice send some kilobytes. */
const MAX_HEAD_OCTETS = 65_536;
/** Servers of practice send some kilobytes in each. */
const MAX_CHUNKS = 4096;
const HEAD_END = '\r\n\r\n';

export interface HttpRequest {
  method: 'GET' | 'POST';
  /** With port where it is not 80. */
  host: string;
  /** With the query, if any. */
  path: string;
  contentType?: string;
  body?: Uint8Array;
}

/** The request with `Connection: close`: one connection, one question. RFC 9112 section 3. */
export function buildHttpRequest({ method, host, path, contentType, body }: HttpRequest): Uint8Array {
  if (/[\r\n\0 ]/.test(`${host}${path}`)) throw new WireError('syntax', 'host and path hold no blanks or line ends');
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: sipdiag',
    'Connection: close',
    ...(contentType === undefined ? [] : [`Content-Type: ${contentType}`]),
    ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}${HEAD_END}`), body ?? new Uint8Array()]);
}

export interface HttpResponse {
  status: number;
  /** Lower-case names; of a header that is repeated, the last. */
  headers: Record<string, string>;
  body: Uint8Array;
}

interface Head {
  status: number;
  headers: Record<string, string>;
  bodyStart: number;
}

/** The status line and the headers; undefined until the empty line has arrived. Throws WireError. */
function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.subarray(0, MAX_HEAD_OCTETS).indexOf(HEAD_END);
  if (end < 0) {
    if (bytes.length >= MAX_HEAD_OCTETS) throw new WireError('too-large', 'HTTP headers are too long');
    if (bytes.length >= 5 && !bytes.subarray(0, 5).equals(Buffer.from('HTTP/')))
      throw new WireError('syntax', 'not an HTTP answer');
    return undefined;
  }
  const [start = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(start)?.[1];
  if (status === undefined) throw new WireError('syntax', 'not an HTTP answer');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(status), headers, bodyStart: end + HEAD_END.length };
}

/** The chunks put together; undefined until the last has arrived. RFC 9112 section 7.1. */
function readChunks(bytes: Buffer, limit: number): Uint8Array | undefined {
  const parts: Buffer[] = [];
  let [position, total] = [0, 0];
  for (;;) {
    const end = bytes.indexOf('\r\n', position);
    if (end < 0) return undefined;
    const digits = /^([0-9a-f]{1,8})(?:;|$)/i.exec(
      bytes.subarray(position, Math.min(end, position + 256)).toString('latin1'),
    )?.[1];
    if (digits === undefined) throw new WireError('syntax', 'a chunk of the HTTP body has no size', position);
    const size = Number.parseInt(digits, 16);
    total += size;
    if (total > limit) throw new WireError('too-large', `HTTP body of more than ${limit} octets`);
    if (size === 0) return Buffer.concat(parts);
    const start = end + 2;
    if (bytes.length < start + size + 2) return undefined;
    parts.push(bytes.subarray(start, start + size));
    if (parts.length > MAX_CHUNKS) throw new WireError('too-large', `HTTP body of more than ${MAX_CHUNKS} chunks`);
    position = start + size + 2;
  }
}

/**
 * One HTTP/1.1 answer. `stream` tells whether more may come: undefined is given while it does and the answer is not whole. Throws
 * WireError 'syntax', 'truncated' or 'too-large'. RFC 9112 section 6.3.
 */
export function readHttpResponse(
  bytes: Uint8Array,
  { stream, maxBody }: { stream: 'open' | 'ended'; maxBody: number },
): HttpResponse | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = readHead(all);
  const body = head === undefined ? undefined : bodyOf(all.subarray(head.bodyStart), head, { stream, maxBody });
  if (head !== undefined && body !== undefined) return { status: head.status, headers: head.headers, body };
  if (stream === 'ended') throw new WireError('truncated', 'the HTTP answer ends too early', bytes.length);
  return undefined;
}

function bodyOf(
  rest: Buffer,
  { headers }: Head,
  { stream, maxBody }: { stream: 'open' | 'ended'; maxBody: number },
): Uint8Array | undefined {
  if (/\bchunked\s*$/i.test(headers['transfer-encoding'] ?? '')) return readChunks(rest, maxBody);
  const length = headers['content-length'];
  if (length === undefined) {
    if (rest.length > maxBody) throw new WireError('too-large', `HTTP body of more than ${maxBody} octets`);
    return stream === 'ended' ? rest : undefined;
  }
  if (!/^\d{1,12}$/.test(length)) throw new WireError('syntax', 'Content-Length is not a number');
  if (Number(length) > maxBody) throw new WireError('too-large', `HTTP body of ${length} octets, more than ${maxBody}`);
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
}
