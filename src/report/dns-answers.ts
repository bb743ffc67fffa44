import type { Failure, Report } from '../model.ts';
import type { DnsObservation, DnsRecord } from '../model/dns.ts';
import { escapeTerminal } from './escape.ts';
import { hang } from './layout.ts';
import type { Paint } from './paint.ts';

interface Sheet {
  paint: Paint;
  width: number;
}

/** Code points of one line; record data of 64 KiB is for the JSON report. */
const MAX_LINE = 400;
/** Lines of all answers together. */
const MAX_LINES = 600;
const CONTINUED = ' '.repeat(8);

const absolute = (name: string): string => (name === '.' ? name : `${name}.`);

/** 'name TTL IN TYPE data', the columns of dig. */
const recordLine = ({ name, ttl, type, text }: DnsRecord): string =>
  `${absolute(name).padEnd(39)} ${String(ttl).padEnd(6)} IN  ${type.padEnd(5)} ${text}`;

/** The codes of a DNS answer stand in its detail already, in the letters of dig. */
const failureText = ({ reason, detail }: Failure): string =>
  detail === '' ? reason : /^[A-Z]{5,}/.test(detail) ? detail : `${reason}: ${detail}`;

function answerLines({ about, outcome }: DnsObservation): string[] {
  const { name, type, resolver, resolverLabel } = about;
  const server = resolver === resolverLabel ? resolver : `${resolverLabel} ${resolver}`;
  const ms = Math.round(outcome.ms);
  if (!outcome.ok) {
    return [`;${absolute(name)} IN ${type}`, `;; status: ${failureText(outcome)}, ${ms} ms, SERVER: ${server}`];
  }
  const { status, records, via, tries } = outcome.value;
  const word = { answer: 'NOERROR', nodata: 'NOERROR (no data)', nxdomain: 'NXDOMAIN' }[status];
  const again = tries > 1 ? `, ${tries} tries` : '';
  return [
    `;${absolute(name)} IN ${type}`,
    `;; status: ${word}, ${ms} ms, SERVER: ${server} (${via.toUpperCase()})${again}`,
    ...records.map(recordLine),
  ];
}

/** What is too long for a line goes on in the next: it is there to be compared, letter by letter. */
const lay = (line: string, width: number): string[] =>
  hang(CONTINUED, escapeTerminal(line, { limit: MAX_LINE }), width).map((row, index) =>
    index === 0 ? row.text : row.lead + row.text,
  );

/** Every answer in the form that dig prints, with its time and server; the order is that of the report. */
export function renderAnswers(report: Report, { paint, width }: Sheet): string[] {
  const dns = report.observations.filter((one) => one.kind === 'dns');
  if (dns.length === 0) return [];
  const lines = dns.flatMap((one) => ['', ...answerLines(one)]);
  const shown = lines
    .slice(0, MAX_LINES)
    .flatMap((line) => lay(line, width).map((row) => (line.startsWith(';') ? paint('faint', row) : row)));
  const rest = lines.length > MAX_LINES ? [`and ${lines.length - MAX_LINES} lines more, in the JSON report`] : [];
  return [paint('strong', 'Answers'), ...shown, ...rest];
}
