import type { CheckRun, ProfileOutcome, Report } from '../../model.ts';
import { markup, nothing, type Markup } from '../markup.ts';

const STATUS_WORDS: Readonly<Record<ProfileOutcome['status'], string>> = {
  reaches: 'connects',
  fails: 'does not connect',
  'finds-nothing': 'finds nothing',
  unknown: 'cannot be told',
  'not-checked': 'not checked',
};

/** Rows of one table. */
const MAX_ROWS = 200;

interface Table {
  /** What it holds, for a screen reader. */
  caption: string;
  head: readonly string[];
  rows: readonly Markup[];
}

function drawTable({ caption, head, rows }: Table): Markup {
  const heads = head.map((one) => markup`<th scope="col">${one}</th>`);
  return markup`<section class="scroll card" tabindex="0" aria-label="${caption}"><table><thead><tr>${heads}</tr></thead><tbody>
${rows.slice(0, MAX_ROWS)}</tbody></table></section>`;
}

function drawProfile({ profile, title, status, conclusion }: ProfileOutcome, deciding: string): Markup {
  const name =
    profile === deciding ? markup`<b>${title}</b> <span class="soft">(decides here)</span>` : markup`${title}`;
  return markup`<tr><th scope="row">${name}</th><td${status === 'fails' ? markup` class="failed"` : nothing}>${STATUS_WORDS[status] ?? status}</td><td>${conclusion}</td></tr>
`;
}

/** Where each kind of client would connect by DNS. */
export function drawProfiles({ observations }: Report): Markup {
  const discovery = observations.find((one) => one.kind === 'discovery');
  if (discovery?.outcome.ok !== true) return nothing;
  const { profile, profiles = [] } = discovery.outcome.value;
  if (profiles.length === 0) return nothing;
  const first = profiles.toSorted((a, b) => Number(b.profile === profile) - Number(a.profile === profile));
  const rows = first.map((one) => drawProfile(one, profile));
  return drawTable({ caption: 'Table of clients', head: ['Client', 'By DNS it', 'How'], rows });
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const WAYS = ['connect', 'tls', 'options', 'register', 'signIn'];

function drawStep(step: unknown): Markup {
  if (!isObject(step)) return markup`<td class="soft">-</td>`;
  const ms = typeof step['ms'] === 'number' ? Math.round(step['ms']) : 0;
  const text = markup`${textOf(step['text'])}<small>${ms} ms</small>`;
  return step['good'] === 'yes' ? markup`<td>${text}</td>` : markup`<td class="failed">${text}</td>`;
}

function drawWay(row: Json): Markup {
  const by = row['by'] === 'address' ? 'address' : 'name';
  return markup`<tr><th scope="row">${textOf(row['transport'])} by ${by}</th><td>${textOf(row['server'])}</td>${WAYS.map((way) => drawStep(row[way]))}</tr>
`;
}

/** The ways of `sipdiag signin`, each step of each. */
export function drawMatrix({ findings }: Report): Markup {
  const matrix = findings.find(({ id }) => id.startsWith('matrix.'));
  const rows = matrix?.evidence['rows'];
  if (!Array.isArray(rows) || rows.length === 0) return nothing;
  const head = ['Way', 'Server', 'Connect', 'TLS', 'OPTIONS', 'REGISTER', 'Password'];
  return drawTable({ caption: 'Table of ways', head, rows: rows.filter(isObject).map(drawWay) });
}

const drawCheck = ({ checkId, rung, status, because = '' }: CheckRun): Markup =>
  markup`<tr><th scope="row"><code>${checkId}</code></th><td>${rung}</td><td${status === 'crashed' ? markup` class="failed"` : nothing}>${status.replace('-', ' ')}</td><td>${because}</td></tr>
`;

/** What every check came to, folded. */
export function drawChecks({ checks }: Report): Markup {
  if (checks.length === 0) return nothing;
  const head = ['Check', 'Rung', 'Result', 'Why'];
  const table = drawTable({ caption: 'Table of checks', head, rows: checks.map(drawCheck) });
  const count = (status: CheckRun['status']): number => checks.filter((one) => one.status === status).length;
  const words = `${checks.length} checks: ${count('passed')} passed, ${count('found')} found something, ${count('inconclusive')} could not decide, ${count('not-applicable')} did not apply, ${count('crashed')} crashed`;
  return markup`<details class="checks"><summary>${words}</summary>${table}</details>`;
}
