import type { Reason, Severity } from '../model.ts';
import type { DiscoveryObservation, DnsObservation } from '../model/dns.ts';
import { readAnswers } from '../wire/dns-lookup.ts';
import { defineCheck, type Found } from './define-check.ts';
import { byResolver, resolverText, type AskedResolver } from './dns-resolvers.ts';
import { durationText } from './duration-text.ts';
import { listed } from './short-list.ts';

interface ResolverEvidence {
  resolver: string;
  label: string;
  /** Questions that failed this way, and all that were asked. */
  failed: number;
  asked: number;
  questions: string[];
  /** decides: clients here depend on its answers. replaceable: another server answered in its place, or it was only compared with. */
  standing: 'decides' | 'replaceable';
  /** The server that answered in its place. */
  insteadOf: string | null;
  /** Questions on which it depends whether clients find any server: none is known without them. */
  missed: string[];
}

/** A resolver that answers nothing stops the client, and one that fails the names that matter; other names may be missed. */
const weigh = (e: ResolverEvidence): Severity =>
  e.standing === 'decides' && (e.failed === e.asked || e.missed.length > 0) ? 'error' : 'warning';
const WEIGHS =
  'error when the DNS server that decides answers no question at all, or none that leads to a server; warning otherwise';
const count = (e: ResolverEvidence): string =>
  e.failed === e.asked ? 'any question' : `${e.failed} of ${e.asked} questions`;
const named = ({ resolver, label }: ResolverEvidence): string => resolverText({ address: resolver, label });
function standIn({ insteadOf, missed, failed, asked }: ResolverEvidence): string {
  if (insteadOf !== null) return ` ${insteadOf} answered in its place.`;
  return missed.length === 0 || failed === asked ? '' : ` Without ${listed(missed)} no server is found.`;
}
const host = (e: ResolverEvidence): string => e.resolver.replace(/^tls:\/\//, '').replace(/:\d+$/, '');
const port = (e: ResolverEvidence): string => /:(\d+)$/.exec(e.resolver)?.[1] ?? '53';

/** How to ask the first of the questions again by hand. */
function digText(e: ResolverEvidence): string {
  const question = e.questions[0]?.split(' ').slice(0, 2).join(' ') ?? '';
  if (!/^(?:tls:\/\/)?[\d.[]/.test(e.resolver)) return `dig ${question}`;
  const server = host(e).replaceAll(/[[\]]/g, '');
  return `dig ${e.resolver.startsWith('tls:') ? '+tls ' : ''}@${server}${port(e) === '53' ? '' : ` -p ${port(e)}`} ${question}`;
}

/** The code of the operating system, for those who do not know it by heart. */
const closedText = ({ detail }: { detail: string }): string =>
  detail.includes('ECONNREFUSED') ? 'nothing serves DNS on that port (ECONNREFUSED)' : detail;
const SHOWN_QUESTIONS = 10;
/** Half a second is where a person notices, and where a client sends its question again. */
const SLOW_MS = 500;

const FAILURES = {
  servfail: 'SERVFAIL (it could not get the answer from the servers of the zone)',
  'refused-query': 'REFUSED (it does not serve this machine, or not this zone)',
  rcode: 'an error code',
  malformed: 'a malformed answer',
  'too-large': 'an answer that is too large',
  other: 'no DNS answer',
} as const satisfies Partial<Record<Reason, string>>;

/** The connection to the server failed, in whatever way. */
const CLOSED: readonly Reason[] = ['refused', 'unreachable', 'reset', 'closed', 'tls-alert', 'not-tls', 'tls-failed'];

function detailOf(failed: readonly DnsObservation[]): string {
  const outcome = failed[0]?.outcome;
  return outcome?.ok === false ? outcome.detail : '';
}

/** What the server says beyond the code that the text names already. */
function said({ detail }: { detail: string }): string {
  const more = detail.replace(/^(SERVFAIL|REFUSED)(, )?/, '');
  return more === '' ? '' : `: ${more}`;
}

const failing = ({ observations }: AskedResolver, reasons: readonly Reason[]): DnsObservation[] => {
  const failed = observations.filter(({ outcome }) => !outcome.ok && reasons.includes(outcome.reason));
  if (failed.length === 0) return failed;
  const answers = readAnswers(observations);
  // Aliases in a circle are the zone's fault, which another check names: no resolver can do better.
  return failed.filter(({ about }) => answers.lookUp(about.name, about.type).state === 'failed');
};

const answered = ({ observations }: AskedResolver): boolean => observations.some(({ outcome }) => outcome.ok);

interface Slowness {
  resolver: string;
  label: string;
  medianMs: number;
  /** Answers that came only after the question was repeated. */
  repeated: number;
  answers: number;
}

function slownessOf({ address, label, observations }: AskedResolver): Slowness | undefined {
  const answers = observations.flatMap(({ outcome }) => (outcome.ok ? [{ ms: outcome.ms, ...outcome.value }] : []));
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  const medianMs = times[Math.floor(times.length / 2)] ?? 0;
  const repeated = answers.filter(({ tries }) => tries > 1).length;
  if (medianMs <= SLOW_MS && repeated === 0) return undefined;
  return { resolver: address, label, medianMs, repeated, answers: answers.length };
}

interface Cases {
  timeout: ResolverEvidence & { waitedMs: number };
  unreachable: ResolverEvidence & { detail: string };
  failure: ResolverEvidence & { answer: string; detail: string };
  'truncated-no-tcp': ResolverEvidence & { detail: string };
  slow: Slowness;
  unverified: { resolver: string; label: string; why: string };
}

/** Where discovery ends without any server, the questions whose failure it is. */
function missedOf(failed: readonly DnsObservation[], discovery: readonly DiscoveryObservation[]): string[] {
  const [outcome] = discovery.flatMap((one) => (one.outcome.ok ? one.outcome.value : []));
  if (outcome === undefined || outcome.servers.some(({ addresses }) => addresses.length > 0)) return [];
  const open = outcome.steps.filter(({ fate }) => fate === 'broken').map(({ question }) => question.split(' ')[0]);
  return failed.filter(({ about }) => open.includes(about.name)).map(({ subject }) => subject);
}

interface Heard {
  all: readonly AskedResolver[];
  discovery: readonly DiscoveryObservation[];
}

function judgeServer(server: AskedResolver, { all, discovery }: Heard, found: Found<Cases>): void {
  const { address, label, observations } = server;
  const other = all.find((one) => one !== server && one.label === label && answered(one));
  const decides = all[0]?.label === label && other === undefined;
  const evidenceOf = (failed: readonly DnsObservation[]): ResolverEvidence => ({
    resolver: address,
    label,
    failed: failed.length,
    asked: observations.length,
    questions: failed.slice(0, SHOWN_QUESTIONS).map((one) => one.subject),
    standing: decides ? 'decides' : 'replaceable',
    insteadOf: other?.address ?? null,
    missed: decides ? missedOf(failed, discovery).slice(0, SHOWN_QUESTIONS) : [],
  });
  const silent = failing(server, ['timeout']);
  const waitedMs = Math.max(0, ...silent.map((one) => one.outcome.ms));
  if (silent.length > 0) found('timeout', address, { ...evidenceOf(silent), waitedMs });
  const closed = failing(server, CLOSED);
  if (closed.length > 0) found('unreachable', address, { ...evidenceOf(closed), detail: detailOf(closed) });
  const cut = failing(server, ['truncated']);
  if (cut.length > 0) found('truncated-no-tcp', address, { ...evidenceOf(cut), detail: detailOf(cut) });
  for (const reason of ['servfail', 'refused-query', 'rcode', 'malformed', 'too-large', 'other'] as const) {
    const failed = failing(server, [reason]);
    const evidence = { ...evidenceOf(failed), answer: FAILURES[reason], detail: detailOf(failed) };
    if (failed.length > 0) found('failure', address, evidence);
  }
  const slowness = slownessOf(server);
  if (slowness !== undefined) found('slow', address, slowness);
  const why = observations.flatMap(({ outcome }) => (outcome.ok ? (outcome.value.unverified ?? []) : []))[0];
  if (why !== undefined) found('unverified', address, { resolver: address, label, why });
}

export const resolver = defineCheck<'dns', Cases, 'discovery'>({
  id: 'resolver',
  rung: 'dns',
  question: 'Does the DNS server answer?',
  source: 'RFC 1035 section 4.1.1',
  reads: ['dns'],
  uses: ['discovery'],
  cases: {
    timeout: {
      means: 'The DNS server is silent, or its answers do not arrive.',
      causes: [
        'a firewall drops UDP port 53',
        'the address is not that of a DNS server',
        'the server is down or overloaded',
      ],
      fix: 'Check that it is the right DNS server and that its port is open; try another one with --resolver.',
      severity: weigh,
      weighs: WEIGHS,
      text: (e) =>
        `The DNS server ${named(e)} did not answer ${count(e)} within ${durationText(e.waitedMs)}.${standIn(e)}`,
      remedy: (e) =>
        `Check that ${e.resolver} is the right DNS server and that its port is open (${digText(e)}); try another one with --resolver IP.`,
    },
    unreachable: {
      means: 'The way to the DNS server ends with an error before any question is answered.',
      causes: [
        'nothing listens on that port',
        'a router or firewall rejects the packets',
        'the TLS handshake fails, or the certificate is another server’s',
      ],
      fix: 'Correct the DNS server setting of this machine, or name another server with --resolver.',
      severity: weigh,
      weighs: WEIGHS,
      text: (e) => `The DNS server ${named(e)} cannot be reached: ${closedText(e)}.${standIn(e)}`,
      remedy: (e) =>
        `Correct the DNS server setting of this machine, or name another server with --resolver IP: nothing that can be used serves DNS at ${e.resolver}.`,
    },
    failure: {
      means: 'The DNS server answers, but with an error code instead of records.',
      causes: [
        'the servers of the zone are down or misconfigured (SERVFAIL)',
        'the server does not serve this network or this zone (REFUSED)',
        'DNSSEC validation fails (SERVFAIL)',
      ],
      fix: 'Ask the people who run the DNS server to look at its log, and compare with another resolver (--resolver other=IP).',
      severity: weigh,
      weighs: WEIGHS,
      text: (e) =>
        `The DNS server ${named(e)} answers ${e.failed === e.asked ? 'every question' : count(e)} with ${e.answer}${said(e)}.${standIn(e)}`,
      remedy: (e) =>
        `Ask the people who run ${e.resolver} to look at its log for ${e.questions[0]?.split(' ')[0] ?? 'the name'} (repeat it with: ${digText(e)}); compare with another resolver: --resolver other=IP.`,
    },
    'truncated-no-tcp': {
      means: 'The answer does not fit into one datagram, and TCP, over which the whole would come, does not work.',
      causes: ['a firewall lets only UDP port 53 through', 'the DNS server does not listen on TCP'],
      fix: 'Open TCP port 53 to the DNS server: answers that do not fit into one datagram come that way.',
      severity: weigh,
      weighs: WEIGHS,
      text: (e) =>
        `The DNS server ${named(e)} truncated its answer to ${e.failed === e.asked ? 'every question' : count(e)}, and the rest cannot be fetched over TCP: ${closedText({ detail: e.detail.replace(/^.* and over TCP: /, '') })}.${standIn(e)}`,
      remedy: (e) =>
        `Open TCP port ${port(e)} to ${host(e)} (test: ${digText(e)} +tcp): answers that do not fit into one datagram come that way (RFC 7766).`,
    },
    slow: {
      means: 'The answers of the DNS server come late, or only after the question was repeated.',
      causes: ['packets are lost on the way', 'the server is far away or overloaded', 'its own upstream is slow'],
      fix: 'Use a DNS server that is nearer, or have the path to it checked for lost packets.',
      severity: 'info',
      text: (e) =>
        `The DNS server ${resolverText({ address: e.resolver, label: e.label })} is slow: half of its ${e.answers} answers took ${Math.round(e.medianMs)} ms or more, and ${e.repeated} came only after the question was repeated.`,
      remedy: (e) =>
        `Use a DNS server that is nearer, or have the path to ${e.resolver} checked for lost packets: every sign-in waits for it.`,
    },
    unverified: {
      means: 'The connection to the DNS server is encrypted, but nothing proves who is at its other end.',
      causes: [
        'no name to verify was given',
        'the root of its certificate is not trusted here',
        'its certificate carries another name',
      ],
      fix: 'Name who must answer (--resolver tls://IP#name, or https:// with the name in its certificate); --ca adds a root.',
      severity: 'info',
      text: (e) =>
        `The connection to the DNS server ${resolverText({ address: e.resolver, label: e.label })} is encrypted, but its certificate was not verified: ${e.why}.`,
      remedy: () =>
        'To have it verified, name who must answer: --resolver tls://IP#name, or https:// with the name in its certificate; --ca adds a root.',
    },
  },
  run({ dns, discovery }, found) {
    const servers = byResolver(dns);
    for (const server of servers) judgeServer(server, { all: servers, discovery }, found);
  },
});
