/** Longer lines hold no target. */
const MAX_LINE = 65_536;

/** A line without its end; `null`: it is too long to be kept. */
export interface Line {
  number: number;
  text: string | null;
}

/** The lines of a stream, one after the other, however long the stream is; of `maxLength` characters at most. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxLength = MAX_LINE): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8');
  let number = 0;
  let held = '';
  let tooLong = false;
  const finish = (rest: string): Line => {
    const text = tooLong || held.length + rest.length > maxLength ? null : (held + rest).replace(/\r$/, '');
    held = '';
    tooLong = false;
    number += 1;
    return { number, text };
  };
  for await (const chunk of chunks) {
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) yield finish(part);
    tooLong ||= held.length + last.length > maxLength;
    held = tooLong ? '' : held + last;
  }
  const rest = decoder.decode();
  if (held !== '' || tooLong || rest !== '') yield finish(rest);
}
