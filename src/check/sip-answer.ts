import type { SipObservation } from '../model/sip.ts';
import { readAdvice } from '../wire/sip-diagnostics.ts';
import { defineCheck, type Found } from './define-check.ts';
import { durationText } from './duration-text.ts';
import { overText } from './server-ways.ts';
import {
  toldTogether,
  type AnswerEvidence,
  type ClosedEvidence,
  type Evidence,
  type Fault,
  type Told,
} from './sip-faults-told.ts';
import { BY_STANDING, endpointText, namedEndpoint, serverText, severityOf, standInText } from './standing.ts';

type Silence = 'none' | 'closed' | 'refused' | 'not-sip' | 'tls-failed';

interface Cases {
  none: Evidence;
  closed: ClosedEvidence;
  refused: Evidence;
  'not-sip': Evidence;
  'tls-failed': Evidence;
  'server-error': AnswerEvidence;
  'other-source': { server: string; from: string };
  'method-refused': { server: string; status: number; reason: string };
}

/** OpenSSL's words; whom they are about stands in the sentence. */
const reasonText = ({ detail }: Evidence): string => detail.replace(/^\S+: /, '');

const isAlive = ({ outcome }: SipObservation): boolean => outcome.ok && outcome.value.status < 500;

function byServer(sip: readonly SipObservation[]): SipObservation[][] {
  const groups = new Map<string, SipObservation[]>();
  // What a password changes is the business of the next rung.
  for (const one of sip.filter(({ about }) => about.step === undefined))
    groups.set(serverText(one.about), [...(groups.get(serverText(one.about)) ?? []), one]);
  return [...groups.values()];
}

export const sipAnswer = defineCheck({
  id: 'sip-answer',
  rung: 'sip',
  question: 'Does a SIP server answer?',
  source: 'RFC 3261 sections 10.3 and 11.2',
  reads: ['sip'],
  cases: {
    none: {
      ...BY_STANDING,
      means: 'The server is reached, but no answer to a SIP request came.',
      causes: [
        'a firewall lets the packets in one direction only',
        'the SIP service hangs, or ignores requests for unknown domains',
        'the UDP port is another one',
      ],
      fix: 'Check that the SIP service listens there and that firewalls let requests in and answers out, and look for the request in its log.',
      text: (e: Evidence) =>
        `${e.server} does not answer SIP over ${overText(e.transports)}: no response within ${durationText(e.ms)} (a client would wait 32 s).${standInText(e)}`,
      remedy: (e) =>
        e.transports.every((one) => one === 'udp')
          ? `Check that the SIP service listens on UDP port ${e.ports.join(', ')} (ss -lunp, on Windows netstat -ano) and that firewalls let the requests in and the answers out; look for the request in the log of ${e.host}.`
          : `Look at the log of ${e.host}, and restart the SIP service if it hangs: the connection is open, and the server stays silent.`,
    },
    closed: {
      ...BY_STANDING,
      means: 'The server closes the connection instead of answering.',
      causes: [
        'an access list or rate limit of the SIP service',
        'the server wants a client certificate',
        'the service behind a load balancer is down',
      ],
      fix: 'Look at the log of the server for the connection of this machine: it does not accept SIP from this address, or not for this domain.',
      text: (e: ClosedEvidence) =>
        `${e.server} closes the connection instead of answering SIP over ${overText(e.transports)}${e.silent.length > 0 ? ', and stays silent over UDP' : ''}.${standInText(e)}`,
      remedy: (e) =>
        `Look at the log of ${e.host} for the connection of this machine: the server accepts no SIP from this address, or not for this domain.`,
    },
    'tls-failed': {
      ...BY_STANDING,
      means: 'The TLS connection breaks after the handshake, before an answer to the SIP request came.',
      causes: [
        'a TLS proxy or firewall that damages what it passes on',
        'a server that goes on in clear after the handshake',
        'a faulty TLS implementation',
      ],
      fix: 'Look at the log of the server and of every TLS proxy in front of it: what arrives after the handshake is no longer TLS that a client can read.',
      text: (e: Evidence) =>
        `The TLS handshake with ${e.server} succeeds, but what comes then in the place of a SIP answer cannot be read as TLS: ${reasonText(e)}.${standInText(e)}`,
      remedy: (e) =>
        `Look at the TLS log of ${e.host} and of every TLS proxy or firewall in front of it, and update or restart what answers there.`,
    },
    refused: {
      ...BY_STANDING,
      means: 'The machine says that nothing listens on that port.',
      causes: ['the SIP service does not run, or not for this transport', 'the port in DNS is wrong'],
      fix: 'Start the listener of the SIP service for this transport, or take the record that publishes it out of DNS.',
      text: (e: Evidence) =>
        `Nothing listens for SIP at ${e.server} over ${overText(e.transports)}: the machine answers that the port is closed.${standInText(e)}`,
      remedy: (e) =>
        `Start the ${overText(e.transports)} listener of the SIP service on ${e.host}, port ${e.ports.join(', ')}, or take the record that publishes it out of DNS.`,
    },
    'not-sip': {
      ...BY_STANDING,
      means: 'Something answers, but not in SIP.',
      causes: [
        'another service (a web server) has the port',
        'TLS is spoken on a port that was published for TCP',
        'a proxy in between answers for itself',
      ],
      fix: 'Correct the port that DNS publishes, or move the other service.',
      text: (e: Evidence) =>
        `${e.server} answers over ${overText(e.transports)}, but not in SIP: ${plain(e.detail)}.${standInText(e)}`,
      remedy: (e) =>
        `On ${e.host}, see which program listens on port${e.ports.length > 1 ? 's' : ''} ${e.ports.join(', ')} (ss -lntup, on Windows netstat -abno), and move it to another port, or correct the port that DNS publishes.`,
    },
    'server-error': {
      ...BY_STANDING,
      means: 'The server answers with a status from 500 on: it runs, but cannot serve.',
      causes: ['overload or maintenance', 'its database or next hop is down', 'it cannot resolve a name'],
      fix: 'Look at the log of the server: the SIP service runs, but cannot serve.',
      text: (e: AnswerEvidence) =>
        `${e.server} answers ${e.method} over ${overText(e.transports)} with ${e.status} ${e.reason}: the server itself has a problem.${e.retryAfter === null ? '' : ` It asks to be tried again in ${e.retryAfter} s (Retry-After).`}${standInText(e)}`,
      remedy: (e) =>
        `Look at the log of ${e.host}: the SIP service runs, but cannot serve (overload, maintenance, a database or a next hop that is down).`,
    },
    'other-source': {
      severity: 'info',
      means: 'The answer comes from another address than the one that was asked.',
      causes: ['the server has several addresses and answers from the wrong one', 'a NAT or load balancer in between'],
      fix: 'Let the server answer from the address that was asked.',
      text: (e: { server: string; from: string }) =>
        `The answer of ${e.server} comes from ${e.from}: a firewall or NAT on the side of the client may drop it.`,
      remedy: () =>
        `Let the server answer from the address that was asked (Kamailio: one listen= for each address, or advertise).`,
    },
    'method-refused': {
      severity: 'info',
      means: 'The server does not take OPTIONS; sign-in does not need it.',
      causes: ['OPTIONS is turned off on purpose'],
      fix: 'Nothing to do, unless a monitor relies on OPTIONS.',
      text: (e: Cases['method-refused']) =>
        `${e.server} answers OPTIONS with ${e.status} ${e.reason}; it does answer SIP, so sign-in is not affected.`,
      remedy: () => `Nothing to do, unless a monitor relies on OPTIONS.`,
    },
  },
  run({ sip }, found: Found<Cases>) {
    tellOtherSources(sip, (subject, evidence) => found('other-source', subject, evidence));
    const alive = sip.filter(isAlive);
    const faults: AnyFault[] = [];
    for (const group of byServer(sip)) {
      const [first] = group;
      if (first === undefined) continue;
      const { about } = first;
      const options = group.find((one) => one.about.method === 'OPTIONS' && one.outcome.ok);
      if (group.some(isAlive)) {
        if (options?.outcome.ok && [405, 501, 503].includes(options.outcome.value.status)) {
          const { status, reason } = options.outcome.value;
          found('method-refused', serverText(about), { server: namedEndpoint(about), status, reason });
        }
        continue;
      }
      const answer = group.find((one) => one.outcome.ok);
      const { ms } = first.outcome;
      if (answer !== undefined) {
        const alike = JSON.stringify([answer.about.method, statusOf(answer)]);
        faults.push({ name: 'server-error', about, alike, detail: '', ms, answer });
      } else if (!first.outcome.ok) {
        const name = silenceOf(first.outcome.reason);
        const { detail } = first.outcome;
        if (name !== undefined)
          faults.push({ name, about, alike: name === 'not-sip' || name === 'tls-failed' ? detail : '', detail, ms });
      }
    }
    tellFaults(faults, alive, found);
  },
});

type AnyFault = Fault<Silence> | (Fault<'server-error'> & { answer: SipObservation });

/** A server that closes connections cannot do so over UDP: there the same refusal is silence, and no fault of its own. */
function tellFaults(faults: readonly AnyFault[], alive: readonly SipObservation[], found: Found<Cases>): void {
  const told = toldTogether(faults, alive);
  const keyOf = ({ evidence }: Told<AnyFault>): string => `${severityOf(evidence)} ${evidence.host}`;
  const closing = new Set(told.filter(({ name }) => name === 'closed').map(keyOf));
  const isSameRefusal = (one: Told<AnyFault>): boolean =>
    one.name === 'none' && one.evidence.transports.join() === 'udp' && closing.has(keyOf(one));
  for (const one of told) {
    const { first, subject, evidence } = one;
    if (isSameRefusal(one)) continue;
    if (first.name === 'server-error') {
      const { answer } = first;
      found(first.name, subject, { ...evidence, method: answer.about.method, ...statusOf(answer) });
    } else if (first.name === 'closed') {
      const folded = told.filter((other) => isSameRefusal(other) && keyOf(other) === keyOf(one));
      const silent = folded.flatMap((other) => other.evidence.transports);
      found(first.name, [subject, ...folded.map((other) => other.subject)].join(', '), { ...evidence, silent });
    } else {
      found(first.name, subject, evidence);
    }
  }
}

/** 'the octets are an HTTP answer': a parser's words as a part of a sentence. */
const plain = (detail: string): string =>
  detail
    .replace(/ \(at octet \d+\)$/, '')
    .replace(/, not SIP$/, '')
    .replace(/^The /, 'the ');

function statusOf({ outcome }: SipObservation): Pick<AnswerEvidence, 'status' | 'reason' | 'retryAfter'> {
  if (!outcome.ok) return { status: 0, reason: '', retryAfter: null };
  const { status, reason, headers } = outcome.value;
  return { status, reason, retryAfter: readAdvice(headers).retryAfter ?? null };
}

/** Firewalls and NATs let answers in from where the request went, and from nowhere else. */
function tellOtherSources(
  sip: readonly SipObservation[],
  tell: (subject: string, evidence: { server: string; from: string }) => void,
): void {
  const told = new Set<string>();
  for (const { about, outcome } of sip) {
    const subject = serverText(about);
    if (!outcome.ok || outcome.value.from === endpointText(about) || told.has(subject)) continue;
    told.add(subject);
    tell(subject, { server: namedEndpoint(about), from: outcome.value.from });
  }
}

function silenceOf(reason: string): Silence | undefined {
  if (reason === 'timeout' || reason === 'unreachable') return 'none';
  if (reason === 'closed' || reason === 'reset' || reason === 'tls-alert') return 'closed';
  if (reason === 'refused' || reason === 'tls-failed') return reason;
  return reason === 'malformed' || reason === 'too-large' ? 'not-sip' : undefined;
}
