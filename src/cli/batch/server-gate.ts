/** Lets so many connections to one address stand at the same time, over all targets of a batch. */
export interface ServerGate {
  /**
   * Waits until every address has room for its number of connections, and gives the way out; a target that needs more than the
   * limit gets the address for itself. Rejects when the signal is aborted first.
   */
  enter(connections: ReadonlyMap<string, number>, signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  needs: number;
  go: () => void;
}

interface Door {
  taken: number;
  queue: Waiting[];
}

function openDoors(limit: number): (address: string, wanted: number, signal: AbortSignal) => Promise<() => void> {
  const doors = new Map<string, Door>();
  const serve = (address: string, door: Door): void => {
    for (let [next] = door.queue; next !== undefined && door.taken + next.needs <= limit; [next] = door.queue) {
      door.queue.shift();
      door.taken += next.needs;
      next.go();
    }
    if (door.taken === 0 && door.queue.length === 0) doors.delete(address);
  };
  return (address, wanted, signal) =>
    new Promise((resolve, reject) => {
      const needs = Math.min(wanted, limit);
      const door = doors.get(address) ?? { taken: 0, queue: [] };
      doors.set(address, door);
      const leave = (): void => {
        door.taken -= needs;
        serve(address, door);
      };
      const abort = (): void => {
        door.queue = door.queue.filter((one) => one !== waiting);
        serve(address, door);
        reject(signal.reason instanceof Error ? signal.reason : new Error('the wait was ended'));
      };
      const waiting: Waiting = {
        needs,
        go: () => {
          signal.removeEventListener('abort', abort);
          resolve(leave);
        },
      };
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      door.queue.push(waiting);
      serve(address, door);
    });
}

export function createServerGate(limit: number): ServerGate {
  const through = openDoors(limit);
  return {
    async enter(connections, signal) {
      const left: (() => void)[] = [];
      const leave = (): void => {
        for (const one of left.splice(0)) one();
      };
      try {
        // In one order for all: two targets never wait for one another.
        for (const [address, wanted] of [...connections].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))))
          left.push(await through(address, wanted, signal));
        return leave;
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}
