import {
  headerValue,
  headerValues,
  sipHeader,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../wire/sip-message.ts';
import { parseNameAddr } from '../wire/sip-fields.ts';
import { parseSipUri, unescapeUri } from '../wire/sip-uri.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';
import { createBindingStore, type Binding, type BindingStore } from './bindings.ts';
import { createDigestGate, type DigestGate } from './digest-challenge.ts';
import { saidAtOnce, saidToKnown, type Registration } from './registration.ts';
import { replyTo, type ReplyContent } from './sip-reply.ts';

/** A registrar that serves one domain with one account. */
export interface Registrar {
  /**
   * The answer to a request that came from that address; undefined for an ACK, which has none. Throws nothing for what a
   * client may send. RFC 3261 sections 8.2, 10.3, 11.2.
   */
  answer(request: SipRequest, from: Endpoint): SipResponse | undefined;
  /** What is registered now. */
  bindings(): Binding[];
  /** Whom OPTIONS to the account is passed on to; nobody: the registrar answers by itself. RFC 3261 section 16.5. */
  clientsOf(request: SipRequest): Binding[];
}

export interface RegistrarOptions {
  /** Lower case; it is the realm too. */
  domain: string;
  user: string;
  password: string;
  registration: Registration;
  /** The URI of a second registrar, for clients that are sent there; '': there is none. */
  pool: string;
  /** Milliseconds since the Unix epoch. */
  now: () => number;
}

interface State {
  options: RegistrarOptions;
  gate: DigestGate;
  store: BindingStore;
}

const ALLOW = sipHeader('Allow', 'OPTIONS, REGISTER');
/** RFC 3261 section 20.37: an empty value says that no extension is supported. */
const SUPPORTED = sipHeader('Supported', '');
/** Requests that only make sense inside a dialog or transaction, of which the lab has none. */
const NEEDS_DIALOG: ReadonlySet<string> = new Set(['BYE', 'CANCEL', 'INFO', 'PRACK', 'UPDATE']);
/** One for each realm on the way would do; a client that sends more is not listened to. */
const MAX_CREDENTIALS = 4;
/** RFC 7616 section 3.5: of a server that does not know the password. */
const WRONG_PROOF = `qop=auth, rspauth="${'0'.repeat(32)}"`;

const say = (status: number, reason: string, headers: readonly SipHeader[] = []): ReplyContent => ({
  status,
  reason,
  headers,
});

/** Names of the lab's own host; an address is taken for it, since nothing else listens there. */
function isServed(host: string, kind: 'name' | 'ipv4' | 'ipv6', domain: string): boolean {
  const name = host.toLowerCase();
  return kind !== 'name' || name === domain || name === `sip.${domain}` || name === 'localhost';
}

function authenticate(request: SipRequest, { gate, options }: State): ReplyContent | undefined {
  const given = headerValues(request, 'authorization').slice(0, MAX_CREDENTIALS);
  const ask = { method: request.method, requestUri: request.uri };
  const verdicts = (given.length === 0 ? [undefined] : given).map((credentials) => gate.judge({ ...ask, credentials }));
  // As one of several servers that do not know the nonces of one another.
  if (verdicts.includes('right') && options.registration !== 'asks-again') return undefined;
  const verdict = verdicts.includes('stale') || verdicts.includes('right') ? 'stale' : 'wrong';
  const challenges = gate.challenges(verdict).map((value) => sipHeader('WWW-Authenticate', value));
  return say(401, 'Unauthorized', challenges);
}

function contactHeaders(store: BindingStore, now: number): SipHeader[] {
  return store.list().map(({ contact, instance, expiresAt }) => {
    const rest = Math.max(1, Math.round((expiresAt - now) / 1000));
    const device = instance === '' ? '' : `;+sip.instance="${instance}"`;
    return sipHeader('Contact', `<${contact}>;expires=${rest}${device}`);
  });
}

/** Where 'clock-ahead' stands: beyond what Kerberos and NTLM forgive. */
const AHEAD_MS = 20 * 60_000;

function dateHeader({ registration, now }: RegistrarOptions): SipHeader {
  const ms = now() + (registration === 'clock-ahead' ? AHEAD_MS : 0);
  return sipHeader('Date', new Date(ms).toUTCString());
}

function register(request: SipRequest, state: State): ReplyContent | 'unanswered' {
  const { options, store } = state;
  const { domain, user, registration, now } = options;
  const early = saidAtOnce(registration, options);
  if (early !== undefined) return early;
  if (parseSipUri(request.uri).host.toLowerCase() !== domain) return say(404, 'Not Found');
  const refusal = registration === 'unchallenged' ? undefined : authenticate(request, state);
  if (refusal) return { ...refusal, headers: [...(refusal.headers ?? []), dateHeader(options)] };
  const late = saidToKnown(registration, request);
  if (late !== undefined) return late;
  const to = parseSipUri(parseNameAddr(headerValue(request, 'to') ?? '').uri);
  if (to.host.toLowerCase() !== domain) return say(404, 'Not Found');
  if (unescapeUri(to.user ?? '') !== user) return say(403, 'Forbidden');
  const done = store.update(request, `sip:${user}@${domain}`);
  if (done === 'bad-request') return say(400, 'Bad Request (contact)');
  if (done === 'too-many') return say(403, 'Too Many Contacts');
  const others =
    registration === 'others-there' ? [sipHeader('Contact', `<sip:${user}@127.0.0.9:5060>;expires=1800`)] : [];
  const proof = registration === 'proof-wrong' ? [sipHeader('Authentication-Info', WRONG_PROOF)] : [];
  return say(200, 'OK', [...contactHeaders(store, now()), ...others, ...proof, dateHeader(options), SUPPORTED]);
}

function decide(request: SipRequest, state: State): ReplyContent | 'unanswered' {
  const [fault] = request.faults;
  if (fault) return say(400, `Bad Request (${fault.code})`);
  const { method } = request;
  if (NEEDS_DIALOG.has(method)) return say(481, 'Call/Transaction Does Not Exist');
  if (method !== 'OPTIONS' && method !== 'REGISTER') return say(405, 'Method Not Allowed', [ALLOW]);
  const required = headerValues(request, 'require');
  if (required.length > 0) return say(420, 'Bad Extension', [sipHeader('Unsupported', required.join(', '))]);
  const { host, hostKind } = parseSipUri(request.uri);
  if (!isServed(host, hostKind, state.options.domain)) return say(404, 'Not Found');
  return method === 'REGISTER' ? register(request, state) : say(200, 'OK', [ALLOW, SUPPORTED]);
}

function decideOrRefuse(request: SipRequest, state: State): ReplyContent | 'unanswered' {
  try {
    return decide(request, state);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error.code === 'uri-scheme' ? say(416, 'Unsupported URI Scheme') : say(400, `Bad Request (${error.code})`);
  }
}

function isForAccount(request: SipRequest, { domain, user }: RegistrarOptions): boolean {
  if (request.method !== 'OPTIONS' || request.faults.length > 0) return false;
  try {
    const { user: named, host } = parseSipUri(request.uri);
    return named !== undefined && unescapeUri(named) === user && host.toLowerCase() === domain;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/** A registrar whose bindings live in memory. */
export function createRegistrar(options: RegistrarOptions): Registrar {
  const { domain, user, password, now } = options;
  const store = createBindingStore(now);
  // A password that was changed since is any other one.
  const current = options.registration === 'password-changed' ? `${password}-2` : password;
  const state: State = { options, store, gate: createDigestGate({ realm: domain, user, password: current }) };
  return {
    answer: (request, from) => {
      if (request.method === 'ACK') return undefined;
      const content = decideOrRefuse(request, state);
      return content === 'unanswered' ? undefined : replyTo(request, from, content);
    },
    bindings: () => store.list(),
    clientsOf: (request) => (isForAccount(request, options) ? store.list() : []),
  };
}
