import type { AgentErrorCode, PortResult } from '../wire/agent-protocol.ts';

/** One line of the log: who, which port, what came of it. Never a payload, never the token. */
export type LogEntry =
  | {
      event: 'served';
      /** 'address:port' of the control connection. */
      from: string;
      token: 'proven' | 'none';
      results: { transport: 'tcp' | 'udp'; port: number; result: PortResult }[];
      mirrored: number;
      ms: number;
    }
  | { event: 'refused'; from: string; reason: RefusalReason }
  /** More were refused than there are lines for. */
  | { event: 'refused-more'; counts: Partial<Record<RefusalReason, number>> };

/** left: went without asking. crowded: too many connections of one source. tls: the handshake failed. stranger: to a mirror port, without a session. */
export type RefusalReason = AgentErrorCode | 'left' | 'crowded' | 'tls' | 'stranger';

export interface AgentLog {
  served(entry: Extract<LogEntry, { event: 'served' }>): void;
  refused(from: string, reason: RefusalReason): void;
  /** Writes what was only counted until now. */
  flush(): void;
}

/** Refusals that get a line of their own in one second: a flood of connections must not become a flood of lines. */
const LINES_PER_SECOND = 20;
const SECOND_MS = 1000;

export function createAgentLog(write: (entry: LogEntry) => void, now: () => number): AgentLog {
  let since = -Infinity;
  let lines = 0;
  let counts: Partial<Record<RefusalReason, number>> = {};
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (Object.keys(counts).length > 0) write({ event: 'refused-more', counts });
    counts = {};
  };
  return {
    served: write,
    refused(from, reason) {
      const at = now();
      if (at - since >= SECOND_MS) {
        flush();
        since = at;
        lines = 0;
      }
      lines += 1;
      if (lines <= LINES_PER_SECOND) return write({ event: 'refused', from, reason });
      counts[reason] = (counts[reason] ?? 0) + 1;
      timer ??= setTimeout(flush, SECOND_MS).unref();
    },
    flush,
  };
}
