import type { SipObservation } from '../model/sip.ts';
import { parseNameAddr, parseVia, type NameAddr } from '../wire/sip-fields.ts';
import { formatHostPort } from '../wire/sip-host.ts';
import { headerValue, headerValues, sipHeader, type SipHeader } from '../wire/sip-message.ts';
import { paramValue } from '../wire/sip-params.ts';
import { parseDigits } from '../wire/sip-text.ts';
import { parseSipUri, unescapeUri, uriParam } from '../wire/sip-uri.ts';
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

/** The headers of that name as an answer has them. */
function written({ outcome }: SipObservation, name: string): SipHeader[] {
  if (!outcome.ok) return [];
  const { headers } = outcome.value;
  return (Object.hasOwn(headers, name) ? (headers[name] ?? []) : []).map((value) => sipHeader(name, value));
}

interface Place {
  host: string;
  port?: number | undefined;
}

const placeText = (user: string, { host, port = 5060 }: Place): string =>
  `${unescapeUri(user)}@${formatHostPort({ host: host.toLowerCase(), port })}`;

/**
 * Where this run can be reached, by its own word and as the server sees it: registrars that help clients behind a NAT give
 * back a Contact that they have rewritten to where the REGISTER came from. RFC 3581 section 4.
 */
function ownPlaces(one: SipObservation): string[] {
  const { contact } = one.about;
  const own = contact === undefined ? undefined : orNothing(() => parseSipUri(contact));
  if (own === undefined) return [];
  const via = orNothing(() => parseVia(headerValue({ headers: written(one, 'via') }, 'via') ?? ''));
  const seen: Place[] = via === undefined ? [] : [{ host: via.received ?? via.host, port: via.rport ?? via.port }];
  return [own, ...seen].map((place) => placeText(own.user ?? '', place));
}

function placeOf(uri: string): string | undefined {
  const parsed = orNothing(() => parseSipUri(uri));
  return parsed === undefined ? undefined : placeText(parsed.user ?? '', parsed);
}

/** `all`: the Expires header, which holds for the bindings that say nothing themselves. RFC 3261 section 10.3, step 6. */
function endpointOf({ uri, params }: NameAddr, all: string | undefined): Endpoint {
  const text = (name: string): string | null => paramValue(params, name)?.slice(0, MAX_TEXT) ?? null;
  return {
    uri: uri.slice(0, MAX_TEXT),
    transport: transportOf(uri),
    expires: parseDigits(text('expires') ?? all ?? '', 4_294_967_295) ?? null,
    q: text('q'),
    instance: text('+sip.instance'),
    received: text('received'),
    userAgent: text('user-agent'),
  };
}

/** What the answers list besides the Contacts of this run, the one that lasts longest first. RFC 3261 section 10.3, step 8. */
export function otherEndpoints(accepted: readonly SipObservation[]): Endpoint[] {
  const own = new Set(accepted.flatMap(({ about }) => about.contact ?? []));
  const places = new Set(accepted.flatMap(ownPlaces));
  const instances = new Set(
    accepted.flatMap(({ about }) => (about.instance === undefined ? [] : `<${about.instance}>`)),
  );
  // The way that went first tells most: it alone was answered before anything of this run could lapse.
  const first = accepted.find(({ about }) => about.contact !== undefined) ?? accepted[0];
  if (first === undefined) return [];
  const [all] = written(first, 'expires');
  return headerValues({ headers: written(first, 'contact') }, 'contact')
    .slice(0, MAX_BINDINGS)
    .flatMap((value) => orNothing(() => parseNameAddr(value)) ?? [])
    .filter(({ uri }) => uri !== '*' && !own.has(uri) && !places.has(placeOf(uri) ?? ''))
    .map((one) => endpointOf(one, all?.value))
    .filter(({ instance }) => instance === null || !instances.has(instance))
    .toSorted((a, b) => (b.expires ?? 0) - (a.expires ?? 0));
}

/** What was written into a REGISTER, and what of it came back otherwise. */
export interface Echo {
  sent: string;
  back: string;
}

/** The Contact of this run as the registrar gives it back, known by its instance; undefined: unchanged, or not there. */
export function contactEcho(one: SipObservation): Echo | undefined {
  const { contact: sent, instance } = one.about;
  if (sent === undefined || instance === undefined) return undefined;
  const [own] = headerValues({ headers: written(one, 'contact') }, 'contact')
    .slice(0, MAX_BINDINGS)
    .flatMap((value) => orNothing(() => parseNameAddr(value)) ?? [])
    .filter(({ params }) => paramValue(params, '+sip.instance') === `<${instance}>`);
  if (own === undefined || placeOf(own.uri) === placeOf(sent)) return undefined;
  return { sent, back: own.uri.slice(0, MAX_TEXT) };
}

/** The sent-by of the topmost Via, which nobody may touch on the way back: RFC 3261 section 18.2.2. */
export function viaEcho(one: SipObservation): Echo | undefined {
  const via = orNothing(() => parseVia(headerValue({ headers: written(one, 'via') }, 'via') ?? ''));
  if (via === undefined || !one.outcome.ok) return undefined;
  const back = formatHostPort({ host: via.host.toLowerCase(), port: via.port ?? 5060 });
  const { local } = one.outcome.value;
  return back === local.toLowerCase() ? undefined : { sent: local, back };
}
