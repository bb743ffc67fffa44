import type { Observation, Target } from '../model.ts';
import type { Resolver } from './ask-dns.ts';
import type { ProbeContext } from './context.ts';
import { resolveServer } from './discover.ts';
import { probeFarSide, type FarSideChoice, type FarSidePlan } from './far-side.ts';
import { otherWitnesses, type NamedWitnesses, type OthersPlan } from './other-witnesses.ts';
import type { Command } from './scope.ts';
import type { Credentials } from './sign-in.ts';

/** What the rungs callback and media need to know of a run. */
export interface FarSideRequest extends Pick<FarSidePlan, 'profile' | 'climbed' | 'planOf' | 'servers'> {
  command: Command;
  target: Target;
  families: readonly (4 | 6)[];
  credentials?: Credentials;
  verifyName?: string;
  resolversOf: () => Promise<readonly Resolver[]>;
  /** Absent: whoever can be asked, and the ports of the profile. */
  farSide?: (FarSideChoice & { named?: NamedWitnesses }) | undefined;
}

const isOf = (families: readonly (4 | 6)[], address: string): boolean =>
  families.includes(address.includes(':') ? 6 : 4);

/**
 * Their names and what the domain publishes are looked up on the way, and are no part of what is seen of the rung dns: no client
 * signs in by them.
 */
function planOf(context: ProbeContext, request: FarSideRequest): OthersPlan {
  const { target, credentials, families, resolversOf, farSide } = request;
  const { domain } = target;
  // The other commands ask whom the user names: a server that nobody has mentioned shall not see them come.
  const looks = request.command === 'firewall' || farSide?.via !== undefined;
  return {
    named: farSide?.named ?? {},
    via: farSide?.via,
    account: credentials && { user: credentials.account, password: credentials.password },
    async lookUp(host) {
      const { addresses, observations } = await resolveServer(context, { host, resolvers: await resolversOf() });
      const failed = observations.flatMap(({ outcome }) => (outcome.ok ? [] : outcome.detail));
      return { addresses: addresses.filter((address) => isOf(families, address)), detail: failed[0] ?? '' };
    },
    async discover() {
      if (!looks || domain === undefined || target.server !== undefined) return [];
      const { discoverRelays } = await import('./discover-relays.ts');
      const { relays } = await discoverRelays(context, { domain, resolvers: await resolversOf() });
      return relays.filter(({ server }) => isOf(families, server.address));
    },
  };
}

/** The rungs callback and media: opens the ports, and asks every witness that was named, can be found, or is the SIP server itself. */
export async function askFarSide(context: ProbeContext, request: FarSideRequest): Promise<Observation[]> {
  const { farSide = { ports: {}, listen: 'for-witnesses' }, credentials, verifyName } = request;
  const { observations, others } = await otherWitnesses(context, planOf(context, request));
  const { profile, climbed, servers } = request;
  const seen = await probeFarSide(context, {
    ...farSide,
    profile,
    climbed,
    planOf: request.planOf,
    servers,
    credentials,
    domain: request.target.domain,
    verifyName,
    others,
  });
  return [...observations, ...seen];
}
