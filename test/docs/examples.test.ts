import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findingFacts } from '../../src/check/finding-facts.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { masked } from '../masked.ts';
import { codeBlocks, pageText } from './code-blocks.ts';
import { abridged, printSession, readSession, runSession, type Step } from './shell-session.ts';

/**
 * The sessions of README and docs/examples.md are run as they stand there. What they show has to be what is printed but for ports,
 * times and line ends. UPDATE_TRANSCRIPTS=1 writes what is printed today: read the difference.
 */
const UPDATE = process.env['UPDATE_TRANSCRIPTS'] === '1';
const PAGES = ['README.md', 'docs/examples.md'];
const SESSIONS = PAGES.flatMap((file) =>
  codeBlocks(pageText(file)).flatMap(({ language, text, heading }) =>
    language === 'console' ? [{ file, heading, text }] : [],
  ),
);

/** Line breaks and columns depend on how long the numbers of a run are; a busy machine may have one note more, of its own slowness. */
const words = (lines: readonly string[]): string =>
  masked(lines.join('\n'))
    .replaceAll(/^\d+ notes?, --verbose shows (?:it|them)$/gm, 'notes')
    .replaceAll(/\s+/g, ' ')
    .trim();

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** The parts that a page shows have to follow one another; what it leaves out may be anything. */
function faultOf({ command, output, code }: Step, seen: Step | undefined): string {
  if (seen?.code !== code) return `${command}: exit code ${seen?.code}, ${seen?.output.join('\n')}`;
  const parts = output.join('\n').split(/^\.\.\.$/m);
  const pattern = new RegExp(`^${parts.map((part) => literally(words([part]))).join('.*')}$`);
  const printed = words(seen.output);
  return pattern.test(printed) ? '' : `${command}: ${printed}`;
}

function rewrite(file: string, from: string, to: string): void {
  const path = resolve(import.meta.dirname, '../..', file);
  writeFileSync(
    path,
    pageText(file).replace(from, () => to),
  );
}

describe('a session of a page', () => {
  test.each(SESSIONS)('$file, "$heading": $text', async ({ file, text }) => {
    const shown = readSession(text);
    const seen = await runSession(shown);
    const faults = shown.map((step, at) => faultOf(step, seen[at])).filter((fault) => fault !== '');
    const anew = printSession(shown.map((step, at) => abridged(step, seen[at] ?? step)));
    if (UPDATE && faults.length > 0) rewrite(file, text, anew);
    expect(UPDATE ? [] : faults).toEqual([]);
  });

  test('what is compared in README is what was measured', () => {
    const rows = pageText('bench/PEERS.md').match(/^\|.*$/gm) ?? [];
    expect(rows.length).toBeGreaterThan(4);
    expect(pageText('README.md').match(/^\|.*$/gm)).toEqual(expect.arrayContaining(rows));
  });

  test('README names findings that there are', () => {
    const known = new Set(findingFacts().map(({ id }) => id));
    const [, ladder = ''] = /^## The ladder$([^]*?)^## /m.exec(pageText('README.md')) ?? [];
    const named = [...ladder.matchAll(/`([a-z-]+\.[a-z-]+)`/g)].map(([, id = '']) => id);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  test('README shows a diagnosis, and docs/examples.md every command', () => {
    const commandsOf = (page: string): string[] =>
      SESSIONS.filter(({ file }) => file === page).flatMap(({ text }) =>
        [...text.matchAll(/\bsipdiag ([a-z]+)/g)].map(([, name = '']) => name),
      );
    expect(commandsOf('README.md')).toContain('doctor');
    expect(commandsOf('docs/examples.md')).toEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
  });
});
