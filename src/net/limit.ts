import type { Wait } from '../world.ts';
import { NetError } from './net-error.ts';

/** How a limited action reports its end; every call but the first is ignored. */
export interface Settle<T> {
  resolve(value: T): void;
  reject(error: NetError): void;
}

/** Of a write whose caller names no limit, since Node makes it: a peer that has not read for this long will not read the rest. */
export const UNREAD: Wait = { timeoutMs: 10_000 };

/** Longest delay that a timer takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs `begin` inside the limits of a wait. `begin` returns what lets go of its listeners; that runs once, whatever the end.
 * Rejects with NetError 'timeout' or 'cancelled' ("<what> …"), or with what `begin` reported. A signal that has
 * fired already cancels without a beginning.
 */
export function limited<T>(wait: Wait, what: string, begin: (settle: Settle<T>) => () => void): Promise<T> {
  const { signal, timeoutMs } = wait;
  if (signal?.aborted === true) return Promise.reject(new NetError('cancelled', `${what}: cancelled`));
  return new Promise<T>((resolve, reject) => {
    let letGo: (() => void) | undefined;
    let ended = false;
    let timer: NodeJS.Timeout | undefined;
    const end = (act: () => void): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      letGo?.();
      act();
    };
    const cancel = (): void => end(() => reject(new NetError('cancelled', `${what}: cancelled`)));
    const expire = (): void => end(() => reject(new NetError('timeout', `${what}: nothing within ${timeoutMs} ms`)));
    signal?.addEventListener('abort', cancel);
    if (timeoutMs <= LONGEST_TIMER_MS) timer = setTimeout(expire, Math.max(0, timeoutMs));
    letGo = begin({
      resolve: (value) => end(() => resolve(value)),
      reject: (error) => end(() => reject(error)),
    });
    if (ended) letGo();
  });
}
