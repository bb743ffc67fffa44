import type { Severity } from '../model.ts';
import { questionText, type Unanswered } from './authority-answers.ts';
import type { CaseSpec } from './define-check.ts';
import { plainly } from './plain-failure.ts';

export interface ServerEvidence {
  zone: string;
  server: string;
  detail: string;
  /** Name servers of the zone that do better. */
  others: string[];
}

interface PartialEvidence extends ServerEvidence {
  unanswered: Unanswered[];
  /** Questions that it was asked. */
  asked: number;
  resolution: 'fails' | 'works';
}

export interface Disagreement {
  zone: string;
  serials: { server: string; serial: number }[];
  /** Record sets that are not the same everywhere. */
  sets: { question: string; answers: { server: string; answer: string }[] }[];
}

const SHOWN = 2;
/** Name servers in one sentence. */
const NAMED = 4;

/** Without a name server that could be asked. */
export interface LostEvidence {
  zone: string;
  detail: string;
}

export interface AuthorityEvidence {
  lame: ServerEvidence & { resolution: 'fails' | 'works' };
  partial: PartialEvidence;
  silent: ServerEvidence;
  'no-address': ServerEvidence;
  unresolved: ServerEvidence;
  'not-found': LostEvidence;
  disagree: Disagreement;
}

/** '192.0.2.1', or '127.0.0.1 -p 5353': whom dig asks. */
const digServer = (server: string): string => server.replace(/^.*\(|\)$/g, '').replace(' port ', ' -p ');

/** A zone whose every server is lame cannot be resolved once the caches are empty. */
const lameSeverity = ({ others, resolution }: ServerEvidence & { resolution: 'fails' | 'works' }): Severity =>
  others.length === 0 && resolution === 'fails' ? 'error' : 'warning';

/** When no server can be asked from here, that is most likely a firewall of ours, which resolvers need not share. */
const silentSeverity = ({ others }: ServerEvidence): Severity => (others.length === 0 ? 'info' : 'warning');

const moreText = ({ length }: readonly string[]): string => (length > NAMED ? ` and ${length - NAMED} more` : '');

const othersText = ({ others }: ServerEvidence, what: string): string =>
  others.length === 0 ? '' : ` ${others.slice(0, NAMED).join(', ')}${moreText(others)} ${what}.`;

/** What is left open, by what became of it. */
function openText({ unanswered }: PartialEvidence): string {
  const byDetail = new Map<string, string[]>();
  for (const { detail, ...question } of unanswered)
    byDetail.set(detail, [...(byDetail.get(detail) ?? []), questionText(question)]);
  return [...byDetail]
    .map(([detail, questions]) => {
      const more = questions.length > SHOWN ? ` and ${questions.length - SHOWN} more` : '';
      return `${questions.slice(0, SHOWN).join(', ')}${more} (${plainly(detail)})`;
    })
    .join('; ');
}

type Cases = { readonly [C in keyof AuthorityEvidence]: CaseSpec<AuthorityEvidence[C]> };

export const AUTHORITY_CASES: Cases = {
  lame: {
    means: 'A server that the zone names as its name server does not serve the zone.',
    causes: [
      'the zone was removed from that server, or never set up',
      'its copy of the zone has expired',
      'old NS records at the registrar',
    ],
    fix: 'Configure the zone on that server, or take the server out of the NS records of the zone and of its parent.',
    severity: lameSeverity,
    weighs: 'warning; error when no name server serves the zone and the resolver fails for it too',
    text: (e) =>
      `${e.server} is named as a name server of ${e.zone}, but does not serve it: ${e.detail}.${othersText(e, 'does')}`,
    remedy: (e) =>
      `Configure the zone ${e.zone} on ${e.server}, or take it out of the NS records of the zone and of its parent; check with: dig @${digServer(e.server)} ${e.zone} SOA +norecurse`,
  },
  partial: {
    means: 'A name server of the zone answers some questions, and leaves others without a usable answer.',
    causes: [
      'a load balancer or a firewall in front of the server lets some record types through only',
      'an old DNS server that does not know the type',
      'answers that are too long for a datagram, and TCP port 53 of the server is shut',
      'a limit on how many questions it answers in a second',
    ],
    fix: 'Ask the server for what it does not answer (dig @SERVER NAME TYPE +norecurse), and repair it, or the firewall or load balancer in front of it.',
    severity: lameSeverity,
    weighs: 'warning; error when no other name server answers the same, and the resolver fails for the whole zone',
    text: (e) =>
      `${e.server}, a name server of ${e.zone}, answers ${e.asked - e.unanswered.length} of ${e.asked} questions, but not ${openText(e)}.${othersText(e, 'does')}`,
    remedy: (e) =>
      `Look on ${e.server}, and on a firewall or load balancer in front of it, why this is not answered; see it with: dig @${digServer(e.server)} ${e.unanswered[0] === undefined ? e.zone : questionText(e.unanswered[0])} +norecurse`,
  },
  silent: {
    means: 'A name server of the zone does not answer when asked directly.',
    causes: ['the server is down', 'a firewall drops port 53 to it', 'this network lets only its own resolver out'],
    fix: 'Start the DNS service of that server, or open UDP and TCP port 53 to it; if no name server can be asked from here, run this from another place.',
    severity: silentSeverity,
    weighs: 'warning; info when no name server of the zone can be asked from here',
    text: (e) =>
      `${e.server}, a name server of ${e.zone}, gives no answer: ${plainly(e.detail)}.${othersText(e, 'answers')}`,
    remedy: (e) =>
      e.others.length === 0
        ? `Ask the name servers of ${e.zone} from another place if names resolve all the same: this network then lets only its own resolver out to port 53.`
        : `Start the DNS service of ${e.server}, or open UDP and TCP port 53 to it: resolvers that try it first lose time at every lookup.`,
  },
  'no-address': {
    means: 'A name server of the zone has a name without any address.',
    causes: ['the address record was removed', 'a spelling mistake in the NS record'],
    fix: 'Publish an address for the name server, or take it out of the NS records of the zone.',
    severity: 'warning',
    text: (e) => `${e.server}, a name server of ${e.zone}, has no address in DNS.`,
    remedy: (e) => `Publish an address for ${e.server}, or take it out of the NS records of ${e.zone}.`,
  },
  unresolved: {
    means: 'The DNS server that was asked gives no answer for the address of a name server of the zone.',
    causes: [
      'the zone that holds the name of the name server cannot be resolved',
      'the name lies inside the zone itself, and the zone above gives no address along with it',
      'the DNS server that was asked has a fault',
    ],
    fix: 'Repair the zone that holds the name of the name server, or have the zone above publish its address.',
    severity: silentSeverity,
    weighs: 'warning; info when no other name server of the zone answers',
    text: (e) =>
      `${e.server}, a name server of ${e.zone}, could not be asked, since its address could not be looked up: ${e.detail}.${othersText(e, 'answers')}`,
    remedy: (e) =>
      `Repair the zone that holds the name ${e.server}, or have the zone above ${e.zone} publish its address; check with: dig ${e.server} A`,
  },
  'not-found': {
    means:
      'The DNS server that was asked does not tell which name servers serve the domain, and so none could be asked.',
    causes: [
      'the domain does not exist, or its delegation is broken',
      'the DNS server that was asked has a fault, or no way out to the Internet',
      'a DNS proxy, as in many routers, passes on the common record types only',
    ],
    fix: 'Ask for the zone (dig DOMAIN SOA, dig DOMAIN NS), and run it again with a DNS server that answers that (--resolver IP).',
    severity: 'info',
    text: (e) => `The name servers of ${e.zone} could not be asked: ${e.detail}.`,
    remedy: (e) =>
      `Run it again with a DNS server that tells them (--resolver IP); see it with: dig ${e.zone} SOA, and dig ${e.zone} NS`,
  },
  disagree: {
    means: 'The name servers of the zone do not hold the same records.',
    causes: [
      'the zone transfer fails',
      'the serial was not raised after a change',
      'a change that is still on its way',
    ],
    fix: 'See why the zone transfer fails (NOTIFY, TCP port 53 between the servers, a serial that was not raised), then compare again.',
    severity: ({ sets }) => (sets.length > 0 ? 'warning' : 'info'),
    weighs: 'warning when the records differ; info when only the serial numbers do',
    text: (e) => {
      const serials = e.serials.map(({ server, serial }) => `${server}: ${serial}`).join(', ');
      if (e.sets.length === 0)
        return `The name servers of ${e.zone} have different versions of it (serial ${serials}).`;
      const sets = e.sets
        .slice(0, SHOWN)
        .map(({ question, answers }) => {
          const each = answers.map(({ server, answer }) => `${server} says ${answer}`).join(', ');
          return `${question} (${each})`;
        })
        .join('; ');
      const more = e.sets.length > SHOWN ? ` and ${e.sets.length - SHOWN} more` : '';
      return `The name servers of ${e.zone} give different answers: ${sets}${more}. Serials: ${serials}.`;
    },
    remedy: (e) =>
      new Set(e.serials.map(({ serial }) => serial)).size > 1
        ? `See why the zone transfer of ${e.zone} to the servers with the older serial fails (NOTIFY, TCP port 53 between the servers), then compare again with: sipdiag dns ${e.zone} --authority`
        : `Raise the serial of ${e.zone} on its primary name server, because all servers hold the same one and fetch nothing without a new one, then compare again with: sipdiag dns ${e.zone} --authority`,
  },
};
