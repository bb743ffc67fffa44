import { parse as parseCsv } from 'csv-parse/sync';
import { refusePasswordIn } from '../credentials.ts';
import { UsageError } from '../usage-error.ts';
import type { BadLine, Job } from './job.ts';
import type { Line } from './read-lines.ts';

/** How the lines of a file are read: told by its first line that says anything. */
type Reader = (text: string) => { target: string; args: string[] } | { error: string; target?: string };

/** Members that are no options of the command line: a remark, or what another program added. */
const isOption = (name: string): boolean => /^[a-z][a-z0-9-]*$/.test(name);

/** A switch as JSON and as spreadsheets have it. */
function switchOf(value: unknown): unknown {
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  return text === 'true' ? true : text === 'false' ? false : value;
}

/** Values as they would be typed; empty: not given, and a switch is on when its value is true. */
function argsOf(values: Iterable<readonly [string, unknown]>): string[] | { error: string } {
  const args: string[] = [];
  for (const [name, given] of values) {
    const value = switchOf(given);
    if (name === 'target' || value === '' || value === null || value === false) continue;
    if (name === '') return { error: 'a value has no name; expected a header that names every column' };
    if (!isOption(name)) return { error: `'${name}' is not the name of an option; expected names such as transport` };
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'object')
        return { error: `the value of '${name}' is no text; expected a text, a number or true` };
      if (one === true) args.push(`--${name}`);
      else args.push(`--${name}=${String(one)}`);
    }
  }
  return args;
}

function jobOf(target: unknown, values: Iterable<readonly [string, unknown]>): ReturnType<Reader> {
  if (typeof target !== 'string' || target.trim() === '') return { error: 'there is no target' };
  try {
    refusePasswordIn(target);
  } catch (error) {
    if (error instanceof UsageError) return { error: error.message };
    throw error;
  }
  const args = argsOf(values);
  return Array.isArray(args) ? { target: target.trim(), args } : { target: target.trim(), ...args };
}

const readText: Reader = (text) => jobOf(text, []);

const readObject: Reader = (text) => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { error: 'it is no JSON object; expected {"target":"…"}' };
    return jobOf('target' in value ? value.target : undefined, Object.entries(value));
  } catch {
    return { error: 'it is no JSON; expected {"target":"…"}' };
  }
};

/** Spreadsheets of many countries write a semicolon, and the clipboard has tabs. */
const DELIMITERS = [',', ';', '\t'] as const;
type Delimiter = (typeof DELIMITERS)[number];

/** The fields of one line; undefined when a quote does not end on it. RFC 4180 section 2. */
function fieldsOf(text: string, delimiter: Delimiter): string[] | undefined {
  try {
    const [fields]: unknown[] = parseCsv(text, { trim: true, relax_column_count: true, delimiter });
    return Array.isArray(fields) ? fields.map(String) : [];
  } catch {
    return undefined;
  }
}

function readTable(header: readonly string[], delimiter: Delimiter): Reader {
  if (header.filter((name) => name === 'target').length > 1)
    return () => ({ error: 'the header names target more than once; expected it once' });
  return (text) => {
    const fields = fieldsOf(text, delimiter);
    if (fields === undefined) return { error: 'a quotation mark does not end on the line' };
    if (fields.length > header.length)
      return { error: `it has ${fields.length} fields; expected ${header.length} (${header.join(', ')})` };
    const values = header.map((name, at) => [name, fields[at] ?? ''] as const);
    return jobOf(values.find(([name]) => name === 'target')?.[1], values);
  };
}

/** The reader for the file, and whether the line that told is a job itself. */
function readerFor(first: string): { reader: Reader; line: 'job' | 'header' } {
  if (first.startsWith('{')) return { reader: readObject, line: 'job' };
  for (const delimiter of DELIMITERS) {
    const fields = (fieldsOf(first, delimiter) ?? []).map((name) => name.toLowerCase().replace(/^--/, ''));
    if (fields.includes('target')) return { reader: readTable(fields, delimiter), line: 'header' };
  }
  return { reader: readText, line: 'job' };
}

/**
 * The jobs of a file: a target a line, CSV whose header names `target` and options, or a JSON object a line. Empty lines and
 * those that begin with '#' say nothing. What cannot be read is told with its line, and the rest goes on.
 */
export async function* readJobs(lines: AsyncIterable<Line>): AsyncGenerator<Job | BadLine> {
  let reader: Reader | undefined;
  for await (const { number, text } of lines) {
    if (text === null) {
      yield { line: number, error: 'the line is too long' };
      continue;
    }
    const said = (number === 1 ? text.replace(/^\uFEFF/, '') : text).trim();
    if (said === '' || said.startsWith('#')) continue;
    if (reader === undefined) {
      const found = readerFor(said);
      reader = found.reader;
      if (found.line === 'header') continue;
    }
    yield { line: number, ...reader(said) };
  }
}
