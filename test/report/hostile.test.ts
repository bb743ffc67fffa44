import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderHuman } from '../../src/report/human.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderJunit } from '../../src/report/junit.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { renderNagios } from '../../src/report/nagios.ts';
import { renderNdjson } from '../../src/report/ndjson.ts';
import { loadPaint } from '../../src/report/paint.ts';
import { redactReport } from '../../src/report/redact.ts';
import { renderTrace } from '../../src/report/trace-text.ts';
import { describeWith } from '../e2e/real/requirements.ts';
import { ACTIVE, ALL_HOSTILE, HOSTILE } from './hostile-corpus.ts';
import { freeLeaves, hostileReport } from './hostile-run.ts';
import { observations } from './sample-observations.ts';
import { KINDS } from './schema-words.ts';
import { spokenByStranger } from './stranger.ts';
import { junitFaults } from './xml-fault.ts';

const paint = await loadPaint('always');
const OWN_COLOURS = /\u001b\[\d{1,2}m/g;

/** Judged observations, a report that is hostile in every member, and what is left of a hostile one when it is redacted. */
const CASES = [...Object.entries(HOSTILE), ['all at once', ALL_HOSTILE] as const].flatMap(([name, text]) => {
  const judged = hostileReport(text);
  const throughout = { name, how: 'hostile throughout', report: spokenByStranger(judged, () => text) };
  const redacted = name === 'all at once' ? [{ name, how: 'redacted', report: redactReport(judged) }] : [];
  return [{ name, how: 'judged', report: judged }, throughout, ...redacted];
});

/** Elements and attributes of ours; whatever a remote brings along is none of them. */
const ELEMENTS = new Set(
  `html head meta title style body svg symbol circle path rect line text use div header p h1 h2 h3 strong code dl dt dd nav ul li a main
  section article details summary ol span b br small figure figcaption table thead tbody tr th td footer`.split(/\s+/),
);
const ATTRIBUTES = new Set(
  `lang charset http-equiv content data-head open name width height aria-hidden focusable id viewbox cx cy r fill d stroke stroke-width stroke-linecap
  stroke-linejoin stroke-dasharray x y rx class href aria-label aria-labelledby scope tabindex role x1 x2 y1 y2 text-anchor overflow`.split(
    /\s+/,
  ),
);

interface Tag {
  element: string;
  attributes: string[];
}

/** Every tag of a page; throws where a '<' begins none, as none of ours does outside of one. */
function tagsOf(page: string): Tag[] {
  const body = page.replace(/^<!DOCTYPE html>/, '').replace(/<style>[^<]*<\/style>/, '<style></style>');
  const pattern = /<\/?([a-z][a-z0-9]*)((?:\s+[a-z][\w-]*="[^"<>]*")*)\s*\/?>/gi;
  const rest = body.replaceAll(pattern, '');
  if (/[<>]/.test(rest)) throw new Error(`not a tag of ours: ${/.{0,60}[<>].{0,60}/.exec(rest)?.[0]}`);
  return [...body.matchAll(pattern)].map(([, element = '', attributes = '']) => ({
    element: element.toLowerCase(),
    attributes: [...attributes.matchAll(/([a-z][\w-]*)="/gi)].map(([, name = '']) => name.toLowerCase()),
  }));
}

const markdown = new MarkdownIt({ html: true, linkify: true, typographer: false });
// A host name in a sentence is one, and stays readable; what begins with a scheme would be a link of the remote's choice.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

/** Kinds of tokens of a rendered text, the inline ones included. */
function tokensOf(text: string): { type: string; content: string; info: string }[] {
  return markdown.parse(text, {}).flatMap((token) => [token, ...(token.children ?? [])]);
}

test('the corpus goes through every kind of observation, and finds places in each', () => {
  expect([...new Set(observations.map(({ kind }) => kind))].toSorted()).toEqual(Object.keys(KINDS).toSorted());
  const empty = observations.filter((one) => freeLeaves(one).length < 2).map(({ kind }) => kind);
  expect(empty).toEqual([]);
  const report = hostileReport('planted text');
  expect(report.findings.length).toBeGreaterThan(5);
  expect(report.findings.filter((one) => JSON.stringify(one).includes('planted text')).length).toBeGreaterThan(4);
});

describe.each(CASES)('$name, $how', ({ report }) => {
  test('human: no control reaches the terminal but our colours', () => {
    for (const verbosity of ['normal', 'verbose'] as const) {
      const text = renderHuman(report, { paint, verbosity, width: 100 });
      expect(text.replaceAll(OWN_COLOURS, '')).not.toMatch(ACTIVE);
      expect(text.length).toBeLessThan(1_000_000);
    }
  });

  test('json and ndjson: parse to what went in, and are safe to cat', () => {
    expect(JSON.parse(renderJson(report))).toEqual(report);
    expect(renderJson(report)).not.toMatch(ACTIVE);
    const lines = renderNdjson(report);
    expect(lines).not.toMatch(ACTIVE);
    const count = 2 + report.observations.length + report.checks.length + report.findings.length + report.rungs.length;
    expect(
      lines
        .trimEnd()
        .split('\n')
        .map((line) => typeof JSON.parse(line)),
    ).toEqual(Array(count).fill('object'));
  });

  test('nagios: one line of status, one of performance data, nothing for a shell or a page', () => {
    const text = renderNagios(report);
    expect(text).not.toMatch(ACTIVE);
    const [first = '', ...rest] = text.trimEnd().split('\n');
    expect(first).toMatch(
      /^SIPDIAG (?:OK|WARNING|CRITICAL|UNKNOWN) - [^|]* \| total=[\d.]+ms;;;0(?: [a-z_]+=[-\d.]+(?:ms)?;[\d:]*;[\d:]*(?:;0)?)*$/,
    );
    expect(rest.join('\n')).not.toContain('|');
    expect(text.replace('|', '')).not.toMatch(/[|`$&<>]/);
    const own = /^(?:dns|connect|tls|certificate|sip|auth|callback|media|error|warning|Next|and \d+ more)\b/;
    expect(rest.filter((line) => !own.test(line))).toEqual([]);
    expect(Buffer.byteLength(text)).toBeLessThan(8192);
  });

  test('html: no element and no attribute from outside', () => {
    const page = renderHtml(report);
    expect(page).not.toMatch(ACTIVE);
    const tags = tagsOf(page);
    expect(tags.filter(({ element }) => !ELEMENTS.has(element))).toEqual([]);
    expect(tags.flatMap(({ attributes }) => attributes).filter((name) => !ATTRIBUTES.has(name))).toEqual([]);
    expect([...page.matchAll(/href="([^"]*)"/g)].filter(([, to = '']) => !to.startsWith('#'))).toEqual([]);
    // Whatever a remote sends, one observation takes so much of the page at the most.
    expect(page.length).toBeLessThan(100_000 * (report.observations.length + 1));
  });

  test('markdown: renders to our structure and nothing else', () => {
    const text = renderMarkdown(report);
    expect(text).not.toMatch(ACTIVE);
    const tokens = tokensOf(text);
    const types = new Set(tokens.map(({ type }) => type));
    for (const active of [
      'link_open',
      'image',
      'html_inline',
      'code_inline',
      'blockquote_open',
      'hr',
      's_open',
      'em_open',
    ])
      expect(types).not.toContain(active);
    const blocks = tokens.filter(({ type }) => type === 'html_block').map(({ content }) => content.trim());
    expect(blocks.filter((html) => !/^(?:<details><summary>[A-Za-z ]+<\/summary>|<\/details>)$/.test(html))).toEqual(
      [],
    );
    expect(tokens.filter(({ type, info }) => type === 'fence' && !['text', 'mermaid'].includes(info))).toEqual([]);
    const headings = tokens.filter(({ type }) => type === 'heading_open').length;
    expect(headings).toBe(text.split('\n').filter((line) => /^##? /.test(line)).length);
    const words = tokens.filter(({ type }) => type === 'text').map(({ content }) => content);
    expect(words.filter((content) => /(?<![\p{L}\p{N}])@[\p{L}\p{N}]/u.test(content))).toEqual([]);
  });

  test('markdown: the diagram holds words of our own alone', () => {
    const diagrams = tokensOf(renderMarkdown(report)).filter(({ info }) => info === 'mermaid');
    for (const { content } of diagrams) expect(content).toMatch(/^flowchart LR\n(?: {2}[\w#,:;[\]" .>-]+\n)+$/);
    expect(diagrams.length).toBeLessThanOrEqual(1);
  });
});

describeWith(['xmllint'], 'the JUnit report of hostile runs', () => {
  // A start that is no time, and a check without a name, are faults of a saved file that the schema may name.
  const shaped = (report: Report): Report => ({
    ...report,
    startedAt: '2026-11-22T03:04:05.000Z',
    checks: report.checks.map((one, at) => ({ ...one, checkId: `check-${at}` })),
  });

  test('is XML 1.0 by the schema, and holds no control', () => {
    const documents = CASES.map(({ report }) => renderJunit(shaped(report), { failOn: 'warning' }));
    expect(documents.filter((text) => ACTIVE.test(text))).toEqual([]);
    expect(junitFaults(documents)).toEqual([]);
  });
});

describe('the trace', () => {
  test.each(Object.entries(HOSTILE))('%s', (_name, text) => {
    const entry = { at: 1, direction: 'received', transport: 'tls', local: text, remote: text, text } as const;
    const shown = renderTrace([entry, { ...entry, direction: 'sent' }], { version: '0', startedAt: 'now' });
    expect(shown).not.toMatch(ACTIVE);
  });
});
