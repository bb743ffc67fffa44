import { createServer } from 'node:net';
import type { Endpoint } from '../world.ts';
import { freeBlock, handedOutLast, QUIET, type PortBlock } from './free-ports.ts';
import { listenTcp } from './listener.ts';
import type { Rack } from './rack.ts';

/**
 * How the machine of the user is set up: as it comes; with another program on a SIP port of the client; or with a policy that
 * gives the client one port only, ports that the system hands out to others, or names that strict naming forbids.
 */
export type ClientSetup = 'plain' | 'port-taken' | 'one-port' | 'ephemeral-ports' | 'relaxed-naming';

export interface ClientMachine {
  /** SIP ports that the client is to use; both included. */
  sipPorts?: PortBlock;
  /** An export of the registry. */
  policy?: string;
}

/** As many as clients are in want of, one after the other. */
const BLOCK = 4;
const MAX_PORT = 65_535;

const blockAt = (first: number): PortBlock => ({ first, last: Math.min(MAX_PORT, first + BLOCK - 1) });

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** A registry export of regedit, version 5. */
const policyOf = (key: string, values: Readonly<Record<string, number>>): string =>
  [
    'Windows Registry Editor Version 5.00',
    '',
    `[HKEY_LOCAL_MACHINE\\Software\\Policies\\Microsoft\\${key}]`,
    ...Object.entries(values).map(([name, value]) => `"${name}"=dword:${hex(value)}`),
    '',
  ].join('\r\n');

const portPolicy = ({ first, last }: PortBlock): string =>
  policyOf('Windows\\RTC\\PortRange', {
    MinSipDynamicPort: first,
    MaxSipDynamicPort: last,
    MinMediaPort: first,
    MaxMediaPort: last,
  });

/** Makes the machine of the user ready. Throws NetError. */
export async function setUpClient(rack: Rack, at: Endpoint, setup: ClientSetup): Promise<ClientMachine> {
  switch (setup) {
    case 'plain':
      return {};
    case 'port-taken':
      return { sipPorts: blockAt((await rack.add(listenTcp(createServer(), at))).port) };
    case 'relaxed-naming':
      return { policy: policyOf('Communicator', { DisableStrictDNSNaming: 1 }) };
    case 'one-port':
      return { policy: portPolicy(await freeBlock(QUIET, 1)) };
    case 'ephemeral-ports':
      return { policy: portPolicy(await freeBlock(await handedOutLast(), BLOCK)) };
  }
}
