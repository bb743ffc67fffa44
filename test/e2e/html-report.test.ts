import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HtmlValidate } from 'html-validate';
import { chromium, type Browser, type Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { renderHtml } from '../../src/report/html.ts';
import { sipdiag } from '../command-line.ts';
import { makeDer, makeKey } from '../pki/make-certificate.ts';
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

const LOOKS: [[string, Look], ...[string, Look][]] = [
  ['a desktop in light', { width: 1280, colorScheme: 'light' }],
  ['a desktop in dark', { width: 1280, colorScheme: 'dark' }],
  ['a phone of 360 pixels in light', { width: 360, colorScheme: 'light' }],
  ['a phone of 360 pixels in dark', { width: 360, colorScheme: 'dark' }],
];

/** A page of every kind that the commands make, and the sections that it is for. */
const KINDS: [name: string, args: string[], sections: string[]][] = [
  ['healthy', ['doctor', '--lab'], ['ladder', 'clients', 'certificates', 'messages', 'timeline', 'notes', 'checks']],
  ['degraded', ['doctor', '--lab', 'one-server-dead'], ['findings', 'certificates']],
  ['silent', ['doctor', '--lab', 'resolver-silent', '--timeout', '300'], ['findings']],
  ['dns', ['dns', '--lab', 'split-view-differs'], ['findings', 'differences', 'clients']],
  ['broken', ['signin', '--lab', 'cert-expired'], ['findings', 'ways', 'certificates', 'messages']],
  ['unknown', ['firewall', '--lab', '--via', 'stun'], ['ladder', 'clients']],
  ['firewall', ['firewall', '--lab'], ['ports', 'messages']],
  ['file', ['tls', '--file', 'sip.der', '--name', 'sip.fuzzybunny.local'], ['findings', 'certificates']],
];

/** What a page of ours never holds. */
const FOREIGN = 'script, img, iframe, x-evil, a:not([href^="#"]), [onmouseover], [onclick], [onerror], style + style';

/** In a page: what is hard to read. */
const FAINT_TEXTS = readFileSync(new URL('faint-texts.js', import.meta.url), 'utf8');
/** In a page: how many pixels it is wider than its window, with everything folded out. */
const EXCESS = `document.querySelectorAll('details').forEach((one) => { one.open = true; });
  document.documentElement.scrollWidth - innerWidth`;
/** In a page: texts of which a part is hidden, and tables that have to be pushed aside to be read. */
const CUT_TEXTS = `[...document.querySelectorAll('main *, header *')]
  .filter((one) => getComputedStyle(one).overflowX !== 'visible' && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.className + ': ' + one.textContent.slice(0, 60))`;
/** In a page: tables that stick out of their frames, which nobody can push aside on paper. */
const TOO_WIDE = `[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.getAttribute('aria-label'))`;
/** A4 without its margins, at 96 dots to the inch. */
const PAPER: Look = { width: 703, colorScheme: 'light' };
/** In a page: links that lead to nothing. */
const LOST_LINKS = `[...document.querySelectorAll('a')].filter((one) => document.querySelector(one.hash) === null).length`;

describeWith(['chromium'], 'the HTML report in a browser', () => {
  const keep = stopAfterAll();
  const folder = keep(temporaryFolder('html'));
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
    keep({ stop: () => browser.close() });
    writeFileSync(join(folder.path, 'sip.der'), makeDer({ subject: 'sip.fuzzybunny.local', key: makeKey('ec') }));
    const made = KINDS.map(([name, args]) =>
      sipdiag([...args, '--format', 'html', '--output', `${name}.html`], { cwd: folder.path }),
    );
    await Promise.all(made);
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
  test.each(KINDS)(
    '"%s" has no error, fits, is cut nowhere and readable on every screen, light and dark',
    async (name) => {
      const [[, first]] = LOOKS;
      const said = await visit(urlOf(name), first, async (page) => {
        for (const [screen, { width, colorScheme }] of LOOKS) {
          await page.setViewportSize({ width, height: 800 });
          await page.emulateMedia({ colorScheme });
          expect(await page.evaluate(EXCESS), screen).toBe(0);
          expect(await page.evaluate(CUT_TEXTS), screen).toEqual([]);
          expect(await page.evaluate(FAINT_TEXTS), screen).toEqual([]);
        }
      });
      expect(said).toEqual([]);
    },
  );

  test.each(KINDS)(
    '"%s" is valid, has the sections that it is for, and none of them is empty',
    async (name, _, ids) => {
      const page = readFileSync(join(folder.path, `${name}.html`), 'utf8');
      const validator = new HtmlValidate({ extends: ['html-validate:recommended', 'html-validate:a11y'] });
      const { results } = await validator.validateString(page);
      expect(results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`))).toEqual(
        [],
      );
      expect([...page.matchAll(/<h2 id="(\w+)">/g)].map(([, id]) => id)).toEqual(expect.arrayContaining(ids));
      expect(page).not.toMatch(/<\/h2>\s*<\/section>/);
      expect(page, 'a text of marks alone').not.toMatch(/>[\s,;:]+<\/p>/);
    },
  );

  test.each(KINDS)('"%s" fits on paper', async (name) => {
    await visit(urlOf(name), PAPER, async (page) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.evaluate(EXCESS)).toBe(0);
      expect(await page.evaluate(TOO_WIDE)).toEqual([]);
      expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    });
  });

  test('the first broken rung is marked, and no other', async () => {
    await visit(urlOf('broken'), { width: 360, colorScheme: 'light' }, async (page) => {
      const marked = page.locator('.ladder li', { hasText: 'First broken rung:' });
      expect(await marked.locator('.rung').allTextContents()).toEqual(['certificate']);
    });
    await visit(urlOf('healthy'), { width: 360, colorScheme: 'light' }, async (page) => {
      expect(await page.locator('.first').count()).toBe(0);
    });
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
