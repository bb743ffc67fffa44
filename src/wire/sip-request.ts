import { parseCSeq, parseVia } from './sip-fields.ts';
import { formatHostPort } from './sip-host.ts';
import { formatSip, headerValue, sipHeader, type SipHeader, type SipMessage } from './sip-message.ts';
import { isToken, longHeaderName, quote } from './sip-text.ts';
import type { SipParam } from './sip-params.ts';
import { checkUri } from './sip-uri.ts';
import { WireError } from './wire-error.ts';

/** RFC 3261 section 8.1.1.7: the branch of every element of this RFC begins with it. */
const MAGIC_COOKIE = 'z9hG4bK';

/** What a client puts into a request outside a dialog. RFC 3261 section 8.1.1. */
export interface RequestPlan {
  method: string;
  /** The Request-URI. */
  uri: string;
  transport: 'UDP' | 'TCP' | 'TLS';
  /** Where answers go: a host name or address without brackets. */
  sentBy: { address: string; port: number };
  /** With or without the magic cookie. */
  branch: string;
  fromUri: string;
  fromTag: string;
  /** Header parameters of From behind the tag: Microsoft servers tell endpoints apart by `epid`. */
  fromParams?: readonly SipParam[];
  toUri: string;
  callId: string;
  cseq: number;
  /** The whole value of the Contact header: '<sip:…>;expires=60' or '*'. */
  contact?: string;
  /** 70 when absent. */
  maxForwards?: number;
  /** Further headers, in this order; a User-Agent here takes the place of 'sipdiag'. */
  extra?: readonly { name: string; value: string }[];
  body?: Uint8Array;
}

const BUILT: ReadonlySet<string> = new Set([
  'via',
  'max-forwards',
  'from',
  'to',
  'call-id',
  'cseq',
  'contact',
  'content-length',
]);

function nameAddr(uri: string): string {
  checkUri(uri);
  return `<${uri}>`;
}

function token(text: string, what: string): string {
  if (!isToken(text)) throw new WireError('token', `The ${what} is no token`);
  return text;
}

function formatParam({ name, value }: SipParam): string {
  const written = token(name, 'parameter name');
  if (value === null) return `;${written}`;
  return `;${written}=${isToken(value) ? value : quote(value)}`;
}

function extraHeaders(plan: RequestPlan): SipHeader[] {
  const extra = plan.extra ?? [];
  const built = extra.find(({ name }) => BUILT.has(longHeaderName(name)));
  if (built) throw new WireError('header-name', `${built.name} is written by the request itself`);
  const headers = extra.map(({ name, value }) => sipHeader(name, value));
  return headers.some(({ name }) => name === 'user-agent') ? headers : [sipHeader('User-Agent', 'sipdiag'), ...headers];
}

function viaValue(plan: RequestPlan): string {
  const branch = plan.branch.startsWith(MAGIC_COOKIE) ? plan.branch : MAGIC_COOKIE + plan.branch;
  const sentBy = formatHostPort({ host: plan.sentBy.address, port: plan.sentBy.port });
  const via = `SIP/2.0/${plan.transport} ${sentBy};branch=${token(branch, 'branch')};rport`;
  parseVia(via);
  return via;
}

/**
 * Writes a request outside a dialog: Via with rport (RFC 3581), Max-Forwards, From, To, Call-ID, CSeq, Contact, User-Agent,
 * the extra headers, Content-Length. Throws WireError when a field does not fit its grammar or would smuggle in another one
 * ('token', 'uri-…', 'host', 'port', 'via', 'cseq', 'call-id', 'header-name', 'injection', …). RFC 3261 section 8.1.1.
 */
export function buildRequest(plan: RequestPlan): Uint8Array {
  const cseq = `${plan.cseq} ${plan.method}`;
  parseCSeq(cseq);
  if (plan.callId === '' || /\s/.test(plan.callId)) throw new WireError('call-id', 'The Call-ID is not one word');
  checkUri(plan.uri);
  const fromParams = [{ name: 'tag', value: token(plan.fromTag, 'tag') }, ...(plan.fromParams ?? [])];
  return formatSip({
    kind: 'request',
    method: plan.method,
    uri: plan.uri,
    headers: [
      sipHeader('Via', viaValue(plan)),
      sipHeader('Max-Forwards', String(plan.maxForwards ?? 70)),
      sipHeader('From', nameAddr(plan.fromUri) + fromParams.map(formatParam).join('')),
      sipHeader('To', nameAddr(plan.toUri)),
      sipHeader('Call-ID', plan.callId),
      sipHeader('CSeq', cseq),
      ...(plan.contact === undefined ? [] : [sipHeader('Contact', plan.contact)]),
      ...extraHeaders(plan),
    ],
    body: plan.body ?? new Uint8Array(0),
    faults: [],
  });
}

/** A server or an ALG may have written its `received` or `rport` against the grammar: the branch is still the client's own. */
function branchOf(via: string): string | undefined {
  try {
    return parseVia(via).branch;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return /;[ \t]*branch[ \t]*=[ \t]*([^;, \t]+)/i.exec(via)?.[1];
  }
}

function transactionKey(message: SipMessage): string | undefined {
  const via = headerValue(message, 'via');
  const cseq = headerValue(message, 'cseq');
  if (via === undefined || cseq === undefined) return undefined;
  const branch = branchOf(via);
  try {
    return branch === undefined ? undefined : `${branch.toLowerCase()} ${parseCSeq(cseq).method}`;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

/** Whether a response belongs to the transaction of a request: the same branch in the top Via, the same method in the CSeq. RFC 3261 section 17.1.3. */
export function responseMatches(request: SipMessage, response: SipMessage): boolean {
  const key = transactionKey(request);
  return response.kind === 'response' && key !== undefined && key === transactionKey(response);
}
