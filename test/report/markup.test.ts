import { describe, expect, test } from 'vitest';
import { markup, nothing, printMarkup, type Value } from '../../src/report/markup.ts';

const print = (value: Value): string => printMarkup(markup`<p title="${value}">${value}</p>`);

describe('markup', () => {
  test.each([
    ['</p><script>', '&lt;/p&gt;&lt;script&gt;'],
    ['" onload="x', '&quot; onload=&quot;x'],
    ["' x='`", '&#39; x=&#39;&#96;'],
    ['&amp;', '&amp;amp;'],
    ['a\u0000\u001b[1m\ud800\uffff', 'a\\x00\\x1b[1m\\ud800\\uffff'],
    ['\u202eevil', '\\u202eevil'],
  ])('%j becomes text', (given, shown) => {
    expect(print(given)).toBe(`<p title="${shown}">${shown}</p>`);
  });

  test('takes markup, lists of it and numbers as they are', () => {
    expect(printMarkup(markup`<ul>${[1, 2].map((one) => markup`<li>${one}</li>`)}</ul>${nothing}`)).toBe(
      '<ul><li>1</li><li>2</li></ul>',
    );
  });

  test('bounds a text and says so', () => {
    const text = printMarkup(markup`${'x'.repeat(100_000)}`);
    expect(text.length).toBeLessThan(2100);
    expect(text).toContain('(98000 more characters)');
  });

  test.each([{ markup: '<b>' }, { 'Symbol(markup)': '<b>' }, JSON.parse('{"toString":"<b>"}'), ['<b>']])(
    'nothing from a file passes for markup: %j',
    (value) => {
      expect(printMarkup(markup`${value}`)).not.toContain('<b>');
    },
  );
});
