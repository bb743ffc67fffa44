/** Longer input is no misspelt name. */
const MAX_LENGTH = 80;
const MAX_MATCHES = 3;

/** Insertions, deletions and replacements that turn one text into the other. */
function editDistance(left: string, right: string): number {
  let before = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const now = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = (before[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      now.push(Math.min(replaced, (before[j] ?? 0) + 1, (now[j - 1] ?? 0) + 1));
    }
    before = now;
  }
  return before[right.length] ?? 0;
}

/** The names that somebody may have meant, the nearest first, three at most: a few letters off, or with the text as a part. */
export function nearMatches(input: string, names: readonly string[]): string[] {
  const wanted = input.trim().toLowerCase();
  if (wanted === '' || wanted.length > MAX_LENGTH) return [];
  const tolerance = Math.max(1, Math.floor(wanted.length / 4));
  const near = names
    .map((name) => {
      const distance = editDistance(wanted, name);
      // A part of a name is as good as a single slip.
      return { name, distance: wanted.length >= 3 && name.includes(wanted) ? Math.min(distance, 1) : distance };
    })
    .filter(({ distance }) => distance <= tolerance)
    .sort((a, b) => a.distance - b.distance);
  const best = near[0]?.distance ?? 0;
  // Beside a name that is a slip away, one that is three away only confuses.
  return near
    .filter(({ distance }) => distance <= best + 1)
    .slice(0, MAX_MATCHES)
    .map(({ name }) => name);
}
