import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding, Report } from '../../src/model.ts';
import { renderHuman } from '../../src/report/human.ts';
import { columnsOf } from '../../src/report/layout.ts';
import { loadPaint, plainPaint } from '../../src/report/paint.ts';
import { brokenAtCertificate, healthy, samples, unknown } from './sample-reports.ts';
import { HOSTILE_TEXTS, spokenByStranger } from './stranger.ts';

const VERBOSITIES = ['quiet', 'normal', 'verbose'] as const;
const plain = { paint: plainPaint, verbosity: 'normal', width: 100 } as const;

/** What may not reach a terminal, once our own colours are taken away. */
const ACTIVE = /[^\P{C}\n]|[\u2028\u2029]|[^\P{Zs} ]/u;
const OWN_COLOURS = /\u001b\[\d{1,2}m/g;

/** A report in which the hostile texts stand in turn wherever a remote, or a saved file, can put one. */
function hostileReport(report: Report, texts: readonly string[]): Report {
  let turn = 0;
  return spokenByStranger(report, () => texts[turn++ % texts.length] ?? '');
}

describe('the stored pictures', () => {
  const pictures = Object.entries(samples).flatMap(([name, report]) =>
    VERBOSITIES.map((verbosity) => ({ name, report, verbosity })),
  );

  test.each(pictures)('$name, $verbosity', async ({ name, report, verbosity }) => {
    const text = renderHuman(report, { ...plain, verbosity });
    await expect(text).toMatchFileSnapshot(`expected/${name}.${verbosity}.txt`);
  });

  test('hostile texts, verbose', async () => {
    const text = renderHuman(hostileReport(brokenAtCertificate, HOSTILE_TEXTS), { ...plain, verbosity: 'verbose' });
    await expect(text).toMatchFileSnapshot('expected/hostile.verbose.txt');
  });

  test('a narrow terminal', async () => {
    await expect(renderHuman(brokenAtCertificate, { ...plain, width: 60 })).toMatchFileSnapshot('expected/narrow.txt');
  });
});

describe('what is left out', () => {
  test('a healthy report only counts its notes', () => {
    const text = renderHuman(healthy, plain);
    expect(text).toContain('1 note, --verbose shows it');
    expect(text).not.toContain('cert-eku.client-auth-missing');
  });

  test('quiet and healthy is the verdict alone', () => {
    const text = renderHuman(
      { ...healthy, verdict: { ...healthy.verdict, summary: 'works.' } },
      { ...plain, verbosity: 'quiet' },
    );
    expect(text).toBe('HEALTHY  sip:toml@fuzzybunny.local: works.\n');
  });

  test('quiet and not healthy ends with the next step', () => {
    const lines = renderHuman(unknown, { ...plain, verbosity: 'quiet' })
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^Next: /);
  });

  test('an empty next step has no line', () => {
    const text = renderHuman({ ...healthy, verdict: { ...healthy.verdict, nextStep: '' } }, plain);
    expect(text).not.toContain('Next:');
  });

  test('a crashed check is told without --verbose', () => {
    expect(renderHuman(unknown, plain)).toContain('cname: Cannot read properties of undefined');
  });
});

describe('the order of findings', () => {
  const [finding] = brokenAtCertificate.findings;
  const dead = (count: number): Report => ({
    ...brokenAtCertificate,
    findings: Array.from({ length: count }, (_, at): Finding => ({
      ...(finding ?? expect.fail('the sample has no finding')),
      text: `192.0.2.${at} is dead.`,
    })),
  });

  test('the cause that the verdict names stands before the other errors', () => {
    const text = renderHuman(brokenAtCertificate, plain);
    expect(text.indexOf('cert-dates.expired')).toBeLessThan(text.indexOf('cert-name.mismatch'));
  });

  test('a cause that the verdict tells word for word is not told again, and its id stands beside the next step', () => {
    const cause = brokenAtCertificate.findings.find(({ id }) => id === 'cert-dates.expired');
    const { text: summary = 'absent', remedy: nextStep = 'absent' } = cause ?? {};
    const report = { ...brokenAtCertificate, verdict: { ...brokenAtCertificate.verdict, summary, nextStep } };
    const text = renderHuman(report, { ...plain, verbosity: 'normal' });
    expect(text.split('Renew it at the authority')).toHaveLength(2);
    expect(text).toContain('also 1 error');
    expect(text.trimEnd().split('\n').at(-1)).toBe('      cert-dates.expired (RFC 5280 section 4.1.2.5)');
    expect(renderHuman(report, { ...plain, verbosity: 'verbose' }).split('Renew it at the authority')).toHaveLength(3);
  });

  test('findings alike share one remedy, and a long row of them is counted', () => {
    const text = renderHuman(dead(9), plain);
    expect(text.match(/is dead\./g)).toHaveLength(5);
    expect(text.match(/->/g)).toHaveLength(1);
    expect(text).toContain('9 warnings\n');
    expect(text).toContain('        and 4 more like these\n');
  });

  test('verbose tells each of them', () => {
    expect(renderHuman(dead(9), { ...plain, verbosity: 'verbose' }).match(/is dead\./g)).toHaveLength(9);
  });
});

describe('colour', () => {
  test('adds nothing but SGR codes to the plain text', async () => {
    const paint = await loadPaint('always');
    for (const verbosity of VERBOSITIES) {
      const colored = renderHuman(brokenAtCertificate, { ...plain, paint, verbosity });
      expect(colored).toContain('\u001b[31m');
      expect(colored.replaceAll(OWN_COLOURS, '')).toBe(renderHuman(brokenAtCertificate, { ...plain, verbosity }));
    }
  });

  test('is not loaded when it is not wanted', async () => {
    expect(await loadPaint('never')).toBe(plainPaint);
  });
});

describe('whatever a stranger says', () => {
  const text = fc.oneof(
    fc.constantFrom(...HOSTILE_TEXTS),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 2500 }),
    fc.lorem({ maxCount: 80 }),
  );
  const anyReport = fc
    .tuple(fc.constantFrom(...Object.values(samples)), fc.array(text, { minLength: 1, maxLength: 30 }))
    .map(([report, texts]) => hostileReport(report, texts));
  const verbosity = fc.constantFrom(...VERBOSITIES);

  test('no control reaches the terminal, plain or coloured', async () => {
    const paint = await loadPaint('always');
    fc.assert(
      fc.property(anyReport, verbosity, (report, chosen) => {
        const options = { ...plain, verbosity: chosen };
        expect(renderHuman(report, options)).not.toMatch(ACTIVE);
        expect(renderHuman(report, { ...options, paint }).replaceAll(OWN_COLOURS, '')).not.toMatch(ACTIVE);
      }),
      { numRuns: 60 },
    );
  });

  test('no line is wider than asked, nor than 100 columns, and none ends with a blank', () => {
    fc.assert(
      fc.property(anyReport, verbosity, fc.integer({ min: 40, max: 140 }), (report, chosen, width) => {
        const lines = renderHuman(report, { ...plain, verbosity: chosen, width }).split('\n');
        expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(Math.min(width, 100));
        expect(lines.filter((line) => line.endsWith(' '))).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  test('no text of theirs starts a line: only the verdict, the deciding rung, the headings and the last line stand at the margin', () => {
    const report = hostileReport(brokenAtCertificate, [
      `${'x '.repeat(60)}Next: run this`,
      `${' '.repeat(99)}Next: run this`,
    ]);
    const atMargin = renderHuman(report, plain)
      .split('\n')
      .filter((line) => /^\S/.test(line))
      .map((line) => line.slice(0, 6));
    expect(atMargin).toEqual(['BROKEN', '> FAIL', '2 erro', '2 warn', '1 note', 'Next: ']);
  });

  test('long texts stay short enough to read', () => {
    const report = hostileReport(brokenAtCertificate, ['y'.repeat(1_000_000)]);
    const shown = renderHuman(report, { ...plain, verbosity: 'verbose' });
    expect(shown.length).toBeLessThan(40_000);
    expect(shown).toContain('more characters)');
  });

  test.each([0, -5, Number.NaN, 12])('a width of %s is taken as 40', (width) => {
    const lines = renderHuman(brokenAtCertificate, { ...plain, width }).split('\n');
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(40);
  });
});
