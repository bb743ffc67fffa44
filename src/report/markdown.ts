import type { CheckRun, Finding, Report, RungResult, Severity, Verdict } from '../model.ts';
import { certificatesOf } from './certificate-facts.ts';
import { renderEvidence, renderObservations } from './human-details.ts';
import { escapeMarkdown, fence } from './markdown-text.ts';
import { plainPaint } from './paint.ts';
import { rungsShown, type ShownRung } from './shown-rungs.ts';

const STATUS_WORD: Readonly<Record<Verdict['status'], string>> = {
  healthy: 'HEALTHY',
  degraded: 'DEGRADED',
  broken: 'BROKEN',
  unknown: 'UNKNOWN',
};

/** A word and a sign, so that neither colour nor font is needed. */
const RUNG_WORD: Readonly<Record<RungResult['status'], string>> = {
  passed: 'ok',
  warning: 'warning',
  failed: 'FAILED',
  unknown: 'unknown',
  'not-tested': 'not tested',
};

/** Colours that carry their own text colour, readable on a light page and on a dark one. */
const MERMAID_CLASSES = [
  'classDef passed fill:#d7f0dd,stroke:#1a7f37,color:#0b3d1a',
  'classDef warning fill:#fbe9bf,stroke:#9a6700,color:#3d2a00',
  'classDef failed fill:#fbd5d5,stroke:#b42318,color:#5c0f08,stroke-width:3px',
  'classDef unknown fill:#e6dcf8,stroke:#6639ba,color:#2f1560',
  'classDef untested fill:#eceff3,stroke:#6b7785,color:#3b4550,stroke-dasharray:4 3',
];

const MAX_FINDINGS = 40;
/** Wide enough for a line of evidence, narrow enough for the column of a ticket. */
const EVIDENCE_COLUMNS = 100;
const OBSERVATION_COLUMNS = 140;

const took = (ms: number): string => (ms <= 0 ? '' : ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`);

/** Only words of our own stand in the diagram: no escape of Mermaid's is needed where nothing of a stranger is. */
function diagram(rungs: readonly RungResult[]): string[] {
  const known = rungs.filter(({ rung, status }) => /^[a-z]+$/.test(rung) && Object.hasOwn(RUNG_WORD, status));
  if (known.length < 2) return [];
  const nodes = known.map(({ rung, status }) => {
    const name = status === 'not-tested' ? 'untested' : status;
    return `  ${rung}["${rung}: ${RUNG_WORD[status]}"]:::${name}`;
  });
  const links = known.slice(1).map(({ rung }, at) => `  ${known[at]?.rung} --> ${rung}`);
  const classes = MERMAID_CLASSES.map((one) => `  ${one}`);
  return ['', ...fence(['flowchart LR', ...nodes, ...links, ...classes], 'mermaid')];
}

function ladderTable(rungs: readonly ShownRung[]): string[] {
  const rows = rungs.map(({ rung, status, summary, ms, decides }) => {
    const word = RUNG_WORD[status] ?? status;
    const mark = decides ? `**${escapeMarkdown(word)}**` : escapeMarkdown(word);
    const text = status === 'not-tested' ? summary.replace(/^not tested: /, '') : summary;
    return `| ${escapeMarkdown(rung)} | ${mark} | ${escapeMarkdown(text, { limit: 300 })} | ${took(ms).replace('<', '&lt;')} |`;
  });
  return ['', '| Rung | Result | What was seen | Time |', '| --- | --- | --- | ---: |', ...rows];
}

/** A blank line after the summary: what stands in it is read as Markdown, and a fence must begin a block. */
const folded = (summary: string, lines: readonly string[]): string[] => [
  '',
  `<details><summary>${summary}</summary>`,
  '',
  ...fence(lines, 'text'),
  '',
  '</details>',
];

const NOUN: Readonly<Record<Severity, string>> = { error: 'Error', warning: 'Warning', info: 'Note' };

function findingLines(finding: Finding): string[] {
  const { id, severity, text, remedy, source } = finding;
  return [
    '',
    `**${NOUN[severity] ?? 'Finding'}:** ${escapeMarkdown(text)}`,
    ...(remedy === '' ? [] : ['', `**To do:** ${escapeMarkdown(remedy)}`]),
    '',
    `Id: ${escapeMarkdown(id)} (${escapeMarkdown(source)})`,
    ...folded('Evidence', renderEvidence(finding, '', EVIDENCE_COLUMNS)),
  ];
}

function findingsSection({ findings, verdict }: Report): string[] {
  const told = findings.filter(({ severity }) => severity !== 'info');
  if (told.length === 0) return [];
  const first = told.toSorted((a, b) => Number(b.id === verdict.findingId) - Number(a.id === verdict.findingId));
  const rest = told.length > MAX_FINDINGS ? ['', `and ${told.length - MAX_FINDINGS} more`] : [];
  return ['', '## Findings', ...first.slice(0, MAX_FINDINGS).flatMap(findingLines), ...rest];
}

function notesSection({ findings }: Report): string[] {
  const notes = findings.filter(({ severity }) => severity === 'info').slice(0, MAX_FINDINGS);
  if (notes.length === 0) return [];
  return ['', '## Notes', '', ...notes.map(({ id, text }) => `- ${escapeMarkdown(text)} (${escapeMarkdown(id)})`)];
}

function certificatesSection(report: Report): string[] {
  const certificates = certificatesOf(report);
  if (certificates.length === 0) return [];
  const rows = certificates.map(({ server, subject, issuer, notAfter, daysLeft }) => {
    const left = daysLeft < 0 ? `expired ${-daysLeft} days ago` : `${daysLeft} days left`;
    const cells = [server, subject, issuer, `${notAfter.slice(0, 10)}, ${left}`];
    return `| ${cells.map((cell) => escapeMarkdown(cell, { limit: 200 })).join(' | ')} |`;
  });
  return [
    '',
    '## Certificates',
    '',
    '| Server | Subject | Issuer | Valid until |',
    '| --- | --- | --- | --- |',
    ...rows,
  ];
}

function checkLine({ checkId, status, because }: CheckRun): string {
  const why = because === undefined ? '' : ` (${escapeMarkdown(because, { limit: 200 })})`;
  return `- ${escapeMarkdown(checkId)}: ${escapeMarkdown(status)}${why}`;
}

/** A check that fell over, or could not decide, is for the reader of the ticket; the others are in the JSON report. */
function undecidedSection({ checks }: Report): string[] {
  const undecided = checks.filter(({ status }) => status === 'crashed' || status === 'inconclusive');
  return undecided.length === 0 ? [] : ['', '## Not decided', '', ...undecided.map(checkLine)];
}

function summaryLines({ verdict, target }: Report): string[] {
  const cause = verdict.findingId === null ? '' : ` (${escapeMarkdown(verdict.findingId)})`;
  return [
    `# ${STATUS_WORD[verdict.status]}: ${escapeMarkdown(target.input, { limit: 200 })}`,
    '',
    `**${verdict.findingId === null ? 'Result' : 'Cause'}:** ${escapeMarkdown(verdict.summary)}${cause}`,
    ...(verdict.nextStep === '' ? [] : ['', `**Next:** ${escapeMarkdown(verdict.nextStep)}`]),
  ];
}

/**
 * The report for a ticket, in GitHub's and GitLab's Markdown: summary, the ladder as a Mermaid diagram and as a table, findings with
 * their evidence folded, certificates, and every observation folded. Nothing of a remote's is markup, link or mention.
 */
export function renderMarkdown(report: Report): string {
  const { version, command, startedAt, ms, target } = report;
  const rungs = rungsShown(report);
  const seen = renderObservations(report, { paint: plainPaint, width: OBSERVATION_COLUMNS }).slice(2);
  const run = `sipdiag ${version} ${command}, profile ${target.profile}, started ${startedAt}, took ${Math.round(ms)} ms`;
  const lines = [
    ...summaryLines(report),
    '',
    '## Ladder',
    ...diagram(rungs),
    ...ladderTable(rungs),
    ...findingsSection(report),
    ...certificatesSection(report),
    ...notesSection(report),
    ...undecidedSection(report),
    ...(seen.length === 0 ? [] : folded('Everything that was seen', seen)),
    '',
    `Made by ${escapeMarkdown(run)}`,
  ];
  return `${lines.join('\n')}\n`;
}
