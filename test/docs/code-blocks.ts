import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A page of the project, by its path from the root. */
export const pageText = (file: string): string => readFileSync(resolve(import.meta.dirname, '../..', file), 'utf8');

export interface CodeBlock {
  language: string;
  text: string;
  /** The nearest heading above. */
  heading: string;
  /** The block of plain text right below, which shows what is printed; '': none. */
  shown: string;
}

/** The fenced blocks of a page, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  const blocks = [...page.matchAll(/^(#+ .*)$|^```(\w+)\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm)];
  let heading = '';
  return blocks.flatMap(([, title, language, text = '', shown = '']) => {
    if (title !== undefined) heading = title.replace(/^#+ /, '');
    return language === undefined ? [] : [{ language, text, heading, shown }];
  });
}
