import type { Server } from '../model/dns.ts';
import { defineCheck } from './define-check.ts';
import { durationText } from './duration-text.ts';
import { pathThrough, type Stop } from './failover-path.ts';
import { TRUNKS } from './registration-reading.ts';

interface Evidence {
  profile: string;
  transport: string;
  /** The name of the set: an SRV name, or a host. */
  set: string;
  /** Every address of the set, in the order in which a client tries them. */
  stops: Stop[];
  /** The one that the client ends up on or ends at; '': none. */
  at: string;
  /** How long it takes to come there. */
  waitMs: number;
  /** Whether servers of one priority were drawn by weight: another client may try them in another order. */
  drawn: 'yes' | 'no';
}

const leftText = ({ server, why, afterMs, retryAfter }: Stop): string =>
  [
    `leaves ${server} ${afterMs === 0 ? 'at once' : `after ${durationText(afterMs)}`} (${why}`,
    ...(retryAfter === null ? [] : [`, and asks to be left alone for ${retryAfter} s`]),
    ')',
  ].join('');

const left = ({ stops }: Evidence): Stop[] => {
  const until = stops.findIndex(({ how }) => how !== 'leaves');
  return until < 0 ? stops : stops.slice(0, until);
};
const waitText = ({ waitMs }: Evidence): string => (waitMs === 0 ? 'at once' : `after ${durationText(waitMs)}`);
const clientText = ({ profile, transport }: Evidence): string => `Over ${transport} a client of the profile ${profile}`;
const drawText = ({ drawn }: Evidence): string =>
  drawn === 'yes' ? ' Servers of one priority were drawn by weight: other clients may begin with another one.' : '';
const standBy = ({ stops, at }: Evidence): string =>
  stops.flatMap(({ server }) => (server === at ? [] : server)).join(', ');

/** The first of the set that lets the client in is where it stays; a refusal is where it ends. */
function caseOf({
  stops,
}: Pick<Evidence, 'stops'>): 'first-serves' | 'moves-on' | 'stops-short' | 'nowhere' | undefined {
  const at = stops.findIndex(({ how }) => how !== 'leaves');
  if (at < 0) return 'nowhere';
  if (stops[at]?.how === 'registers') return at === 0 ? 'first-serves' : 'moves-on';
  return stops.slice(at).some(({ how }) => how === 'registers') ? 'stops-short' : undefined;
}

function evidenceOf(set: readonly Server[], stops: Stop[], profile: string): Evidence {
  const until = stops.findIndex(({ how }) => how !== 'leaves');
  const before = until < 0 ? stops : stops.slice(0, until);
  const priorities = set.map(({ priority }) => priority);
  const [first] = set;
  return {
    profile,
    transport: first?.transport ?? '',
    set: first?.set ?? '',
    stops,
    at: until < 0 ? '' : (stops[until]?.server ?? ''),
    waitMs: before.reduce((sum, { afterMs }) => sum + afterMs, 0),
    drawn: new Set(priorities).size < priorities.length && !priorities.includes(undefined) ? 'yes' : 'no',
  };
}

function setsOf(servers: readonly Server[]): Server[][] {
  const sets = new Map<string, Server[]>();
  for (const server of servers) {
    const key = `${server.transport} ${server.set}`;
    sets.set(key, [...(sets.get(key) ?? []), server]);
  }
  return [...sets.values()].filter((set) => set.flatMap(({ addresses }) => addresses).length > 1);
}

const nothingToDo = (): string => '';

export const failover = defineCheck({
  id: 'failover',
  rung: 'sip',
  question: 'Which of several servers does a client end up on, and how long does that take?',
  source: 'RFC 2782; RFC 3263 section 4.3',
  reads: ['sip'],
  uses: ['discovery', 'tcp', 'tls'],
  role: 'concludes',
  cases: {
    'first-serves': {
      severity: 'info',
      means: 'A client stays with the first server of the set.',
      causes: ['nothing is wrong'],
      fix: 'Nothing to do.',
      text: (e: Evidence) =>
        `${clientText(e)} registers at ${e.at}, the first in the order of RFC 2782; ${standBy(e)} stand${e.stops.length > 2 ? '' : 's'} by.${drawText(e)}`,
      remedy: nothingToDo,
    },
    'moves-on': {
      severity: 'info',
      means: 'A client leaves the first servers of the set, and ends up on a later one.',
      causes: ['the first server is down, overloaded or under maintenance'],
      fix: 'Mend the servers that are left, or take them out of the SRV records until they are: a silent one costs each client 32 s.',
      text: (e: Evidence) =>
        `${clientText(e)} ${left(e).map(leftText).join(', ')}, and registers at ${e.at} ${waitText(e)}.${drawText(e)}`,
      remedy: (e) =>
        e.waitMs === 0
          ? 'Mend the servers that are left, or give them a later priority (a higher number) until they are.'
          : `Sign-in takes ${durationText(e.waitMs)} longer than it should, and many clients give up before: mend the servers that are left, or take them out of ${e.set} until they are.`,
    },
    'stops-short': {
      severity: 'info',
      means: 'A client is refused by one server although a later one would take it: a refusal sends nobody on.',
      causes: ['the servers of the set have not the same domains or accounts'],
      fix: 'Give all servers of the set the same domains and accounts, or take the one that refuses out of the SRV records.',
      text: (e: Evidence) =>
        `${clientText(e)} ${[...left(e).map(leftText), `ends at ${e.at}`].join(', ')}: its ${e.stops.find(({ server }) => server === e.at)?.why ?? 'answer'} is no reason to try the next server, although ${e.stops.flatMap(({ server, how }) => (how === 'registers' ? server : [])).join(', ')} would take it.${drawText(e)}`,
      remedy: (e) => `Give ${e.at} the domains and accounts of the others, or take it out of ${e.set}.`,
    },
    nowhere: {
      severity: 'info',
      means: 'A client leaves every server of the set.',
      causes: ['the network on the way', 'all servers are down'],
      fix: 'See what is told of each server on the rungs connect to sip: one that is mended is enough.',
      text: (e: Evidence) => `${clientText(e)} ${e.stops.map(leftText).join(', ')}, and gives up ${waitText(e)}.`,
      remedy: nothingToDo,
    },
  },
  notApplicable: ({ discovery }) =>
    discovery.some(({ outcome }) => outcome.ok && setsOf(outcome.value.servers).length > 0)
      ? null
      : 'no server has another one beside it',
  run({ sip, tcp, tls, discovery }, found) {
    for (const { outcome } of discovery) {
      if (!outcome.ok) continue;
      const { profile, servers } = outcome.value;
      for (const set of setsOf(servers)) {
        const stops = pathThrough(set, { sip, tcp, tls }, TRUNKS.has(profile) ? 'OPTIONS' : 'REGISTER');
        const name = caseOf({ stops });
        const evidence = evidenceOf(set, stops, profile);
        if (name !== undefined && stops.length > 1) found(name, `${evidence.transport} ${evidence.set}`, evidence);
      }
    }
  },
});
