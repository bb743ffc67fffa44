import type { SipObservation } from '../model.ts';
import { readAdvice } from '../wire/sip-diagnostics.ts';
import { defineCheck } from './define-check.ts';
import {
  endpointText,
  namedEndpoint,
  serverText,
  BY_STANDING,
  standInText,
  standingOf,
  type Standing,
} from './standing.ts';
import { durationText } from './duration-text.ts';

type Evidence = Standing & { server: string; transport: string; host: string; detail: string; ms: number };
type AnswerEvidence = Evidence & {
  method: string;
  status: number;
  reason: string;
  /** Seconds that the server asks to wait; null: it does not say. RFC 3261 section 20.33. */
  retryAfter: number | null;
};

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
        `${e.server} does not answer SIP over ${e.transport}: no response within ${durationText(e.ms)} (a client would wait 32 s).${standInText(e)}`,
      remedy: (e) =>
        e.transport === 'udp'
          ? `Check that the SIP service listens on this UDP port and that firewalls let the requests in and the answers out; look for the request in the log of ${e.host}.`
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
      text: (e: Evidence) =>
        `${e.server} closes the ${e.transport} connection instead of answering the SIP request.${standInText(e)}`,
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
        `What ${e.server} sends over ${e.transport} after the handshake breaks TLS before a SIP answer came: ${reasonText(e)}.${standInText(e)}`,
      remedy: (e) =>
        `Look at the TLS log of ${e.host} and of every TLS proxy or firewall in front of it, and update or restart what answers there.`,
    },
    refused: {
      ...BY_STANDING,
      means: 'The machine says that nothing listens on that port.',
      causes: ['the SIP service does not run, or not for this transport', 'the port in DNS is wrong'],
      fix: 'Start the listener of the SIP service for this transport, or take the record that publishes it out of DNS.',
      text: (e: Evidence) =>
        `Nothing listens for SIP at ${e.server} over ${e.transport}: the machine answers that the port is closed.${standInText(e)}`,
      remedy: (e) =>
        `Start the ${e.transport} listener of the SIP service on ${e.host}, or take the record that publishes it out of DNS.`,
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
      text: (e: Evidence) => `What ${e.server} answers over ${e.transport} is not SIP: ${e.detail}.${standInText(e)}`,
      remedy: (e) =>
        `Correct the ports that DNS publishes for ${e.host}, or move the other service that listens there to another port.`,
    },
    'server-error': {
      ...BY_STANDING,
      means: 'The server answers with a status from 500 on: it runs, but cannot serve.',
      causes: ['overload or maintenance', 'its database or next hop is down', 'it cannot resolve a name'],
      fix: 'Look at the log of the server: the SIP service runs, but cannot serve.',
      text: (e: AnswerEvidence) =>
        `${e.server} answers ${e.method} over ${e.transport} with ${e.status} ${e.reason}: the server itself has a problem.${e.retryAfter === null ? '' : ` It asks to be tried again in ${e.retryAfter} s (Retry-After).`}${standInText(e)}`,
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
      text: (e: AnswerEvidence) =>
        `${e.server} answers OPTIONS with ${e.status} ${e.reason}; it does answer SIP, so sign-in is not affected.`,
      remedy: () => `Nothing to do, unless a monitor relies on OPTIONS.`,
    },
  },
  run({ sip }, found) {
    tellOtherSources(sip, (subject, evidence) => found('other-source', subject, evidence));
    for (const group of byServer(sip)) {
      const [first] = group;
      if (first === undefined) continue;
      const { about } = first;
      const alive = group.find(isAlive);
      const base = {
        ...standingOf(about, sip.filter(isAlive)),
        server: namedEndpoint(about),
        transport: about.transport,
        host: about.host,
        detail: first.outcome.ok ? '' : first.outcome.detail,
        ms: first.outcome.ms,
      };
      const options = group.find((one) => one.about.method === 'OPTIONS' && one.outcome.ok);
      if (alive !== undefined) {
        if (options?.outcome.ok && [405, 501, 503].includes(options.outcome.value.status)) {
          found('method-refused', serverText(about), { ...base, method: 'OPTIONS', ...statusOf(options) });
        }
        continue;
      }
      const answered = group.find((one) => one.outcome.ok);
      if (answered !== undefined) {
        found('server-error', serverText(about), { ...base, method: answered.about.method, ...statusOf(answered) });
      } else if (!first.outcome.ok) {
        reportSilence(first.outcome.reason, (name) => found(name, serverText(about), base));
      }
    }
  },
});

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

function reportSilence(
  reason: string,
  report: (name: 'none' | 'closed' | 'refused' | 'not-sip' | 'tls-failed') => void,
): void {
  if (reason === 'timeout' || reason === 'unreachable') report('none');
  if (reason === 'closed' || reason === 'reset' || reason === 'tls-alert') report('closed');
  if (reason === 'refused' || reason === 'tls-failed') report(reason);
  if (reason === 'malformed' || reason === 'too-large') report('not-sip');
}
