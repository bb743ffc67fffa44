/** What became of the one attempt with the password. unanswered: nobody knows whether it counts as a failed one. */
export type AttemptVerdict = 'accepted' | 'refused' | 'unanswered';

/**
 * Lets one way of the run try the password first; the others learn what came of it. A wrong password is so sent once, and no
 * account is locked out by a diagnosis.
 */
export interface SignInGate {
  /** Waits for this way's turn. 'first': try it, then call `settle`. Anything else is what came of the first attempt. */
  enter(way: string): Promise<AttemptVerdict | 'first'>;
  /** The verdict of the attempt that `enter` has let through. */
  settle(verdict: AttemptVerdict): void;
  /** This way will not try, or has tried: those behind it need not wait for it. Safe to call twice. */
  leave(way: string): void;
}

/** A gate for these ways, the preferred one first. Once the run has ended it lets nobody wait, and nobody try. */
export function createSignInGate(ways: readonly string[], signal?: AbortSignal): SignInGate {
  const ahead = new Set(ways);
  const waiting = new Map<string, (verdict: AttemptVerdict | 'first') => void>();
  let verdict: AttemptVerdict | undefined;
  let trying: string | undefined;

  const release = (way: string, answer: AttemptVerdict | 'first'): void => {
    const resolve = waiting.get(way);
    waiting.delete(way);
    resolve?.(answer);
  };
  const advance = (): void => {
    if (signal?.aborted === true) verdict ??= 'unanswered';
    if (verdict !== undefined) {
      const known = verdict;
      for (const way of waiting.keys()) release(way, known);
      return;
    }
    const next = ways.find((way) => ahead.has(way));
    if (trying !== undefined || next === undefined || !waiting.has(next)) return;
    trying = next;
    release(next, 'first');
  };
  signal?.addEventListener('abort', advance, { once: true });
  return {
    enter: (way) =>
      new Promise((resolve) => {
        waiting.set(way, resolve);
        advance();
      }),
    settle(settled) {
      verdict ??= settled;
      advance();
    },
    leave(way) {
      ahead.delete(way);
      if (trying === way) trying = undefined;
      advance();
    },
  };
}
