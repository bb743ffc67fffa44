import type { Report } from '../model.ts';
import type { DiscoveryStep, DnsObservation, Fate, ProfileOutcome, RecordFate } from '../model/dns.ts';
import { escapeTerminal } from './escape.ts';
import { columnsOf, cut, hang } from './layout.ts';
import type { Paint, Tone } from './paint.ts';

interface Sheet {
  paint: Paint;
  width: number;
}

/** Code points of one name with its reason, and of one record: our own words are shorter, a remote's share is bounded. */
const MAX_TEXT = 600;
/** Records of one answer: a reader compares a few, the JSON report holds them all. */
const MAX_RECORDS = 12;

const FATE_COLUMNS = 'not-checked'.length;
const INDENT = '    ';
const LEAD_COLUMNS = INDENT.length + FATE_COLUMNS + 2;
const TIME_COLUMNS = 8;

const FATE_TONE: Record<Fate, Tone> = {
  used: 'good',
  ignored: 'caution',
  absent: 'faint',
  broken: 'bad',
  refused: 'unsure',
  'not-checked': 'faint',
};

const STATUS_TONE: Record<ProfileOutcome['status'], Tone> = {
  reaches: 'good',
  fails: 'bad',
  'finds-nothing': 'faint',
  unknown: 'unsure',
  'not-checked': 'unsure',
};

const STATUS_WORDS: Record<ProfileOutcome['status'], string> = {
  reaches: 'connects over',
  fails: 'does not connect:',
  'finds-nothing': 'finds nothing:',
  unknown: 'cannot be told:',
  'not-checked': 'not checked:',
};

/** Milliseconds that the question took; with two families, the slower one. */
function msOf({ question }: DiscoveryStep, dns: readonly DnsObservation[]): string {
  const [name = '', types = ''] = question.split(' ');
  const times = types.split('/').flatMap((type) => {
    const seen = dns.find(({ about }) => about.type === type && about.name === name);
    return seen === undefined ? [] : seen.outcome.ms;
  });
  if (times.length === 0) return '';
  const most = Math.max(...times);
  return most < 1 ? '<1 ms' : `${Math.round(most)} ms`;
}

function recordText({ text, fate, why, addresses = [] }: RecordFate, step: DiscoveryStep): string {
  const lead = fate === step.fate ? '' : `${fate}: `;
  const arrow = addresses.length > 0 ? ` -> ${addresses.join(', ')}` : '';
  return `${lead}${text}${arrow} (${why})`;
}

/** Addresses stand in the line of the host itself. */
function recordLines(step: DiscoveryStep, { paint, width }: Sheet): string[] {
  const { records = [], question } = step;
  if (question.endsWith(' A/AAAA')) return [];
  const lead = ' '.repeat(LEAD_COLUMNS + 2);
  const texts = records.slice(0, MAX_RECORDS).map((record) => recordText(record, step));
  const rest = records.length > MAX_RECORDS ? [`and ${records.length - MAX_RECORDS} more`] : [];
  return [...texts, ...rest].flatMap((text) =>
    hang(lead, escapeTerminal(text, { limit: MAX_TEXT }), width).map((row) => row.lead + paint('faint', row.text)),
  );
}

function stepLines(step: DiscoveryStep, dns: readonly DnsObservation[], { paint, width }: Sheet): string[] {
  const { fate, question, why } = step;
  const lead = INDENT + fate.padEnd(FATE_COLUMNS + 2);
  const rows = hang(lead, escapeTerminal(`${question}: ${why}`, { limit: MAX_TEXT }), width - TIME_COLUMNS);
  const time = msOf(step, dns);
  const lines = rows.map((row, index) => {
    if (index > 0) return row.lead + row.text;
    const gap = ' '.repeat(Math.max(1, width - columnsOf(row.lead + row.text) - time.length));
    const mark = INDENT + paint(FATE_TONE[fate], fate) + ' '.repeat(FATE_COLUMNS + 2 - fate.length);
    return (mark + row.text + (time === '' ? '' : gap + paint('faint', time))).trimEnd();
  });
  return [...lines, ...recordLines(step, { paint, width })];
}

/** One name that is tried on several ports is one line when the same became of all of them. */
export function distinctSteps(steps: readonly DiscoveryStep[]): DiscoveryStep[] {
  const keys = new Map(steps.map((step) => [`${step.question} ${step.fate} ${step.why}`, step]));
  return [...keys.values()];
}

function headLine(outcome: ProfileOutcome, mark: '>' | ' ', { paint, width }: Sheet): string {
  const { profile, title } = outcome;
  const text = cut(escapeTerminal(`${profile}: ${title}`, { limit: MAX_TEXT }), width - 2);
  return `${mark} ${paint('strong', text)}`;
}

const conclusionOf = ({ status, conclusion }: ProfileOutcome): string => `${STATUS_WORDS[status]} ${conclusion}`;

function profileLines(
  outcome: ProfileOutcome,
  { why, dns, sheet }: { why: string | undefined; dns: readonly DnsObservation[]; sheet: Sheet },
): string[] {
  const { paint, width } = sheet;
  const put = (tone: Tone, text: string): string[] =>
    hang(INDENT, escapeTerminal(text, { limit: MAX_TEXT }), width).map((row) => row.lead + paint(tone, row.text));
  return [
    '',
    headLine(outcome, why === undefined ? ' ' : '>', sheet),
    ...(why === undefined ? [] : put('faint', `decides here: ${why}`)),
    ...put(STATUS_TONE[outcome.status], conclusionOf(outcome)),
    ...distinctSteps(outcome.steps).flatMap((step) => stepLines(step, dns, sheet)),
  ];
}

/** A profile that was given no record at all is one line; one whose records were passed over is shown like the others. */
const isEmpty = ({ steps }: ProfileOutcome): boolean => steps.every(({ records = [] }) => records.length === 0);

function emptyLines(empty: readonly ProfileOutcome[], { paint, width }: Sheet): string[] {
  const lines = empty.map(({ profile, title, status }) => {
    const words = status === 'unknown' ? 'cannot be told, no answer came' : 'finds nothing';
    const text = `${profile}: ${words} (${title})`;
    return `  ${paint('faint', cut(escapeTerminal(text, { limit: MAX_TEXT }), width - 2))}`;
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

/**
 * A table for each kind of client: every name that it asks for, what became of it and why, the losers included; the deciding one
 * first and marked with '>'. At most `width` columns, every word of a remote escaped. Empty without a discovery.
 */
export function renderProfiles(report: Report, sheet: Sheet): string[] {
  const discovery = report.observations.find((one) => one.kind === 'discovery');
  if (discovery?.outcome.ok !== true) return [];
  const { profile, profileWhy, profiles = [] } = discovery.outcome.value;
  const dns = report.observations.filter((one) => one.kind === 'dns');
  const { domain, unicode } = discovery.about;
  const shown = unicode === undefined ? domain : `${unicode} (${domain})`;
  const title = `Where clients of ${escapeTerminal(shown, { limit: MAX_TEXT })} would connect`;
  const deciding = profiles.filter((one) => one.profile === profile);
  const others = profiles.filter((one) => one.profile !== profile);
  return [
    sheet.paint('strong', cut(title, sheet.width)),
    ...deciding.flatMap((one) => profileLines(one, { why: profileWhy, dns, sheet })),
    ...others.filter((one) => !isEmpty(one)).flatMap((one) => profileLines(one, { why: undefined, dns, sheet })),
    ...emptyLines(others.filter(isEmpty), sheet),
  ];
}
