import { readHttpResponse, type HttpResponse } from '../wire/http.ts';
import type { ByteStream } from '../world.ts';
import { failureOf, waitOf, type ProbeContext } from './context.ts';

/** Octets of the headers beyond the body. */
const MAX_HEAD = 65_536;

/** One HTTP answer from a stream. Throws NetError, 'too-large' among them, and WireError. */
export async function receiveHttp(context: ProbeContext, stream: ByteStream, maxBody: number): Promise<HttpResponse> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    let ended = false;
    try {
      bytes = Buffer.concat([bytes, await stream.receive(waitOf(context))]);
    } catch (error) {
      if (failureOf(error).reason !== 'closed') throw error;
      ended = true;
    }
    const limit = { stream: ended ? ('ended' as const) : ('open' as const), maxBody };
    const answer = readHttpResponse(bytes.subarray(0, maxBody + MAX_HEAD), limit);
    if (answer !== undefined) return answer;
    if (bytes.length > maxBody + MAX_HEAD)
      throw Object.assign(new Error('the answer is too large'), { name: 'NetError', code: 'too-large' });
  }
}
