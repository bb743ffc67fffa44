import type { Reason } from '../model.ts';
import type { ReachSeen } from '../model/far-side.ts';
import { answerRequest } from './answer-request.ts';
import { isOurs, portOf, wantOptions, type CallbackContact } from './callback-contacts.ts';
import { failureOf, type ProbeContext } from './context.ts';
import type { Login } from './digest-login.ts';
import { formatEndpoint } from './endpoint-text.ts';
import { askLoggedIn } from './logged-in.ts';
import type { OpenPort } from './open-ports.ts';
import type { SipChannel } from './sip-channel.ts';
import type { SipResult } from './sip-exchange.ts';
import { openLine, type NotDialled, type SipLine, type SipWay } from './sip-line.ts';
import { startSeries } from './sip-requests.ts';

export interface Call {
  way: SipWay;
  contacts: readonly CallbackContact[];
  /** The listeners of the Contacts; none where the Contacts name the registering connection. */
  ports: readonly OpenPort[];
  /** The registering connection, where it is still open. */
  kept: SipChannel | undefined;
  /** What the registrar's answer says about the use of that connection. */
  proof: string | undefined;
  /** Whether the server answers OPTIONS to itself. */
  options: 'answered' | 'unanswered';
}

/** What is to be said of one port. */
export interface Called {
  seen: ReachSeen;
  /** Why the server gave no answer, where it gave none. */
  unanswered?: Reason;
}

/** What came of asking the server for oneself: per port of the Contacts. */
type CallResult = Map<number, Called>;

/** Answers of a proxy that has found no way to a Contact. RFC 3261 section 21, RFC 5626 section 11.5; 477 and 478 are Kamailio's own. */
const NO_WAY: ReadonlySet<number> = new Set([408, 430, 477, 478, 480, 500, 502, 503, 504]);

interface Watch {
  context: ProbeContext;
  call: Call;
  callId: string;
  seen: CallResult;
  /** Nothing more is waited for. */
  done: () => void;
}

function note({ call, seen, done }: Watch, port: number, value: ReachSeen): void {
  if (!seen.has(port)) seen.set(port, { seen: value });
  if (call.contacts.every((one) => seen.has(one.port))) done();
}

/** Waits on one port until the request has come, or is no longer waited for. */
async function watchPort(watch: Watch, port: OpenPort): Promise<void> {
  const { context, call, callId } = watch;
  const mine = call.contacts.filter((one) => one.port === port.local.port);
  try {
    const wait = { timeoutMs: context.timeoutMs, signal: context.signal };
    const { from } = await port.expect(wantOptions(context, callId, mine), wait);
    const detail = 'the OPTIONS came on a connection that the server had opened';
    note(watch, port.local.port, { result: 'reached', detail, from: formatEndpoint(from) });
  } catch (error) {
    failureOf(error);
  }
}

function noteReuse(watch: Watch, port: number | undefined, from: string): void {
  const { call } = watch;
  const proof = call.proof === undefined ? 'the request itself' : `the request itself, and ${call.proof}`;
  const detail = 'the OPTIONS came on the connection that this side had opened';
  const ports = port === undefined ? call.contacts.map((one) => one.port) : [port];
  for (const one of ports) note(watch, one, { result: 'reused', detail, from, proof });
}

/** Reads the registering connection, answers what comes, and notes what was meant for one of the Contacts. */
async function watchKept(watch: Watch, channel: SipChannel): Promise<void> {
  const { context, call, callId } = watch;
  const until = context.world.now() + context.timeoutMs;
  try {
    while (call.contacts.some(({ port }) => !watch.seen.has(port))) {
      const timeoutMs = Math.max(1, until - context.world.now());
      for (const { message, from, reply } of await channel.receive({ timeoutMs, signal: context.signal })) {
        if (message.kind !== 'request') continue;
        if (isOurs(message, callId, call.contacts)) noteReuse(watch, portOf(message, call.contacts), from);
        const answer = answerRequest(message, context.world.randomHex('sip/callback/tag', 8));
        if (answer !== undefined) await reply(answer);
      }
    }
  } catch (error) {
    failureOf(error);
  }
}

/** What is to be said of a port at which nothing has arrived. */
function missed(
  { outcome, response }: SipResult,
  { others, options }: { others: 'reached' | 'none'; options: Call['options'] },
): Called {
  if (!outcome.ok && outcome.reason === 'timeout' && options === 'unanswered' && others === 'none')
    return { seen: { result: 'not-tried', detail: 'the server leaves OPTIONS without an answer, whoever it is for' } };
  if (!outcome.ok) {
    const detail = outcome.reason === 'timeout' ? 'the server has not answered' : outcome.detail;
    return { seen: { result: 'timeout', detail }, unanswered: outcome.reason };
  }
  const { status, reason } = outcome.value;
  if (others === 'reached') return { seen: { result: 'timeout', detail: 'other ports were reached meanwhile' } };
  const said = { status, reason };
  if (!NO_WAY.has(status)) {
    const detail = `the server answered ${status} ${reason} without asking us`;
    return { seen: { result: 'not-tried', detail, ...said } };
  }
  const diagnostics = response?.headers.find(({ name }) => name === 'ms-diagnostics')?.value.slice(0, 256);
  const more = diagnostics === undefined ? said : { ...said, diagnostics };
  return { seen: { result: 'server-error', detail: `the server answered ${status} ${reason}`, ...more } };
}

/** An answer to the request tells that no more will come, unless one of several ports has given it. */
async function untilSettled(asking: Promise<SipResult>, watching: Promise<unknown>, seen: CallResult) {
  const result = await asking;
  const mayComeStill = result.outcome.ok && result.outcome.value.status < 300 && seen.size > 0;
  if (mayComeStill || !result.outcome.ok) await watching;
  return result;
}

async function ask(context: ProbeContext, call: Call, line: SipLine): Promise<CallResult> {
  const { way, contacts, ports, kept } = call;
  const { aor } = way.identity;
  const identity = { ...way.identity, requestUri: aor };
  const series = startSeries(context, { method: 'OPTIONS', about: way.about, identity, local: line.channel.local });
  const stop = new AbortController();
  const signals = [stop.signal, ...(context.signal === undefined ? [] : [context.signal])];
  const bounded: ProbeContext = { ...context, signal: AbortSignal.any(signals) };
  const seenAll = new AbortController();
  const watched = { ...context, signal: AbortSignal.any([bounded.signal ?? stop.signal, seenAll.signal]) };
  const done = (): void => seenAll.abort();
  const watch: Watch = { context: watched, call, callId: series.callId, seen: new Map(), done };
  const watching = Promise.all([
    ...ports.map((port) => watchPort(watch, port)),
    ...(kept === undefined ? [] : [watchKept(watch, kept)]),
  ]);
  const login: Login = { realms: new Map() };
  const asking = askLoggedIn(bounded, { channel: line.channel, series, login, credentials: way.credentials }, {});
  const result = await untilSettled(asking, watching, watch.seen);
  stop.abort();
  await watching;
  const others = watch.seen.size > 0 ? 'reached' : 'none';
  for (const { port } of contacts)
    if (!watch.seen.has(port)) watch.seen.set(port, missed(result, { others, options: call.options }));
  return watch.seen;
}

/**
 * Sends OPTIONS to our own address-of-record on a connection of its own, and watches where it comes out: on the ports of the
 * Contacts, or on the connection that registered them. One time-out, however many ports.
 */
export async function callBack(
  context: ProbeContext,
  call: Call,
): Promise<{ ok: true; seen: CallResult } | NotDialled> {
  const dialled = await openLine(context, call.way);
  if (!dialled.ok) return dialled;
  try {
    return { ok: true, seen: await ask(context, call, dialled.line) };
  } finally {
    dialled.line.close();
  }
}
