import type { CheckRun, Finding, Observation, Rung, RungResult, Target, Verdict } from '../model.ts';
import { leftFamily } from './left-family.ts';
import { listed } from './short-list.ts';
import { PLACES, placesText, type Way } from './server-ways.ts';
import { endpointText } from './standing.ts';

interface Judged {
  rungs: readonly RungResult[];
  findings: readonly Finding[];
  checks: readonly CheckRun[];
  observations: readonly Observation[];
  target: Target;
  command: string;
}

/** Rungs that a sign-in cannot do without; TLS and its certificate count where a server uses TLS. */
const DECIDING: readonly Rung[] = ['dns', 'connect', 'tls', 'certificate', 'sip'];

/** A Ctrl-C and the end of the time look alike to what was cut short. */
const RUN_AGAIN =
  'Run the same command again and let it come to its end; if the time limit has ended it, give a longer one with --deadline (in milliseconds).';

const failureReasons = (observations: readonly Observation[]): string[] =>
  observations.flatMap(({ outcome }) => (outcome.ok ? [] : outcome.reason));

/** Attempts that touched the network; a discovery is worked out, a skipped rung was never tried. */
const attempts = (observations: readonly Observation[]): Observation[] =>
  observations.filter((one) => one.kind !== 'discovery' && one.kind !== 'skipped');

function withoutNetwork({ observations }: Judged): Verdict | undefined {
  const tried = attempts(observations);
  const reasons = new Set(failureReasons(tried));
  if (tried.length === 0 || tried.some((one) => one.outcome.ok) || reasons.size !== 1) return undefined;
  if (reasons.has('no-network')) {
    return {
      status: 'unknown',
      rung: null,
      findingId: null,
      summary: 'This machine has no way out to the network: every attempt failed on this side.',
      nextStep:
        'Check the cable, the Wi-Fi or the VPN of this machine (ip route, on Windows ipconfig), then run the same command again.',
    };
  }
  if (reasons.has('no-resolver')) {
    return {
      status: 'unknown',
      rung: 'dns',
      findingId: null,
      summary: 'This machine has no DNS server configured.',
      nextStep: 'Name a DNS server with --resolver IP, or set one in the network settings of this machine.',
    };
  }
  return undefined;
}

function cancelled({ observations }: Judged): boolean {
  return failureReasons(observations).includes('cancelled');
}

const isSkipped = (observations: readonly Observation[], rung: Rung): boolean =>
  observations.some((one) => one.kind === 'skipped' && one.about.rung === rung);

/** The highest deciding rung that the command climbs. */
const lastInScope = ({ observations }: Judged): Rung | undefined =>
  DECIDING.findLast((rung) => !isSkipped(observations, rung));

const isNamed = (target: Target): boolean => target.domain !== undefined;

function undecided(judged: Judged): Verdict | undefined {
  const { rungs, target } = judged;
  const open = rungs.find(({ rung, status }) => {
    if (!DECIDING.includes(rung)) return false;
    if (status === 'unknown') return true;
    // Without any SIP answer nothing is known to work, whatever else passed; unless the command does not ask for one.
    return status === 'not-tested' && rung === lastInScope(judged);
  });
  if (open === undefined) return undefined;
  const why = cancelled(judged) ? 'the run was ended before it was done' : open.summary.replace(/^not tested: /, '');
  return {
    status: 'unknown',
    rung: open.rung,
    findingId: null,
    summary: `The rung ${open.rung} could not be tested: ${why === '' ? 'nothing was seen' : why}.`,
    nextStep: cancelled(judged)
      ? RUN_AGAIN
      : `Run the same command with --verbose to see every attempt${isNamed(target) ? ', or name the server with --server' : ''}.`,
  };
}

/** Rungs that belong to the command and could not be climbed with what it was given. */
const notTested = ({ rungs, observations }: Judged): string => {
  const names = rungs.flatMap(({ rung, status, summary }) =>
    status === 'not-tested' && !summary.includes('not part of') && !(rung === 'dns' && isSkipped(observations, rung))
      ? rung
      : [],
  );
  return names.length === 0 ? '' : ` Not tested: ${names.join(', ')}.`;
};

function reached({ observations }: Judged): string {
  const named = (kind: 'sip' | 'tls'): Way[] =>
    observations.flatMap((one) =>
      one.kind === kind && one.outcome.ok && !(one.kind === 'sip' && one.about.step !== undefined) ? one.about : [],
    );
  const signedIn = observations.find(
    (one) => one.kind === 'sip' && one.about.step === 'sign-in' && one.outcome.ok && one.outcome.value.status < 300,
  );
  const sip = named('sip');
  if (signedIn?.kind === 'sip') return `${signedIn.about.account ?? 'the account'} can sign in at ${placesText(sip)}`;
  if (sip.length > 0) return `SIP answers at ${placesText(sip)}`;
  const files = observations.flatMap((one) => (one.kind === 'tls' && one.about.file ? one.about.file.name : []));
  if (files.length > 0) return `the certificate in ${files.join(', ')} is in order`;
  const tls = named('tls');
  if (tls.length > 0) return `TLS and certificate are in order at ${placesText(tls)}`;
  const servers = observations.flatMap((one) =>
    one.kind === 'discovery' && one.outcome.ok ? one.outcome.value.servers : [],
  );
  if (servers.length > 0) return `DNS leads clients to ${placesText(servers)}`;
  const addresses = observations.flatMap((one) =>
    one.kind === 'dns' && one.outcome.ok ? one.outcome.value.records.flatMap((record) => record.address ?? []) : [],
  );
  return `DNS gives ${listed(addresses, PLACES)}`;
}

/** Whoever has climbed the whole ladder finds in its lines what a rung wants; the other commands climb a part of it. */
function onwards({ command, target, observations }: Judged): string {
  const isPart = ['dns', 'tls', 'signin', 'firewall'].includes(command);
  const isFile = observations.some((one) => one.kind === 'tls' && one.about.file !== undefined);
  if (!isPart || isFile || target.domain === undefined || target.input.startsWith('_'))
    return 'if sign-in still fails, look at the rungs that were not tested.';
  return `if sign-in still fails, run the same with doctor in place of ${command}: it climbs the whole ladder.`;
}

function healthy(judged: Judged): Verdict {
  const summary = `Every rung that was tested holds; ${reached(judged)}.${notTested(judged)}`;
  const nextStep = judged.rungs.some(({ summary }) => summary.includes('--password-file'))
    ? 'Nothing to mend here; to test the sign-in itself, run the same command with --password-file FILE.'
    : 'Nothing to mend here; ' + onwards(judged);
  return { status: 'healthy', rung: null, findingId: null, summary, nextStep };
}

/** A fault of our own hides what the check would have found: no verdict stands on the others alone. */
function crashed({ checks }: Judged): Verdict | undefined {
  const one = checks.find(({ status }) => status === 'crashed');
  if (one === undefined) return undefined;
  return {
    status: 'unknown',
    rung: one.rung,
    findingId: null,
    summary: `The check ${one.checkId} could not be carried out by a fault of sipdiag itself: ${one.because ?? ''}.`,
    nextStep: 'Save the run with --save and report it as a bug in sipdiag.',
  };
}

/**
 * A published server that failed for a reason that no finding names, while nothing of its set works: other sets that are
 * healthy say nothing about it.
 */
function untold({ observations, findings }: Judged): Verdict | undefined {
  const tried = observations.filter((one) => one.kind === 'tcp' || one.kind === 'tls' || one.kind === 'sip');
  const failedSets = new Set(tried.flatMap(({ about, outcome }) => (outcome.ok ? [] : about.set)));
  for (const set of failedSets) {
    const members = tried.filter(({ about }) => about.set === set);
    const failed = members.find(({ about, outcome }) => !outcome.ok && about.published);
    if (failed === undefined || failed.outcome.ok) continue;
    const works = members.some(({ kind, outcome }) => outcome.ok && kind === failed.kind);
    const { about, outcome } = failed;
    const isTold = findings.some(({ subject }) => subject.includes(endpointText(about)) || subject === about.host);
    if (works || isTold) continue;
    const rung: Rung = failed.kind === 'tcp' ? 'connect' : failed.kind;
    return {
      status: 'unknown',
      rung,
      findingId: null,
      summary:
        outcome.reason === 'cancelled'
          ? `The rung ${rung} could not be tested at ${endpointText(about)} (${about.transport}): the run was ended before it was done.`
          : `The rung ${rung} could not be tested at ${endpointText(about)} (${about.transport}): ${outcome.detail}.`,
      nextStep:
        outcome.reason === 'cancelled' ? RUN_AGAIN : 'Run the same command with --verbose to see every attempt.',
    };
  }
  return undefined;
}

/** No rung is broken, and yet nobody would know where to connect: questions that decide were not answered. */
function leadsNowhere({ observations }: Judged): Verdict | undefined {
  const discovery = observations.find((one) => one.kind === 'discovery');
  if (discovery?.outcome.ok !== true) return undefined;
  const { profile, servers, steps } = discovery.outcome.value;
  if (servers.some(({ addresses }) => addresses.length > 0)) return undefined;
  const open = steps.filter(({ fate }) => fate === 'broken').map(({ question, why }) => `${question} (${why})`);
  return {
    status: 'unknown',
    rung: 'dns',
    findingId: null,
    summary: `It could not be found out where a client of the profile ${profile} would connect${open.length > 0 ? `: ${open.join(', ')}` : ''}.`,
    nextStep: 'Run the same command again, or ask another DNS server with --resolver IP.',
  };
}

/** A deciding rung that could not be tested, and why: where nobody knows whom to connect to, that is why all others were not. */
function unclear(judged: Judged): Verdict | undefined {
  const open = undecided(judged);
  if (open?.rung === 'dns' || cancelled(judged)) return open ?? leadsNowhere(judged);
  return leadsNowhere(judged) ?? (open === undefined ? undefined : (leftFamily(judged.observations) ?? open));
}

/** Somebody has tried a port, or said how the NAT treats this machine. */
const isAnswer = (one: Observation): boolean =>
  one.kind === 'reach'
    ? one.outcome.ok && one.outcome.value.result !== 'not-tried'
    : one.kind === 'nat' && one.outcome.ok;

const OTHERS =
  'run sipdiag agent on the far side and name it with --agent, or try the ports by hand with --via manual.';

/** `firewall` asks one thing: where nobody could try a port it is not answered, whatever else holds. */
function unwitnessed({ command, rungs, findings, observations }: Judged): Verdict | undefined {
  if (command !== 'firewall' || observations.some(isAnswer)) return undefined;
  const failed = findings.find(({ id, severity }) => id.startsWith('witness.') && severity === 'warning');
  const untried = observations.find((one) => one.kind === 'reach');
  const why =
    failed?.text ??
    (untried?.outcome.ok && 'detail' in untried.outcome.value
      ? `${untried.outcome.value.detail}.`
      : `${rungs.find(({ rung }) => rung === 'callback')?.summary.replace(/^not tested: /, '') ?? 'nobody was asked'}.`);
  return {
    status: 'unknown',
    rung: 'callback',
    findingId: failed?.id ?? null,
    summary: `Whether the far side reaches this machine could not be tested: ${why}`,
    nextStep:
      failed?.remedy ??
      (untried === undefined
        ? `Give the password of the account with --password-file (then the SIP server is asked), or ${OTHERS}`
        : `Ask another witness: ${OTHERS}`),
  };
}

/** The first broken rung decides; what could not be seen is never health. */
export function reachVerdict(judged: Judged): Verdict {
  const offline = withoutNetwork(judged);
  if (offline !== undefined) return offline;
  const broken = judged.rungs.find((one) => one.status === 'failed');
  const cause = judged.findings.find((one) => one.rung === broken?.rung && one.severity === 'error');
  if (cause !== undefined) {
    return { status: 'broken', rung: cause.rung, findingId: cause.id, summary: cause.text, nextStep: cause.remedy };
  }
  const unknown = unclear(judged) ?? untold(judged) ?? crashed(judged) ?? unwitnessed(judged);
  if (unknown !== undefined) return unknown;
  const warning = judged.findings.find((one) => one.severity === 'warning');
  if (warning === undefined) return healthy(judged);
  return {
    status: 'degraded',
    rung: warning.rung,
    findingId: warning.id,
    summary: `Sign-in can work, but: ${warning.text}`,
    nextStep: warning.remedy,
  };
}
