import type { Report } from '../../src/model.ts';

/** Words of our own that the compiler knows; everything else in a report may have come from a remote, or from a saved file. */
const OWN_WORDS = new Set([
  'schema',
  'status',
  'rung',
  'kind',
  'severity',
  'scheme',
  'transport',
  'type',
  'via',
  'fate',
]);

/** Keys that a remote or a check chooses. */
const FREE_KEYS = new Set(['evidence', 'headers']);

function rewrite(value: unknown, next: () => string): unknown {
  if (typeof value === 'string') return next();
  if (Array.isArray(value)) return value.map((one) => rewrite(one, next));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]): [string, unknown] => {
      if (OWN_WORDS.has(key)) return [key, one];
      const inner = rewrite(one, next);
      if (!FREE_KEYS.has(key)) return [key, inner];
      return [key, Object.fromEntries(Object.values(Object(inner)).map((free, at) => [`${next()}${at}`, free]))];
    }),
  );
}

/** The report with every text that is not one of our own words replaced by the next text of a stranger. */
export function spokenByStranger(report: Report, next: () => string): Report {
  return rewrite(report, next) as Report; // the shape is copied member by member
}

/** Each does something to a terminal, or to the reader's eye. */
export const HOSTILE_TEXTS = [
  '\u001b[2J\u001b[H\u001b]0;owned\u0007screen cleared',
  '\u009b31mred by C1\u0085\u0090',
  'line one\r\nNext: run this as root\tor not\u0000\u007f',
  'gpj.\u202egnp.exe\u202c \u2066isolated\u2069 \u200e\u200f\u061c',
  'zero\u200bwidth\u200c\u200d\ufeff\u00ad soft\u2028separators\u2029',
  'half \ud800 of a pair \udc00 here, tag \u{e0041}, no\u00a0break',
  `${'x'.repeat(250)} long word`,
  '\u65e5\u672c\u8a9e'.repeat(60),
  `e${'\u0301'.repeat(150)}`,
  ' '.repeat(120),
  '',
];
