/** '850 ms', '3 s', '1.5 s': a reader needs no more digits than that. */
export const durationText = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
