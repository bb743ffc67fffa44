import { parseChallenge } from '../../src/wire/sip-challenge.ts';
import { parseCSeq, parseNameAddr, parseVia, type NameAddr } from '../../src/wire/sip-fields.ts';
import { formatHostPort } from '../../src/wire/sip-host.ts';
import { headerValue, headerValues, type SipMessage } from '../../src/wire/sip-message.ts';
import type { SipParam } from '../../src/wire/sip-params.ts';
import { paramValue } from '../../src/wire/sip-params.ts';
import { parseSipUri, unescapeUri } from '../../src/wire/sip-uri.ts';

type Json = null | number | string | Json[] | { [key: string]: Json };
/** A view computes one key of `expect`; `wanted` tells the shape in which the index states it. */
type View<T> = (subject: T, wanted: Json) => unknown;

const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex');
const record = (params: readonly SipParam[], change: (text: string) => string = (text) => text): unknown =>
  Object.fromEntries(params.map(({ name, value }) => [change(name), value === null ? null : change(value)]));
const numberOf = (message: SipMessage, name: string): number | null => {
  const value = headerValue(message, name);
  return value === undefined ? null : Number(value);
};

/** Applies a table of views to the keys that the index states, so that the result can be compared with it as a whole. */
function show<T>(views: Record<string, View<T>>, subject: T, wanted: Json): unknown {
  if (wanted === null || typeof wanted !== 'object' || Array.isArray(wanted)) return wanted;
  return Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => {
      const view = views[key];
      if (!view) throw new Error(`index.json states '${key}', which no view computes`);
      return [key, view(subject, value)];
    }),
  );
}

const URI_VIEWS: Record<string, View<string>> = {
  user: (uri) => parseSipUri(uri).user,
  user_decoded: (uri) => unescapeUri(parseSipUri(uri).user ?? ''),
  user_decoded_hex: (uri) => hex(unescapeUri(parseSipUri(uri).user ?? '')),
  password: (uri) => parseSipUri(uri).password,
  host: (uri) => parseSipUri(uri).host,
  port: (uri) => parseSipUri(uri).port ?? null,
  params: (uri) => record(parseSipUri(uri).params),
  params_decoded: (uri) => record(parseSipUri(uri).params, unescapeUri),
  uri_params: (uri, wanted) =>
    Array.isArray(wanted) ? parseSipUri(uri).params.map(({ name }) => name) : record(parseSipUri(uri).params),
  uri_headers: (uri) => record(parseSipUri(uri).headers, unescapeUri),
};

const onUri = (key: string): View<NameAddr> => {
  const view = URI_VIEWS[key];
  if (!view) throw new Error(`no view of a URI computes '${key}'`);
  return (address, wanted) => view(address.uri, wanted);
};

const ADDRESS_VIEWS: Record<string, View<NameAddr>> = {
  uri: (address) => address.uri,
  display: (address) => address.display,
  display_hex: (address) => hex(address.display ?? ''),
  tag: (address) => paramValue(address.params, 'tag') ?? null,
  params: (address) => record(address.params.filter(({ name }) => name.toLowerCase() !== 'tag')),
  user_decoded: onUri('user_decoded'),
  user_decoded_hex: onUri('user_decoded_hex'),
  params_decoded: onUri('params_decoded'),
  uri_params: onUri('uri_params'),
  uri_headers: onUri('uri_headers'),
};

const VIA_VIEWS: Record<string, View<string>> = {
  transport: (via) => parseVia(via).transport,
  sent_by: (via) => formatHostPort(parseVia(via)),
  host: (via) => parseVia(via).host,
  port: (via) => parseVia(via).port,
  branch: (via) => parseVia(via).branch ?? null,
  received: (via) => parseVia(via).received,
  rport: (via) => parseVia(via).rport,
};

const sdpLines = (message: SipMessage, type: string, part: 'session' | 'media'): string[] => {
  const [session = '', ...media] = Buffer.from(message.body)
    .toString('utf8')
    .split(/^(?=m=)/m);
  const text = part === 'session' ? session : media.join('');
  return text
    .split('\r\n')
    .filter((line) => line.startsWith(`${type}=`))
    .map((line) => line.slice(2));
};
const SDP_VIEWS: Record<string, View<SipMessage>> = {
  c: (message) => sdpLines(message, 'c', 'session')[0],
  media: (message) => sdpLines(message, 'm', 'media').length,
  media_c: (message) => sdpLines(message, 'c', 'media'),
};

const addresses =
  (name: string): View<SipMessage> =>
  (message, wanted) => {
    const wantedList = Array.isArray(wanted) ? wanted : [wanted];
    const shown = headerValues(message, name).map((value, i) =>
      typeof wantedList[i] === 'string'
        ? parseNameAddr(value).uri
        : show(ADDRESS_VIEWS, parseNameAddr(value), wantedList[i] ?? null),
    );
    return Array.isArray(wanted) ? shown : shown[0];
  };
const requestUri = (message: SipMessage): string => (message.kind === 'request' ? message.uri : '');
const uriView =
  (key: string): View<SipMessage> =>
  (message, wanted) =>
    URI_VIEWS[key]?.(requestUri(message), wanted);

/** Every key that `expect` may state, computed by the public functions of the codec alone. */
const MESSAGE_VIEWS: Record<string, View<SipMessage>> = {
  method: (message) => (message.kind === 'request' ? message.method : undefined),
  uri: requestUri,
  uri_parts: (message, wanted) => show(URI_VIEWS, requestUri(message), wanted),
  host: uriView('host'),
  host_normalized: uriView('host'),
  port: uriView('port'),
  status: (message) => (message.kind === 'response' ? message.status : undefined),
  reason: (message) => (message.kind === 'response' ? message.reason : undefined),
  call_id: (message) => headerValue(message, 'Call-ID'),
  cseq: (message) => {
    const { number, method } = parseCSeq(headerValue(message, 'CSeq') ?? '');
    return [number, method];
  },
  max_forwards: (message) => numberOf(message, 'Max-Forwards'),
  content_length: (message) => numberOf(message, 'Content-Length'),
  content_length_values: (message) => headerValues(message, 'l').map(Number),
  content_type: (message) => headerValue(message, 'c'),
  subject: (message) => headerValue(message, 'Subject'),
  to: addresses('to'),
  from: addresses('f'),
  contact: addresses('contact'),
  route: addresses('route'),
  via: (message, wanted) =>
    headerValues(message, 'via').map((via, i) =>
      show(VIA_VIEWS, via, (Array.isArray(wanted) ? wanted[i] : undefined) ?? null),
    ),
  via_count: (message) => headerValues(message, 'v').length,
  via_last: (message, wanted) => show(VIA_VIEWS, headerValues(message, 'v').at(-1) ?? '', wanted),
  accept: (message) => headerValues(message, 'Accept'),
  require: (message) => headerValues(message, 'Require'),
  proxy_require: (message) => headerValues(message, 'Proxy-Require'),
  authorization_scheme: (message) => parseChallenge(headerValue(message, 'Authorization') ?? '').scheme,
  extension_headers: (message, wanted) =>
    Object.fromEntries(Object.keys(Object(wanted)).map((name) => [name, headerValue(message, name)])),
  missing: (message, wanted) =>
    (Array.isArray(wanted) ? wanted : []).filter(
      (name) => headerValue(message, JSON.stringify(name).slice(1, -1)) === undefined,
    ),
  body_octets: (message) => message.body.length,
  trailing_octets: (message) => message.trailing ?? 0,
  sdp: (message, wanted) => show(SDP_VIEWS, message, wanted),
};

/** What the codec says about each key that the index states for a message. */
export function showMessage(message: SipMessage, wanted: Record<string, Json>): unknown {
  return show(MESSAGE_VIEWS, message, wanted);
}
