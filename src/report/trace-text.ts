import { escapeTerminal } from './escape.ts';
import { columnsOf } from './layout.ts';

/** One SIP message of a run as text, its secrets masked already. */
export interface TraceEntry {
  /** Milliseconds since the start of the run. */
  at: number;
  direction: 'sent' | 'received';
  transport: 'udp' | 'tcp' | 'tls';
  /** 'address:port' of this machine; so is `remote`. */
  local: string;
  remote: string;
  /** The whole message; hostile where it was received. */
  text: string;
}

/** Lines of one message: SDP has some fifty, a stranger may send a megabyte of empty ones. */
const MAX_LINES = 400;
const MAX_LINE = 2000;
/** Between the two posts of the ladder. */
const RUNG_WIDTH = 48;

const timeText = (at: number): string => `${at.toFixed(1)} ms`;

/** What a message is, in the words of its first line and its CSeq: 'REGISTER (1 REGISTER)', '401 Unauthorized (1 REGISTER)'. */
function titleOf({ text }: TraceEntry): string {
  const first = /^[^\r\n]*/.exec(text.replace(/^[\r\n]+/, ''))?.[0] ?? '';
  const status = /^SIP\/\S+ +(.*)$/i.exec(first)?.[1];
  const cseq = /^CSeq[ \t]*:[ \t]*([^\r\n]*)/im.exec(text)?.[1];
  const count = cseq === undefined ? '' : ` (${cseq.trim()})`;
  return escapeTerminal(`${status ?? first.split(' ')[0] ?? ''}${count}`, { limit: RUNG_WIDTH - 8 });
}

const connectionOf = ({ transport, local, remote }: TraceEntry): string => `${transport} ${local} <-> ${remote}`;

function arrow(entry: TraceEntry): string {
  const title = titleOf(entry);
  const line = '-'.repeat(Math.max(2, RUNG_WIDTH - columnsOf(title) - 6));
  return entry.direction === 'sent' ? `|-- ${title} ${line}>|` : `|<${line} ${title} --|`;
}

/** One ladder for each connection, in the order in which they were first used; this machine is the left post. */
function ladders(entries: readonly TraceEntry[]): string[] {
  const connections = new Map<string, string[]>();
  const times = entries.reduce((most, { at }) => Math.max(most, timeText(at).length), 0);
  const numbers = String(entries.length).length + 1;
  entries.forEach((entry, index) => {
    const rung = `  ${timeText(entry.at).padStart(times)}  ${`#${index + 1}`.padStart(numbers)}  ${arrow(entry)}`;
    const key = connectionOf(entry);
    const known = connections.get(key);
    if (known === undefined) connections.set(key, [rung]);
    else known.push(rung);
  });
  return [...connections].flatMap(([connection, rungs]) => [escapeTerminal(connection), ...rungs, '']);
}

/** Line by line from the end: an expression would begin anew at each of a million empty lines. */
function lastLineEnd(text: string): number {
  let end = text.length;
  while (text[end - 1] === '\n') end -= text[end - 2] === '\r' ? 2 : 1;
  return end;
}

function messageLines({ text }: TraceEntry): string[] {
  const lines = text.slice(0, lastLineEnd(text)).split(/\r?\n/);
  const shown = lines.slice(0, MAX_LINES).map((line) => `    ${escapeTerminal(line, { limit: MAX_LINE })}`.trimEnd());
  return lines.length > MAX_LINES ? [...shown, `    ... (${lines.length - MAX_LINES} more lines)`] : shown;
}

function section(entry: TraceEntry, number: number): string[] {
  const { at, direction, transport, local, remote } = entry;
  const way = direction === 'sent' ? `sent ${local} -> ${remote}` : `received ${local} <- ${remote}`;
  return [escapeTerminal(`#${number}  ${timeText(at)}  ${transport}  ${way}`), '', ...messageLines(entry), ''];
}

/**
 * The trace of a run as a text file: a ladder for each connection, then every message with its number, time, transport and
 * addresses. Remote text is made harmless for a terminal; masking secrets is up to the caller.
 */
export function renderTrace(
  entries: readonly TraceEntry[],
  { version, startedAt }: { version: string; startedAt: string },
): string {
  const head = [
    `sipdiag ${version}: SIP messages of the run that began at ${startedAt}. Secrets are masked with x; TLS is shown in clear.`,
    '',
  ];
  const body = entries.length === 0 ? ['No SIP message was sent or received.', ''] : [];
  const sections = entries.flatMap((entry, index) => section(entry, index + 1));
  return [...head, ...body, ...ladders(entries), ...sections].join('\n');
}
