import type { Attempt, Observation, Outcome } from '../model.ts';
import type { PathObservation, SipObservation } from '../model/sip.ts';
import type { TlsObservation } from '../model/tls.ts';
import { decideNames } from './cert-name-rules.ts';
import { judgeChain } from './sent-chain.ts';
import { targetsOf } from './registration-reading.ts';
import { registerThatCounts } from './register-that-counts.ts';
import { endpointText, serverText } from './standing.ts';

/** One step of a row: how long it took, or why it failed; null: it was not tried. */
export type Step = { ms: number; text: string; good: 'yes' | 'no' } | null;

/** One way to a server, from its name to the password. Plain JSON: it is drawn from the evidence of a finding. */
export interface MatrixRow {
  transport: Attempt['transport'];
  by: 'address' | 'name';
  /** 'host:port' as it was addressed. */
  server: string;
  /** 'address:port' that was connected to; null: the name led nowhere. */
  endpoint: string | null;
  name: Step;
  connect: Step;
  tls: Step;
  certificate: { text: string; good: 'yes' | 'no' | 'name-only' } | null;
  /** Server name that was sent, null: none; only over TLS. */
  sni: string | null;
  /** Name that the certificate was compared with; '' without TLS. */
  verified: string;
  options: Step;
  register: Step;
  signIn: Step;
}

type Ending = Pick<Outcome<unknown>, 'ok' | 'ms'> & { reason?: string };

function failed({ ms, reason = 'failed' }: Ending): Step {
  return { ms, text: reason, good: 'no' };
}

const stepOf = (outcome: Outcome<unknown> | undefined, text: string): Step => {
  if (outcome === undefined) return null;
  return outcome.ok ? { ms: outcome.ms, text, good: 'yes' } : failed(outcome);
};

function answerOf(one: SipObservation | undefined, isGood: (status: number) => boolean): Step {
  if (one === undefined) return null;
  if (!one.outcome.ok) return failed(one.outcome);
  const { status, reason } = one.outcome.value;
  return { ms: one.outcome.ms, text: `${status} ${reason}`.trim(), good: isGood(status) ? 'yes' : 'no' };
}

/** By address, a certificate that only lacks the address is in order as far as an address can tell. */
export function certificateOf(tls: TlsObservation | undefined): MatrixRow['certificate'] {
  const chain = tls === undefined ? undefined : judgeChain(tls);
  if (tls === undefined || chain === undefined) return null;
  if (!chain.verdict.ok) return { text: chain.verdict.detail, good: 'no' };
  const { outcome } = decideNames(tls, chain.leaf);
  if (outcome === 'accepted' || outcome === 'host-only') return { text: 'valid', good: 'yes' };
  if (outcome === 'wildcard-accepted' || outcome === 'cn-accepted')
    return { text: 'valid with reservations', good: 'yes' };
  if (tls.about.by === 'address') return { text: 'valid, but for a name: an address cannot match', good: 'name-only' };
  return { text: 'for another name', good: 'no' };
}

type Row = Extract<Observation, { kind: 'tcp' | 'tls' | 'sip' | 'withheld' | 'redirect' }>;

/** What became of a registration that was sent on: the ways that are sent to one place share what was seen there. */
function rowsBeyond(query: SipObservation | undefined, all: readonly Row[]): Row[] {
  const targets = new Set(
    query === undefined || !query.outcome.ok || query.outcome.value.status < 300 ? [] : targetsOf(query),
  );
  const steps = all.filter((one) => one.kind === 'redirect' && targets.has(one.about.first));
  const ways = new Set(steps.map(({ about }) => serverText(about)));
  return [...steps, ...all.filter(({ about }) => about.redirectedBy !== undefined && ways.has(about.redirectedBy))];
}

const isTaken = (status: number): boolean => status < 300 || status === 401 || status === 407;

/** '302 -> 401 Unauthorized' where the registration was sent on: the end of the way is what counts. */
function registerOf(query: SipObservation | undefined, beyond: readonly Row[]): Step {
  const asked = answerOf(query, isTaken);
  const last = beyond.findLast((one) => one.kind === 'redirect');
  if (asked === null || last?.kind !== 'redirect') return asked;
  const { outcome } = last;
  const status = `${last.about.status} ->`;
  if (!outcome.ok) return { ...asked, text: `${status} ${outcome.reason}`, good: 'no' };
  const { status: end, reason, doubt } = outcome.value;
  const good = isTaken(end) && doubt === undefined ? 'yes' : 'no';
  return { ms: asked.ms + outcome.ms, text: `${status} ${end} ${reason}`.trim(), good };
}

const isSignIn = (one: Row): one is SipObservation => one.kind === 'sip' && one.about.step === 'sign-in';

/** '302 -> 200 OK' where the registration was sent on once the password was taken. */
function signInOf(own: SipObservation | undefined, beyond: readonly Row[]): Step {
  const asked = answerOf(own, (status) => status < 300);
  const there = own === undefined ? undefined : beyond.find(isSignIn);
  if (asked === null || there?.outcome.ok !== true || own?.outcome.ok !== true) return asked;
  const { status, reason } = there.outcome.value;
  const text = `${own.outcome.value.status} -> ${status} ${reason}`.trim();
  return { ms: asked.ms + there.outcome.ms, text, good: status < 300 ? 'yes' : 'no' };
}

const keyOf = ({ transport, by, host, address, port }: Attempt): string =>
  [transport, by, host, address, port].join(' ');

function rowOf(about: Attempt, mine: readonly Row[], all: readonly Row[]): MatrixRow {
  const tcp = mine.find((one) => one.kind === 'tcp');
  const tls = mine.find((one) => one.kind === 'tls');
  const sip = mine.filter((one) => one.kind === 'sip');
  const query = sip.find(({ about }) => about.method === 'REGISTER' && about.step === undefined);
  const beyond = rowsBeyond(query, all);
  const withheld = [...mine, ...beyond].find((one) => one.kind === 'withheld');
  const signIn = [...sip, ...beyond].find(isSignIn);
  const { transport, by = 'name', host, address, port } = about;
  const isTls = tls !== undefined;
  return {
    transport,
    by,
    server: endpointText({ address: host, port }),
    endpoint: endpointText({ address, port }),
    name: null,
    connect: stepOf(tcp?.outcome, 'connected'),
    tls: stepOf(tls?.outcome, tls?.outcome.ok === true ? tls.outcome.value.version : ''),
    certificate: certificateOf(tls),
    sni: isTls ? tls.about.sni : null,
    verified: isTls ? tls.about.verifyName : '',
    options: answerOf(
      sip.find(({ about }) => about.method === 'OPTIONS'),
      (status) => status < 500,
    ),
    register: registerOf(query && registerThatCounts(query, sip), beyond),
    signIn:
      signIn === undefined && withheld?.outcome.ok === true
        ? { ms: 0, text: `not sent (${withheld.outcome.value.why})`, good: 'no' }
        : signInOf(signIn, rowsBeyond(sip.find(isSignIn), all)),
  };
}

function unresolved({ about, outcome }: PathObservation): MatrixRow {
  const { transport, host, port } = about;
  const none = { endpoint: null, connect: null, tls: null, certificate: null, sni: null, verified: '' };
  const name = outcome.ok ? failed({ ok: false, ms: outcome.ms, reason: 'no address' }) : failed(outcome);
  const server = endpointText({ address: host, port });
  return { transport, by: 'name', server, ...none, name, options: null, register: null, signIn: null };
}

/** As one tries them by hand: TCP before TLS adds certificates, the address before the name adds resolution. */
const TRANSPORT_ORDER: readonly Attempt['transport'][] = ['tcp', 'tls', 'udp'];

const placeOf = ({ transport, by }: MatrixRow): number =>
  TRANSPORT_ORDER.indexOf(transport) * 2 + (by === 'address' ? 0 : 1);

/** The rows of a matrix: TCP, TLS, UDP, each by address before by name. */
export function matrixRows(seen: {
  readonly path: readonly PathObservation[];
  readonly rows: readonly Row[];
}): MatrixRow[] {
  const groups = new Map<string, Row[]>();
  for (const one of seen.rows) {
    if (one.about.by === undefined) continue;
    groups.set(keyOf(one.about), [...(groups.get(keyOf(one.about)) ?? []), one]);
  }
  const resolved = [...groups.values()].flatMap((mine) => {
    const [first] = mine;
    if (first === undefined) return [];
    const { transport, host, port, by } = first.about;
    const path = seen.path.find(
      ({ about }) => by === 'name' && about.transport === transport && about.host === host && about.port === port,
    );
    return [
      {
        ...rowOf(first.about, mine, seen.rows),
        name: path === undefined ? null : stepOf(path.outcome, path.about.source),
      },
    ];
  });
  const lost = seen.path.filter(({ outcome }) => !outcome.ok || outcome.value.addresses.length === 0);
  return [...resolved, ...lost.map(unresolved)].toSorted((a, b) => placeOf(a) - placeOf(b));
}
