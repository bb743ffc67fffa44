import type { Attempt, Observation } from '../model.ts';
import type { Server } from '../model/dns.ts';
import { instanceFrom } from './binding.ts';
import { sideBySide, type ProbeContext } from './context.ts';
import { rankWays, wayOf } from './matrix.ts';
import { connectionsOf, probeServer, type ServerPlan } from './probe-server.ts';
import { createSignInGate } from './sign-in-gate.ts';
import type { Credentials, SignInPlan } from './sign-in.ts';
import { isAddress } from './endpoint-text.ts';

export interface WaysPlan {
  attempts: readonly Attempt[];
  planOf: (about: Attempt) => ServerPlan;
  /** Where the attempts come from: an address is given credentials only when it proves to be the host that it stands for. */
  servers: readonly Server[];
  /** Absent: nobody signs in. */
  credentials?: Credentials | undefined;
  domain?: string | undefined;
  /** Instead of the host name. */
  verifyName?: string | undefined;
  /** Asked before anything is sent, with how many connections each address may get at the same time; gives the way out. */
  admit?: ((connections: ReadonlyMap<string, number>) => Promise<() => void>) | undefined;
}

/** Attempts side by side: enough for every server that DNS can name in practice, few enough for a small server. */
const MAX_CONNECTIONS = 16;

/** The host that an address stands for, where a record or the user names one. */
export function hostOf(about: Attempt, servers: readonly Server[]): string | undefined {
  if (!isAddress(about.host)) return about.host;
  const named = servers.find(
    ({ host, port, addresses }) => !isAddress(host) && port === about.port && addresses.includes(about.address),
  );
  return named?.host;
}

type SignInFor = (about: Attempt) => SignInPlan | undefined;

function signInFor(context: ProbeContext, plan: WaysPlan, ranked: readonly Attempt[]): SignInFor {
  const { credentials, domain } = plan;
  if (credentials === undefined) return () => undefined;
  const gate = createSignInGate(ranked.map(wayOf), context.signal);
  const instance = instanceFrom(context.world.randomHex('sip/instance', 16));
  return (about) => {
    const host = plan.verifyName ?? hostOf(about, plan.servers);
    return {
      credentials,
      gate,
      way: wayOf(about),
      instance,
      ...(host === undefined ? {} : { host }),
      ...(domain === undefined ? {} : { domain }),
    };
  };
}

/**
 * Climbs every way side by side; observations keep the order of the attempts. Those that are to try the password first start
 * first, so that none that waits for them keeps them from starting.
 */
export async function climbWays(context: ProbeContext, plan: WaysPlan): Promise<Observation[]> {
  const ranked = rankWays(plan.attempts);
  const leave = await plan.admit?.(connectionsTo(plan));
  try {
    return await climbAll(context, plan, ranked);
  } finally {
    leave?.();
  }
}

function connectionsTo({ attempts, planOf }: WaysPlan): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const about of attempts) sums.set(about.address, (sums.get(about.address) ?? 0) + connectionsOf(planOf(about)));
  return sums;
}

async function climbAll(context: ProbeContext, plan: WaysPlan, ranked: readonly Attempt[]): Promise<Observation[]> {
  const signInOf = signInFor(context, plan, ranked);
  const seen = new Map<Attempt, Observation[]>();
  await sideBySide(ranked, MAX_CONNECTIONS, async (about) => {
    const signIn = signInOf(about);
    try {
      seen.set(about, await probeServer(context, { ...plan.planOf(about), signIn }));
    } finally {
      signIn?.gate.leave(signIn.way);
    }
  });
  return plan.attempts.flatMap((about) => seen.get(about) ?? []);
}
