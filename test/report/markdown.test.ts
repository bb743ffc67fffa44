import { describe, expect, test } from 'vitest';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { escapeMarkdown, fence } from '../../src/report/markdown-text.ts';
import { brokenAtCertificate, healthy, unknown } from './sample-reports.ts';

describe('renderMarkdown', () => {
  test('begins with the verdict, its cause and the next step', () => {
    expect(renderMarkdown(brokenAtCertificate).split('\n').slice(0, 5)).toEqual([
      '# BROKEN: sip:toml@fuzzybunny.local',
      '',
      '**Cause:** the certificate of pool01.fuzzybunny.local:5061 expired 3 days ago. (cert-dates.expired)',
      '',
      '**Next:** Renew the certificate of pool01.fuzzybunny.local, then run the same command again.',
    ]);
  });

  test('draws the ladder in words of our own', () => {
    const diagram = /```mermaid\n([^`]*)```/.exec(renderMarkdown(brokenAtCertificate))?.[1] ?? '';
    expect(diagram).toContain('  certificate["certificate: FAILED"]:::failed\n');
    expect(diagram).toContain('  auth["auth: not tested"]:::untested\n');
    expect(diagram.match(/ --> /g)).toHaveLength(7);
    expect(diagram).not.toContain('fuzzybunny');
  });

  test('folds the evidence of each finding', () => {
    const text = renderMarkdown(brokenAtCertificate);
    expect(text).toContain('<details><summary>Evidence</summary>\n\n```text\nsubject: 192.0.2.10:5061\n');
    expect(text.split('<details>')).toHaveLength(text.split('</details>').length);
  });

  test('the cause that the verdict names comes first', () => {
    const text = renderMarkdown(brokenAtCertificate);
    expect(text.indexOf('Id: cert-dates.expired')).toBeLessThan(text.indexOf('Id: cert-name.mismatch'));
  });

  test('tells what could not be decided, and what fell over', () => {
    const text = renderMarkdown(unknown);
    expect(text).toContain('- cname: crashed (Cannot read properties of undefined)');
    expect(renderMarkdown(healthy)).toContain('- authority: inconclusive');
  });
});

describe('escapeMarkdown', () => {
  test.each([
    ['![x](javascript:alert(1))', '\\!\\[x\\](javascript\\:alert(1))'],
    ['<script>', '&lt;script&gt;'],
    ['a|b', 'a\\|b'],
    ['@everyone and toml@fuzzybunny.local', '@&#8203;everyone and toml@fuzzybunny.local'],
    ['see https://evil.example or www.evil.example', 'see https\\://evil.example or www\\.evil.example'],
    ['_sips._tcp', '\\_sips.\\_tcp'],
    ['a\nb', 'a\\\\x0ab'],
  ])('%j', (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });
});

describe('fence', () => {
  test('is longer than any row of backticks in it', () => {
    expect(fence(['a ```` b', '```'], 'text')).toEqual(['`````text', 'a ```` b', '```', '`````']);
  });
});
