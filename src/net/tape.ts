/** The text form of a recorded run: a header line, then one network operation a line, in the order in which they ended. */

const FORMAT = 'sipdiag.tape/1';
/** A tape is read and written whole: this bounds its memory. */
const MAX_TAPE_LENGTH = 64 * 1024 * 1024;
const MAX_EVENTS = 100_000;

/** A tape that is damaged, or a program that does not do what the tape holds: an error of a test, never of a network. */
export class TapeError extends Error {
  override readonly name = 'TapeError';
}

const OPERATIONS = [
  'connect',
  'startTls',
  'openHttps',
  'openUdp',
  'systemLookup',
  'systemResolvers',
  'send',
  'receive',
  'sendTo',
  'receiveFrom',
  'post',
  'close',
] as const;

/** What was asked of the network; 'sendTo' and 'receiveFrom' are those of a UDP socket. */
export type Operation = (typeof OPERATIONS)[number];

export interface TapeHeader {
  /** Hexadecimal; every random value of the run comes from it. */
  seed: string;
  /** Milliseconds since the Unix epoch. */
  startedAt: number;
}

/** One operation from its call to its end. Values are JSON, in the forms of tape-values.ts. */
export interface TapeEvent {
  /** When it ended: milliseconds since the start, never less than in the line before. */
  at: number;
  /** The stream or socket that it belongs to or that it opened; those are numbered in the order of the calls. */
  ch: number;
  op: Operation;
  /** What was asked. */
  args?: unknown;
  /** What came of it; absent when there is nothing to give or it failed. */
  ok?: unknown;
  error?: unknown;
}

export interface Tape {
  header: TapeHeader;
  events: TapeEvent[];
}

/** Takes the lines of a tape one by one. */
export interface TapeWriter {
  add(event: TapeEvent): void;
  /** The tape so far. Throws TapeError when it has grown beyond what a reader takes. */
  text(): string;
}

export function createTapeWriter({ seed, startedAt }: TapeHeader): TapeWriter {
  const lines = [JSON.stringify({ tape: FORMAT, seed, startedAt })];
  let length = 0;
  return {
    add({ at, ch, op, args, ok, error }) {
      if (lines.length > MAX_EVENTS || length > MAX_TAPE_LENGTH) return;
      const line = JSON.stringify({ at, ch, op, args, ok, error });
      length += line.length + 1;
      lines.push(line);
    },
    text() {
      if (lines.length > MAX_EVENTS || length > MAX_TAPE_LENGTH) throw new TapeError('the run was too long for a tape');
      return `${lines.join('\n')}\n`;
    },
  };
}

/** Reads a tape but for the values of its events. Throws TapeError with the number of the line. */
export function parseTape(text: string): Tape {
  if (text.length > MAX_TAPE_LENGTH + 1024) throw new TapeError(`a tape has ${MAX_TAPE_LENGTH} characters at most`);
  const [first = '', ...rest] = text.replace(/\r?\n$/, '').split(/\r?\n/, MAX_EVENTS + 2);
  if (rest.length > MAX_EVENTS) throw new TapeError(`a tape has ${MAX_EVENTS} events at most`);
  const header = readHeader(parseLine(first, 1));
  let last = 0;
  const events = rest.map((line, index) => {
    const event = readEvent(parseLine(line, index + 2), index + 2);
    if (event.at < last) throw new TapeError(`tape line ${index + 2}: goes back in time`);
    last = event.at;
    return event;
  });
  return { header, events };
}

function parseLine(line: string, number: number): object {
  try {
    const value: unknown = JSON.parse(line);
    if (isRecord(value)) return value;
  } catch {
    // The message of JSON.parse repeats the line: the number says enough.
  }
  throw new TapeError(
    number === 1 ? `this is no tape: its first line is no header` : `tape line ${number}: not a JSON object`,
  );
}

/** A JSON object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readHeader(line: object): TapeHeader {
  const { tape, seed, startedAt }: { tape?: unknown; seed?: unknown; startedAt?: unknown } = line;
  if (tape !== FORMAT)
    throw new TapeError(`this is no tape of format ${FORMAT}: its header says ${JSON.stringify(tape)}`);
  if (typeof seed !== 'string' || !/^(?:[\da-f]{2}){16,64}$/.test(seed))
    throw new TapeError('tape line 1: no usable seed');
  if (!isCount(startedAt)) throw new TapeError('tape line 1: no usable start time');
  return { seed, startedAt };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function readEvent(line: object, number: number): TapeEvent {
  const { at, ch, op, ...values }: { [K in keyof TapeEvent]?: unknown } = line;
  const known = OPERATIONS.find((operation) => operation === op);
  if (known === undefined)
    throw new TapeError(`tape line ${number}: unknown operation ${JSON.stringify(op)?.slice(0, 40)}`);
  if (!isCount(at) || !isCount(ch)) throw new TapeError(`tape line ${number}: no usable time or channel`);
  const { args, ok, error } = values;
  return { at, ch, op: known, args, ok, error };
}
