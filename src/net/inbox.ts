import type { Wait } from '../world.ts';
import { limited, type Settle } from './limit.ts';
import { NetError } from './net-error.ts';

/** Octets that may wait for a reader: enough for any SIP message of 64 KiB several times over, little enough for a flood. */
export const INBOX_BYTES = 256 * 1024;

/** What holding an item costs beside its octets: a flood of empty datagrams has to fill an inbox as well. */
const ENTRY_OCTETS = 256;

/** What arrived and was not asked for yet, and those who wait for what has not arrived. */
export interface Inbox<T> {
  /** Takes an item in, however full the inbox is: the source looks at `isFull`. */
  put(item: T, size: number): void;
  /** INBOX_BYTES are waiting: the source should pause or drop. */
  isFull(): boolean;
  /** Queues an error that one reader gets; the inbox stays open. */
  note(error: NetError): void;
  /** After what is queued, every reader gets this error. Only the first call counts. */
  end(error: NetError): void;
  /** The error of `end`. */
  ended(): NetError | undefined;
  /** The next item. Throws NetError. */
  take(wait: Wait): Promise<T>;
}

type Entry<T> = { item: T; size: number } | { error: NetError };

interface Backlog<T> {
  push(entry: Entry<T>): void;
  shift(): Entry<T> | undefined;
  isFull(): boolean;
}

function createBacklog<T>(onRoom: () => void): Backlog<T> {
  const entries: Entry<T>[] = [];
  let bytes = 0;
  const isFull = (): boolean => bytes >= INBOX_BYTES;
  return {
    isFull,
    push(entry) {
      entries.push(entry);
      if ('size' in entry) bytes += entry.size + ENTRY_OCTETS;
    },
    shift() {
      const wasFull = isFull();
      const entry = entries.shift();
      if (entry !== undefined && 'size' in entry) bytes -= entry.size + ENTRY_OCTETS;
      if (wasFull && !isFull()) onRoom();
      return entry;
    },
  };
}

function hand<T>(reader: Settle<T>, entry: Entry<T>): void {
  if ('error' in entry) reader.reject(entry.error);
  else reader.resolve(entry.item);
}

/** `what` names a wait in its errors; `onRoom` is called when a full inbox has room again. */
export function createInbox<T>(what: string, onRoom: () => void): Inbox<T> {
  const backlog = createBacklog<T>(onRoom);
  const readers: Settle<T>[] = [];
  let final: NetError | undefined;

  const add = (entry: Entry<T>): void => {
    if (final !== undefined) return;
    const reader = readers.shift();
    if (reader === undefined) backlog.push(entry);
    else hand(reader, entry);
  };
  const seat = (reader: Settle<T>): void => {
    const entry = backlog.shift();
    if (entry !== undefined) hand(reader, entry);
    else if (final !== undefined) reader.reject(final);
    else readers.push(reader);
  };
  const forget = (reader: Settle<T>): void => {
    const at = readers.indexOf(reader);
    if (at >= 0) readers.splice(at, 1);
  };
  return {
    put: (item, size) => add({ item, size }),
    isFull: backlog.isFull,
    note: (error) => add({ error }),
    end(error) {
      final ??= error;
      for (const reader of readers.splice(0)) reader.reject(final);
    },
    ended: () => final,
    take: (wait) =>
      limited(wait, what, (reader) => {
        seat(reader);
        return () => forget(reader);
      }),
  };
}
