import { createRequire } from 'node:module';
import MarkdownIt from 'markdown-it';
import { chromium, type Browser, type Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Report, RungResult, Verdict } from '../../src/model.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { HOSTILE } from '../report/hostile-corpus.ts';
import { hostileReport } from '../report/hostile-run.ts';
import { brokenAtCertificate, healthy, unknown } from '../report/sample-reports.ts';
import { spokenByStranger } from '../report/stranger.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { describeWith } from './real/requirements.ts';

/** Mermaid's own build of the commoner diagrams: the parser and the painter are those of the whole. */
const MERMAID = createRequire(import.meta.url).resolve('@mermaid-js/tiny');

const reader = new MarkdownIt({ html: true });
/** The diagrams of a report, as a reader of Markdown finds them. */
const diagramsOf = (report: Report): string[] =>
  reader
    .parse(renderMarkdown(report), {})
    .filter(({ type, info }) => type === 'fence' && info === 'mermaid')
    .map(({ content }) => content);

const STATUSES: readonly RungResult['status'][] = ['passed', 'warning', 'failed', 'unknown', 'not-tested'];
const VERDICTS: Readonly<Record<Verdict['status'], Report>> = {
  healthy,
  // Every status beside every other, more than any verdict brings together.
  degraded: {
    ...healthy,
    verdict: { ...healthy.verdict, status: 'degraded' },
    rungs: healthy.rungs.map((one, at) => ({ ...one, status: STATUSES[at % STATUSES.length] ?? 'passed' })),
  },
  broken: brokenAtCertificate,
  unknown,
};

const WORDS: Readonly<Record<RungResult['status'], string>> = {
  passed: 'ok',
  warning: 'warning',
  failed: 'FAILED',
  unknown: 'unknown',
  'not-tested': 'not tested',
};

interface Drawn {
  nodes: string[];
  arrows: number;
  strangers: number;
}

/** In a page: has Mermaid draw a diagram and tells what is to be seen; rejects where Mermaid does. */
const DRAW = `async (text) => {
  await mermaid.parse(text);
  const { svg } = await mermaid.render('ladder', text);
  document.body.innerHTML = svg;
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    nodes: all('.node').map((one) => one.textContent.trim()),
    arrows: all('.edgePaths path').length,
    strangers: all('body :is(script, img, iframe, a, x-evil, [onclick], [onmouseover])').length,
  };
}`;

describeWith(['chromium'], 'the diagram of the Markdown report in Mermaid', () => {
  const keep = stopAfterAll();
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
    keep({ stop: () => browser.close() });
    page = await browser.newPage();
    await page.addScriptTag({ path: MERMAID });
    await page.evaluate(`mermaid.initialize({ startOnLoad: false, securityLevel: 'strict' })`);
  });

  const draw = (text: string): Promise<Drawn> => page.evaluate(`(${DRAW})(${JSON.stringify(text)})`);

  test.each(Object.entries(VERDICTS))('is drawn for the verdict "%s", a node for each rung', async (_, report) => {
    const [diagram = '', ...others] = diagramsOf(report);
    const nodes = report.rungs.map(({ rung, status }) => `${rung}: ${WORDS[status]}`);
    expect(others).toEqual([]);
    expect(await draw(diagram)).toEqual({ nodes, arrows: nodes.length - 1, strangers: 0 });
  });

  test.each(Object.entries(HOSTILE))('is drawn without a word of a stranger: %s', async (_, text) => {
    const judged = hostileReport(text);
    const diagrams = [judged, spokenByStranger(judged, () => text)].flatMap(diagramsOf);
    expect(diagrams.length).toBeGreaterThan(0);
    for (const diagram of new Set(diagrams)) {
      const { nodes, arrows, strangers } = await draw(diagram);
      expect(nodes.filter((one) => !/^[a-z]+: (ok|warning|FAILED|unknown|not tested)$/.test(one))).toEqual([]);
      expect([arrows, strangers]).toEqual([nodes.length - 1, 0]);
    }
  });

  test('Mermaid refuses what is no diagram', async () => {
    const [diagram = ''] = diagramsOf(healthy);
    await expect(draw(diagram.replace('flowchart LR', 'flowchart LR ]'))).rejects.toThrow(/Parse error|Lexical error/);
  });
});
