import { readHttpResponse, type HttpResponse } from '../wire/http.ts';
import type { ByteStream } from '../world.ts';
import { failureOf, type ProbeContext } from './context.ts';

/** Octets of the headers beyond the body. */
const MAX_HEAD = 65_536;

/** One HTTP answer from a stream, whole within the step's limit. Throws NetError, 'too-large' among them, and WireError. */
export async function receiveHttp(context: ProbeContext, stream: ByteStream, maxBody: number): Promise<HttpResponse> {
  const { world, timeoutMs, signal } = context;
  const deadline = world.now() + timeoutMs;
  let bytes = Buffer.alloc(0);
  for (;;) {
    let ended = false;
    const left = deadline - world.now();
    // A server that sends an octet now and then must not hold the step open.
    if (left <= 0) throw unfinished(bytes.length, timeoutMs);
    try {
      bytes = Buffer.concat([bytes, await stream.receive({ timeoutMs: left, signal })]);
    } catch (error) {
      const { reason } = failureOf(error);
      if (reason === 'timeout' && bytes.length > 0) throw unfinished(bytes.length, timeoutMs);
      if (reason !== 'closed') throw error;
      ended = true;
    }
    const limit = { stream: ended ? ('ended' as const) : ('open' as const), maxBody };
    const answer = readHttpResponse(bytes.subarray(0, maxBody + MAX_HEAD), limit);
    if (answer !== undefined) return answer;
    if (bytes.length > maxBody + MAX_HEAD)
      throw Object.assign(new Error('the answer is too large'), { name: 'NetError', code: 'too-large' });
  }
}

const unfinished = (octets: number, ms: number): Error =>
  Object.assign(new Error(`the answer was not whole in ${ms} ms: ${octets} octets came`), {
    name: 'NetError',
    code: 'timeout',
  });
