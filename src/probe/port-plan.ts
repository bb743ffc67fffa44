import type { PortUse } from '../model/far-side.ts';
import { CLIENT_PORTS, PROFILES, type ClientPorts } from '../profiles.ts';
import type { RangePlan } from './open-ports.ts';

/** Ports that the user named, in an option or by a policy file. */
export interface GivenRange {
  first: number;
  last: number;
  source: 'option' | 'policy';
  /** The file of the policy. */
  from?: string;
}

export type GivenPorts = Partial<Record<PortUse, GivenRange>>;

const TRANSPORT = { sip: 'tcp', media: 'udp' } as const;

/** What a client of the profile would advertise: what the user says, else what the profile says, else what is customary. */
export function planRange(use: PortUse, to: { profile: string; given: GivenPorts; address: string }): RangePlan {
  const profile = PROFILES.find(({ name }) => name === to.profile);
  const ports: ClientPorts = profile?.ports ?? CLIENT_PORTS;
  const { needed, ...range } = ports[use];
  const own =
    profile?.ports === undefined ? { source: 'default' as const } : { source: 'profile' as const, from: profile.name };
  return { use, transport: TRANSPORT[use], address: to.address, needed, ...range, ...(to.given[use] ?? own) };
}
