import { explainCodeText, type Explained } from '../check/explained/explain-code.ts';
import { findingFacts, severityText, type FindingFacts } from '../check/finding-facts.ts';
import { tryLinesFor } from '../lab/faults.ts';
import { hang, wrap } from '../report/layout.ts';
import { nearMatches } from './near-match.ts';
import { writeOut } from './output.ts';
import { UsageError } from './usage-error.ts';

export interface ExplainOptions {
  json?: boolean;
}

/** The page of all findings, from the root of the package; each finding has its id for an anchor. */
const PAGE = 'docs/findings.md';
const WIDTH = 100;
const INDENT = '  ';

const hung = (lead: string, text: string): string[] => hang(lead, text, WIDTH).map((row) => row.lead + row.text);

function renderList(findings: readonly FindingFacts[]): string[] {
  const columns = Math.max(0, ...findings.map(({ id }) => id.length));
  const rungs = [...new Set(findings.map(({ rung }) => rung))];
  const lines = rungs.flatMap((rung) => [
    rung,
    ...findings
      .filter((one) => one.rung === rung)
      // One line each, however long: a list is made for grep.
      .map((one) => `${INDENT}${one.id.padEnd(columns)}  ${severityText(one).padEnd(16)}  ${one.means}`),
    '',
  ]);
  return [...lines, ...wrap('sipdiag explain ID says more; so do codes: 403, 1009, 0x80EE0042, "alert 116".', WIDTH)];
}

function renderFinding(facts: FindingFacts): string[] {
  const { id, rung, question, weighs, judges, weighsBy, means, causes, fix, source } = facts;
  const seen = [...judges, ...weighsBy.map((words) => `${words} (to weigh it)`)].join('; ');
  return [
    `${id} (${rung}, ${severityText(facts)})`,
    ...hung(INDENT, means),
    ...hung(`${INDENT}Question: `, question),
    ...hung(`${INDENT}Seen in:  `, seen),
    ...hung(`${INDENT}Severity: `, weighs),
    `${INDENT}Usual causes:`,
    ...causes.flatMap((cause) => hung(`${INDENT}- `, cause)),
    ...hung(`${INDENT}-> `, fix),
    ...hung(`${INDENT}Source: `, source),
    ...tryLinesFor(id).map((line) => `${INDENT}Try it: sipdiag ${line}`),
    `${INDENT}Page:   ${PAGE}#${id}`,
  ];
}

function renderCode({ what, meaning, remedy, source, confidence }: Explained): string[] {
  const doubt =
    confidence === 'documented' ? '' : ' (unconfirmed: from field reports, not from a document of the maker)';
  return [
    what,
    ...hung(INDENT, meaning),
    ...hung(`${INDENT}-> `, remedy),
    ...hung(`${INDENT}Source: `, source + doubt),
  ];
}

/** What the words name: a finding, all findings of a check, or a code. */
function lookUp(words: string, findings: readonly FindingFacts[]): { findings: FindingFacts[]; codes: Explained[] } {
  const id = words.trim().toLowerCase();
  const named = findings.filter((one) => one.id === id || one.id.startsWith(`${id}.`));
  return { findings: named, codes: named.length > 0 ? [] : explainCodeText(words) };
}

function unknown(words: string, findings: readonly FindingFacts[]): UsageError {
  const checks = [...new Set(findings.map(({ id }) => id.slice(0, id.indexOf('.'))))];
  const near = nearMatches(words, [...findings.map(({ id }) => id), ...checks]);
  const help =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : 'expected an id that sipdiag explain lists, or a code such as 403, 1009, 0x80EE0042 or alert 116';
  return new UsageError(`nothing is known as '${words.slice(0, 80)}'; ${help}`);
}

type Known = ReturnType<typeof lookUp>;

const isEmpty = ({ findings, codes }: Known): boolean => findings.length + codes.length === 0;

/** What the words name together, as 'alert 116' does, or else one by one. Throws UsageError. */
function lookUpAll(words: readonly string[], findings: readonly FindingFacts[]): Known {
  const asked = words.join(' ');
  const together = lookUp(asked, findings);
  if (!isEmpty(together)) return together;
  if (words.length === 1) throw unknown(asked, findings);
  const each = words.map((word) => lookUpAll([word], findings));
  return { findings: each.flatMap((one) => one.findings), codes: each.flatMap((one) => one.codes) };
}

/**
 * `sipdiag explain`: what a finding or a code means, from the tables that checks are made of; without words, the list of findings. Throws
 * UsageError for words that no table holds.
 */
export function explainCommand(words: readonly string[], { json }: ExplainOptions): number {
  const all = findingFacts();
  const found = words.length === 0 ? { findings: all, codes: [] } : lookUpAll(words, all);
  if (json === true) {
    writeOut(`${JSON.stringify({ findings: found.findings, codes: found.codes }, null, 2)}\n`);
    return 0;
  }
  const parts = [...found.findings.map(renderFinding), ...found.codes.map(renderCode)];
  const lines =
    words.length === 0 ? renderList(all) : parts.flatMap((part, index) => (index === 0 ? part : ['', ...part]));
  writeOut(`${lines.join('\n')}\n`);
  return 0;
}
