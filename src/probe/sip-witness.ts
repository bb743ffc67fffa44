import type { FarSideObservation, MappedObservation, WitnessObservation } from '../model/far-side.ts';
import type { Failure } from '../model.ts';
import { headerValue } from '../wire/sip-message.ts';
import { parseVia } from '../wire/sip-fields.ts';
import { WireError } from '../wire/wire-error.ts';
import { callbackContact, contactHeader, type CallbackContact } from './callback-contacts.ts';
import { offsetMs, sinceMs, type ProbeContext } from './context.ts';
import { endpointOf } from './climb-tcp.ts';
import { formatEndpoint } from './endpoint-text.ts';
import { askLoggedIn, type LoggedIn } from './logged-in.ts';
import type { SipChannel } from './sip-channel.ts';
import type { SipResult } from './sip-exchange.ts';
import { inVain, openLine, type SipWay } from './sip-line.ts';
import { allRounds, type Session, type SipWitnessPlan } from './sip-rounds.ts';
import { sentByOf, startSeries } from './sip-requests.ts';

/** Registrars allow an account some Contacts, of which its phones need one each. */
const MAX_CONTACTS = 8;
/** Short, for the case that it cannot be taken back. */
const EXPIRES_SECONDS = 60;
/** Taking a Contact back must not hold up whoever pressed Ctrl-C. */
const UNDO_MS = 1000;

const PROVES = {
  tcp: 'whether the SIP server itself reaches the port in the Contact, or comes back on the connection of the client',
  tls: 'whether the SIP server comes back on the connection of the client',
} as const;
const CANNOT = 'tell a firewall that drops from one that refuses, nor say anything about media ports';

const serverOf = ({ about }: SipWay): string => formatEndpoint(endpointOf(about));

function witness(
  context: ProbeContext,
  { way }: SipWitnessPlan,
  outcome: WitnessObservation['outcome'],
): WitnessObservation {
  const { transport } = way.about;
  const server = serverOf(way);
  const subject = `the SIP server ${server} (${transport})`;
  return { kind: 'witness', subject, at: offsetMs(context), about: { witness: 'sip', server, transport }, outcome };
}

/** As many of the ports as one account may register. */
function spread<T>(ports: readonly T[], most: number): T[] {
  if (ports.length <= most) return [...ports];
  return Array.from(
    { length: most },
    (_, index) => ports[Math.round((index * (ports.length - 1)) / (most - 1))],
  ).filter((port) => port !== undefined);
}

function contactsOf(context: ProbeContext, { way, ports }: SipWitnessPlan, channel: SipChannel): CallbackContact[] {
  const { transport } = way.about;
  // Over TLS clients name the connection itself: nobody could present a certificate to the server on a port of its own.
  const places =
    transport === 'tls' ? [sentByOf(channel.local)] : spread(ports, MAX_CONTACTS).map(({ local }) => local);
  return places.map(({ address, port }) => callbackContact(context, way.identity.aor, { address, port, transport }));
}

const registerWith = (
  context: ProbeContext,
  who: LoggedIn,
  { contacts, expires }: { contacts: readonly CallbackContact[]; expires: number },
) =>
  askLoggedIn(context, who, {
    contact: contactHeader(contacts, expires),
    headers: [{ name: 'Expires', value: String(expires) }],
  });

const isAccepted = ({ outcome }: SipResult): boolean => outcome.ok && outcome.value.status < 300;

/** Takes the Contacts of this run back, and no other, also when the run was cancelled. RFC 3261 section 10.2.2. */
async function undo({ context, plan, who, contacts }: Session): Promise<void> {
  const bounded = { ...context, timeoutMs: Math.min(context.timeoutMs, UNDO_MS), signal: undefined };
  const done = await registerWith(bounded, who, { contacts, expires: 0 });
  if (done.outcome.ok) return;
  // The registering connection is gone: the server is told on another.
  const dialled = await openLine(bounded, plan.way);
  if (!dialled.ok) return;
  try {
    const series = { ...who.series, local: dialled.line.channel.local };
    await registerWith(bounded, { ...who, series, channel: dialled.line.channel }, { contacts, expires: 0 });
  } finally {
    dialled.line.close();
  }
}

/** The address from which the REGISTER came, as the server has written it into the Via. RFC 3581 section 4. */
function mappedIn({ context, plan, server, who }: Session, { response }: SipResult): MappedObservation[] {
  const via = response === undefined ? undefined : headerValue(response, 'via');
  if (via === undefined) return [];
  try {
    const { host, received, rport, port } = parseVia(via);
    const seenPort = typeof rport === 'number' ? rport : port;
    const local = who.channel.local;
    const seen = formatEndpoint({ address: received ?? host, port: seenPort ?? sentByOf(local).port });
    const about = { witness: 'sip' as const, server, transport: plan.way.about.transport };
    const subject = `the address of this machine as the SIP server ${server} sees it`;
    return [
      { kind: 'mapped', subject, at: offsetMs(context), about, outcome: { ok: true, value: { local, seen }, ms: 0 } },
    ];
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}

function refusalOf({ outcome }: SipResult): Failure {
  if (!outcome.ok) return outcome;
  const { status, reason } = outcome.value;
  const detail = `the server answered ${status} ${reason} to the REGISTER`;
  return { ok: false, reason: 'denied', detail, ms: outcome.ms };
}

/** Registers all Contacts; a registrar that allows fewer is content with one. */
async function registerContacts(session: Session): Promise<{ session: Session; result: SipResult }> {
  const { context, who, contacts, plan } = session;
  const expires = EXPIRES_SECONDS + (plan.idleSeconds ?? 0);
  const result = await registerWith(context, who, { contacts, expires });
  if (isAccepted(result) || !result.outcome.ok || contacts.length <= 1) return { session, result };
  const fewer = { ...session, contacts: contacts.slice(0, 1) };
  return { session: fewer, result: await registerWith(context, who, { contacts: fewer.contacts, expires }) };
}

async function witnessOn(session: Session): Promise<FarSideObservation[]> {
  const { context, plan } = session;
  const { transport } = plan.way.about;
  const from = context.world.now();
  const { session: used, result } = await registerContacts(session);
  // Sent and not answered: the server may have carried it out all the same.
  if (result.outcome.ok && !isAccepted(result)) return [witness(context, plan, refusalOf(result))];
  try {
    if (!result.outcome.ok) return [witness(context, plan, refusalOf(result))];
    const value = { proves: PROVES[transport], cannot: CANNOT };
    const heard = witness(context, plan, { ok: true, value, ms: sinceMs(context, from) });
    const mapped = mappedIn(used, result);
    return [heard, ...mapped, ...(await allRounds(used, result))];
  } finally {
    await undo(used);
  }
}

/**
 * Asks the SIP server itself: registers Contacts on our ports, sends OPTIONS to our own address-of-record on another connection,
 * and watches where it arrives; with the registering connection open, after a silence, and with it closed. The Contacts are taken
 * back in the end, whatever happened, and no other is touched.
 */
export async function probeSipWitness(context: ProbeContext, plan: SipWitnessPlan): Promise<FarSideObservation[]> {
  const from = context.world.now();
  const dialled = await openLine(context, plan.way);
  if (!dialled.ok) {
    const outcome = { ok: false as const, ...inVain(dialled), ms: sinceMs(context, from) };
    return [witness(context, plan, outcome)];
  }
  const { channel, close } = dialled.line;
  try {
    const contacts = contactsOf(context, plan, channel);
    if (contacts.length === 0) return [];
    const { about, identity, credentials } = plan.way;
    const series = startSeries(context, { method: 'REGISTER', about, identity, local: channel.local });
    const who: LoggedIn = { channel, series, login: { realms: new Map() }, credentials };
    return await witnessOn({ context, plan, server: serverOf(plan.way), who, contacts, close });
  } finally {
    close();
  }
}
