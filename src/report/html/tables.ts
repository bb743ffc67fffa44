import type { CheckRun, Report } from '../../model.ts';
import { markup, nothing, type Markup } from '../markup.ts';
import { reachGrid } from '../reach-grid.ts';
import { drawTable, plainCell, type Cell } from './table.ts';

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const WAYS = ['connect', 'tls', 'options', 'register', 'signIn'];
const WITHHELD = /^not sent \((.*)\)$/;

/** A password that was withheld is no fault of this way; what came of the others says why. */
function stepCell(step: unknown): Cell {
  if (!isObject(step)) return { text: markup`-`, tone: 'soft' };
  const text = textOf(step['text']);
  const why = WITHHELD.exec(text)?.[1];
  if (why !== undefined) return { text: markup`not sent<small>${why.replaceAll('-', ' ')}</small>`, tone: 'soft' };
  const ms = typeof step['ms'] === 'number' ? Math.round(step['ms']) : 0;
  return { text: markup`${text}<small>${ms} ms</small>`, tone: step['good'] === 'yes' ? 'plain' : 'failed' };
}

/** The ways of `sipdiag signin`, each step of each. */
export function drawMatrix({ findings }: Report): Markup {
  const matrix = findings.find(({ id }) => id.startsWith('matrix.'));
  const found = matrix?.evidence['rows'];
  if (!Array.isArray(found) || found.length === 0) return nothing;
  const rows = found.filter(isObject).map((row) => ({
    name: markup`${textOf(row['transport'])} by ${row['by'] === 'address' ? 'address' : 'name'}`,
    cells: [plainCell(textOf(row['server'])), ...WAYS.map((way) => stepCell(row[way]))],
  }));
  const head = ['Way', 'Server', 'Connect', 'TLS', 'OPTIONS', 'REGISTER', 'Password'];
  return drawTable({ caption: 'Table of ways', head, rows });
}

const REACHED: ReadonlySet<string> = new Set(['reached', 'reused']);

/** Whether the far side reached our ports: one row for each port and server, one column for each way of asking. */
export function drawReach(report: Report): Markup {
  const { columns, rows } = reachGrid(report);
  if (rows.length === 0) return nothing;
  const drawn = rows.map(({ name, words }) => ({
    name: markup`${name}`,
    cells: words.map((word): Cell => {
      if (word === undefined) return { text: markup`-`, tone: 'soft' };
      return { text: markup`${word}`, tone: REACHED.has(word) ? 'plain' : 'failed' };
    }),
  }));
  return drawTable({ caption: 'Table of ports', head: ['Port', ...columns], rows: drawn });
}

const checkRow = ({ checkId, rung, status, because = '' }: CheckRun) => ({
  name: markup`<code>${checkId}</code>`,
  cells: [
    plainCell(rung),
    { text: markup`${status.replace('-', ' ')}`, tone: status === 'crashed' ? 'failed' : 'plain' } as const,
    plainCell(because),
  ],
});

/** What every check came to, folded. */
export function drawChecks({ checks }: Report): Markup {
  if (checks.length === 0) return nothing;
  const head = ['Check', 'Rung', 'Result', 'Why'];
  const table = drawTable({ caption: 'Table of checks', head, rows: checks.map(checkRow) });
  const count = (status: CheckRun['status']): number => checks.filter((one) => one.status === status).length;
  const words = `${checks.length} checks: ${count('passed')} passed, ${count('found')} found something, ${count('inconclusive')} could not decide, ${count('not-applicable')} did not apply, ${count('crashed')} crashed`;
  return markup`<details class="checks"><summary>${words}</summary>${table}</details>`;
}
