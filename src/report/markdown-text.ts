import { escapeTerminal } from './escape.ts';

/** Code points of one text. */
const MAX_TEXT = 1200;
/** Each does something somewhere in CommonMark, in GitHub's or GitLab's dialect, or in mathematics between dollars. */
const ACTIVE = /[\\`*_[\]{}|~$#!]/g;
const ZERO_WIDTH = '&#8203;';

/**
 * A text from a stranger inside a paragraph, a list item or a table cell: on one line, without emphasis, link, image, HTML, table
 * cell, mathematics, or the mention of anybody. It must not stand at the start of a line: there a '-', a '1.' or GitLab's '/close' acts.
 */
export function escapeMarkdown(text: string, options: { limit?: number } = {}): string {
  return (
    escapeTerminal(text, { limit: options.limit ?? MAX_TEXT })
      .replace(ACTIVE, (one) => `\\${one}`)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // '@name' calls a person to the ticket; 'user@domain' does not, and stays as it is read.
      .replaceAll(/(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}])/gu, `@${ZERO_WIDTH}`)
      // Bare addresses of pages become links in GitHub's dialect: a remote shall not choose what a reader clicks on.
      .replaceAll(':/', '\\:/')
      .replaceAll(/\b(www)\./gi, '$1\\.')
      .replaceAll(/\b(javascript|vbscript|data|mailto|xmpp):/gi, '$1\\:')
  );
}

/** Lines in a fence that none of them can close. */
export function fence(lines: readonly string[], language: 'text' | 'mermaid'): string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length);
  const mark = '`'.repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return [`${mark}${language}`, ...lines, mark];
}
