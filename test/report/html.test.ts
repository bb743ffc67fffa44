import { createHash } from 'node:crypto';
import { HtmlValidate } from 'html-validate';
import { describe, expect, test } from 'vitest';
import type { Observation, Report } from '../../src/model.ts';
import { renderHtml } from '../../src/report/html.ts';
import { STYLE, STYLE_DIGEST } from '../../src/report/html/style.ts';
import { printMarkup } from '../../src/report/markup.ts';
import { brokenAtCertificate, healthy, samples, unknown } from './sample-reports.ts';

const validator = new HtmlValidate({ extends: ['html-validate:recommended', 'html-validate:a11y'] });

/** What the validator has against a page, one 'rule: message' each. */
async function faultsOf(page: string): Promise<string[]> {
  const { results } = await validator.validateString(page);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `${line} ${ruleId}: ${message}`),
  );
}

describe('renderHtml', () => {
  test.each(Object.entries(samples))('"%s" is valid and accessible by the validator', async (_name, report) => {
    expect(await faultsOf(renderHtml(report))).toEqual([]);
  });

  test('the validator sees what is wrong', async () => {
    const page = renderHtml(healthy).replace('</main>', '<p><div></p>');
    expect(await faultsOf(page)).not.toEqual([]);
  });

  test('the policy allows nothing but the style of the page', () => {
    const digest = createHash('sha256').update(printMarkup(STYLE)).digest('base64');
    expect(STYLE_DIGEST, 'the style has changed, and its digest with it').toBe(`sha256-${digest}`);
    const page = renderHtml(healthy);
    expect(page).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    );
    expect(/<style>([^]*?)<\/style>/.exec(page)?.[1]).toBe(printMarkup(STYLE));
  });

  test('loads nothing and runs nothing', () => {
    const page = renderHtml(brokenAtCertificate);
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object|embed|base|form)\b/i);
    expect(page).not.toMatch(/\s(?:on\w+|style|src)=/i);
    expect([...page.matchAll(/href="([^"]*)"/g)].map(([, to = '']) => to[0])).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/[^#]/)]),
    );
  });

  test('shows verdict, next step, ladder, findings, certificates, messages and timeline', () => {
    const page = renderHtml(brokenAtCertificate);
    for (const title of ['Ladder', 'Findings', 'SIP messages', 'Timeline', 'Notes', 'Checks'])
      expect(page).toContain(`>${title}</h2>`);
    expect(page).toContain('<strong>Next</strong><p>Renew the certificate of pool01.fuzzybunny.local');
    expect(page).toContain('<b>401 Unauthorized</b>');
    expect(
      page.match(/<li class="(?:good|caution|bad|unsure|faint) (?:held|failed|untested)(?: decides)?">/g),
    ).toHaveLength(8);
    expect(page.match(/<li class="bad failed decides">/g)).toHaveLength(1);
  });

  test('says in words what a colour says', () => {
    expect(renderHtml(brokenAtCertificate)).toContain(
      '<span class="rung">certificate</span><span class="word">failed</span>',
    );
    expect(renderHtml(unknown)).toContain('<span class="why">timeout</span>');
  });

  test('a section without content is left out', () => {
    const page = renderHtml({ ...healthy, findings: [], observations: [], checks: [] });
    expect(page.match(/<h2 /g)).toHaveLength(1);
  });

  test('draws a kind of observation that it has never heard of', () => {
    const strange = {
      kind: 'smell',
      subject: 'udp 192.0.2.9:3478',
      at: 4,
      about: { through: { nat: 'cone' }, ports: [1, 2] },
      outcome: { ok: true, ms: 9, value: { mapped: '198.51.100.7:4000' } },
    };
    // A kind of tomorrow: today's model has no word for it.
    const report: Report = { ...healthy, observations: [strange as unknown as Observation] };
    const page = renderHtml(report);
    expect(page).toContain('<span class="kind">smell</span><span class="what">udp 192.0.2.9:3478</span>');
    expect(page).toContain('&quot;mapped&quot;:&quot;198.51.100.7:4000&quot;');
  });
});
