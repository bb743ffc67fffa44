import type { Observation, Target } from '../model.ts';
import type { Witness } from '../model/far-side.ts';
import type { Resolver } from './ask-dns.ts';
import type { ProbeContext } from './context.ts';
import { resolveServer } from './discover.ts';
import type { OtherWitness } from './far-side.ts';
import { otherWitnesses, type NamedWitnesses, type OthersPlan } from './other-witnesses.ts';
import type { Command } from './scope.ts';
import type { Credentials } from './sign-in.ts';

interface AskableRequest {
  command: Command;
  target: Target;
  families: readonly (4 | 6)[];
  credentials?: Credentials;
  resolversOf: () => Promise<readonly Resolver[]>;
  named?: NamedWitnesses;
  via?: readonly Witness[] | undefined;
}

const isOf = (families: readonly (4 | 6)[], address: string): boolean =>
  families.includes(address.includes(':') ? 6 : 4);

/**
 * Their names and what the domain publishes are looked up on the way, and are no part of what is seen of the rung dns: no client
 * signs in by them.
 */
function planOf(context: ProbeContext, request: AskableRequest): OthersPlan {
  const { target, credentials, families, resolversOf } = request;
  const { domain } = target;
  // The other commands ask whom the user names: a server that nobody has mentioned shall not see them come.
  const looks = request.command === 'firewall' || request.via !== undefined;
  return {
    named: request.named ?? {},
    via: request.via,
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

/** The witnesses besides the SIP server that this run can ask, and what stands in the way of those that it cannot. */
export async function askableWitnesses(
  context: ProbeContext,
  request: AskableRequest,
): Promise<{ observations: Observation[]; others: OtherWitness[] }> {
  return otherWitnesses(context, planOf(context, request));
}
