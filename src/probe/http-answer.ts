import { readHttpResponse, type HttpResponse } from '../wire/http.ts';
import type { ByteStream } from '../world.ts';
import { failureOf, type ProbeContext } from './context.ts';

/** Octets of the headers beyond the body. */
const MAX_HEAD = 65_536;
/** Room for the answers of practice. */
const FIRST_ROOM = 16_384;

/** Octets that come in pieces. The room doubles: a list of megabytes in small pieces is not copied anew with each of them. */
function createGathered() {
  let room = Buffer.alloc(FIRST_ROOM);
  let length = 0;
  return {
    add(piece: Uint8Array): void {
      if (length + piece.length > room.length) {
        const larger = Buffer.alloc(Math.max(2 * room.length, length + piece.length));
        room.copy(larger, 0, 0, length);
        room = larger;
      }
      room.set(piece, length);
      length += piece.length;
    },
    octets: (): Buffer => room.subarray(0, length),
  };
}

/** One HTTP answer from a stream, whole within the step's limit. Throws NetError, 'too-large' among them, and WireError. */
export async function receiveHttp(context: ProbeContext, stream: ByteStream, maxBody: number): Promise<HttpResponse> {
  const { world, timeoutMs, signal } = context;
  const deadline = world.now() + timeoutMs;
  const gathered = createGathered();
  for (;;) {
    let ended = false;
    const left = deadline - world.now();
    // A server that sends an octet now and then must not hold the step open.
    if (left <= 0) throw unfinished(gathered.octets().length, timeoutMs);
    try {
      gathered.add(await stream.receive({ timeoutMs: left, signal }));
    } catch (error) {
      const { reason } = failureOf(error);
      if (reason === 'timeout' && gathered.octets().length > 0) throw unfinished(gathered.octets().length, timeoutMs);
      if (reason !== 'closed') throw error;
      ended = true;
    }
    const bytes = gathered.octets();
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
