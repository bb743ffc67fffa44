import type { Report, Verdict } from '../model.ts';
import { drawCertificates } from './html/certificates.ts';
import { drawDifferences, drawProfiles } from './html/dns.ts';
import { drawNotes, drawProblems } from './html/findings.ts';
import { drawFlow } from './html/flow.ts';
import { icon, SYMBOLS, type Mark } from './html/icon.ts';
import { drawLadder } from './html/ladder.ts';
import { STYLE, STYLE_DIGEST } from './html/style.ts';
import { drawChecks, drawMatrix, drawReach } from './html/tables.ts';
import { drawTimeline } from './html/timeline.ts';
import { timeText } from './html/words.ts';
import { markup, nothing, printMarkup, type Markup } from './markup.ts';
import { rungsShown } from './shown-rungs.ts';

const MARKS: Readonly<Record<Verdict['status'], Mark>> = {
  healthy: 'good',
  degraded: 'caution',
  broken: 'bad',
  unknown: 'unsure',
};

/** Nothing is loaded, nothing runs, nothing is sent, and no other style than ours applies. */
const POLICY = `default-src 'none'; style-src '${STYLE_DIGEST}'; base-uri 'none'; form-action 'none'`;

interface Section {
  id: string;
  title: string;
  body: Markup;
}

function sectionsOf(report: Report): Section[] {
  const all: Section[] = [
    { id: 'ladder', title: 'Ladder', body: drawLadder(rungsShown(report)) },
    { id: 'findings', title: 'Findings', body: drawProblems(report) },
    { id: 'ways', title: 'Ways to sign in', body: drawMatrix(report) },
    { id: 'ports', title: 'Ports, as the far side reaches them', body: drawReach(report) },
    { id: 'differences', title: 'Where the resolvers differ', body: drawDifferences(report) },
    { id: 'clients', title: 'Where clients would connect', body: drawProfiles(report) },
    { id: 'certificates', title: 'Certificates', body: drawCertificates(report) },
    { id: 'messages', title: 'SIP messages', body: drawFlow(report) },
    { id: 'timeline', title: 'Timeline', body: drawTimeline(report) },
    { id: 'notes', title: 'Notes', body: drawNotes(report) },
    { id: 'checks', title: 'Checks', body: drawChecks(report) },
  ];
  return all.filter(({ body }) => body !== nothing);
}

const drawSection = ({ id, title, body }: Section): Markup => markup`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${body}
</section>
`;

function drawRun({ command, target, startedAt, ms, version }: Report): Markup {
  const facts = [
    ['Command', `sipdiag ${command}`],
    ['Profile', target.profile],
    ['Started', startedAt],
    ['Took', timeText(ms)],
    ['Version', version],
  ];
  return markup`<dl class="run">${facts.map(([name = '', value = '']) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function drawVerdict({ verdict, target, findings }: Report): Markup {
  const { status, findingId, summary, nextStep } = verdict;
  const cause = findings.find(({ id }) => id === findingId);
  const source = cause === undefined ? nothing : markup`<p class="soft"><code>${cause.id}</code> (${cause.source})</p>`;
  const next =
    nextStep === '' ? nothing : markup`<div class="next"><strong>Next</strong><p>${nextStep}</p>${source}</div>`;
  return markup`<div class="verdict ${MARKS[status]}">
<p class="status">${icon(MARKS[status])}${status.toUpperCase()}</p>
<h1>${target.input}</h1>
<p class="summary">${summary}</p>${next}
</div>`;
}

function drawHead({ verdict, target }: Report): Markup {
  return markup`<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${verdict.status.toUpperCase()}: ${target.input}, sipdiag</title>
<style>${STYLE}</style>
</head>`;
}

/**
 * The report as one page that stands alone: it loads nothing, runs no script, and says so in its Content-Security-Policy. Verdict,
 * ladder, findings, certificate chains, SIP messages, a timeline of every probe. Every text of a remote is text.
 */
export function renderHtml(report: Report): string {
  const sections = sectionsOf(report);
  const links = sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`);
  const page = markup`<!DOCTYPE html>
<html lang="en">
${drawHead(report)}
<body>
${SYMBOLS}
<div class="wrap">
<header>
${drawVerdict(report)}
${drawRun(report)}
<nav aria-label="Sections"><ul>${links}</ul></nav>
</header>
<main>
${sections.map(drawSection)}</main>
<footer>Made by sipdiag ${report.version}. This page is complete: it loads nothing and runs no script.</footer>
</div>
</body>
</html>
`;
  return printMarkup(page);
}
