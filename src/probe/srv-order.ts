import type { DnsRecord } from '../model/dns.ts';

/** A number from 0 to `most`, both included; the label names the draw, so that a tape repeats it. */
export type Draw = (label: string, most: number) => number;

export interface OrderedSrv {
  record: DnsRecord;
  priority: number;
  weight: number;
  port: number;
  target: string;
  /** Percent of the clients that try this record first among those of its priority. */
  sharePercent: number;
}

type Unordered = Omit<OrderedSrv, 'sharePercent'>;

const readable = (records: readonly DnsRecord[]): Unordered[] =>
  records.flatMap((record) => (record.srv === undefined ? [] : { record, ...record.srv }));

/** Fixed before the draw, because servers send their records in another order each time. */
const byName = (a: Unordered, b: Unordered): number =>
  a.target === b.target ? a.port - b.port : a.target < b.target ? -1 : 1;

const sumOf = (group: readonly Unordered[]): number => group.reduce((sum, { weight }) => sum + weight, 0);

/** Weight 0 throughout means that the administrator does not care: every record has the same share. */
function shareOf(one: Unordered, group: readonly Unordered[]): number {
  const sum = sumOf(group);
  const share = sum === 0 ? 1 / group.length : one.weight / sum;
  return Math.round(share * 1000) / 10;
}

function orderGroup(group: readonly Unordered[], label: string, draw: Draw): OrderedSrv[] {
  const left = [...group.filter(({ weight }) => weight === 0), ...group.filter(({ weight }) => weight > 0)];
  const ordered: OrderedSrv[] = [];
  while (left.length > 0) {
    const sum = sumOf(left);
    const drawn = left.length === 1 || sum === 0 ? 0 : draw(label, sum);
    let running = 0;
    const at = left.findIndex(({ weight }) => (running += weight) >= drawn);
    for (const one of left.splice(at, 1)) ordered.push({ ...one, sharePercent: shareOf(one, group) });
  }
  return ordered;
}

/** An SRV set may name many targets; more than this can only be an attack or a mistake, and each costs two questions. */
const MAX_TARGETS = 64;

/** The SRV records that are looked into at all: the first 64 by priority, the same whatever order they came in. */
export const firstTargets = (records: readonly DnsRecord[]): DnsRecord[] =>
  readable(records)
    .toSorted((a, b) => a.priority - b.priority || byName(a, b))
    .slice(0, MAX_TARGETS)
    .map(({ record }) => record);

/**
 * SRV records in the order in which one client tries them: lowest priority first; within one priority a weighted draw, records
 * of weight 0 last but for a small chance. Records without SRV data are left out. RFC 2782, "Usage rules".
 */
export function orderSrv(records: readonly DnsRecord[], label: string, draw: Draw): OrderedSrv[] {
  const all = readable(records).toSorted(byName);
  const priorities = [...new Set(all.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  return priorities.flatMap((priority) =>
    orderGroup(
      all.filter((one) => one.priority === priority),
      `srv-order/${label}/${priority}`,
      draw,
    ),
  );
}
