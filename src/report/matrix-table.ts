import type { Report } from '../model.ts';
import { escapeTerminal } from './escape.ts';
import { columnsOf, cut, hang } from './layout.ts';
import type { Paint, Tone } from './paint.ts';

interface Sheet {
  paint: Paint;
  width: number;
}

interface Cell {
  text: string;
  tone: Tone | 'plain';
}

const MAX_ROWS = 64;
/** A name that is cut to less says nothing. */
const LEAST_SERVER = 16;
const MAX_SERVER = 34;
/** 'timeout 3000 ms'. */
const MAX_CELL = 15;
const HEAD = ['way', 'server', 'connect', 'TLS', 'OPTIONS', 'REGISTER', 'password'];

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const textOf = (value: unknown, limit: number): string =>
  typeof value === 'string' ? escapeTerminal(value, { limit }) : '';

/** The rows that a matrix finding carries; a saved report may hold anything. */
function rowsOf({ findings }: Report): Json[] {
  const rows = findings.find(({ id }) => id.startsWith('matrix.'))?.evidence['rows'];
  return Array.isArray(rows) ? rows.filter(isObject).slice(0, MAX_ROWS) : [];
}

/** A status line without its words, which repeat themselves from row to row, and the time. */
function stepCell(step: unknown): Cell {
  if (!isObject(step)) return { text: '-', tone: 'faint' };
  const ms = typeof step['ms'] === 'number' ? Math.round(step['ms']) : 0;
  const whole = textOf(step['text'], 80);
  const said =
    /^\d{3}(?: -> \S+)?(?= |$)/.exec(whole)?.[0] ?? whole.replace(/^not sent .*$/, 'not sent').replace(/^TLSv/, '');
  const time = `${String(ms).padStart(3)} ms`;
  const words = cut(said, MAX_CELL - 1 - time.length);
  const alone = said === 'not sent' || said.includes(' -> ');
  const text = said === 'connected' ? time : cut(alone ? said : `${words} ${time}`, MAX_CELL);
  return { text, tone: step['good'] === 'yes' ? 'plain' : said === 'not sent' ? 'faint' : 'bad' };
}

function cellsOf(row: Json): Cell[] {
  const way = `${textOf(row['transport'], 8)} by ${row['by'] === 'address' ? 'IP' : 'name'}`;
  const server = textOf(row['server'], 200);
  const name = isObject(row['name']) && row['name']['good'] === 'no' ? row['name'] : undefined;
  const rest = name
    ? [{ text: 'no address', tone: 'bad' as const }, ...[1, 2, 3, 4].map(() => stepCell(null))]
    : ['connect', 'tls', 'options', 'register', 'signIn'].map((key) => stepCell(row[key]));
  return [{ text: way, tone: 'plain' }, { text: server, tone: 'plain' }, ...rest];
}

/** Over TLS: the name that was sent, the name that the certificate was compared with, and what came of it. */
function noteOf(row: Json): string | undefined {
  const certificate = row['certificate'];
  if (!isObject(row['tls']) || row['verified'] === '') return undefined;
  const sni = row['sni'] === null ? 'no SNI' : `SNI ${textOf(row['sni'], 100)}`;
  const verdict = isObject(certificate) ? textOf(certificate['text'], 160) : 'none seen';
  return `${sni}; verified as ${textOf(row['verified'], 100)}: certificate ${verdict}`;
}

/** The server column takes what the others leave. */
function fit(cells: readonly Cell[], columns: readonly number[]): Cell[] {
  return cells.map((cell, at) => (at === 1 ? { ...cell, text: cut(cell.text, columns[at] ?? LEAST_SERVER) } : cell));
}

function columnsFor(rows: readonly (readonly Cell[])[], width: number): number[] {
  const widest = HEAD.map((text, at) =>
    Math.max(columnsOf(text), ...rows.map((cells) => columnsOf(cells[at]?.text ?? ''))),
  );
  const others = widest.reduce((sum, columns, at) => (at === 1 ? sum : sum + columns + 2), 2);
  const server = Math.min(MAX_SERVER, Math.max(LEAST_SERVER, width - others));
  return widest.map((columns, at) => (at === 1 ? Math.min(columns, server) : columns));
}

function line(given: readonly Cell[], columns: readonly number[], { paint, width }: Sheet): string {
  const cells = fit(given, columns);
  const plain = cells.map(({ text }, at) => text + ' '.repeat(Math.max(0, (columns[at] ?? 0) - columnsOf(text))));
  const whole = `  ${plain.join('  ')}`.trimEnd();
  if (columnsOf(whole) > width) return cut(whole, width);
  const parts = cells.map(({ text, tone }, at) => {
    const padding = ' '.repeat(Math.max(0, (columns[at] ?? 0) - columnsOf(text)));
    return (tone === 'plain' ? text : paint(tone, text)) + padding;
  });
  return `  ${parts.join('  ')}`.trimEnd();
}

/** The matrix of `sipdiag signin`, and under it the conclusion in words. */
export function renderMatrix(report: Report, { paint, width }: Sheet): string[][] {
  const rows = rowsOf(report);
  if (report.command !== 'signin' || rows.length === 0) return [];
  const table = rows.map((row) => ({ cells: cellsOf(row), note: noteOf(row) }));
  const head = HEAD.map((text): Cell => ({ text, tone: 'faint' }));
  const columns = columnsFor(
    table.map(({ cells }) => cells),
    width,
  );
  const lines = table.flatMap(({ cells, note }) => [
    line(cells, columns, { paint, width }),
    ...(note === undefined
      ? []
      : hang(' '.repeat(6), note, width).map(({ lead, text }) => lead + paint('faint', text))),
  ]);
  const conclusion = report.findings.find(({ id }) => id.startsWith('matrix.'))?.text ?? '';
  return [[line(head, columns, { paint, width }), ...lines], renderConclusion(conclusion, { paint, width })];
}

function renderConclusion(text: string, { paint, width }: Sheet): string[] {
  return hang('Conclusion: ', escapeTerminal(text, { limit: 600 }), width).map(({ lead, text: words }, at) =>
    at === 0 ? `${paint('strong', 'Conclusion:')} ${words}` : lead + words,
  );
}
