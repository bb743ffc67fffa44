import type { Attempt, Target } from '../model.ts';
import type { Server } from '../model/dns.ts';
import type { NamePolicy } from '../model/tls.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { ProbeContext } from './context.ts';
import { familyOf, isAddress } from './endpoint-text.ts';
import { identityOf } from './identity.ts';
import type { ServerPlan } from './probe-server.ts';
import type { Locator } from './redirect-target.ts';
import { SCOPES, type Command } from './scope.ts';
import type { TrustStore } from './trust.ts';

/** What a run is asked for, as far as every attempt of it is made in that way. */
export interface PlanOptions {
  command: Command;
  target: Target;
  sni?: string;
  verifyName?: string;
  /** ISO time at which certificate dates are judged; absent: now. */
  judgeAt?: string;
  trust: TrustStore;
  /** Shown to servers that ask for a client certificate. */
  clientCertificate?: ClientCertificate;
  /** Whether every TLS version is tried on a connection of its own. */
  versions?: 'asked' | 'left-out';
  /** From --policy: what a Windows policy changes about names. */
  namePolicy?: NamePolicy;
  /** How often OPTIONS is repeated to measure the time of an answer. */
  count?: number;
}

/** What the plan of an attempt is made of. */
export interface PlanRequest extends Locator, PlanOptions {
  /** Names the rules by which certificates are judged. */
  profile: string;
  /** The Contacts of redirections that were followed in this run. */
  followed: Set<string>;
}

/** Attempts in one run: 64 SRV targets with two addresses each. */
const MAX_ATTEMPTS = 128;

/** Every server at every address of the families that are asked for, or where the user has put it. */
export function attemptsOf(request: Pick<PlanRequest, 'pinned' | 'families'>, servers: readonly Server[]): Attempt[] {
  const attempts = servers.flatMap(({ transport, host, port, addresses, published, set }) => {
    const pin = request.pinned.get(`${host}:${port}`);
    return (pin === undefined ? addresses.map((address) => ({ address, port })) : [pin])
      .filter(({ address }) => request.families.includes(familyOf(address)))
      .map((at): Attempt => ({ transport, host, ...at, published, set }));
  });
  const distinct = new Map(attempts.map((one) => [`${one.transport} ${one.address} ${one.port} ${one.host}`, one]));
  return [...distinct.values()].slice(0, MAX_ATTEMPTS);
}

function handshakeOf(context: ProbeContext, request: PlanRequest, about: Attempt): ServerPlan['tls'] {
  const { target } = request;
  return {
    sni: request.sni ?? (isAddress(about.host) ? null : about.host),
    verifyName: request.verifyName ?? about.host,
    ...(target.domain === undefined ? {} : { domain: target.domain }),
    judgeAt: request.judgeAt ?? new Date(context.world.now()).toISOString(),
    trust: request.trust,
    profile: request.profile,
    ...(request.namePolicy === undefined ? {} : { namePolicy: request.namePolicy }),
  };
}

/** What is asked of the server of one attempt, and how its certificate is judged. */
export function planOf(context: ProbeContext, request: PlanRequest, about: Attempt): ServerPlan {
  const tls = handshakeOf(context, request, about);
  return {
    about,
    identity: identityOf(request.target, about),
    tls,
    sip: SCOPES[request.command].includes('sip') ? 'asked' : 'left-out',
    ...(request.count === undefined || (about.by === 'address' && request.target.server?.host !== about.host)
      ? {}
      : { count: request.count }),
    clientCertificate: request.clientCertificate,
    redirect: { locator: request, followed: request.followed, tls, clientCertificate: request.clientCertificate },
    ways: [
      ...(request.command === 'tls' ? ['by-address' as const] : []),
      ...(request.versions === 'asked' ? ['versions' as const] : []),
    ],
  };
}
