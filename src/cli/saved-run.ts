import type { CheckRun, Observation, ObservationKind, Report, Rung, RungResult, Severity, Verdict } from '../model.ts';
import { shareable } from './deliver.ts';
import { readTextFile, writeTextFile } from './files.ts';
import { UsageError } from './usage-error.ts';

type Judgement = Pick<Report, 'verdict' | 'rungs' | 'findings' | 'checks'>;

/** What --save writes: everything that was seen, nothing that was judged. */
export interface SavedRun extends Pick<Report, 'version' | 'command' | 'startedAt' | 'ms' | 'target' | 'observations'> {
  schema: 'sipdiag.run/1';
  /** With --redact: certificates are left out and cannot be judged again, so what was judged goes along. */
  judgement?: Judgement;
}

const MAX_BYTES = 64 * 1024 * 1024;
const KINDS: Readonly<Record<ObservationKind, true>> = {
  dns: true,
  authority: true,
  lookup: true,
  route: true,
  discovery: true,
  tcp: true,
  tls: true,
  revocation: true,
  variant: true,
  cleartext: true,
  offer: true,
  sip: true,
  redirect: true,
  autodiscover: true,
  withheld: true,
  path: true,
  latency: true,
  kdc: true,
  range: true,
  witness: true,
  reach: true,
  mapped: true,
  nat: true,
  mirror: true,
  skipped: true,
};
const EXPECTED = 'a run saved with --save';

export async function saveRun(file: string, report: Report, options: { redact?: boolean } = {}): Promise<void> {
  const shown = await shareable(report, options);
  const { version, command, startedAt, ms, target, observations, verdict, rungs, findings, checks } = shown;
  const seen: SavedRun = { schema: 'sipdiag.run/1', version, command, startedAt, ms, target, observations };
  const run = options.redact === true ? { ...seen, judgement: { verdict, rungs, findings, checks } } : seen;
  await writeTextFile(file, `${JSON.stringify(run, null, 1)}\n`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isObservation(value: unknown): value is Observation {
  if (!isObject(value) || !isObject(value['outcome']) || !isObject(value['about'])) return false;
  const { kind, subject, at, outcome } = value;
  const shaped =
    typeof outcome['ms'] === 'number' &&
    (outcome['ok'] === true ? isObject(outcome['value']) : typeof outcome['reason'] === 'string');
  return (
    typeof kind === 'string' &&
    Object.hasOwn(KINDS, kind) &&
    typeof subject === 'string' &&
    typeof at === 'number' &&
    shaped
  );
}

const hasTexts = (value: unknown, names: readonly string[]): boolean =>
  isObject(value) && names.every((name) => typeof value[name] === 'string');

const allHaveTexts = (values: unknown, names: readonly string[]): boolean =>
  Array.isArray(values) && values.every((one) => hasTexts(one, names));

/** Whether a member of each is one of our own words. */
const allHaveWord = (values: unknown, name: string, words: readonly string[]): boolean =>
  Array.isArray(values) && values.every((one) => isObject(one) && words.includes(String(one[name])));

const RUNGS: readonly Rung[] = ['dns', 'connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media'];
const VERDICTS: readonly Verdict['status'][] = ['healthy', 'degraded', 'broken', 'unknown'];
const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error'];
const RUNG_WORDS: readonly RungResult['status'][] = ['passed', 'warning', 'failed', 'unknown', 'not-tested'];
const CHECK_WORDS: readonly CheckRun['status'][] = ['passed', 'found', 'inconclusive', 'not-applicable', 'crashed'];

const areFindings = (values: unknown): boolean =>
  allHaveTexts(values, ['id', 'subject', 'text', 'remedy', 'source']) &&
  allHaveWord(values, 'rung', RUNGS) &&
  allHaveWord(values, 'severity', SEVERITIES) &&
  Array.isArray(values) &&
  values.every((one) => isObject(one) && isObject(one['evidence']));

function isJudgement(value: unknown): value is Judgement {
  if (!isObject(value)) return false;
  const { verdict, rungs, findings, checks } = value;
  return (
    hasTexts(verdict, ['summary', 'nextStep']) &&
    allHaveWord([verdict], 'status', VERDICTS) &&
    allHaveTexts(rungs, ['summary']) &&
    allHaveWord(rungs, 'rung', RUNGS) &&
    allHaveWord(rungs, 'status', RUNG_WORDS) &&
    areFindings(findings) &&
    allHaveTexts(checks, ['checkId']) &&
    allHaveWord(checks, 'rung', RUNGS) &&
    allHaveWord(checks, 'status', CHECK_WORDS)
  );
}

function isSavedRun(value: unknown): value is SavedRun {
  if (!isObject(value) || !isObject(value['target']) || !Array.isArray(value['observations'])) return false;
  if (value['judgement'] !== undefined && !isJudgement(value['judgement'])) return false;
  const texts = [value['version'], value['command'], value['startedAt'], value['target']['input']];
  return (
    texts.every((one) => typeof one === 'string') &&
    typeof value['ms'] === 'number' &&
    value['observations'].every(isObservation)
  );
}

/** Throws UsageError for a file that is not a saved run, in one line. */
export async function loadRun(file: string): Promise<SavedRun> {
  return parseRun(file, await readTextFile(file, EXPECTED, MAX_BYTES));
}

/** The saved run in a text; the name of the file is for the UsageError that is thrown when there is none. */
export function parseRun(file: string, text: string): SavedRun {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's words speak of a character position in a file that is not JSON at all.
    throw new UsageError(`${file} is not JSON; expected ${EXPECTED}`);
  }
  const schema = isObject(value) ? value['schema'] : undefined;
  if (schema !== 'sipdiag.run/1') {
    const found = typeof schema === 'string' ? `its schema is '${schema.slice(0, 40)}'` : 'it names no schema';
    throw new UsageError(`${file} is not a saved run: ${found}; expected ${EXPECTED} (sipdiag.run/1)`);
  }
  if (!isSavedRun(value))
    throw new UsageError(`${file} is damaged: a part is missing or has the wrong type; expected ${EXPECTED}`);
  return value;
}
