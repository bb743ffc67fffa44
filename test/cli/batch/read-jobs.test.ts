import { describe, expect, test } from 'vitest';
import { readJobs } from '../../../src/cli/batch/read-jobs.ts';
import { readLines } from '../../../src/cli/batch/read-lines.ts';

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function jobsIn(text: string, size = 7): Promise<unknown[]> {
  const jobs: unknown[] = [];
  for await (const job of readJobs(readLines(chunksOf(text, size)))) jobs.push(job);
  return jobs;
}

const job = (line: number, target: string, ...args: string[]) => ({ line, target, args });

describe('a list of targets', () => {
  test.each([
    ['a target a line', 'a.example\nsip:toml@b.example\n', [job(1, 'a.example'), job(2, 'sip:toml@b.example')]],
    ['remarks and empty lines', '# mine\n\na.example\n', [job(3, 'a.example')]],
    [
      'line ends of Windows and a mark at the start',
      '\uFEFFa.example\r\nb.example',
      [job(1, 'a.example'), job(2, 'b.example')],
    ],
    [
      'CSV whose header names options',
      'target,transport,ca\na.example,tls,\n"b.example","tcp,udp",root.pem\n',
      [job(2, 'a.example', '--transport=tls'), job(3, 'b.example', '--transport=tcp,udp', '--ca=root.pem')],
    ],
    [
      'CSV with semicolons, and switches as spreadsheets write them',
      'Target;transport;ipv4;ipv6\nsip:a@a.example,b;tls;TRUE;False\n',
      [job(2, 'sip:a@a.example,b', '--transport=tls', '--ipv4')],
    ],
    ['CSV with tabs', 'target\ttransport\na.example\tudp\n', [job(2, 'a.example', '--transport=udp')]],
    ['CSV with the target in another column', 'user,target\ntoml,a.example\n', [job(2, 'a.example', '--user=toml')]],
    [
      'a JSON object a line',
      '{"target":"a.example","ca":["x.pem","y.pem"],"ipv4":true,"timeout":500}\n{"target":"b.example","ipv4":false}\n',
      [job(1, 'a.example', '--ca=x.pem', '--ca=y.pem', '--ipv4', '--timeout=500'), job(2, 'b.example')],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await jobsIn(text)).toEqual(expected);
  });

  test.each([1, 2, 3, 1000])('reads the same in pieces of %i octets, a letter cut in two', async (size) => {
    expect(await jobsIn('bücher.example\nb.example\n', size)).toEqual([job(1, 'bücher.example'), job(2, 'b.example')]);
  });

  test('goes on after lines that it cannot use, and tells each by its number', async () => {
    const text =
      '{"target":"a.example"}\n{"target":\n[1]\n{"transport":"tls"}\n{"target":"b","Bad Name":1}\n{"target":"c.example"}\n' +
      '{"target":"sip:a:hunter2@a.example"}\n';
    expect(await jobsIn(text)).toEqual([
      job(1, 'a.example'),
      { line: 2, error: 'it is no JSON; expected {"target":"…"}' },
      { line: 3, error: 'it is no JSON object; expected {"target":"…"}' },
      { line: 4, error: 'there is no target' },
      { line: 5, target: 'b', error: expect.stringContaining("'Bad Name' is not the name of an option") },
      job(6, 'c.example'),
      { line: 7, error: expect.not.stringContaining('hunter2') },
    ]);
  });

  test('tells CSV lines with an open quotation mark or too many fields', async () => {
    expect(await jobsIn('target,user\n"a.example,x\nb,c,d\ne.example,toml\n')).toEqual([
      { line: 2, error: 'a quotation mark does not end on the line' },
      { line: 3, error: 'it has 3 fields; expected 2 (target, user)' },
      job(4, 'e.example', '--user=toml'),
    ]);
  });

  test('tells a value in a column without a name', async () => {
    expect(await jobsIn('target,\na.example,\nb.example,x\n')).toEqual([
      job(2, 'a.example'),
      { line: 3, target: 'b.example', error: 'a value has no name; expected a header that names every column' },
    ]);
  });

  test('takes no header for a table that names target twice', async () => {
    const error = 'the header names target more than once; expected it once';
    expect(await jobsIn('target,target\na.example,b.example\n')).toEqual([{ line: 2, error }]);
  });

  test('passes over a line without end, keeping none of it', async () => {
    expect(await jobsIn(`${'x'.repeat(200_000)}\nb.example\n`, 4096)).toEqual([
      { line: 1, error: 'the line is too long' },
      job(2, 'b.example'),
    ]);
  });
});
