import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderJson } from '../../src/report/json.ts';
import { brokenAtCertificate, healthy, samples } from './sample-reports.ts';
import { HOSTILE_TEXTS, spokenByStranger } from './stranger.ts';
import { assertValidReport } from './valid-report.ts';

/** What may not stand in a document that is sent to a terminal. */
const ACTIVE = /[^\P{C}\n]|[\u2028\u2029]/u;

describe('renderJson', () => {
  test.each(Object.entries(samples))(
    'writes the report "%s" as a valid document that parses to the same',
    (_name, report) => {
      const text = renderJson(report);
      assertValidReport(JSON.parse(text));
      expect(JSON.parse(text)).toEqual(report);
    },
  );

  test('indents by two and ends with one line feed', () => {
    const text = renderJson(healthy);
    expect(text.startsWith('{\n  "schema": "sipdiag.report/1",\n')).toBe(true);
    expect(text.endsWith('\n}\n')).toBe(true);
  });

  test('escapes astral characters as a pair that parses back', () => {
    const text = renderJson({ ...healthy, command: 'a\u{e0041}\u202e\u009b\ud800' });
    expect(text).toContain('"command": "a\\udb40\\udc41\\u202e\\u009b\\ud800"');
  });

  test('is harmless on a terminal whatever a stranger says, and loses nothing', () => {
    const stranger = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 30 }));
    fc.assert(
      fc.property(fc.array(stranger, { minLength: 1, maxLength: 20 }), (texts) => {
        let turn = 0;
        const report = spokenByStranger(brokenAtCertificate, () => texts[turn++ % texts.length] ?? '');
        const text = renderJson(report);
        expect(text).not.toMatch(ACTIVE);
        expect(JSON.parse(text)).toEqual(report);
      }),
      { numRuns: 60 },
    );
  });
});
