import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PAGES } from '../../docs/generate/pages.ts';
import { findingFacts } from '../../src/check/finding-facts.ts';

const stored = (file: string): string => readFileSync(resolve(import.meta.dirname, '../../docs', file), 'utf8');

describe('a generated page', () => {
  test.each(PAGES)('$file is what the tables say today (if not: npm run docs)', async ({ file, render }) => {
    expect(stored(file)).toBe(await render());
  });
});

describe('the page of findings', () => {
  const page = stored('findings.md');
  const anchors = [...page.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id);

  test('has one anchor for each finding, in ladder order', () => {
    expect(anchors).toEqual(findingFacts().map(({ id }) => id));
  });

  test('links to nothing that is not there', () => {
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, text]) => text);
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, id]) => id ?? '');
    expect(links.length).toBeGreaterThan(anchors.length);
    expect(links.filter((id) => !anchors.includes(id) && !headings.includes(id))).toEqual([]);
  });
});
