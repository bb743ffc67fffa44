import { format } from 'prettier';
import { findingsPage } from './findings-page.ts';
import { manPage } from './man-page.ts';

/** Same as in .prettierrc, which the stored page is held to. */
const STYLE = { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' } as const;

interface Page {
  /** Below docs/. */
  file: string;
  render: () => Promise<string>;
}

/** The pages that are made from the tables of the program: `npm run docs` writes them, and a test compares them. */
export const PAGES: readonly Page[] = [
  { file: 'findings.md', render: () => format(findingsPage(), STYLE) },
  { file: 'sipdiag.1', render: () => Promise.resolve(manPage()) },
];
