/** One rule's answer about the names of a certificate, as the evidence of cert-name.matrix has it. */
interface Row {
  rule: string;
  wanted: string[];
  result: string;
  matched: string | null;
  why: string;
  decides: boolean;
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' &&
  value !== null &&
  'rule' in value &&
  'wanted' in value &&
  Array.isArray(value.wanted) &&
  'result' in value &&
  'why' in value;

function outcomeText({ result, matched, why }: Row): string {
  if (result === 'match') return `ok, by ${matched ?? '?'}`;
  return result === 'not-applicable' ? `-, ${why}` : `no, ${why}`;
}

/** The table of name rules, one line each, not yet escaped; undefined when the value is no such table. */
export function describeNameMatrix(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRow)) return undefined;
  const width = Math.max(...value.map(({ rule }) => rule.length));
  return value.map((row) => {
    const wanted = row.wanted.length === 0 ? '' : ` ${row.wanted.join(' or ')}:`;
    return `${row.decides ? '*' : '-'} ${row.rule.padEnd(width)} ${wanted} ${outcomeText(row)}`;
  });
}
