import { defineCheck } from './define-check.ts';

const SHOWN = 6;

export const dnsTtl = defineCheck({
  id: 'dns-ttl',
  rung: 'dns',
  question: 'May the answers be kept for a while?',
  source: 'RFC 1035 section 3.2.1; RFC 2181 section 8',
  reads: ['dns'],
  cases: {
    zero: {
      means: 'The records may not be kept for any time, so every connection waits for DNS anew.',
      causes: [
        'the TTL was set to 0 for a move, or by mistake',
        'a load balancer that works by DNS',
        'the answer came from a cache in the last second of its entry',
      ],
      fix: 'Set a TTL of 300 seconds or more, unless the records are meant to change within minutes.',
      severity: 'info',
      text: (e: { records: string[] }) =>
        `The time to live is 0 for ${e.records.slice(0, SHOWN).join(', ')}${e.records.length > SHOWN ? ` and ${e.records.length - SHOWN} more` : ''}: every client asks anew for every connection, and sign-in stops as soon as DNS does.`,
      remedy: () =>
        'Unless the records are meant to change within minutes, set a TTL of 300 seconds or more; where the server itself is a cache, its entry was about to expire, and the next run shows the true value.',
    },
  },
  run({ dns }, found, { answersIn }) {
    const zero = answersIn(dns).seen.flatMap(({ outcome }) =>
      outcome.ok ? outcome.value.records.filter(({ ttl }) => ttl === 0) : [],
    );
    const records = [...new Set(zero.map(({ name, type }) => `${name} ${type}`))];
    const [first] = zero;
    if (first !== undefined) found('zero', first.name, { records });
  },
});
