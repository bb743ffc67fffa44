import { trimBlanks } from './sip-text.ts';

/** Headers whose grammar is a comma list of values. RFC 3261 section 20 and the extensions that use the same form. */
const LIST_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-contact',
  'accept-encoding',
  'accept-language',
  'accept-resource-priority',
  'alert-info',
  'allow',
  'allow-events',
  'call-info',
  'contact',
  'content-encoding',
  'content-language',
  'diversion',
  'error-info',
  'feature-caps',
  'geolocation',
  'history-info',
  'in-reply-to',
  'p-asserted-identity',
  'p-associated-uri',
  'p-preferred-identity',
  'path',
  'proxy-require',
  'reason',
  'record-route',
  'recv-info',
  'reject-contact',
  'request-disposition',
  'require',
  'resource-priority',
  'route',
  'security-client',
  'security-server',
  'security-verify',
  'service-route',
  'supported',
  'unsupported',
  'via',
  'warning',
]);

/** Whether the grammar of a header, named in lower-case long form, is a comma list of values. */
export function isListHeader(name: string): boolean {
  return LIST_HEADERS.has(name);
}

/** The index of the closing quote, or the end of the text: what does not close has no further commas. */
function quoteEnd(value: string, open: number): number {
  for (let i = open + 1; i < value.length; i += 1) {
    if (value[i] === '"') return i;
    if (value[i] === '\\') i += 1;
  }
  return value.length;
}

function bracketEnd(value: string, open: number): number {
  const close = value.indexOf('>', open);
  return close < 0 ? value.length : close;
}

/** Cuts at the commas outside quotes and angle brackets; empty elements are kept. RFC 3261 section 7.3.1. */
export function splitList(value: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < value.length; i += 1) {
    const char = value[i];
    if (char === '"') i = quoteEnd(value, i);
    else if (char === '<') i = bracketEnd(value, i);
    else if (char === ',') {
      parts.push(trimBlanks(value.slice(start, i)));
      start = i + 1;
    }
  }
  parts.push(trimBlanks(value.slice(start)));
  return parts;
}
