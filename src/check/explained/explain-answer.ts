import {
  readAdvice,
  type MsDiagnostic,
  type SeenHeaders,
  type SipAdvice,
  type SipReason,
} from '../../wire/sip-diagnostics.ts';
import type { CodeEntry } from './code-entry.ts';
import { explainCode, type Explained } from './explain-code.ts';
import { WARNING_SOURCE } from './warnings.ts';

/** Explanations of one answer: servers say one or two things, strangers more. */
const MAX_EXPLAINED = 12;

interface Words extends Omit<CodeEntry, 'confidence'> {
  what: string;
  source: string;
}

const documented = (words: Words): Explained => ({ ...words, confidence: 'documented' });

/** The server's own words, as a quotation. */
const quoted = (text: string | undefined): string =>
  text === undefined || text === '' ? '' : ` The server says: "${text}".`;

function ofDiagnostic({ id, sub, reason, source, more }: MsDiagnostic): Explained[] {
  const known = explainCode('ms-diagnostics', id);
  const from = source === undefined ? '' : ` (from ${source})`;
  const head = known ?? {
    what: '',
    meaning: 'This number is not described here.',
    remedy: 'Read the words of the server beside it.',
    source: '[MS-OCER] section 2.2.1',
    confidence: 'unconfirmed' as const,
  };
  const what = `ms-diagnostics ${id}${sub === undefined ? '' : `.${sub}`}${from}`;
  // Errors of Windows stand beside the number: HRESULT="0x80090325", ErrorCode="0x80EE0042".
  const codes = [...new Set(more.flatMap(({ value }) => value.match(/0x[0-9a-f]{8}\b/gi) ?? []))].slice(0, 2);
  const errors = codes.map((code) => explainCode('hresult', Number.parseInt(code, 16)));
  return [{ ...head, what, meaning: head.meaning + quoted(reason) }, ...errors.filter((one) => one !== undefined)];
}

function ofReason({ protocol, cause, text }: SipReason): Explained | undefined {
  const name = protocol.toLowerCase();
  const family = name === 'sip' ? 'sip' : name === 'q.850' ? 'q850' : undefined;
  const found = family === undefined || cause === undefined ? undefined : explainCode(family, cause);
  const number = cause === undefined ? '' : ` cause ${cause}`;
  const subCode = cause === undefined || found !== undefined ? undefined : explainCode('direct-routing', cause);
  const known = found ?? subCode;
  if (known !== undefined)
    return { ...known, what: `Reason ${protocol}${number}`, meaning: known.meaning + quoted(text) };
  if (text === undefined) return undefined;
  return documented({
    what: `Reason ${protocol}${number}`,
    meaning: `The server gives a reason of its own.${quoted(text)}`,
    remedy: 'Ask whoever runs the server what it means.',
    source: 'RFC 3326 section 2',
  });
}

const ofWarnings = ({ warnings }: SipAdvice): Explained[] =>
  warnings.map(({ code, agent, text }) => {
    const known = explainCode('warning', code) ?? {
      meaning: 'This code is not described here.',
      remedy: 'Read the text beside the code.',
      source: WARNING_SOURCE,
      confidence: 'unconfirmed' as const,
    };
    return { ...known, what: `Warning ${code} (from ${agent})`, meaning: known.meaning + quoted(text) };
  });

/** Seconds in the unit that people say. */
const span = (seconds: number): string =>
  seconds < 120
    ? `${seconds} s`
    : seconds < 7200
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3600)} h`;

function ofNumbers({ retryAfter, minExpires, unsupported }: SipAdvice): Explained[] {
  const explained: Explained[] = [];
  if (retryAfter !== undefined)
    explained.push(
      documented({
        what: `Retry-After ${retryAfter}`,
        meaning: `The server asks clients to stay away for ${span(retryAfter)}.`,
        remedy: `Wait ${span(retryAfter)}; a client goes to another server of the set meanwhile.`,
        source: 'RFC 3261 section 20.33',
      }),
    );
  if (minExpires !== undefined)
    explained.push(
      documented({
        what: `Min-Expires ${minExpires}`,
        meaning: `The server grants no registration for less than ${span(minExpires)}.`,
        remedy: `Set the registration time of the client to ${minExpires} seconds or more.`,
        source: 'RFC 3261 section 20.23',
      }),
    );
  if (unsupported.length > 0)
    explained.push(
      documented({
        what: `Unsupported ${unsupported.join(', ')}`,
        meaning: 'The server does not know these extensions, and the client requires them.',
        remedy: 'Turn them off in the client, or on in the server.',
        source: 'RFC 3261 section 20.40',
      }),
    );
  return explained;
}

/**
 * Puts what a response says into words, what says most first: ms-diagnostics, Reason, Warning, Retry-After, Min-Expires,
 * Unsupported, and last the status where it is given and is no success. `headers` as in a SIP observation. Texts of the remote are
 * quoted, cut and not escaped. Never throws.
 */
export function explainAnswer(headers: SeenHeaders, status?: number): Explained[] {
  const advice = readAdvice(headers);
  const own = status === undefined ? undefined : explainCode('sip', status);
  return [
    ...advice.diagnostics.flatMap(ofDiagnostic),
    ...advice.reasons.map(ofReason),
    ...ofWarnings(advice),
    ...ofNumbers(advice),
  ]
    .filter((one) => one !== undefined)
    .slice(0, MAX_EXPLAINED)
    .concat(own === undefined ? [] : [own]);
}
