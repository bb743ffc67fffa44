import { parseCSeq, parseNameAddr, parseVia } from './sip-fields.ts';
import type { SipHead } from './sip-head.ts';
import { isListHeader, splitList } from './sip-lists.ts';
import type { SipFault } from './sip-message.ts';
import { parseDigits } from './sip-text.ts';
import { WireError } from './wire-error.ts';

/** Headers without which a message belongs to no transaction. RFC 3261 sections 8.1.1 and 8.2.6.2. */
const MANDATORY = ['via', 'from', 'to', 'call-id', 'cseq'];
/** Headers of which a second one contradicts the first. RFC 3261 section 7.3.1. */
const SINGLE: ReadonlySet<string> = new Set([
  'call-id',
  'content-length',
  'content-type',
  'cseq',
  'date',
  'expires',
  'from',
  'max-forwards',
  'to',
]);

/** Values of one header line that are looked at; more stand in no message that was meant. */
const MAX_VALUES = 256;

const CHECKS: ReadonlyMap<string, (value: string) => void> = new Map<string, (value: string) => void>([
  ['via', checkVia],
  ['from', checkAddress],
  ['to', checkAddress],
  ['contact', (value) => void parseNameAddr(value)],
  ['route', checkAddress],
  ['record-route', checkAddress],
  ['path', checkAddress],
  ['service-route', checkAddress],
  ['cseq', (value) => void parseCSeq(value)],
  ['call-id', checkCallId],
  ['max-forwards', checkMaxForwards],
]);

function checkVia(value: string): void {
  if (parseVia(value).branch?.toLowerCase() === 'z9hg4bk')
    throw new WireError('via', 'The branch of a Via is the magic cookie and nothing else');
}

function checkAddress(value: string): void {
  if (parseNameAddr(value).uri === '*') throw new WireError('name-addr', 'The wildcard stands outside a Contact');
}

function checkCallId(value: string): void {
  if (value === '' || /[ \t]/.test(value)) throw new WireError('call-id', 'The Call-ID is not one word');
}

function checkMaxForwards(value: string): void {
  if (parseDigits(value, 255) === undefined)
    throw new WireError('max-forwards', 'Max-Forwards is not a number from 0 to 255');
}

/** The first fault among the values of one header: a line of ten thousand empty elements is one finding. */
function firstFault(values: readonly string[], check: (value: string) => void): string | undefined {
  if (values.length > MAX_VALUES) return `The line holds more than ${MAX_VALUES} values`;
  for (const value of values) {
    try {
      check(value);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return error.message;
    }
  }
  return undefined;
}

function valueFaults(head: SipHead): SipFault[] {
  return head.headers.flatMap(({ name, value }, i) => {
    const check = CHECKS.get(name);
    if (!check) return [];
    const message = firstFault(isListHeader(name) ? splitList(value) : [value], check);
    return message === undefined ? [] : [{ code: name, message: `${name}: ${message}`, offset: head.places[i] ?? 0 }];
  });
}

function countFaults(head: SipHead): SipFault[] {
  const seen = new Set<string>();
  const faults: SipFault[] = [];
  head.headers.forEach(({ name }, i) => {
    if (seen.has(name) && SINGLE.has(name))
      faults.push({ code: 'repeated-header', message: `${name} stands more than once`, offset: head.places[i] ?? 0 });
    seen.add(name);
  });
  for (const name of MANDATORY) {
    if (!seen.has(name)) faults.push({ code: 'missing-header', message: `${name} is missing`, offset: 0 });
  }
  return faults;
}

function methodFaults(head: SipHead): SipFault[] {
  const index = head.headers.findIndex(({ name }) => name === 'cseq');
  const { start } = head;
  const cseq = head.headers[index]?.value;
  if (start.kind === 'response' || cseq === undefined) return [];
  const method = /[^ \t]*$/.exec(cseq.slice(-200))?.[0];
  if (method === start.method) return [];
  return [
    {
      code: 'cseq-method',
      message: 'The method of the CSeq is not that of the request',
      offset: head.places[index] ?? 0,
    },
  ];
}

/**
 * What a strict element would answer 400 to. Codes: the name of a header whose value breaks its grammar ('via', 'from',
 * 'to', 'contact', 'route', 'record-route', 'path', 'service-route', 'cseq', 'call-id', 'max-forwards'),
 * 'repeated-header', 'missing-header' and 'cseq-method'. RFC 3261 sections 7.3.1, 8.1.1 and 20.
 */
export function headerFaults(head: SipHead): SipFault[] {
  return [...countFaults(head), ...valueFaults(head), ...methodFaults(head)];
}
