import type { Check } from './check/define-check.ts';
import { CHECKS } from './check/registry.ts';
import { RUNGS, summarizeRung } from './check/rung-summary.ts';
import { withoutTwins } from './check/twins.ts';
import { createReadings, type ByKind, type Readings } from './check/readings.ts';
import type { ChainMemory } from './check/chain-memory.ts';
import { reachVerdict } from './check/verdict.ts';
import type { CheckRun, Finding, Observation, Report, Rung, RungResult, Target, Verdict } from './model.ts';

export interface Judgement {
  verdict: Verdict;
  rungs: RungResult[];
  findings: Finding[];
  checks: CheckRun[];
}

interface Judged {
  run: CheckRun;
  findings: Finding[];
}

/** A check that was given nothing to look at has not passed; neither has one whose every observation failed. */
function silence(check: Check, observations: ByKind): Pick<CheckRun, 'status' | 'because'> {
  for (const kind of check.reads) {
    const seen = observations.get(kind) ?? [];
    if (seen.length === 0) return { status: 'inconclusive', because: `nothing of kind '${kind}' was seen` };
    if (seen.every((one) => !one.outcome.ok)) {
      return { status: 'inconclusive', because: `no observation of kind '${kind}' succeeded` };
    }
  }
  return { status: 'passed' };
}

function judgeOne(check: Check, observations: readonly Observation[], readings: Readings): Judged {
  const base = { checkId: check.id, rung: check.rung };
  try {
    const because = check.notApplicable(observations, readings);
    if (because !== null) return { run: { ...base, status: 'not-applicable', because }, findings: [] };
    const findings = check.run(observations, readings).map(({ name, ...rest }): Finding => ({
      id: `${check.id}.${name}`,
      rung: check.rung,
      source: check.source,
      ...rest,
    }));
    const clean = findings.every((finding) => finding.severity === 'info');
    const outcome = clean ? silence(check, readings.byKind(observations)) : { status: 'found' as const };
    // Information beside a pass is still something found; information beside silence does not turn silence into a pass.
    const status = outcome.status === 'passed' && findings.length > 0 ? 'found' : outcome.status;
    return { run: { ...base, ...outcome, status }, findings };
  } catch (error) {
    // Our own fault: named as such, and it must not hide what the other checks have to say.
    const because = error instanceof Error ? error.message : String(error);
    return { run: { ...base, status: 'crashed', because }, findings: [] };
  }
}

const NEEDS: Record<Rung, Rung | null> = {
  dns: null,
  connect: 'dns',
  tls: 'connect',
  certificate: 'tls',
  sip: 'connect',
  auth: 'sip',
  // Without a sign-in the SIP server is no witness; for media it never is one.
  callback: 'auth',
  media: 'sip',
};

/** The failed rung that a rung hangs on: one that holds in between carries it all the same. */
function failedBelow(rung: Rung, statuses: ReadonlyMap<Rung, RungResult['status']>): Rung | null {
  for (let below = NEEDS[rung]; below !== null; below = NEEDS[below]) {
    const status = statuses.get(below);
    if (status === 'failed') return below;
    if (status === 'passed' || status === 'warning') return null;
  }
  return null;
}

function rungStatus(judged: readonly Judged[], climbed: boolean): RungResult['status'] {
  const severities = judged.flatMap((one) => one.findings.map((finding) => finding.severity));
  if (severities.includes('error')) return 'failed';
  if (severities.includes('warning')) return 'warning';
  const statuses = judged.map((one) => one.run.status);
  if (!climbed) return 'not-tested';
  if (statuses.includes('crashed')) return 'unknown';
  if (judged.some((one) => one.run.status === 'passed' || (one.run.status === 'found' && one.findings.length > 0))) {
    return 'passed';
  }
  return statuses.includes('inconclusive') ? 'unknown' : 'not-tested';
}

function judgeRungs(judged: readonly Judged[], observations: readonly Observation[], readings: Readings): RungResult[] {
  const statuses = new Map<Rung, RungResult['status']>();
  return RUNGS.map((rung) => {
    const mine = judged.filter((one) => one.run.rung === rung);
    const { climbed, summary, ms } = summarizeRung(rung, observations, readings);
    const status = rungStatus(mine, climbed);
    statuses.set(rung, status);
    if (status === 'not-tested') {
      const needed = failedBelow(rung, statuses);
      return { rung, status, summary: needed === null ? summary : `not tested: needs ${needed}`, ms };
    }
    const found = mine.flatMap((one) => one.findings);
    const worst = found.find((one) => one.severity === 'error') ?? found.find((one) => one.severity === 'warning');
    return { rung, status, summary: status === 'passed' ? summary : (worst?.text ?? summary), ms };
  });
}

/**
 * Runs every check on the observations. Pure: the same observations give the same judgement, with or without a network. The
 * command tells which rungs were the point of the run; `memory` holds chains that other runs have judged.
 */
export function judge(
  observations: readonly Observation[],
  target: Target,
  { command = 'doctor', memory }: { command?: string; memory?: ChainMemory | undefined } = {},
): Judgement {
  const deciding = withoutTwins(observations);
  const readings = createReadings(memory);
  const judged = CHECKS.map((check) => judgeOne(check, check.role === 'concludes' ? observations : deciding, readings));
  const findings = judged.flatMap((one) => one.findings);
  findings.sort((a, b) => RUNGS.indexOf(a.rung) - RUNGS.indexOf(b.rung));
  const rungs = judgeRungs(
    judged.filter((_, at) => CHECKS[at]?.role !== 'concludes'),
    deciding,
    readings,
  );
  const checks = judged.map((one) => one.run);
  return {
    verdict: reachVerdict({ rungs, findings, checks, observations: deciding, target, command }),
    rungs,
    findings,
    checks,
  };
}

/** Judges observations, of this run or of a saved one, and puts the report together. `memory`: chains that other runs have judged. */
export function assembleReport(
  observations: Observation[],
  head: Pick<Report, 'version' | 'command' | 'startedAt' | 'ms' | 'target'>,
  memory?: ChainMemory,
): Report {
  const { verdict, rungs, findings, checks } = judge(observations, head.target, { command: head.command, memory });
  return { schema: 'sipdiag.report/1', ...head, verdict, rungs, findings, checks, observations };
}
