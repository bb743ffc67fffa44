import type { Observation } from '../model.ts';
import type { SipObservation } from '../model/sip.ts';
import { defineCheck } from './define-check.ts';
import { matrixRows, type MatrixRow, type Step } from './matrix-rows.ts';

interface Evidence {
  rows: MatrixRow[];
  /** What the ways that work come to. */
  good: string;
  /** What the ways that do not work come to, and the first reason. */
  bad: string;
  reason: string;
  password: 'taken' | 'not-given' | 'not-sent';
}

const works = (row: MatrixRow): boolean =>
  row.register?.good === 'yes' && row.certificate?.good !== 'no' && row.name?.good !== 'no';
const label = ({ transport }: MatrixRow): string => transport.toUpperCase();
/** 'TCP, TLS and UDP'. */
const joined = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
const list = (rows: readonly MatrixRow[]): string => joined([...new Set(rows.map(label))]);

/** What stopped a row: the first step that is not good. */
function stopped(row: MatrixRow): string {
  const steps: [string, Step][] = [
    ['name resolution', row.name],
    ['connection', row.connect],
    ['handshake', row.tls],
  ];
  for (const [what, step] of steps) if (step?.good === 'no') return `${what}: ${step.text}`;
  if (row.certificate?.good === 'no') return `certificate: ${row.certificate.text}`;
  const answer = [row.options, row.register].find((step) => step?.good === 'no');
  return answer === undefined || answer === null ? 'nothing was answered' : `SIP: ${answer.text}`;
}

const endingOf = ({ password }: Evidence): string => {
  if (password === 'taken') return 'and the password is taken';
  return password === 'not-given'
    ? 'up to the challenge; no password was given'
    : 'up to the challenge; no password was sent';
};

const isCancelled = ({ outcome }: Observation): boolean => !outcome.ok && outcome.reason === 'cancelled';

const nothingToDo = (): string => '';

function passwordOf(rows: readonly MatrixRow[]): Evidence['password'] {
  if (rows.some(({ signIn }) => signIn?.good === 'yes')) return 'taken';
  return rows.every(({ signIn }) => signIn === null) ? 'not-given' : 'not-sent';
}

function evidenceOf(rows: MatrixRow[]): Evidence {
  const good = rows.filter(works);
  const bad = rows.filter((row) => !works(row));
  const goodTransports = new Set(good.map(label));
  const lost = bad.filter((row) => !goodTransports.has(label(row)));
  const [first] = lost.length > 0 ? lost : bad;
  return {
    rows,
    good: list(good),
    bad: list(lost.length > 0 ? lost : bad),
    reason: first === undefined ? '' : stopped(first),
    password: passwordOf(rows),
  };
}

type Pattern =
  'all-work' | 'nothing-works' | 'name-resolution' | 'by-name-only' | 'password-refused' | 'transport-fails';

const REFUSALS: ReadonlySet<number> = new Set([401, 403, 407]);
const isRefused = ({ about, outcome }: SipObservation): boolean =>
  about.step === 'sign-in' && outcome.ok && REFUSALS.has(outcome.value.status);

/** The pattern is read off in the order in which a support engineer would: name, then password, then transport. */
function patternOf(rows: readonly MatrixRow[], sip: readonly SipObservation[]): Pattern {
  const good = rows.filter(works);
  if (good.length === 0) return 'nothing-works';
  const byName = rows.filter(({ by }) => by === 'name');
  const byAddress = rows.filter(({ by }) => by === 'address');
  const nameWorks = byName.some(works);
  if (byName.length > 0 && byAddress.some(works) && !nameWorks) return 'name-resolution';
  if (sip.some(isRefused)) return 'password-refused';
  const transports = new Set(rows.map(label));
  if (good.length < rows.length && new Set(good.map(label)).size < transports.size) return 'transport-fails';
  const isOnlyName = byAddress.length > 0 && nameWorks && byAddress.some((row) => !works(row));
  return isOnlyName ? 'by-name-only' : 'all-work';
}

export const matrix = defineCheck({
  id: 'matrix',
  rung: 'auth',
  question: 'By address and by name, over each transport: where does it begin to fail?',
  source: 'RFC 3263 section 4',
  reads: ['sip'],
  uses: ['path', 'tcp', 'tls', 'withheld', 'redirect'],
  role: 'concludes',
  cases: {
    'all-work': {
      severity: 'info',
      means: 'Every way that was tried works.',
      causes: ['nothing is wrong up to here'],
      fix: 'Nothing to mend up to here: if the user cannot sign in all the same, look at the settings of the client.',
      text: (e: Evidence) => `${e.good} work${e.good.includes(' and ') ? '' : 's'}, ${endingOf(e)}.`,
      remedy: nothingToDo,
    },
    'nothing-works': {
      severity: 'info',
      means: 'No way leads to a registrar that answers.',
      causes: ['the server is down', 'a firewall stands in between', 'the domain or user is not served'],
      fix: 'Do what the lowest finding of the report says: the other ways fail of the same.',
      text: (e: Evidence) => `No way works, by IP address or by name; the first to fail is ${e.bad}: ${e.reason}.`,
      remedy: nothingToDo,
    },
    'name-resolution': {
      severity: 'info',
      means: 'By IP address it works, by name it does not: name resolution.',
      causes: ['a record is missing', 'this machine resolves names differently', 'the name leads to another server'],
      fix: 'Publish the A or AAAA record of the name, or correct the hosts file and the DNS settings of this machine; --server IP shows that the server itself works.',
      text: (e: Evidence) => `By IP address it works (${e.good}), by name it does not: name resolution. ${e.reason}.`,
      remedy: nothingToDo,
    },
    'by-name-only': {
      severity: 'info',
      means: 'By name it works, by IP address it does not.',
      causes: ['the server tells its domains apart by the name in the TLS handshake (SNI)'],
      fix: 'Nothing to mend: let clients connect by name, which the server needs to choose its certificate.',
      text: (e: Evidence) => `By name it works (${e.good}), by IP address it does not: ${e.reason}.`,
      remedy: nothingToDo,
    },
    'password-refused': {
      severity: 'info',
      means: 'The server answers and challenges; the password is refused.',
      causes: ['see registration.credentials-rejected'],
      fix: 'Enter the password anew, and check the account name; registration.credentials-rejected says more.',
      text: () => `The server answers and challenges; the password is refused.`,
      remedy: nothingToDo,
    },
    'transport-fails': {
      severity: 'info',
      means: 'One transport works, another does not.',
      causes: ['a firewall lets one port through', 'the certificate', 'the server listens on one transport only'],
      fix: 'Do what the finding of the transport that fails says, or let clients use the one that works (--transport, or the SRV records of the domain).',
      text: (e: Evidence) =>
        `${e.good} work${e.good.includes(' and ') ? '' : 's'}, ${e.bad} ${e.bad.includes(' and ') ? 'do' : 'does'} not: ${e.reason}.`,
      remedy: nothingToDo,
    },
  },
  notApplicable({ sip, path, tcp, tls }) {
    const isCompared = [...sip, ...tcp].some(({ about }) => about.by !== undefined) || path.length > 0;
    if (!isCompared) return 'the ways were not compared (sipdiag signin)';
    return [...sip, ...tcp, ...tls].some(isCancelled) ? 'the run was ended before all ways were tried' : null;
  },
  run({ sip, path, tcp, tls, withheld, redirect }, found) {
    const rows = matrixRows({ path, rows: [...tcp, ...tls, ...sip, ...withheld, ...redirect] });
    if (rows.length === 0) return;
    found(patternOf(rows, sip), 'matrix', evidenceOf(rows));
  },
});
