import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../src/wire/dns-answer.ts';
import { decodeMessage, type QueryContent } from '../../src/wire/dns-message.ts';

const query: QueryContent = { id: 4660, name: 'sip.example.com', type: 'A', recursion: 'desired', ednsSize: 1232 };

interface Blob {
  octets: number[];
  /** Offsets in the message at which a name begins. */
  names: number[];
}

/** A message of one opaque record that holds `blob`, and as many CNAME records that point into it as there is room for. */
function pointing(blob: Blob): Uint8Array {
  const head = [0, 0xff, 0, 0, 1, 0, 0, 0, 0, blob.octets.length >> 8, blob.octets.length & 0xff];
  const pointer = (index: number): number[] => {
    const offset = blob.names.at(-1 - (index % blob.names.length)) ?? 12;
    return [0xc0 | (offset >> 8), offset & 0xff];
  };
  const records: number[] = [];
  let count = 1;
  for (let size = 23 + blob.octets.length; size + 14 <= 65_535 && count < 4000; size += 14) {
    records.push(...pointer(2 * count), 0, 5, 0, 1, 0, 0, 0, 0, 0, 2, ...pointer(2 * count + 1));
    count += 1;
  }
  const header = [0x12, 0x34, 0x81, 0x80, 0, 0, count >> 8, count & 0xff, 0, 0, 0, 0];
  return Uint8Array.from([...header, ...head, ...blob.octets, ...records]);
}

const BLOB_AT = 23;

/** `steps` names, each `label` and a pointer to the one before; every 126th begins anew. */
function chained(label: number[], steps: number): Blob {
  const blob: Blob = { octets: [1, 0x61, 0], names: [] };
  let before = BLOB_AT;
  for (let step = 0; step < steps; step += 1) {
    if (step % 126 === 0) before = BLOB_AT;
    const here = BLOB_AT + blob.octets.length;
    blob.octets.push(...label, 0xc0 | (before >> 8), before & 0xff);
    blob.names.push(here);
    before = here;
  }
  return blob;
}

/** Names of 127 labels, each label of which is the begin of a name. */
function nested(rounds: number): Blob {
  const blob: Blob = { octets: [], names: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (let label = 0; label < 127; label += 1) {
      blob.names.push(BLOB_AT + blob.octets.length);
      blob.octets.push(1, 0xff);
    }
    blob.octets.push(0);
  }
  return blob;
}

/** The dearest of them takes four; work that grows with the square of the size takes far more. */
const MULTIPLE = 10;

/** As many names as any of these, none of which is made of another. */
const harmless = (): Uint8Array => pointing(chained([], 1));

/** Milliseconds to read each message, the best of five rounds: the first also pay for compilation, and the machine may be busy. */
function readingTimes(messages: readonly Uint8Array[]): number[] {
  const best = messages.map(() => Infinity);
  for (let round = 0; round < 5; round += 1) {
    messages.forEach((bytes, at) => {
      const start = performance.now();
      readAnswer({ query, bytes, transport: 'tcp' });
      best[at] = Math.min(best[at] ?? Infinity, performance.now() - start);
    });
  }
  return best;
}

describe('a message that is made to cost time', () => {
  test.each([
    ['pointers to pointers', chained([], 8000)],
    ['a long name behind a hundred pointers', chained([1, 0xff], 120)],
    ['many long names behind pointers', chained([1, 0xff], 4000)],
    ['names within names', nested(60)],
  ])('%s: is read, or refused, in a small multiple of the time of a harmless one', (_, blob) => {
    const bytes = pointing(blob);
    const [usual = 0, made = Infinity] = readingTimes([harmless(), bytes]);
    expect(bytes.length).toBeGreaterThan(50_000);
    expect(made / usual).toBeLessThan(MULTIPLE);
  });

  test('is refused when names are more than twice its size', () => {
    expect(() => decodeMessage(pointing(nested(60)))).toThrow(
      expect.objectContaining({ name: 'WireError', code: 'names-too-long' }),
    );
  });
});
