import type { Finding, Report, TcpObservation } from '../model.ts';
import type { TlsObservation } from '../model/tls.ts';
import { certificatesOf, type CertificateFacts } from './certificate-facts.ts';
import { escapeTerminal } from './escape.ts';
import { hang } from './layout.ts';
import { describeOutcome } from './observation-words.ts';
import { opensslText } from './openssl-text.ts';
import type { Paint, Tone } from './paint.ts';

interface Sheet {
  paint: Paint;
  width: number;
}

/** Servers that are drawn in full; the JSON report holds them all. */
const MAX_SERVERS = 32;
/** Names, certificates and authorities of one server that are listed. */
const MAX_NAMES = 8;
const MAX_SENT = 10;
const MAX_AUTHORITIES = 4;
/** Code points of one text out of a certificate. */
const MAX_TEXT = 160;

const INDENT = '    ';
const LABEL_COLUMNS = 'certificate'.length + 2;

/** The facts of one server are drawn as a block: once in a report. */
export const isDrawn = (finding: Finding, { command }: Report): boolean =>
  command === 'tls' && finding.id === 'tls-server.facts';

const text = (value: string): string => escapeTerminal(value, { limit: MAX_TEXT });

function listed(values: readonly string[], total: number, most: number): string {
  const shown = values.slice(0, most).map(text);
  return total > shown.length ? `${shown.join(', ')} and ${total - shown.length} more` : shown.join(', ');
}

const took = (ms: number): string => (ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`);

function validText({ notBefore, notAfter, daysLeft, dates }: CertificateFacts): string {
  const days = `${Math.abs(daysLeft)} day${Math.abs(daysLeft) === 1 ? '' : 's'}`;
  const range = `${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`;
  if (dates === 'expired') return `${range}, expired ${days} ago`;
  return dates === 'valid' ? `${range}, ${days} left` : `${range}, not valid yet`;
}

const PLACES: Readonly<Record<string, { mark: string; tone: Tone; why: string }>> = {
  server: { mark: 'ok', tone: 'good', why: '' },
  used: { mark: 'ok', tone: 'good', why: '' },
  root: { mark: 'ok', tone: 'good', why: ' (root, needs not be sent)' },
  anchor: { mark: 'ok', tone: 'good', why: ' (trusted root, not sent)' },
  unused: { mark: 'note', tone: 'caution', why: ' (not part of the path)' },
};
const NO_ROOT = { mark: 'FAIL', tone: 'bad' as const, why: '', subject: 'no trusted root at the end' };
const UNKNOWN_PLACE = { mark: '?', tone: 'unsure' as const, why: '' };

/** A line of the block: what it is about, what is said, and what is to be painted in it. */
interface Line {
  label: string;
  value: string;
}

function chainLines({ sent, sentInAll, root, anchor }: CertificateFacts, { paint, width }: Sheet): string[] {
  const lead = INDENT + ' '.repeat(LABEL_COLUMNS);
  const links = [...sent.slice(0, MAX_SENT), ...(anchor === undefined ? [] : [anchor])];
  const lines = links.map(({ subject, place }) => ({ ...(PLACES[place] ?? UNKNOWN_PLACE), subject }));
  const end = root === null ? [NO_ROOT] : [];
  const left = (sentInAll ?? sent.length) - Math.min(sent.length, MAX_SENT);
  const unread =
    sentInAll === undefined ? '' : ` (of the ${sentInAll} that were sent, the first ${sent.length} were read)`;
  const more = left > 0 ? hang(lead, `and ${left} more${unread}`, width).map((row) => row.lead + row.text) : [];
  const drawn = [...lines, ...end].flatMap(({ mark, tone, why, subject }) =>
    hang(`${lead}${mark.padEnd(6)}`, `${text(subject)}${why}`, width).map((row, index) =>
      index === 0 ? `${lead}${paint(tone, mark)}${' '.repeat(6 - mark.length)}${row.text}` : row.lead + row.text,
    ),
  );
  const [first = '', ...rest] = drawn;
  return [`${INDENT}${'chain'.padEnd(LABEL_COLUMNS)}${first.slice(lead.length)}`, ...rest, ...more];
}

const CLIENT_CERT: Readonly<Record<string, string>> = {
  'not-asked': 'not asked for',
  asked: 'asked for',
  refused: 'asked for, and the connection ended over it',
};

function handshakeLines({ version, cipher, sni, verifyName, peer }: CertificateFacts): Line[] {
  return [
    {
      label: 'version',
      value: [version, cipher]
        .filter((part) => part !== '')
        .map(text)
        .join(', '),
    },
    {
      label: peer === 'client' ? 'asks for' : 'asked for',
      value: `SNI ${sni === null ? 'none' : text(sni)}, verified name ${text(verifyName) || 'none'}`,
    },
  ];
}

const KEYS: Readonly<Record<string, string>> = {
  belongs: 'belongs to the certificate',
  other: 'is that of another certificate',
};

function fileLines({ format, key }: NonNullable<CertificateFacts['file']>, verifyName: string): Line[] {
  return [
    { label: 'format', value: text(format) },
    { label: 'looked for', value: verifyName === '' ? 'no name (--name NAME)' : text(verifyName) },
    ...(key === null ? [] : [{ label: 'private key', value: KEYS[key] ?? text(key) }]),
  ];
}

function linesOf(facts: CertificateFacts, openssl: string | undefined): { before: Line[]; after: Line[] } {
  const { verifyName, usages } = facts;
  const authorities =
    facts.authorities.length === 0
      ? ''
      : `, of ${listed(facts.authorities, facts.authorities.length, MAX_AUTHORITIES)}`;
  return {
    before: [
      ...(facts.file ? fileLines(facts.file, verifyName) : handshakeLines(facts)),
      ...(facts.offers.length === 0 ? [] : [{ label: 'offers', value: facts.offers.map(text).join(', ') }]),
      { label: 'certificate', value: text(facts.subject) },
      { label: 'names', value: facts.total === 0 ? 'none' : listed(facts.names, facts.total, MAX_NAMES) },
      { label: 'issuer', value: text(facts.issuer) },
      { label: 'valid', value: validText(facts) },
      { label: 'key', value: `${text(facts.key)}, signed with ${text(facts.signature)}` },
      { label: 'usages', value: usages === undefined ? 'every use' : usages.map(text).join(', ') },
    ],
    after: [
      ...(facts.peer === 'client' || facts.file
        ? []
        : [{ label: 'client cert', value: `${CLIENT_CERT[facts.clientCert] ?? ''}${authorities}` }]),
      ...(openssl === undefined ? [] : [{ label: 'OpenSSL', value: text(openssl) }]),
      ...(facts.staple === 'sent' ? [{ label: 'OCSP', value: 'a response is stapled' }] : []),
      ...(facts.byAddress === null ? [] : [{ label: 'by address', value: `${text(facts.byAddress)} (without SNI)` }]),
      ...(facts.versions.length === 0
        ? []
        : [{ label: 'versions', value: facts.versions.map((one) => `${one.version} ${text(one.result)}`).join(', ') }]),
    ],
  };
}

const drawLines = (lines: readonly Line[], width: number): string[] =>
  lines.flatMap(({ label, value }) =>
    hang(`${INDENT}${label.padEnd(LABEL_COLUMNS)}`, value, width).map((row) => row.lead + row.text),
  );

type Named = Pick<TlsObservation['about'], 'host' | 'address' | 'port' | 'file'>;

function titleOf({ host, address, port, file }: Named): string {
  if (file !== undefined) return text(file.name);
  const endpoint = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return text(host === address ? endpoint : `${host} (${endpoint})`);
}

interface Drawing {
  title: string;
  /** undefined: nothing is said of it. */
  openssl: string | undefined;
  sheet: Sheet;
}

function drawFacts(facts: CertificateFacts, { title, openssl, sheet }: Drawing): string[] {
  const { paint, width } = sheet;
  const tcp = facts.tcpMs === null ? '' : `TCP ${took(facts.tcpMs)}, `;
  const times = facts.file ? '' : `  ${tcp}TLS ${took(facts.tlsMs)}`;
  const { before, after } = linesOf(facts, openssl);
  const head = hang('  ', `${title}${times}`, width).map((row) => row.lead + paint('strong', row.text));
  return [...head, ...drawLines(before, width), ...chainLines(facts, sheet), ...drawLines(after, width)];
}

function drawLoser(one: TlsObservation | TcpObservation, title: string, { paint, width }: Sheet): string[] {
  const head = hang('  ', title, width).map((row) => row.lead + paint('strong', row.text));
  const lead = `${INDENT}${one.kind.padEnd(LABEL_COLUMNS)}`;
  const said = escapeTerminal(describeOutcome(one), { limit: 2 * MAX_TEXT });
  return [...head, ...hang(lead, said, width).map((row) => row.lead + row.text)];
}

/** Versions that were tried on a server whose handshake failed are worth as much as on one that works. */
function drawVersions({ observations }: Report, { about }: TlsObservation, width: number): string[] {
  const tried = observations.flatMap((one) => (one.kind === 'variant' && one.about.way !== 'by-address' ? [one] : []));
  const mine = tried.filter(
    (one) => one.about.host === about.host && one.about.address === about.address && one.about.port === about.port,
  );
  const lines = mine.map(({ about: { offered, way }, outcome }): Line => {
    const alert = outcome.ok || outcome.alert === undefined ? '' : ` (alert ${outcome.alert})`;
    const result = outcome.ok ? `${outcome.value.version} accepted` : `${outcome.reason}${alert}`;
    return { label: way === 'legacy' ? 'up to 1.2' : offered.join(', '), value: result };
  });
  return drawLines(lines, width);
}

interface Known {
  known: readonly CertificateFacts[];
  sheet: Sheet;
}

function drawServer(report: Report, one: TlsObservation, { known, sheet }: Known): string[] {
  const title = titleOf(one.about);
  const facts = known.find(({ server }) => text(server) === title);
  if (facts !== undefined) return drawFacts(facts, { title, openssl: opensslText(facts, one, report), sheet });
  return [...drawLoser(one, title, sheet), ...drawVersions(report, one, sheet.width)];
}

function headingOf({ observations }: Report): string {
  const seen = observations.flatMap((one) => (one.kind === 'tls' ? [one.about] : []));
  if (seen.some(({ peer }) => peer === 'client')) return 'The peer';
  return seen.some(({ file }) => file !== undefined) ? 'Certificates' : 'TLS servers';
}

/** Every server that was tried over TLS, with what it presented; those that failed too. */
export function renderTlsServers(report: Report, sheet: Sheet): string[] {
  if (report.command !== 'tls') return [];
  const known = certificatesOf(report);
  const blocks = report.observations.flatMap((one) => {
    if (one.kind === 'tls') return [drawServer(report, one, { known, sheet })];
    if (one.kind === 'tcp' && !one.outcome.ok) {
      return [drawLoser(one, titleOf(one.about), sheet)];
    }
    return [];
  });
  if (blocks.length === 0) return [];
  const left = blocks.length - MAX_SERVERS;
  const shown = blocks.slice(0, MAX_SERVERS).flatMap((lines) => ['', ...lines]);
  return [
    sheet.paint('strong', headingOf(report)),
    ...shown,
    ...(left > 0 ? ['', `  and ${left} more, in the JSON report`] : []),
  ];
}
