import type { Report } from '../model.ts';
import { escapeTerminal } from './escape.ts';
import { columnsOf, hang } from './layout.ts';
import type { Paint } from './paint.ts';

interface Sheet {
  paint: Paint;
  width: number;
}

/** Code points of one answer, and of one label. */
const MAX_TEXT = 400;
const MAX_LABEL = 24;
/** Resolvers that a reader compares. */
const MAX_ANSWERS = 8;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

export interface Difference {
  question: string;
  /** By the label of the resolver. */
  answers: [string, string][];
}

/** What the finding carries; a saved report may hold anything. Nothing in it is escaped. */
export function differencesOf({ findings }: Report): Difference[] {
  const found = findings.find(({ id }) => id === 'split-view.differs')?.evidence['differences'];
  if (!Array.isArray(found)) return [];
  return found.filter(isObject).flatMap(({ question, answers }) => {
    if (typeof question !== 'string' || !isObject(answers)) return [];
    const rows = Object.entries(answers).slice(0, MAX_ANSWERS);
    return [{ question, answers: rows.map(([label, text]): [string, string] => [label, String(text)]) }];
  });
}

function linesOf({ question, answers }: Difference, { paint, width }: Sheet): string[] {
  const rows = answers.map(([label, text]) => [escapeTerminal(label, { limit: MAX_LABEL }), text] as const);
  const longest = Math.max(0, ...rows.map(([label]) => columnsOf(label)));
  const title = hang('  ', escapeTerminal(question, { limit: MAX_TEXT }), width);
  const lines = rows.flatMap(([label, text]) => {
    const lead = `    ${label}${' '.repeat(longest - columnsOf(label) + 2)}`;
    return hang(lead, escapeTerminal(text, { limit: MAX_TEXT }), width).map((row) => row.lead + row.text);
  });
  return [...title.map((row) => row.lead + paint('strong', row.text)), ...lines];
}

/**
 * The questions to which the resolvers of a run give different answers, one under the other (split DNS); empty where they agree
 * or only one was asked. At most `width` columns, every word of a remote escaped.
 */
export function renderDifferences(report: Report, sheet: Sheet): string[] {
  const lines = differencesOf(report).flatMap((one) => linesOf(one, sheet));
  return lines.length === 0 ? [] : [sheet.paint('strong', 'Where the resolvers differ'), ...lines];
}
