import type { Severity } from '../model.ts';
import type { RangeObservation, WitnessObservation } from '../model/far-side.ts';
import { defineCheck, type Found } from './define-check.ts';
import { durationText } from './duration-text.ts';
import {
  allowText,
  capital,
  elsewhereText,
  evidenceOf,
  portWords,
  portsText,
  reachedPorts,
  unreachedPorts,
  type PortWord,
  type ReachEvidence,
} from './port-reach.ts';

const OR_TLS =
  ', or let the client use TLS, over which the server comes back on the connection that the client has opened.';

/** Where the server comes back on the client's connection, nobody needs the port. */
function severityOf({ who, reuse, elsewhere }: ReachEvidence): Severity {
  if (reuse === 'proved' && !who.startsWith('the SIP server')) return 'info';
  return elsewhere.length > 0 ? 'warning' : 'error';
}
const BY_WITNESS = {
  severity: severityOf,
  weighs:
    'error; warning when another witness reaches the port; info when the SIP server was seen to come back on the connection of the client',
};

interface Cases {
  blocked: ReachEvidence;
  refused: ReachEvidence;
  partial: ReachEvidence;
  'not-reused': ReachEvidence;
  'no-echo': ReachEvidence;
  forgotten: ReachEvidence & { idleSeconds: number };
  'in-use': { ports: string; range: string; address: string; detail: string; left: number };
  'not-needed': ReachEvidence & { proof: string };
}

/** Over TLS the port is the one that the system gave to the client's connection: nobody listens there. */
const isOverTls = ({ witness, server }: PortWord, witnesses: readonly WitnessObservation[]): boolean =>
  witness === 'sip' &&
  witnesses.some(({ about }) => about.witness === 'sip' && about.server === server && about.transport === 'tls');

interface Heard {
  words: readonly PortWord[];
  witnesses: readonly WitnessObservation[];
}

function judgeWord(word: PortWord, { words, witnesses }: Heard, found: Found<Cases>): void {
  const [bad, good, silent] = [unreachedPorts(word), reachedPorts(word), word.ports['no-echo'] ?? []];
  const evidence = (ports: readonly number[]): ReachEvidence => evidenceOf(word, ports, { words, transport: 'TCP' });
  const subject = `${word.address} from ${word.server}`;
  if (silent.length > 0) found('no-echo', subject, evidence(silent));
  if (bad.length > 0 && isOverTls(word, witnesses)) found('not-reused', subject, evidence(bad));
  else if (bad.length > 0 && good.length > 0) found('partial', subject, evidence(bad));
  else if (bad.length > 0 && bad.length === (word.ports.refused ?? []).length) found('refused', subject, evidence(bad));
  else if (bad.length > 0) found('blocked', subject, evidence(bad));
  const { reused = [] } = word.ports;
  if (bad.length === 0 && reused.length > 0)
    found('not-needed', subject, { ...evidence(reused), proof: word.proof ?? 'the request itself' });
}

/** The connection was used before the silence, and neither it nor the port after it. */
function judgeIdle(word: PortWord, words: readonly PortWord[], found: Found<Cases>): void {
  const before = words.find((one) => one.who === word.who && one.idleSeconds === undefined);
  const lost = unreachedPorts(word);
  if (word.idleSeconds === undefined || lost.length === 0 || before === undefined) return;
  if ((before.ports.reused ?? []).length === 0) return;
  const evidence = { ...evidenceOf(word, lost, { words, transport: 'TCP' }), idleSeconds: word.idleSeconds };
  found('forgotten', `${word.address} from ${word.server}`, evidence);
}

function judgeRange({ about, outcome }: RangeObservation, found: Found<Cases>): void {
  if (!outcome.ok || about.use !== 'sip') return;
  const taken = outcome.value.ports.filter(({ state }) => state === 'in-use');
  const [first] = taken;
  if (first === undefined) return;
  found('in-use', about.address, {
    ports: `TCP ${portsText(taken.map(({ port }) => port))}`,
    range: `${about.first}-${about.last}`,
    address: about.address,
    detail: first.detail,
    left: outcome.value.ports.length - taken.length,
  });
}

export const callbackPort = defineCheck<'reach', Cases, 'range' | 'witness'>({
  id: 'callback-port',
  rung: 'callback',
  question: 'Can the server open a connection to the port that the client names in its Contact?',
  source: 'RFC 3261 sections 18.2.2 and 18.4',
  reads: ['reach'],
  uses: ['range', 'witness'],
  cases: {
    blocked: {
      ...BY_WITNESS,
      means: 'Nothing that is sent to the SIP port of the client arrives there.',
      causes: [
        'a firewall between server and client drops connections that the server opens',
        'the client stands behind a NAT, and the server uses its private address',
        'the firewall of the client machine itself',
      ],
      fix: 'Allow the SIP ports of the client from the server to the client, use TLS, or let the server reuse the connection of the client (Kamailio: fix_nated_register or set_contact_alias).',
      text: (e) =>
        `${e.ports} of ${e.address} cannot be reached by ${e.who}: nothing arrived within ${durationText(e.ms)} (${e.detail}).${elsewhereText(e.elsewhere)}`,
      remedy: (e) => `${allowText(e)}${OR_TLS}`,
    },
    refused: {
      ...BY_WITNESS,
      means: 'Somebody on the way refuses connections to the SIP port of the client, on which sipdiag listened.',
      causes: [
        'a firewall rejects instead of dropping',
        'a NAT without a port forwarding answers for the client',
        'the firewall of the client machine itself',
      ],
      fix: 'Find the firewall or NAT that answers with RST or ICMP, and allow the SIP ports of the client from the server to the client.',
      text: (e) =>
        `${e.ports} of ${e.address} is refused to ${e.who}, although this machine listens there: a firewall or NAT in between answers.${elsewhereText(e.elsewhere)}`,
      remedy: (e) => `${allowText(e)}${OR_TLS}`,
    },
    partial: {
      ...BY_WITNESS,
      means:
        'Some of the SIP ports of the client are reached, others are not: it depends on chance whether a client works.',
      causes: [
        'the firewall rule covers a part of the range only',
        'the range of the client was widened after the rule was made',
      ],
      fix: 'Let the firewall rule and the port range of the clients be the same.',
      text: (e) =>
        `Only ${e.reached} of ${e.address} can be reached by ${e.who}, not ${e.ports}: clients work until they need a further connection.${elsewhereText(e.elsewhere)}`,
      remedy: (e) => `${allowText(e)}, or narrow the port range of the clients to ${e.reached}.`,
    },
    'not-reused': {
      ...BY_WITNESS,
      means:
        'The server does not send on the TLS connection that the client has opened, and over TLS it has no other way to the client.',
      causes: [
        'the server does not reuse the connections of its clients',
        'the server looks for the connection by the address and port in the Contact, and a NAT has changed them',
        'the server has ended the connection already (Kamailio: tcp_connection_lifetime, 120 s unless it is set)',
      ],
      fix: 'Let the server send on the connection over which the client has registered: outbound (RFC 5626) or ;alias (RFC 5923); Kamailio: fix_nated_register, or set_contact_alias with handle_ruri_alias, and tcp_connection_lifetime=3605 (no port of the client has to be opened on a firewall).',
      text: (e) =>
        `${capital(e.who)} does not come back on the TLS connection that the client at ${e.address} has opened, its only way back: nothing arrived within ${durationText(e.ms)} (${e.detail}).${elsewhereText(e.elsewhere)}`,
      remedy: (e) =>
        `On ${e.from} turn on the reuse of the client's connection: outbound (RFC 5626) or ;alias (RFC 5923); Kamailio: fix_nated_register, or set_contact_alias with handle_ruri_alias, and tcp_connection_lifetime=3605 (no firewall rule helps: nobody listens on the port of that connection).`,
    },
    'no-echo': {
      ...BY_WITNESS,
      means: 'The witness found the port open, but what it sent did not arrive here: another machine answers.',
      causes: [
        'a port forwarding of the NAT leads to another machine',
        'a proxy or firewall accepts connections for everybody',
      ],
      fix: 'Correct the port forwarding, or find the device that accepts connections in the name of the client.',
      text: (e) =>
        `${e.ports} is open to ${e.who}, but what it sent did not arrive at ${e.address}: another machine answers in its place.${elsewhereText(e.elsewhere)}`,
      remedy: (e) =>
        `Look where the NAT or the firewall between ${e.address} and ${e.from} forwards ${e.ports} to, and let it be this machine.`,
    },
    forgotten: {
      severity: 'warning',
      means: 'After some silence the server no longer reaches the client: the connection was forgotten.',
      causes: [
        'the server ends idle connections (Kamailio: tcp_connection_lifetime, 120 s unless it is set)',
        'a firewall or NAT forgets idle connections',
        'the client sends no keep-alives',
      ],
      fix: 'Let idle connections live longer than registrations on the server (Kamailio: tcp_connection_lifetime=3605) and on the firewall, or let clients send keep-alives (RFC 5626 section 3.5.1).',
      text: (e) =>
        `After ${e.idleSeconds} s of silence ${e.who} no longer reaches the client at ${e.address}, which it did before: ${e.detail}.`,
      remedy: (e) =>
        `On ${e.from} let idle connections live longer than registrations (Kamailio: tcp_connection_lifetime=3605), raise the time-out for idle TCP connections on the firewall between ${e.address} and ${e.from}, or let the clients send a keep-alive more often than every ${e.idleSeconds} s.`,
    },
    'in-use': {
      severity: ({ left }) => (left === 0 ? 'error' : 'warning'),
      weighs: 'warning; error when no port of the range is left',
      means: 'Another program listens on SIP ports that the client would use.',
      causes: ['another SIP client runs', 'the range overlaps with that of another service'],
      fix: 'End the other program, or choose another range of ports.',
      text: (e) =>
        `${e.ports} of ${e.address} is in use by another program${e.left === 0 ? `, and so the whole range ${e.range}` : ''}.`,
      remedy: (e) =>
        `Find the program that listens on ${e.ports} (ss -ltnp, on Windows netstat -ano) and end it if it should not run, or choose another range with --ports.`,
    },
    'not-needed': {
      severity: 'info',
      means:
        'The server comes back on the connection that the client has opened: no port of the client needs to be open.',
      causes: ['the usual case over TLS', 'the server is set up to reuse connections, for clients behind NAT'],
      fix: 'Nothing to mend, as long as the connection of the client stays open.',
      text: (e) =>
        `${capital(e.who)} comes back on the connection that the client has opened: no port of ${e.address} needs to be open (${e.proof}).`,
      remedy: () =>
        'Nothing to mend as long as the connection stays open; --idle 130 shows whether it survives a silence.',
    },
  },
  notApplicable: ({ reach, range }) =>
    portWords(reach, 'sip').length > 0 || range.some(({ about }) => about.use === 'sip')
      ? null
      : 'nobody was asked to reach a SIP port',
  run({ reach, range, witness }, found) {
    const words = portWords(reach, 'sip');
    const fresh = words.filter(({ idleSeconds, connection }) => idleSeconds === undefined && connection !== 'closed');
    for (const word of fresh) judgeWord(word, { words: fresh, witnesses: witness }, found);
    for (const word of words) judgeIdle(word, words, found);
    for (const one of range) judgeRange(one, found);
  },
});
