/** A relay address of a TURN server, from the first octet to its release. RFC 8656 sections 7 and 8, RFC 6062 section 4.1. */
import type { Failure } from '../model.ts';
import { STUN_ATTRIBUTE, STUN_METHOD } from '../wire/stun-registry.ts';
import { numberAttribute, requestedFamily, requestedTransport, xorAddressOf } from '../wire/stun-values.ts';
import type { ByteStream, Endpoint } from '../world.ts';
import { checkPeer } from './check-peer.ts';
import { failureOf, leftOf, sinceMs, waitOf, type ProbeContext } from './context.ts';
import { softwareOf } from './stun-binding.ts';
import { linkOfSocket, linkOfStream, type StunLink } from './stun-link.ts';
import type { LoginGate } from './turn-login-gate.ts';
import { requestTurn, type TurnCredentials, type TurnSession } from './turn-session.ts';

export interface TurnAccess {
  server: Endpoint;
  /** 'host:port' as it was named. */
  label: string;
  transport: 'udp' | 'tcp' | 'tls';
  /** The name that the certificate has to carry; absent: the address. */
  host?: string;
  credentials: TurnCredentials;
  /** Shared by all allocations of one run. */
  gate: LoginGate;
}

/** What the relay speaks to the other side. */
export type Relayed = 'udp' | 'tcp';

export interface Allocation {
  session: TurnSession;
  relayed: Relayed;
  /** This machine as the server sees it. */
  mapped: Endpoint;
  software?: string;
  /** Why the certificate does not prove that it is the server that was named. */
  unverified?: string;
  /** From the connection to the relay address. */
  ms: number;
}

/** Giving an allocation back must not hold up whoever pressed Ctrl-C: all is over within a second. */
const RELEASE_MS = 600;

/** A connection to the server within one step; a certificate that proves nothing is named, for what is sent gives no password away. */
export async function openTurnStream(
  context: ProbeContext,
  { server, transport, host }: TurnAccess,
): Promise<{ stream: ByteStream; unverified?: string }> {
  const { net } = context.world;
  const from = context.world.now();
  const plain = await net.connect(server, waitOf(context));
  if (transport !== 'tls') return { stream: plain };
  try {
    const stream = await net.startTls(plain, { serverName: host }, waitOf(leftOf(context, from)));
    const unverified = await checkPeer(context, stream.facts, host ?? server.address);
    return { stream, ...(unverified === undefined ? {} : { unverified }) };
  } catch (error) {
    plain.close();
    throw error;
  }
}

async function openLink(context: ProbeContext, access: TurnAccess): Promise<{ link: StunLink; unverified?: string }> {
  const { server, transport } = access;
  if (transport === 'udp') return { link: linkOfSocket(await context.world.net.openUdp(server), server) };
  const { stream, ...doubt } = await openTurnStream(context, access);
  return { link: linkOfStream(stream), ...doubt };
}

/** What the word 'unsupported' means where TCP was asked for: most servers relay UDP only. */
function explained(failure: Failure & { code?: number }, relayed: Relayed): Failure {
  const { code, ...rest } = failure;
  const knowsNoTcp = relayed === 'tcp' && (code === 442 || code === 400);
  return knowsNoTcp ? { ...rest, reason: 'denied', detail: `it relays no TCP (RFC 6062): ${rest.detail}` } : rest;
}

/** Gives the relay address back, also when the run was cancelled: RFC 8656 section 8, a lifetime of 0. */
async function release(context: ProbeContext, session: TurnSession): Promise<void> {
  const timeoutMs = Math.min(context.timeoutMs, RELEASE_MS);
  const attributes = [numberAttribute(STUN_ATTRIBUTE.LIFETIME, 0)];
  await requestTurn({ ...context, timeoutMs, signal: undefined }, session, { method: STUN_METHOD.REFRESH, attributes });
}

async function allocate(
  context: ProbeContext,
  { session, relayed }: { session: TurnSession; relayed: Relayed },
): Promise<Awaited<ReturnType<typeof requestTurn>>> {
  const attributes = [requestedTransport(relayed)];
  // Without this a server relays IPv4, also for a client of IPv6 (RFC 8656 section 7.1).
  if (session.server.address.includes(':')) attributes.push(requestedFamily(6));
  return requestTurn(context, session, { method: STUN_METHOD.ALLOCATE, attributes });
}

interface Held<T> {
  value: T;
  allocation: Allocation;
}

interface Opened {
  link: StunLink;
  unverified?: string;
  /** `world.now()` before it. */
  from: number;
}

async function use<T>(
  context: ProbeContext,
  { access, relayed, opened }: { access: TurnAccess; relayed: Relayed; opened: Opened },
  work: (allocation: Allocation) => Promise<T>,
): Promise<Held<T> | Failure> {
  const { link, from, ...doubt } = opened;
  const { server, credentials, gate } = access;
  const session: TurnSession = { link, server, credentials, gate };
  let state: 'none' | 'may-be-held' = 'none';
  try {
    const allocated = await allocate(leftOf(context, from), { session, relayed });
    // An answer that got lost may have been a success.
    if (allocated.ok || (allocated.code === undefined && session.login !== undefined)) state = 'may-be-held';
    if (!allocated.ok) return explained(allocated, relayed);
    const { value: message } = allocated;
    const mapped = xorAddressOf(message, STUN_ATTRIBUTE.XOR_MAPPED_ADDRESS);
    if (mapped === undefined)
      return { ok: false, reason: 'malformed', detail: 'an allocation without XOR-MAPPED-ADDRESS', ms: allocated.ms };
    const ms = sinceMs(context, from);
    const allocation: Allocation = { session, relayed, mapped, ms, ...softwareOf(message), ...doubt };
    return { value: await work(allocation), allocation };
  } finally {
    if (state === 'may-be-held') await release(context, session);
    link.close();
  }
}

/**
 * Gets a relay address within one step, does the work, and gives the address back however the work ends. Never throws for what the server did.
 */
export async function withAllocation<T>(
  context: ProbeContext,
  { access, relayed }: { access: TurnAccess; relayed: Relayed },
  work: (allocation: Allocation) => Promise<T>,
): Promise<Held<T> | Failure> {
  const from = context.world.now();
  try {
    const opened = { ...(await openLink(context, access)), from };
    return await use(context, { access, relayed, opened }, work);
  } catch (error) {
    return { ok: false, ...failureOf(error), ms: sinceMs(context, from) };
  }
}
