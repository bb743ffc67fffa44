import type { DnsObservation, Reason, Severity } from '../model.ts';
import { defineCheck } from './define-check.ts';

interface ResolverEvidence {
  resolver: string;
  label: string;
  /** Questions that failed this way, and all that were asked. */
  failed: number;
  asked: number;
  questions: string[];
}

/** A resolver that answers nothing stops the client; one that fails some names only may still serve the ones that matter. */
const weigh = (e: ResolverEvidence): Severity => (e.failed === e.asked ? 'error' : 'warning');
const count = (e: ResolverEvidence): string =>
  e.failed === e.asked ? 'any question' : `${e.failed} of ${e.asked} questions`;
const named = (e: ResolverEvidence): string => (e.label === e.resolver ? e.resolver : `${e.label} (${e.resolver})`);
const SHOWN_QUESTIONS = 10;

const FAILURES: Partial<Record<Reason, string>> = {
  servfail: 'SERVFAIL (it could not get the answer from the servers of the zone)',
  'refused-query': 'REFUSED (it does not serve this machine, or not this zone)',
  rcode: 'an error code',
  malformed: 'a malformed answer',
};

export const resolver = defineCheck({
  id: 'resolver',
  rung: 'dns',
  question: 'Does the DNS server answer?',
  source: 'RFC 1035 section 4.1.1',
  reads: ['dns'],
  cases: {
    timeout: {
      severity: weigh,
      text: (e: ResolverEvidence & { waitedMs: number }) =>
        `The DNS server ${named(e)} did not answer ${count(e)} within ${Math.round(e.waitedMs)} ms.`,
      remedy: (e) =>
        `Check that ${e.resolver} is the right DNS server and that UDP port 53 to it is open (nslookup ${e.questions[0]?.split(' ')[0] ?? ''} ${e.resolver.replace(/:53$/, '')}); try another one with --resolver.`,
    },
    unreachable: {
      severity: weigh,
      text: (e: ResolverEvidence & { detail: string }) => `The DNS server ${named(e)} cannot be reached: ${e.detail}.`,
      remedy: (e) =>
        `Nothing serves DNS at ${e.resolver}. Correct this machine's DNS server setting, or name another one with --resolver.`,
    },
    failure: {
      severity: weigh,
      text: (e: ResolverEvidence & { answer: string }) =>
        `The DNS server ${named(e)} answers ${count(e)} with ${e.answer}.`,
      remedy: (e) =>
        `Ask the people who run ${e.resolver} to look at its log for ${e.questions[0] ?? 'the question'}; compare with another resolver: --resolver other=IP.`,
    },
    'truncated-no-tcp': {
      severity: weigh,
      text: (e: ResolverEvidence & { detail: string }) =>
        `The DNS server ${named(e)} truncated its answer to ${count(e)}, and the rest cannot be fetched over TCP: ${e.detail}.`,
      remedy: (e) =>
        `Open TCP port 53 to ${e.resolver}: answers that do not fit into one datagram come that way (RFC 7766).`,
    },
  },
  run({ dns }, found) {
    for (const address of new Set(dns.map((one) => one.about.resolver))) {
      const mine = dns.filter((one) => one.about.resolver === address);
      const failing = (reasons: readonly Reason[]): DnsObservation[] =>
        mine.filter(({ outcome }) => !outcome.ok && reasons.includes(outcome.reason));
      const evidenceOf = (failed: readonly DnsObservation[]): ResolverEvidence => ({
        resolver: address,
        label: mine[0]?.about.resolverLabel ?? address,
        failed: failed.length,
        asked: mine.length,
        questions: failed.slice(0, SHOWN_QUESTIONS).map((one) => one.subject),
      });
      const detailOf = (failed: readonly DnsObservation[]): string => {
        const outcome = failed[0]?.outcome;
        return outcome?.ok === false ? outcome.detail : '';
      };
      const silent = failing(['timeout']);
      const waitedMs = Math.max(0, ...silent.map((one) => one.outcome.ms));
      if (silent.length > 0) found('timeout', address, { ...evidenceOf(silent), waitedMs });
      const closed = failing(['refused', 'unreachable']);
      if (closed.length > 0) found('unreachable', address, { ...evidenceOf(closed), detail: detailOf(closed) });
      const cut = failing(['truncated']);
      if (cut.length > 0) found('truncated-no-tcp', address, { ...evidenceOf(cut), detail: detailOf(cut) });
      for (const reason of ['servfail', 'refused-query', 'rcode', 'malformed'] as const) {
        const failed = failing([reason]);
        const answer = FAILURES[reason] ?? reason;
        if (failed.length > 0) found('failure', address, { ...evidenceOf(failed), answer });
      }
    }
  },
});
