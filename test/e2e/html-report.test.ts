import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { renderHtml } from '../../src/report/html.ts';
import { sipdiag } from '../command-line.ts';
import { ALL_HOSTILE } from '../report/hostile-corpus.ts';
import { hostileReport } from '../report/hostile-run.ts';
import { spokenByStranger } from '../report/stranger.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { describeWith } from './real/requirements.ts';

/** No traffic of its own, no sandbox (the tests run as root). */
const FLAGS =
  `--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update
  --disable-sync`.split(/\s+/);

interface Look {
  width: number;
  colorScheme: 'light' | 'dark';
}

const LOOKS: [string, Look][] = [
  ['a desktop in light', { width: 1280, colorScheme: 'light' }],
  ['a desktop in dark', { width: 1280, colorScheme: 'dark' }],
  ['a phone of 360 pixels in light', { width: 360, colorScheme: 'light' }],
  ['a phone of 360 pixels in dark', { width: 360, colorScheme: 'dark' }],
];

/** What a page of ours never holds. */
const FOREIGN = 'script, img, iframe, x-evil, a:not([href^="#"]), [onmouseover], [onclick], [onerror], style + style';

/** In a page: what is hard to read. */
const FAINT_TEXTS = readFileSync(new URL('faint-texts.js', import.meta.url), 'utf8');
/** In a page: how many pixels it is wider than its window, with everything folded out. */
const EXCESS = `document.querySelectorAll('details').forEach((one) => { one.open = true; });
  document.documentElement.scrollWidth - innerWidth`;
/** In a page: links that lead to nothing. */
const LOST_LINKS = `[...document.querySelectorAll('a')].filter((one) => document.querySelector(one.hash) === null).length`;

describeWith(['chromium'], 'the HTML report in a browser', () => {
  const keep = stopAfterAll();
  const folder = keep(temporaryFolder('html'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
    keep({ stop: () => browser.close() });
    await Promise.all([
      sipdiag(['doctor', '--lab', '--format', 'html', '--output', join(folder.path, 'healthy.html')]),
      sipdiag(['signin', '--lab', 'cert-expired', '--format', 'html', '--output', join(folder.path, 'broken.html')]),
    ]);
    const report = hostileReport(ALL_HOSTILE);
    writeFileSync(join(folder.path, 'judged.html'), renderHtml(report));
    writeFileSync(join(folder.path, 'hostile.html'), renderHtml(spokenByStranger(report, () => ALL_HOSTILE)));
  });

  /** Opens a page, hands it over, and gives what the browser had to say against it. */
  async function visit(
    url: string,
    { width, colorScheme }: Look,
    look: (page: Page) => Promise<void>,
  ): Promise<string[]> {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('dialog', (dialog) => said.push(dialog.message()));
    page.on('request', (request) => request.url() !== url && said.push(`asks for ${request.url()}`));
    await page.goto(url);
    await look(page);
    await context.close();
    return said;
  }

  const urlOf = (name: string): string => pathToFileURL(join(folder.path, `${name}.html`)).href;
  const pages = LOOKS.flatMap(([name, look]) => ['healthy', 'broken'].map((page) => ({ page, name, look })));

  test.each(pages)('"$page" has no error, fits, and is readable on $name', async ({ page, look }) => {
    const said = await visit(urlOf(page), look, async (opened) => {
      expect(await opened.evaluate(EXCESS)).toBe(0);
      expect(await opened.evaluate(FAINT_TEXTS)).toEqual([]);
    });
    expect(said).toEqual([]);
  });

  test.each(['judged', 'hostile'])('"%s" by a stranger is built of our own elements alone, and fits', async (name) => {
    const said = await visit(urlOf(name), { width: 360, colorScheme: 'light' }, async (opened) => {
      expect(await opened.evaluate(EXCESS)).toBe(0);
      expect(await opened.locator(FOREIGN).count()).toBe(0);
      expect(await opened.locator('main > section > h2').count()).toBeGreaterThan(5);
    });
    expect(said).toEqual([]);
  });

  test('has one heading of the first rank, landmarks, and links that lead somewhere', async () => {
    await visit(urlOf('broken'), { width: 1280, colorScheme: 'light' }, async (page) => {
      for (const [selector, count] of [
        ['h1', 1],
        ['main', 1],
        ['header', 1],
        ['nav[aria-label]', 1],
        ['footer', 1],
      ] as const)
        expect(await page.locator(selector).count()).toBe(count);
      expect(await page.evaluate(LOST_LINKS)).toBe(0);
    });
  });

  test('a script that got in would not run: the policy of the page forbids it', async () => {
    const page = renderHtml(hostileReport('x')).replace('</main>', '<script>document.title = "owned"</script></main>');
    const server = createServer((_request, answer) => answer.setHeader('content-type', 'text/html').end(page));
    await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
    keep({ stop: () => new Promise<void>((settle) => void server.close(() => settle())) });
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const said = await visit(`http://127.0.0.1:${port}/`, { width: 800, colorScheme: 'light' }, async (opened) => {
      expect(await opened.title()).not.toContain('owned');
    });
    expect(said.filter((text) => text.includes('Content Security Policy'))).toHaveLength(1);
  });
});
