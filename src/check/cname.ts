import type { Severity } from '../model.ts';
import type { RecordType } from '../model/dns.ts';
import { MAX_ALIASES } from '../wire/dns-answer.ts';
import type { Lookup } from '../wire/dns-lookup.ts';
import { decisionOf, type Decision } from './deciding-answers.ts';
import { defineCheck } from './define-check.ts';

interface ChainEvidence {
  name: string;
  /** Of the record that was asked for. */
  type: RecordType;
  /** The names on the way, the first one included. */
  path: string[];
  severity: Severity;
}

/** Names of a circle, and of a path that is only long. */
const SHOWN = { loop: 6, 'too-long': 3 };

const pathOf = (name: string, { chain }: Lookup): string[] => [name, ...chain.flatMap(({ host }) => host ?? [])];

function pathText({ path }: ChainEvidence, shown: number): string {
  const rest = path.length - shown;
  return rest > 0 ? `${path.slice(0, shown).join(' -> ')} -> ... (${rest} more)` : path.join(' -> ');
}

/** What the clients want at the end of the path. */
const wanted = ({ type }: ChainEvidence): string =>
  type === 'A' || type === 'AAAA' ? 'the address of the server (A or AAAA)' : `the ${type} record itself`;

/** A name that the deciding client needs and has no other for. */
function isNeeded(name: string, { discovery, alive }: Decision): boolean {
  const mine = discovery.servers.filter(({ host }) => host === name);
  if (mine.length > 0) return mine.some(({ set }) => !alive.some((one) => one.set === set));
  const asked = discovery.steps.some(({ question, fate }) => fate === 'broken' && question.startsWith(`${name} `));
  return asked && alive.length === 0;
}

export const cname = defineCheck({
  id: 'cname',
  rung: 'dns',
  question: 'Do the aliases (CNAME) on the way come to an end?',
  source: 'RFC 1034 section 3.6.2',
  reads: ['dns'],
  uses: ['discovery'],
  cases: {
    loop: {
      means: 'Aliases (CNAME) point at one another in a circle, so no record is ever reached.',
      causes: [
        'two names were made aliases of each other',
        'a wildcard alias that matches its own target',
        'a name was moved to a provider whose record points back',
      ],
      fix: 'Replace one of the CNAME records on the way by what the clients want there: the address of the server (A or AAAA), or the SRV record itself.',
      severity: (e: ChainEvidence) => e.severity,
      weighs: 'error when the client of the profile needs the name and has no other; warning otherwise',
      text: (e: ChainEvidence) => `The aliases (CNAME) of ${e.name} run in a circle: ${pathText(e, SHOWN.loop)}.`,
      remedy: (e) => `Replace one of the CNAME records on the way by ${wanted(e)}; check with: dig ${e.name} CNAME`,
    },
    'too-long': {
      means: 'The chain of aliases (CNAME) is longer than clients follow.',
      causes: [
        'an alias was added at every move, and none removed',
        'a name server that makes up a new alias for every name',
      ],
      fix: 'Let the name point straight to the last one, or give it the address itself.',
      severity: (e: ChainEvidence) => e.severity,
      weighs: 'error when the client of the profile needs the name and has no other; warning otherwise',
      text: (e: ChainEvidence) =>
        `The aliases (CNAME) of ${e.name} come to no end after ${MAX_ALIASES} steps, where clients give up: ${pathText(e, SHOWN['too-long'])}.`,
      remedy: (e) =>
        `Let ${e.name} point straight to the last name, or give it ${wanted(e)}; check with: dig ${e.name} ${e.type}`,
    },
  },
  run({ dns, discovery }, found, { answersIn }) {
    const answers = answersIn(dns);
    const decision = decisionOf(discovery);
    const told = new Set<string>();
    for (const { about } of answers.seen) {
      const name = about.name.toLowerCase();
      const lookup = answers.lookUp(name, about.type);
      if (lookup.state !== 'loop' && lookup.state !== 'too-long') continue;
      const path = pathOf(name, lookup);
      // The names of a path are asked for as well, and each of them sees the same fault.
      if (path.some((one) => told.has(one))) continue;
      for (const one of path) told.add(one);
      const severity = decision === undefined || isNeeded(name, decision) ? 'error' : 'warning';
      found(lookup.state, name, { name, type: about.type, path, severity });
    }
  },
});
