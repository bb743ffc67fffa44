import type { Finding, Report, Severity } from '../../model.ts';
import { markup, nothing, type Markup } from '../markup.ts';
import { icon, type Mark } from './icon.ts';
import { valueText } from './words.ts';

const LOOKS: Readonly<Record<Severity, { mark: Mark; word: string; tone: string }>> = {
  error: { mark: 'bad', word: 'Error', tone: 'bad' },
  warning: { mark: 'caution', word: 'Warning', tone: 'caution' },
  info: { mark: 'note', word: 'Note', tone: 'faint' },
};

/** Findings of one severity that are drawn, and facts of one finding. */
const MAX_FINDINGS = 60;
const MAX_FACTS = 32;

/** Names and values, one beneath the other. */
export const drawPairs = (pairs: readonly (readonly [string, unknown])[]): Markup =>
  markup`<dl class="pairs">${pairs.slice(0, MAX_FACTS).map(([name, value]) => markup`<dt>${name}</dt><dd>${valueText(value)}</dd>`)}</dl>`;

function drawFinding({ id, severity, subject, text, remedy, evidence, source }: Finding): Markup {
  const { mark, word, tone } = LOOKS[severity];
  const todo = remedy === '' ? nothing : markup`<p class="remedy"><b>To do:</b> ${remedy}</p>`;
  return markup`<article class="finding card ${tone}">
<p class="lead">${icon(mark)}<span><span class="word">${word}:</span> ${text}</span></p>
${todo}<p class="source"><code>${id}</code> (${source})</p>
<details class="evidence"><summary>Evidence</summary>${drawPairs([['subject', subject], ...Object.entries(evidence)])}</details>
</article>
`;
}

/** Errors and warnings, the cause that the verdict names first. */
export function drawProblems({ findings, verdict }: Report): Markup {
  const problems = findings
    .filter(({ severity }) => severity !== 'info')
    .toSorted((a, b) => Number(b.id === verdict.findingId) - Number(a.id === verdict.findingId));
  if (problems.length === 0) return nothing;
  const left = problems.length - MAX_FINDINGS;
  const more = left > 0 ? markup`<p class="soft">and ${left} more, in the JSON report</p>` : nothing;
  return markup`${problems.slice(0, MAX_FINDINGS).map(drawFinding)}${more}`;
}

/** What is worth knowing and breaks nothing. */
export const drawNotes = ({ findings }: Report): Markup => {
  const notes = findings.filter(({ severity }) => severity === 'info');
  return notes.length === 0 ? nothing : markup`${notes.slice(0, MAX_FINDINGS).map(drawFinding)}`;
};
