import type { SipObservation } from '../model.ts';
import { parseNameAddr, type NameAddr } from '../wire/sip-fields.ts';
import { headerValues, sipHeader } from '../wire/sip-message.ts';
import { paramValue } from '../wire/sip-params.ts';
import { parseDigits } from '../wire/sip-text.ts';
import { parseSipUri, uriParam } from '../wire/sip-uri.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from './registration-sign-in-cases.ts';

/** Endpoints of one person; more is a hostile answer. */
const MAX_BINDINGS = 64;
const MAX_TEXT = 200;

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function transportOf(uri: string): string {
  const parsed = orNothing(() => parseSipUri(uri));
  if (parsed === undefined) return 'an unknown transport';
  const named = uriParam(parsed, 'transport');
  // RFC 3263 section 4.1: without the parameter, sips is TLS and sip is UDP by custom.
  return (named ?? (parsed.scheme === 'sips' ? 'tls' : 'udp')).toUpperCase().slice(0, MAX_TEXT);
}

function endpointOf({ uri, params }: NameAddr): Endpoint {
  const text = (name: string): string | null => paramValue(params, name)?.slice(0, MAX_TEXT) ?? null;
  return {
    uri: uri.slice(0, MAX_TEXT),
    transport: transportOf(uri),
    expires: parseDigits(text('expires') ?? '', 4_294_967_295) ?? null,
    q: text('q'),
    instance: text('+sip.instance'),
    received: text('received'),
    userAgent: text('user-agent'),
  };
}

/** What the answers list besides the Contacts of this run, the one that lasts longest first. RFC 3261 section 10.3, step 8. */
export function otherEndpoints(accepted: readonly SipObservation[]): Endpoint[] {
  const own = new Set(accepted.flatMap(({ about }) => about.contact ?? []));
  const instances = new Set(
    accepted.flatMap(({ about }) => (about.instance === undefined ? [] : `<${about.instance}>`)),
  );
  // The way that went first tells most: it alone was answered before anything of this run could lapse.
  const first = accepted.find(({ about }) => about.contact !== undefined) ?? accepted[0];
  if (first?.outcome.ok !== true) return [];
  const { headers } = first.outcome.value;
  const written = (Object.hasOwn(headers, 'contact') ? (headers['contact'] ?? []) : []).map((value) =>
    sipHeader('Contact', value),
  );
  return headerValues({ headers: written }, 'contact')
    .slice(0, MAX_BINDINGS)
    .flatMap((value) => orNothing(() => parseNameAddr(value)) ?? [])
    .filter(({ uri }) => uri !== '*' && !own.has(uri))
    .map(endpointOf)
    .filter(({ instance }) => instance === null || !instances.has(instance))
    .toSorted((a, b) => (b.expires ?? 0) - (a.expires ?? 0));
}
