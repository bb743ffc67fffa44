import type { Report } from '../model.ts';
import { escapeTerminal } from './escape.ts';
import { columnsOf, cut } from './layout.ts';
import type { Paint, Tone } from './paint.ts';
import { reachGrid } from './reach-grid.ts';

const MAX_CELL = 24;
const MAX_NAME = 40;

const TONES: Partial<Record<string, Tone>> = {
  reached: 'good',
  reused: 'good',
  refused: 'bad',
  timeout: 'bad',
  unreachable: 'bad',
  'no-echo': 'bad',
  'server-error': 'bad',
};

const short = (text: string, limit = MAX_CELL): string => escapeTerminal(text, { limit });

/** A port is one row for each server that was asked to reach it; what it was asked in, a column. */
export function renderReach(report: Report, { paint, width }: { paint: Paint; width: number }): string[] {
  const { columns, rows } = reachGrid(report);
  if (report.command !== 'firewall' || rows.length === 0) return [];
  const table = rows.map(({ name, words }) => [short(name, MAX_NAME), ...words.map((word) => short(word ?? '-'))]);
  const head = ['port', ...columns.map((column) => short(column, MAX_NAME))];
  const widths = head.map((text, at) => Math.max(columnsOf(text), ...table.map((cells) => columnsOf(cells[at] ?? ''))));
  const line = (cells: readonly string[], toneOf: (cell: string) => Tone | undefined): string => {
    const whole = `  ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd();
    if (columnsOf(whole) > width) return cut(whole, width);
    const painted = cells.map((cell, at) => {
      const tone = toneOf(cell);
      return (
        (tone === undefined ? cell : paint(tone, cell)) + ' '.repeat(Math.max(0, (widths[at] ?? 0) - columnsOf(cell)))
      );
    });
    return `  ${painted.join('  ')}`.trimEnd();
  };
  return [line(head, () => 'faint'), ...table.map((cells) => line(cells, (cell) => TONES[cell]))];
}
