import type { Severity } from '../model.ts';
import type { MappedObservation } from '../model/far-side.ts';
import { defineCheck } from './define-check.ts';
import { durationText } from './duration-text.ts';
import {
  allowText,
  elsewhereText,
  evidenceOf,
  hostPart,
  portWords,
  reachedPorts,
  unreachedPorts,
  type PortWord,
  type ReachEvidence,
} from './port-reach.ts';

interface Evidence extends ReachEvidence {
  /** seen: the witness sees another address than that of this machine. */
  nat: 'seen' | 'not-seen';
}

const BY_WITNESS = {
  severity: ({ elsewhere, nat }: Evidence): Severity => (elsewhere.length > 0 || nat === 'seen' ? 'warning' : 'error'),
  weighs: 'error; warning when another witness reaches the port, or when a NAT stands in between',
};

/** A NAT stops strangers as a matter of course: calls have sound all the same where the client sends first. */
const natText = ({ nat }: Evidence): string =>
  nat === 'seen'
    ? ' A NAT stands in between: there is sound only where the client sends first and the other side answers to where that came from.'
    : '';

const isBehindNat = ({ witness, server }: PortWord, mapped: readonly MappedObservation[]): boolean =>
  mapped.some(
    ({ about, outcome }) =>
      about.witness === witness &&
      about.server === server &&
      outcome.ok &&
      hostPart(outcome.value.local) !== hostPart(outcome.value.seen),
  );

export const mediaPort = defineCheck({
  id: 'media-port',
  rung: 'media',
  question: 'Do audio and video that the far side sends reach the media ports of the client?',
  source: 'RFC 3550 section 11, RFC 3264 section 5.1',
  reads: ['reach'],
  uses: ['mapped'],
  cases: {
    blocked: {
      ...BY_WITNESS,
      means: 'No datagram that is sent to the media ports of the client arrives there: calls are silent.',
      causes: [
        'a firewall drops UDP from the far side',
        'the client stands behind a NAT without a mapping for the port, which stops strangers as a matter of course',
        'the firewall of the client machine itself',
      ],
      fix: 'Allow the media ports of the client (UDP) from the far side, or use a media relay (TURN).',
      text: (e: Evidence) =>
        `${e.ports} of ${e.address} cannot be reached by ${e.who}: nothing arrived within ${durationText(e.ms)} (${e.detail}).${elsewhereText(e.elsewhere)}${natText(e)}`,
      remedy: (e) => `${allowText(e)}, or let the clients use a media relay (TURN).`,
    },
    partial: {
      ...BY_WITNESS,
      means:
        'Some media ports of the client are reached, others are not: it depends on chance whether a call has sound.',
      causes: ['the firewall rule covers a part of the range only', 'the range was widened after the rule was made'],
      fix: 'Let the firewall rule and the media range of the clients be the same.',
      text: (e: Evidence) =>
        `Only ${e.reached} of ${e.address} can be reached by ${e.who}, not ${e.ports}: some calls are silent.${elsewhereText(e.elsewhere)}${natText(e)}`,
      remedy: (e) => `${allowText(e)}, or narrow the media range of the clients to ${e.reached}.`,
    },
    refused: {
      ...BY_WITNESS,
      means: 'Somebody on the way refuses datagrams to the media ports of the client, on which sipdiag listened.',
      causes: ['a firewall rejects instead of dropping', 'a NAT answers for the client'],
      fix: 'Find the firewall or NAT that answers with ICMP, and allow the media ports of the client from the far side.',
      text: (e: Evidence) =>
        `${e.ports} of ${e.address} is refused to ${e.who}, although this machine listens there: a firewall or NAT in between answers.${elsewhereText(e.elsewhere)}${natText(e)}`,
      remedy: (e) => `${allowText(e)}.`,
    },
    'no-echo': {
      ...BY_WITNESS,
      means: 'Datagrams of the witness were answered, but did not arrive here: another machine answers.',
      causes: ['a port forwarding of the NAT leads to another machine'],
      fix: 'Correct the port forwarding of the media ports.',
      text: (e: Evidence) =>
        `${e.ports} answers ${e.who}, but what it sent did not arrive at ${e.address}: another machine answers in its place.${elsewhereText(e.elsewhere)}${natText(e)}`,
      remedy: (e) =>
        `Look where the NAT between ${e.address} and ${e.from} forwards ${e.ports} to, and let it be this machine.`,
    },
  },
  notApplicable: ({ reach }) =>
    portWords(reach, 'media').length > 0 ? null : 'nobody was asked to reach a media port',
  run({ reach, mapped }, found) {
    const words = portWords(reach, 'media');
    for (const word of words) {
      const [bad, good, silent] = [unreachedPorts(word), reachedPorts(word), word.ports['no-echo'] ?? []];
      const evidence = (ports: readonly number[]): Evidence => ({
        ...evidenceOf(word, ports, { words, transport: 'UDP' }),
        nat: isBehindNat(word, mapped) ? 'seen' : 'not-seen',
      });
      const subject = `${word.address} from ${word.server}`;
      if (silent.length > 0) found('no-echo', subject, evidence(silent));
      if (bad.length === 0) continue;
      const allRefused = bad.length === (word.ports.refused ?? []).length;
      found(good.length > 0 ? 'partial' : allRefused ? 'refused' : 'blocked', subject, evidence(bad));
    }
  },
});
