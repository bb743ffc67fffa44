import type { Report } from '../model.ts';
import type { ReachObservation } from '../model/far-side.ts';
import { escapeTerminal } from './escape.ts';
import { columnsOf, cut } from './layout.ts';
import type { Paint, Tone } from './paint.ts';

/** Rows and columns of one table; a range is opened on 64 ports at most, and few witnesses are at hand. */
const MAX_ROWS = 64;
const MAX_COLUMNS = 8;
const MAX_CELL = 24;

const TONES: Partial<Record<string, Tone>> = {
  reached: 'good',
  reused: 'good',
  refused: 'bad',
  timeout: 'bad',
  unreachable: 'bad',
  'no-echo': 'bad',
  'server-error': 'bad',
};

const short = (text: string): string => escapeTerminal(text, { limit: MAX_CELL });

function columnOf({ about }: ReachObservation): string {
  const { witness, connection, idleSeconds } = about;
  if (idleSeconds !== undefined) return `${short(witness)} after ${idleSeconds} s`;
  return connection === undefined ? short(witness) : `${short(witness)}, ${short(connection)}`;
}

const rowOf = ({ about }: ReachObservation): string =>
  `${about.transport === 'udp' ? 'UDP' : 'TCP'} ${about.port} from ${short(about.server)}`;

const wordOf = ({ outcome }: ReachObservation): string => short(outcome.ok ? outcome.value.result : outcome.reason);

/** A port is one row for each server that was asked to reach it; what it was asked in, a column. */
export function renderReach(report: Report, { paint, width }: { paint: Paint; width: number }): string[] {
  const reach = report.observations.filter((one) => one.kind === 'reach');
  if (report.command !== 'firewall' || reach.length === 0) return [];
  const columns = [...new Set(reach.map(columnOf))].slice(0, MAX_COLUMNS);
  const rows = [...new Set(reach.map(rowOf))].slice(0, MAX_ROWS);
  const words = new Map(reach.map((one) => [`${rowOf(one)} ${columnOf(one)}`, wordOf(one)]));
  const table = rows.map((row) => [row, ...columns.map((column) => words.get(`${row} ${column}`) ?? '-')]);
  const head = ['port', ...columns];
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
