import { describe, expect, test } from 'vitest';
import { brokenAtCertificate, healthy, samples } from './sample-reports.ts';
import { REPORT_SHAPE, SHAPES } from './schema-tables.ts';
import { KINDS, MEMBERS, WORDS } from './schema-words.ts';
import { assertValidReport, reportFaults, reportSchema } from './valid-report.ts';

interface Definition {
  properties?: Record<string, unknown>;
  required?: string[];
  enum?: string[];
  oneOf?: { $ref: string }[];
}
// The schema is our own file; a definition that lacks what a test asks for fails that test.
const schema = reportSchema as Definition & { $defs: Record<string, Definition> };

function shapeOf({ properties = {}, required = [] }: Definition): Record<string, string> {
  const optional = (name: string): string => (required.includes(name) ? 'required' : 'optional');
  return Object.fromEntries(Object.keys(properties).map((name) => [name, optional(name)]));
}

describe('the schema follows the types', () => {
  test('the report itself', () => {
    expect(shapeOf(schema)).toEqual(REPORT_SHAPE);
  });

  test.each(Object.entries(SHAPES))('%s', (name, shape) => {
    expect(shapeOf(schema.$defs[name] ?? {})).toEqual(shape);
  });

  test.each(Object.entries(WORDS))('the words of %s', (name, words) => {
    expect(schema.$defs[name]?.enum?.toSorted()).toEqual(Object.keys(words).sort());
  });

  test.each(Object.entries(MEMBERS))('the words of %s', (path, words) => {
    const [name = '', member = ''] = path.split('.');
    const property: Definition = Object(schema.$defs[name]?.properties?.[member]);
    expect(property.enum?.toSorted()).toEqual(Object.keys(words).sort());
  });

  test('every kind of observation has its definition', () => {
    const references = schema.$defs['observation']?.oneOf?.map((one) => one.$ref);
    const wanted = Object.keys(KINDS).map((one) => `#/$defs/${one}Observation`);
    expect(references?.sort()).toEqual(wanted.sort());
  });
});

describe('reports that are accepted', () => {
  test.each(Object.entries(samples))('%s', (_name, sample) => {
    expect(reportFaults(sample)).toEqual([]);
  });

  test('the samples hold every kind of observation, so none is accepted unseen', () => {
    expect([...new Set(healthy.observations.map((one) => one.kind))].sort()).toEqual(Object.keys(KINDS).sort());
  });
});

/** A copy of the sample with one thing changed. */
function broken(path: readonly (string | number)[], value: unknown): unknown {
  const copy: unknown = structuredClone(brokenAtCertificate);
  let at: Record<string | number, unknown> = Object(copy);
  for (const step of path.slice(0, -1)) at = Object(at[step]);
  const last = path.at(-1) ?? '';
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

describe('reports that are refused', () => {
  test.each<[string, (string | number)[], unknown]>([
    ['another schema', ['schema'], 'sipdiag.report/2'],
    ['no verdict', ['verdict'], undefined],
    ['a member that nobody knows', ['password'], 'secret'],
    ['a secret in the target', ['target', 'password'], 'secret'],
    ['a start that is no time', ['startedAt'], 'yesterday'],
    ['a negative time', ['ms'], -1],
    ['a status that does not exist', ['verdict', 'status'], 'fine'],
    ['a verdict without rung', ['verdict', 'rung'], undefined],
    ['seven rungs', ['rungs'], brokenAtCertificate.rungs.slice(1)],
    ['nine rungs', ['rungs'], [...brokenAtCertificate.rungs, brokenAtCertificate.rungs[7]]],
    ['rungs in another order', ['rungs'], brokenAtCertificate.rungs.toReversed()],
    ['a rung with a status of a check', ['rungs', 0, 'status'], 'inconclusive'],
    ['a finding with a severity that does not exist', ['findings', 0, 'severity'], 'fatal'],
    ['a finding without remedy', ['findings', 0, 'remedy'], undefined],
    ['a finding whose id has no case', ['findings', 0, 'id'], 'cert-eku'],
    ['evidence that is a text', ['findings', 0, 'evidence'], 'text'],
    ['a check with a status of a rung', ['checks', 0, 'status'], 'failed'],
    ['an observation of a kind that nobody knows', ['observations', 0, 'kind'], 'smell'],
    ['an observation of one kind with the particulars of another', ['observations', 0, 'kind'], 'tcp'],
    ['a member of the particulars that nobody knows', ['observations', 3, 'about', 'password'], 'secret'],
    ['particulars that lack the address', ['observations', 4, 'about', 'address'], undefined],
    ['a time-out that is `false`', ['observations', 0, 'outcome'], false],
    ['an outcome both good and bad', ['observations', 0, 'outcome', 'ok'], false],
    ['a failure for no known reason', ['observations', 3, 'outcome'], { ok: false, ms: 1, reason: 'bad', detail: '' }],
    ['a port that does not exist', ['observations', 3, 'about', 'port'], 65_536],
    ['a certificate that is not base64', ['observations', 4, 'outcome', 'value', 'chain', 0], '-----BEGIN'],
    ['a header with one bare value', ['observations', 5, 'outcome', 'value', 'headers', 'via'], 'SIP/2.0/UDP'],
  ])('%s', (_name, path, value) => {
    expect(() => assertValidReport(broken(path, value))).toThrow('not a valid report');
  });

  test.each([[null], ['text'], [[]], [{}]])('%j', (value) => {
    expect(() => assertValidReport(value)).toThrow('not a valid report');
  });

  test('the message says where and what', () => {
    const json = broken(['observations', 4, 'about', 'port'], 'sip');
    expect(() => assertValidReport(json)).toThrow('/observations/4/about/port must be integer');
  });
});
