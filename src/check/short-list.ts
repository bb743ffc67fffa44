/** Columns of a line of the ladder beside its time, on a terminal of 100 columns. */
export const LINE = 70;

/** The same for a rung that takes no time of its own. */
export const WIDE_LINE = 79;

/** Each text once, as many as fit into the room (one at least), and how many more there are. */
export function listed(texts: readonly string[], room: number = LINE): string {
  const all = [...new Set(texts)];
  const kept = (count: number): string =>
    `${all.slice(0, count).join(', ')}${count < all.length ? ` and ${all.length - count} more` : ''}`;
  let count = Math.min(all.length, room);
  while (count > 1 && kept(count).length > room) count -= 1;
  return kept(count);
}
