import type { MirrorSeen } from '../model/far-side.ts';
import { longHeaderName } from '../wire/sip-text.ts';

type Change = MirrorSeen['changes'][number];

/** A rewriter changes a handful of fields; what changes more is no SIP message any more. */
const MAX_CHANGES = 24;
const MAX_VALUE = 200;

interface Header {
  written: string;
  value: string;
}

/** A message cut without judging it: what a middlebox has made of it need not be SIP. */
interface Cut {
  start: string;
  headers: Header[];
  body: string;
}

function cut(text: string): Cut {
  const end = /\r?\n\r?\n/.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  const [start = '', ...lines] = head.split(/\r?\n/);
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return { written: line.slice(0, Math.max(0, colon)).trim(), value: line.slice(colon + 1).trim() };
  });
  return { start, headers, body: end === null ? '' : text.slice(end.index + end[0].length) };
}

const brief = (value: string): string => (value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value);

const change = (field: string, sent: string, arrived: string): Change[] =>
  sent === arrived ? [] : [{ field, sent: brief(sent), arrived: brief(arrived) }];

const nameOf = ({ written }: Header): string => longHeaderName(written);

function changedHeaders(sent: readonly Header[], arrived: readonly Header[]): Change[] {
  const names = [...new Set([...sent, ...arrived].map(nameOf))];
  return names.flatMap((name) => {
    const [before, after] = [sent, arrived].map((all) => all.filter((one) => nameOf(one) === name));
    const written = (before?.[0] ?? after?.[0])?.written ?? name;
    const values = (all: readonly Header[] | undefined): string => (all ?? []).map(({ value }) => value).join(', ');
    const spelt = (all: readonly Header[] | undefined): string => (all ?? []).map((one) => one.written).join(', ');
    const changed = change(written, values(before), values(after));
    // A name in other letters, or the compact form: the mark of something that has read the message and written it anew.
    const isRenamed = changed.length === 0 && before?.length === after?.length;
    return isRenamed ? change(`${written} (name)`, spelt(before), spelt(after)) : changed;
  });
}

function changedOrder(sent: readonly Header[], arrived: readonly Header[]): Change[] {
  const [before, after] = [sent.map(nameOf), arrived.map(nameOf)];
  if (before.toSorted().join() !== after.toSorted().join()) return [];
  return change('order of the headers', before.join(', '), after.join(', '));
}

/** RFC 4566 section 5: the lines in which a SIP ALG looks for addresses and ports. */
const SDP_LINES = ['o', 'c', 'm'] as const;

function changedBody(sent: string, arrived: string): Change[] {
  const lines = (text: string): string[] => text.split(/\r?\n/);
  const ofType = (text: string, type: string): string =>
    lines(text)
      .filter((line) => line.startsWith(`${type}=`))
      .join(' | ');
  const known = SDP_LINES.flatMap((type) => change(`SDP ${type}=`, ofType(sent, type), ofType(arrived, type)));
  const rest = (text: string): string =>
    lines(text)
      .filter((line) => !SDP_LINES.some((type) => line.startsWith(`${type}=`)))
      .join(' | ');
  return [...known, ...change('body', rest(sent), rest(arrived))];
}

/** A message whose body was rewritten and whose Content-Length was not, or the other way round, is cut short by its receiver. */
function wrongLength({ headers, body }: Cut): Change[] {
  const said = headers.find((one) => nameOf(one) === 'content-length')?.value;
  const octets = String(Buffer.byteLength(body, 'latin1'));
  if (said === undefined || said === octets) return [];
  return [
    {
      field: 'body length',
      sent: 'as the Content-Length says',
      arrived: `${octets}, and the Content-Length says ${brief(said)}`,
    },
  ];
}

/** What of a SIP message is not as it was sent: start line, headers, their order, the lines of its SDP. */
export function changesBetween(sent: Uint8Array, arrived: Uint8Array): Change[] {
  // Octet by octet: what is not UTF-8 is compared too.
  const [before, after] = [sent, arrived].map((bytes) => cut(Buffer.from(bytes).toString('latin1')));
  if (before === undefined || after === undefined) return [];
  return [
    ...change('start line', before.start, after.start),
    ...changedHeaders(before.headers, after.headers),
    ...changedOrder(before.headers, after.headers),
    ...changedBody(before.body, after.body),
    ...wrongLength(after),
  ].slice(0, MAX_CHANGES);
}
