/** A limit of time that can stand still: what a target waits for others of its batch is not its own time. */
export interface Deadline {
  signal: AbortSignal;
  /** The clock stands still until the function that this gives is called. */
  hold(): () => void;
  /** No longer needed: nothing keeps the process alive. */
  clear(): void;
}

export function createDeadline(limitMs: number, parent: AbortSignal, now: () => number): Deadline {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  let left = limitMs;
  let startedAt = now();
  let timer: NodeJS.Timeout | undefined = setTimeout(end, left);
  let holds = 0;
  let state: 'running' | 'cleared' = 'running';
  if (parent.aborted) end();
  parent.addEventListener('abort', end, { once: true });
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    signal: controller.signal,
    hold() {
      if (holds === 0) {
        left -= now() - startedAt;
        stop();
      }
      holds += 1;
      return () => {
        holds -= 1;
        if (holds > 0 || state === 'cleared') return;
        startedAt = now();
        timer = setTimeout(end, Math.max(0, left));
      };
    },
    clear() {
      state = 'cleared';
      stop();
      parent.removeEventListener('abort', end);
    },
  };
}
