import type { Report } from '../model.ts';
import type { ReachObservation } from '../model/far-side.ts';

/** Rows and columns of one table; a range is opened on 64 ports at most, and few witnesses are at hand. */
const MAX_ROWS = 64;
const MAX_COLUMNS = 8;

export interface ReachGrid {
  /** Who asked, and in what way. */
  columns: string[];
  /** A port as one server was asked to reach it; what it was not asked in is undefined. */
  rows: { name: string; words: (string | undefined)[] }[];
}

function columnOf({ about: { witness, connection, idleSeconds } }: ReachObservation): string {
  if (idleSeconds !== undefined) return `${witness} after ${idleSeconds} s`;
  return connection === undefined ? witness : `${witness}, connection ${connection}`;
}

const rowOf = ({ about }: ReachObservation): string =>
  `${about.transport === 'udp' ? 'UDP' : 'TCP'} ${about.port} from ${about.server}`;

const wordOf = ({ outcome }: ReachObservation): string => (outcome.ok ? outcome.value.result : outcome.reason);

/** What became of every port that somebody was asked to reach; nothing in it is escaped. */
export function reachGrid({ observations }: Report): ReachGrid {
  const reach = observations.filter((one) => one.kind === 'reach');
  const columns = [...new Set(reach.map(columnOf))].slice(0, MAX_COLUMNS);
  const names = [...new Set(reach.map(rowOf))].slice(0, MAX_ROWS);
  const words = new Map(reach.map((one) => [JSON.stringify([rowOf(one), columnOf(one)]), wordOf(one)]));
  const rows = names.map((name) => ({
    name,
    words: columns.map((column) => words.get(JSON.stringify([name, column]))),
  }));
  return { columns, rows };
}
