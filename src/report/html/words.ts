/** Milliseconds as they are read. */
export const timeText = (ms: number): string => (ms < 1 ? '<1 ms' : `${Math.round(ms).toLocaleString('en-US')} ms`);

const MAX_LISTED = 16;

/** A value of evidence: a text as it is, a list of texts with commas, anything else as JSON. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return value.length === 0
      ? 'none'
      : value.slice(0, MAX_LISTED).join(', ') +
          (value.length > MAX_LISTED ? `, and ${value.length - MAX_LISTED} more` : '');
  return JSON.stringify(value);
}

/** A position in a drawing, bounded: a saved report may hold any number. */
export const percent = (part: number, whole: number): string => {
  const share = whole > 0 && Number.isFinite(part) ? part / whole : 0;
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
};
