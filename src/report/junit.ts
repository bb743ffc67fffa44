import type { CheckRun, Finding, Report, Rung } from '../model.ts';
import { renderEvidence } from './human-details.ts';
import { markup, nothing, printMarkup, type Markup } from './markup.ts';

export interface JunitOptions {
  /** From which severity on a finding is a failure. */
  failOn: 'error' | 'warning';
}

/** Findings of one check that are spelt out. */
const MAX_FINDINGS = 20;
const EVIDENCE_COLUMNS = 100;

interface TestCase {
  result: 'passed' | 'failure' | 'error' | 'skipped';
  name: string;
  body: Markup;
}

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3);

/** Lines of one finding, as they stand in the body of a failure and in the output of a suite. */
function findingLines(finding: Finding): Markup {
  const { id, severity, text, remedy, source } = finding;
  const evidence = renderEvidence(finding, '  ', EVIDENCE_COLUMNS).map((line) => markup`${line}\n`);
  return markup`${severity}: ${text}\n${remedy === '' ? nothing : markup`-&gt; ${remedy}\n`}${id} (${source})\n${evidence}`;
}

function failureOf(findings: readonly Finding[]): Markup {
  const [first] = findings;
  if (first === undefined) return nothing;
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
  const lines = findings.slice(0, MAX_FINDINGS).map(findingLines);
  return markup`<failure type="${first.id}" message="${first.text}${more}">${lines}</failure>`;
}

const reasonOf = ({ status, because = '' }: CheckRun): string =>
  because === '' ? status.replace('-', ' ') : `${status.replace('-', ' ')}: ${because}`;

function caseOf(check: CheckRun, failing: readonly Finding[]): TestCase {
  const name = check.checkId;
  if (check.status === 'crashed') {
    const body = markup`<error type="crashed" message="${check.because ?? ''}">a fault of sipdiag, not of the server\n</error>`;
    return { result: 'error', name, body };
  }
  if (failing.length > 0) return { result: 'failure', name, body: failureOf(failing) };
  if (check.status === 'inconclusive' || check.status === 'not-applicable')
    return { result: 'skipped', name, body: markup`<skipped message="${reasonOf(check)}"/>` };
  return { result: 'passed', name, body: nothing };
}

const isOf = ({ id }: Finding, { checkId }: CheckRun): boolean => id.startsWith(`${checkId}.`);

const isFailing = ({ severity }: Finding, { failOn }: JunitOptions): boolean =>
  severity === 'error' || (failOn === 'warning' && severity === 'warning');

interface Suite {
  name: string;
  ms: number;
  cases: TestCase[];
  /** What was found and fails nothing. */
  notes: readonly Finding[];
}

function drawCase(suite: string, { name, body }: TestCase): Markup {
  const open = markup`    <testcase classname="sipdiag.${suite}" name="${name}" time="0.000"`;
  return body === nothing ? markup`${open}/>\n` : markup`${open}>${body}</testcase>\n`;
}

function drawSuite({ startedAt, target, version }: Report, { name, ms, cases, notes }: Suite, id: number): Markup {
  const count = (result: TestCase['result']): number => cases.filter((one) => one.result === result).length;
  const head = markup`name="${name}" package="sipdiag" id="${id}" hostname="localhost" timestamp="${startedAt.slice(0, 19)}"`;
  const counts = markup`tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  return markup`  <testsuite ${head} ${counts} time="${seconds(ms)}">
    <properties>
      <property name="target" value="${target.input}"/>
      <property name="version" value="sipdiag ${version}"/>
    </properties>
${cases.map((one) => drawCase(name, one))}    <system-out>${notes.slice(0, MAX_FINDINGS).map(findingLines)}</system-out>
    <system-err/>
  </testsuite>
`;
}

/** A run that could not be decided must not look green: its checks are skipped, so the verdict is a case of its own. */
function verdictSuite({ verdict, ms }: Report): Suite {
  const { status, findingId, summary, nextStep } = verdict;
  const body = markup`type="${findingId ?? status}" message="${summary}">${nextStep}\n`;
  const test: TestCase =
    status === 'broken'
      ? { result: 'failure', name: 'verdict', body: markup`<failure ${body}</failure>` }
      : status === 'unknown'
        ? { result: 'error', name: 'verdict', body: markup`<error ${body}</error>` }
        : { result: 'passed', name: 'verdict', body: nothing };
  return { name: 'verdict', ms, cases: [test], notes: [] };
}

function rungSuite(report: Report, { rung, ms }: { rung: Rung; ms: number }, options: JunitOptions): Suite {
  const checks = report.checks.filter((one) => one.rung === rung);
  const found = report.findings.filter((one) => one.rung === rung);
  const failing = found.filter((one) => isFailing(one, options));
  const cases = checks.map((check) =>
    caseOf(
      check,
      failing.filter((one) => isOf(one, check)),
    ),
  );
  return { name: rung, ms, cases, notes: found.filter((one) => !failing.includes(one)) };
}

/**
 * The report as JUnit XML, as the schemas of Ant and of Jenkins have it: one suite for each rung, one case for each check (found:
 * failure, inconclusive or not applicable: skipped with the reason, crashed: error), and the verdict as a case of its own.
 */
export function renderJunit(report: Report, options: JunitOptions): string {
  const rungs = report.rungs.map((one) => rungSuite(report, one, options)).filter(({ cases }) => cases.length > 0);
  const suites = [verdictSuite(report), ...rungs].map((suite, id) => drawSuite(report, suite, id));
  return printMarkup(markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
${suites}</testsuites>
`);
}
