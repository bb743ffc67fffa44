import type { SipFault, SipHeader } from './sip-message.ts';
import { parseStartLine, type StartLine } from './sip-start.ts';
import { decodeText, isToken, longHeaderName, trimBlanks } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** Start line and headers together; a message of a client has 1 KiB, one with long routes and tokens some 10 KiB. */
export const MAX_HEAD_OCTETS = 65_536;
/** SIP carries session descriptions and short texts. */
export const MAX_BODY_OCTETS = 1_048_576;
/** Header lines. A request may gather 70 Via and as many Record-Route lines on its way. */
const MAX_HEADERS = 512;

const CR = 13;
const LF = 10;

/** A head that was read. `places[i]` is the offset of `headers[i]`. */
export interface SipHead {
  start: StartLine;
  headers: SipHeader[];
  places: number[];
  faults: SipFault[];
}

/** Where the search for the end of a head stands: kept between calls, so that no octet is looked at twice. */
export interface HeadSearch {
  /** Octets that were searched. */
  searched: number;
  /** Index of the last line feed, -1 before the first. */
  lastLineFeed: number;
}

/** A search that has seen nothing. */
export function startHeadSearch(): HeadSearch {
  return { searched: 0, lastLineFeed: -1 };
}

/** The octets of the head up to and with its empty line; undefined while there is none. Moves the search on. */
export function findHeadEnd(bytes: Uint8Array, search: HeadSearch): number | undefined {
  for (;;) {
    const lineFeed = bytes.indexOf(LF, search.searched);
    if (lineFeed < 0) {
      search.searched = bytes.length;
      return undefined;
    }
    const gap = lineFeed - search.lastLineFeed;
    const empty = gap === 1 || (gap === 2 && bytes[lineFeed - 1] === CR);
    search.searched = lineFeed + 1;
    const first = search.lastLineFeed < 0;
    search.lastLineFeed = lineFeed;
    if (empty && !first) return lineFeed + 1;
  }
}

/** Cuts a head into header lines, each with its continuation lines; `ends` are exclusive and before the line end. */
function cutLines(bytes: Uint8Array): { from: number; to: number }[] {
  const lines: { from: number; to: number }[] = [];
  let from = 0;
  while (from < bytes.length) {
    let lineFeed = bytes.indexOf(LF, from);
    while (lineFeed >= 0 && lines.length > 0 && isFold(bytes[lineFeed + 1])) lineFeed = bytes.indexOf(LF, lineFeed + 1);
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    const to = lineFeed > from && bytes[lineFeed - 1] === CR ? lineFeed - 1 : end;
    if (to > from) lines.push({ from, to });
    if (lines.length > MAX_HEADERS + 1)
      throw new WireError('too-many-headers', `The message has more than ${MAX_HEADERS} header lines`, from);
    from = end + 1;
  }
  return lines;
}

function isFold(octet: number | undefined): boolean {
  return octet === 32 || octet === 9;
}

/** Joins continuation lines with one blank. RFC 3261 section 7.3.1. */
function unfold(text: string): string {
  if (!text.includes('\n')) return trimBlanks(text);
  const parts = text.split('\n').map((part) => trimBlanks(part.endsWith('\r') ? part.slice(0, -1) : part));
  return parts.filter((part) => part !== '').join(' ');
}

function lineEndFaults(bytes: Uint8Array): SipFault[] {
  let bareLineFeed = -1;
  let bareReturn = -1;
  for (let i = 0; i < bytes.length && (bareLineFeed < 0 || bareReturn < 0); i += 1) {
    if (bytes[i] === LF && bytes[i - 1] !== CR && bareLineFeed < 0) bareLineFeed = i;
    if (bytes[i] === CR && i + 1 < bytes.length && bytes[i + 1] !== LF && bareReturn < 0) bareReturn = i;
  }
  const faults: SipFault[] = [];
  if (bareLineFeed >= 0)
    faults.push({ code: 'line-end', message: 'A line ends in LF without CR', offset: bareLineFeed });
  if (bareReturn >= 0) faults.push({ code: 'line-end', message: 'A CR stands without LF', offset: bareReturn });
  return faults;
}

function readHeader(text: string): SipHeader | undefined {
  // A continuation of the start line: read as a header of its own, it would be one that nobody wrote.
  if (isFold(text.charCodeAt(0))) return undefined;
  const colon = text.indexOf(':');
  const written = trimBlanks(text.slice(0, Math.max(0, colon)));
  if (!isToken(written)) return undefined;
  return { name: longHeaderName(written), value: unfold(text.slice(colon + 1)), written };
}

/**
 * Reads start line and headers. Throws WireError 'head-too-long', 'too-many-headers' and those of `parseStartLine`. What
 * can be read past is in `faults`: 'line-end', 'utf-8', 'header-line' and those of the start line. RFC 3261 section 7.
 */
export function parseHead(bytes: Uint8Array): SipHead {
  if (bytes.length > MAX_HEAD_OCTETS)
    throw new WireError('head-too-long', 'The head is longer than 64 KiB', MAX_HEAD_OCTETS);
  const [startLine, ...lines] = cutLines(bytes);
  if (!startLine) throw new WireError('empty', 'There is no message');
  const first = decodeText(bytes.subarray(startLine.from, startLine.to));
  const start = parseStartLine(first.text);
  const faults: SipFault[] = start.problems.map((problem) => ({ ...problem, offset: 0 }));
  if (first.valid === 'mixed') faults.push({ code: 'utf-8', message: 'The start line is not UTF-8', offset: 0 });
  const head: SipHead = { start, headers: [], places: [], faults: [...faults, ...lineEndFaults(bytes)] };
  for (const { from, to } of lines) {
    const { text, valid } = decodeText(bytes.subarray(from, to));
    if (valid === 'mixed') head.faults.push({ code: 'utf-8', message: 'A header is not UTF-8', offset: from });
    const header = readHeader(text);
    if (header) {
      head.headers.push(header);
      head.places.push(from);
    } else {
      head.faults.push({ code: 'header-line', message: 'A line is no header and was left out', offset: from });
    }
  }
  return head;
}
