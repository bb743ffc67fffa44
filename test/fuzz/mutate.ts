/** A number below the bound, which is at least 1. */
export type Pick = (below: number) => number;

/** A generator of its own: the seed alone decides, and the state is one number. */
export function createPick(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What injuries are made from. */
export interface Stock {
  seeds: readonly Uint8Array[];
  tokens: readonly string[];
}

const MOST_INJURIES = 6;
/** Larger inputs only cost time: what grows with its input is measured by the tests of its own. */
const MAX_OCTETS = 131_072;
/** Lengths and counts at which something ends. */
const EDGES = [0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xff];

const oneOf = <T>(list: readonly T[], pick: Pick): T | undefined => list[pick(Math.max(1, list.length))];

/** A few small injuries: octets changed, cut, doubled, moved, and pieces of the grammar or of another input in the wrong place. */
function mutate(bytes: Uint8Array, { seeds, tokens }: Stock, pick: Pick): Uint8Array {
  let now = Buffer.from(bytes);
  for (let left = 1 + pick(MOST_INJURIES); left > 0; left -= 1) {
    const at = pick(now.length + 1);
    const end = Math.min(now.length, at + pick(40));
    const other = oneOf(seeds, pick) ?? new Uint8Array();
    const from = pick(other.length + 1);
    const token = Buffer.from(oneOf(tokens, pick) ?? '', 'latin1');
    const octet = pick(2) === 0 ? pick(256) : (oneOf(EDGES, pick) ?? 0);
    const ways = [
      () => [now.subarray(0, at), now.subarray(end)],
      () => [now.subarray(0, at), token, now.subarray(at)],
      () => [now.subarray(0, end), now.subarray(at, end), now.subarray(at)],
      () => [now.subarray(0, at), other.subarray(from, from + pick(200))],
      () => [now.subarray(0, at), Buffer.from([octet]), now.subarray(at + 1)],
      () => [now.subarray(0, at)],
    ];
    now = Buffer.concat(oneOf(ways, pick)?.() ?? [now]).subarray(0, MAX_OCTETS);
  }
  return new Uint8Array(now);
}

/** One injured input. */
export const mutated = (stock: Stock, pick: Pick): Uint8Array =>
  mutate(oneOf(stock.seeds, pick) ?? new Uint8Array(), stock, pick);
