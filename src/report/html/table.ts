import { markup, nothing, type Markup } from '../markup.ts';

/** Rows of one table. */
const MAX_ROWS = 200;

export interface Cell {
  text: Markup;
  tone: 'plain' | 'failed' | 'soft';
}

export const plainCell = (text: string): Cell => ({ text: markup`${text}`, tone: 'plain' });

interface Table {
  /** What it holds, for a screen reader. */
  caption: string;
  /** Of the column of row names, then of the cells. */
  head: readonly string[];
  rows: readonly { name: Markup; cells: readonly Cell[] }[];
}

const toneOf = ({ tone }: Cell): Markup => (tone === 'plain' ? nothing : markup` class="${tone}"`);

/** On a phone a row becomes a block of lines: each cell brings the head of its column along. */
export function drawTable({ caption, head, rows }: Table): Markup {
  const heads = head.map((one) => markup`<th scope="col">${one}</th>`);
  const drawn = rows.slice(0, MAX_ROWS).map(({ name, cells }) => {
    const drawnCells = cells.map(
      (cell, at) => markup`<td${toneOf(cell)} data-head="${head[at + 1] ?? ''}"><div>${cell.text}</div></td>`,
    );
    return markup`<tr><th scope="row">${name}</th>${drawnCells}</tr>
`;
  });
  return markup`<section class="scroll card" tabindex="0" aria-label="${caption}"><table><thead><tr>${heads}</tr></thead><tbody>
${drawn}</tbody></table></section>`;
}
