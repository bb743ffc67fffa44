import { AGENT_VERSION, formatLine, MAX_PORTS, type AgentAnswer, type AgentErrorCode } from '../wire/agent-protocol.ts';
import type { World } from '../world.ts';
import type { AddressPolicy } from './address-policy.ts';
import type { AgentLog } from './agent-log.ts';
import type { Guest, Guests } from './guests.ts';
import type { Mirror } from './mirror.ts';
import type { PortPolicy } from './port-policy.ts';
import type { Rates } from './rates.ts';

/** Most ports in one ask of somebody who knows no token. */
const MAX_OPEN_PORTS = 4;

/** What every control connection of an agent shares. */
export interface Desk {
  world: Pick<World, 'net' | 'now' | 'randomHex'>;
  /** Absent: anybody is served. */
  token?: (() => string) | undefined;
  ports: PortPolicy;
  addresses: AddressPolicy;
  software: string;
  /** Asks that one source may make, and all of them together. */
  perSource: Rates;
  together: Rates;
  /** Asks that are served at the same time. */
  mostServed: number;
  guests: Guests;
  mirror: Mirror | undefined;
  log: AgentLog;
  onServed(): void;
}

export const guestText = ({ address, port }: Guest): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

export function tell({ stream }: Guest, answer: AgentAnswer): void {
  if (stream?.writable === true) stream.write(formatLine(answer));
}

/** Says the last words; the guest then has a moment to read them and to go. */
export function partFrom(desk: Desk, guest: Guest, last: AgentAnswer): void {
  desk.guests.enter(guest, 'leaving', desk.world.now());
  if (guest.stream?.writable === true) guest.stream.end(formatLine(last));
}

export interface Refusal {
  code: AgentErrorCode;
  detail: string;
}

/** Says why nothing is done, in the log too. */
export function refuse(desk: Desk, guest: Guest, { code, detail }: Refusal): void {
  desk.log.refused(guestText(guest), code);
  partFrom(desk, guest, { type: 'error', code, detail, versions: [AGENT_VERSION] });
}

export const mostPorts = ({ token }: Pick<Desk, 'token'>): number => (token === undefined ? MAX_OPEN_PORTS : MAX_PORTS);
