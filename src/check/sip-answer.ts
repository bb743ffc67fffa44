import type { SipObservation } from '../model.ts';
import { defineCheck } from './define-check.ts';
import { namedEndpoint, serverText, severityOf, standInText, standingOf, type Standing } from './standing.ts';

type Evidence = Standing & { server: string; transport: string; host: string; detail: string; ms: number };
type AnswerEvidence = Evidence & { method: string; status: number; reason: string };

const isAlive = ({ outcome }: SipObservation): boolean => outcome.ok && outcome.value.status < 500;

function byServer(sip: readonly SipObservation[]): SipObservation[][] {
  const groups = new Map<string, SipObservation[]>();
  for (const one of sip) groups.set(serverText(one.about), [...(groups.get(serverText(one.about)) ?? []), one]);
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
      severity: severityOf,
      means: 'The server is reached, but no answer to a SIP request came.',
      causes: [
        'a firewall lets the packets in one direction only',
        'the SIP service hangs, or ignores requests for unknown domains',
        'the UDP port is another one',
      ],
      text: (e: Evidence) =>
        `${e.server} does not answer SIP over ${e.transport}: no response within ${Math.round(e.ms)} ms (a client would wait 32 s).${standInText(e)}`,
      remedy: (e) =>
        e.transport === 'udp'
          ? `Check that the SIP service listens on this UDP port and that firewalls let the requests in and the answers out; look for the request in the log of ${e.host}.`
          : `The connection is open but the server stays silent: look at the log of ${e.host}, and restart the SIP service if it hangs.`,
    },
    closed: {
      severity: severityOf,
      means: 'The server closes the connection instead of answering.',
      causes: [
        'an access list or rate limit of the SIP service',
        'the server wants a client certificate',
        'the service behind a load balancer is down',
      ],
      text: (e: Evidence) =>
        `${e.server} closes the ${e.transport} connection instead of answering the SIP request.${standInText(e)}`,
      remedy: (e) =>
        `The server does not accept SIP from this address, or not for this domain: look at the log of ${e.host} for the connection of this machine.`,
    },
    refused: {
      severity: severityOf,
      means: 'The machine says that nothing listens on that port.',
      causes: ['the SIP service does not run, or not for this transport', 'the port in DNS is wrong'],
      text: (e: Evidence) =>
        `Nothing listens for SIP at ${e.server} over ${e.transport}: the machine answers that the port is closed.${standInText(e)}`,
      remedy: (e) =>
        `Start the ${e.transport} listener of the SIP service on ${e.host}, or take the record that publishes it out of DNS.`,
    },
    'not-sip': {
      severity: severityOf,
      means: 'Something answers, but not in SIP.',
      causes: [
        'another service (a web server) has the port',
        'TLS is spoken on a port that was published for TCP',
        'a proxy in between answers for itself',
      ],
      text: (e: Evidence) => `What ${e.server} answers over ${e.transport} is not SIP: ${e.detail}.${standInText(e)}`,
      remedy: () =>
        `Another service listens on this port: correct the port that DNS publishes, or move the other service.`,
    },
    'server-error': {
      severity: severityOf,
      means: 'The server answers with a status from 500 on: it runs, but cannot serve.',
      causes: ['overload or maintenance', 'its database or next hop is down', 'it cannot resolve a name'],
      text: (e: AnswerEvidence) =>
        `${e.server} answers ${e.method} over ${e.transport} with ${e.status} ${e.reason}: the server itself has a problem.${standInText(e)}`,
      remedy: (e) =>
        `Look at the log of ${e.host}: the SIP service runs, but cannot serve (overload, maintenance, a database or a next hop that is down).`,
    },
    'method-refused': {
      severity: 'info',
      means: 'The server does not take OPTIONS; sign-in does not need it.',
      causes: ['OPTIONS is turned off on purpose'],
      text: (e: AnswerEvidence) =>
        `${e.server} answers OPTIONS with ${e.status} ${e.reason}; it does answer SIP, so sign-in is not affected.`,
      remedy: () => `Nothing to do, unless a monitor relies on OPTIONS.`,
    },
  },
  run({ sip }, found) {
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

const statusOf = ({ outcome }: SipObservation): { status: number; reason: string } =>
  outcome.ok ? { status: outcome.value.status, reason: outcome.value.reason } : { status: 0, reason: '' };

function reportSilence(reason: string, report: (name: 'none' | 'closed' | 'refused' | 'not-sip') => void): void {
  if (reason === 'timeout' || reason === 'unreachable') report('none');
  if (reason === 'closed' || reason === 'reset' || reason === 'tls-alert') report('closed');
  if (reason === 'refused') report('refused');
  if (reason === 'malformed' || reason === 'too-large') report('not-sip');
}
