import { TLS_ALERTS } from '../tls-alerts.ts';
import { DIRECT_ROUTING, DIRECT_ROUTING_SOURCE, statusFromSbc } from './direct-routing.ts';
import { HRESULT_SOURCE, HRESULTS, hresultText, statusOfHresult } from './hresults.ts';
import { diagnosticsComponent, MS_DIAGNOSTICS, MS_DIAGNOSTICS_SOURCE } from './ms-diagnostics.ts';
import { Q850, Q850_SOURCE } from './q850.ts';
import { classOfStatus, SIP_STATUSES } from './sip-status.ts';
import { WARNING_SOURCE, WARNINGS } from './warnings.ts';
import type { CodeEntry } from './code-entry.ts';

/** One number on the wire, in words. */
export interface Explained extends CodeEntry {
  /** The number with its family: '403 Forbidden', 'ms-diagnostics 1009'. */
  what: string;
  source: string;
}

export type CodeFamily = 'sip' | 'ms-diagnostics' | 'direct-routing' | 'hresult' | 'warning' | 'q850' | 'alert';

function explainStatus(status: number): Explained | undefined {
  const entry = Object.hasOwn(SIP_STATUSES, status) ? SIP_STATUSES[status] : classOfStatus(status);
  if (entry === undefined) return undefined;
  const { phrase, ...rest } = entry;
  return { what: `${status} ${phrase}`, ...rest };
}

function explainDiagnostic(id: number): Explained | undefined {
  const head = { what: `ms-diagnostics ${id}`, source: MS_DIAGNOSTICS_SOURCE };
  const entry = MS_DIAGNOSTICS[id];
  if (entry !== undefined) return { ...head, ...entry };
  const component = diagnosticsComponent(id);
  if (component === undefined) return undefined;
  return {
    ...head,
    meaning: `This number is not described here; its range belongs to ${component}.`,
    remedy: 'Read the reason beside the number; the log of the server that source names has more.',
    confidence: 'documented',
  };
}

function explainDirectRouting(code: number): Explained | undefined {
  const head = { what: `Direct Routing ${code}`, source: DIRECT_ROUTING_SOURCE };
  const entry = DIRECT_ROUTING[code];
  if (entry !== undefined) return { ...head, ...entry };
  const status = statusFromSbc(code);
  const like = status === undefined ? undefined : explainStatus(status);
  if (like === undefined) return undefined;
  return { ...like, ...head, meaning: `The SBC itself answered ${like.what}. ${like.meaning}` };
}

function explainHresult(code: number): Explained | undefined {
  const head = { what: hresultText(code), source: HRESULT_SOURCE };
  const entry = HRESULTS[code];
  if (entry !== undefined) return { ...head, ...entry };
  const status = statusOfHresult(code);
  const like = status === undefined ? undefined : explainStatus(status);
  return like === undefined
    ? undefined
    : { ...like, ...head, meaning: `The server answered ${like.what}. ${like.meaning}` };
}

function explainWarning(code: number): Explained | undefined {
  const entry = WARNINGS[code];
  return entry === undefined ? undefined : { what: `Warning ${code}`, source: WARNING_SOURCE, ...entry };
}

function explainCause(cause: number): Explained | undefined {
  const found = Q850[cause];
  if (found === undefined) return undefined;
  const like = found.status === undefined ? undefined : explainStatus(found.status);
  return {
    what: `Q.850 cause ${cause}`,
    meaning: `The telephone network says: ${found.name}.${like === undefined ? '' : ` Gateways make ${like.what} of it.`}`,
    remedy: 'The cause lies behind the gateway: ask whoever runs it, with the time of the call.',
    source: Q850_SOURCE,
    confidence: 'documented',
  };
}

function explainAlert(alert: number): Explained | undefined {
  const found = TLS_ALERTS[alert];
  if (found === undefined) return undefined;
  return {
    what: `TLS alert ${alert} ${found.name}`,
    meaning: `The peer ended the handshake: ${found.meaning}.`,
    remedy: 'Look at the handshake with sipdiag tls, and for it in the TLS log of the peer.',
    source: 'RFC 8446 section 6',
    confidence: 'documented',
  };
}

const FAMILIES: Readonly<Record<CodeFamily, (code: number) => Explained | undefined>> = {
  sip: explainStatus,
  'ms-diagnostics': explainDiagnostic,
  'direct-routing': explainDirectRouting,
  hresult: explainHresult,
  warning: explainWarning,
  q850: explainCause,
  alert: explainAlert,
};

/** What a number of one family means; undefined when neither it nor its range is known. */
export const explainCode = (family: CodeFamily, code: number): Explained | undefined => FAMILIES[family](code);

/** A number without its family: every family that knows it, the likeliest first. A mere range counts where nothing else fits. */
function explainBare(code: number): Explained[] {
  const families = ['direct-routing', 'hresult', 'warning', 'q850', 'alert'] as const;
  const status = Object.hasOwn(SIP_STATUSES, code) ? [explainStatus(code)] : [];
  const named = MS_DIAGNOSTICS[code] === undefined ? [] : [explainDiagnostic(code)];
  const found = [...status, ...named, ...families.map((family) => explainCode(family, code))].filter(
    (one) => one !== undefined,
  );
  // Neither a range of numbers nor a class of statuses may stand beside something exact.
  const ranged = found.length > 0 ? undefined : code >= 1000 ? explainDiagnostic(code) : explainStatus(code);
  return ranged === undefined ? found : [ranged];
}

const PREFIXES: readonly [pattern: RegExp, family: CodeFamily][] = [
  [/^(?:tls[ -]?)?alert[ :#]*/, 'alert'],
  [/^ms-(?:client-)?diagnostics(?:-public)?[ :#]*/, 'ms-diagnostics'],
  [/^warning[ :#]*/, 'warning'],
  [/^q\.?850[ ;:#]*(?:cause[ =]*)?/, 'q850'],
  [/^sip(?:\/2\.0)?[ ;:#]*(?:cause[ =]*)?/, 'sip'],
  [/^direct[ -]routing[ :#]*/, 'direct-routing'],
];
const SIGN_BIT = 0x8000_0000;
const WORD = 0x1_0000_0000;

/** The number in hexadecimal (0x…) or decimal digits; a negative one is an HRESULT as scripts print it. */
function readNumber(text: string): number | undefined {
  if (/^0x[0-9a-f]{1,8}$/.test(text)) return Number.parseInt(text, 16);
  if (/^-\d{1,10}$/.test(text) && -Number(text) <= SIGN_BIT) return WORD + Number(text);
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/**
 * What a code means that somebody read in a log: '403', '1009', '0x80EE0042', 'alert 116', 'unknown_ca', 'Q.850 cause 17', 'warning 399',
 * 'ms-diagnostics 1010.2'. Empty when nothing is known. Case does not count.
 */
export function explainCodeText(input: string): Explained[] {
  const text = input.trim().toLowerCase();
  for (const [pattern, family] of PREFIXES) {
    const prefix = pattern.exec(text)?.[0];
    if (prefix === undefined) continue;
    const code = readNumber(text.slice(prefix.length).replace(/^(\d+)\.\d+$/, '$1'));
    const found = code === undefined ? undefined : explainCode(family, code);
    return found === undefined ? [] : [found];
  }
  const alert = Object.entries(TLS_ALERTS).find(([, { name }]) => name === text)?.[0];
  if (alert !== undefined) return [explainAlert(Number(alert))].filter((one) => one !== undefined);
  const code = readNumber(text);
  return code === undefined ? [] : explainBare(code);
}
