import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { plainAddress, sourceKey } from './address-policy.ts';

/** How many may be connected at the same time, and for how long in each phase, in milliseconds. */
export interface GuestLimits {
  all: number;
  perSource: number;
  askMs: number;
  serveMs: number;
  leaveMs: number;
}

/** asking: has not said what it wants. served: its ports are tried. leaving: has its answer, and should close. */
type Phase = 'asking' | 'served' | 'leaving';

/** One control connection. */
export interface Guest {
  socket: Socket;
  /** Where it speaks: the socket, or TLS over it; absent: the handshake is not over. */
  stream?: Duplex;
  address: string;
  port: number;
  /** Whose limits count. */
  source: string;
  phase: Phase;
  /** When it is sent away, on the clock of the agent. */
  until: number;
}

/** Everybody who is connected: what an agent remembers of connections is here, and is bounded. */
export interface Guests {
  /** 'crowded': this source has too many connections. When all places are taken, the one who asks the longest gives way. */
  admit(socket: Socket, now: number): Guest | 'crowded';
  enter(guest: Guest, phase: Phase, now: number): void;
  leave(guest: Guest): void;
  /** Those whose time is over. */
  late(now: number): Guest[];
  all(): Iterable<Guest>;
  size(): number;
}

/** The one who came first and is not being served goes; a set keeps the order in which they came. */
function giveWay(guests: ReadonlySet<Guest>, leave: (guest: Guest) => void): void {
  for (const guest of guests) {
    if (guest.phase === 'served') continue;
    leave(guest);
    guest.socket.destroy();
    return;
  }
}

export function createGuests(limits: GuestLimits): Guests {
  const guests = new Set<Guest>();
  const bySource = new Map<string, number>();
  const times: Record<Phase, number> = { asking: limits.askMs, served: limits.serveMs, leaving: limits.leaveMs };
  const leave = (guest: Guest): void => {
    if (!guests.delete(guest)) return;
    const left = (bySource.get(guest.source) ?? 1) - 1;
    if (left === 0) bySource.delete(guest.source);
    else bySource.set(guest.source, left);
  };
  return {
    admit(socket, now) {
      const address = plainAddress(socket.remoteAddress ?? '');
      const source = sourceKey(address);
      const count = bySource.get(source) ?? 0;
      if (count >= limits.perSource) return 'crowded';
      if (guests.size >= limits.all) giveWay(guests, leave);
      const port = socket.remotePort ?? 0;
      const guest: Guest = { socket, address, port, source, phase: 'asking', until: now + limits.askMs };
      guests.add(guest);
      bySource.set(source, count + 1);
      return guest;
    },
    enter(guest, phase, now) {
      guest.phase = phase;
      guest.until = now + times[phase];
    },
    leave,
    late: (now) => [...guests].filter(({ until }) => until <= now),
    all: () => guests,
    size: () => guests.size,
  };
}
