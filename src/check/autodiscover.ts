import type { AutodiscoverObservation } from '../model/dns.ts';
import { defineCheck } from './define-check.ts';
import { plainly } from './plain-failure.ts';

/** Where the client asked, without what it asked for, and what came back or why nothing did. */
interface Word {
  url: string;
  answer: string;
}
interface Evidence extends Word {
  profile: string;
  /** Every attempt that speaks for the case, in the order of the client. */
  words: Word[];
  /** Whether the client finds a server by its other names. */
  others: 'found' | 'none';
}
type Answered = Evidence & { links: string[]; servers: string[]; doubt: string | null };

const othersText = ({ others }: Evidence): string =>
  others === 'found' ? ' The client goes on to its other names.' : ' The client has no other name to go on to.';

const wordsText = ({ words }: Evidence): string => words.map(({ url, answer }) => `${url} (${answer})`).join(', ');
const hostsText = ({ words }: Evidence): string =>
  [...new Set(words.map(({ url }) => new URL(url).hostname))].join(' and ');

const weighs = 'warning; error where the other names of the client lead nowhere either';
const severity = ({ others }: Evidence): 'warning' | 'error' => (others === 'found' ? 'warning' : 'error');

function answerOf({ outcome }: AutodiscoverObservation): string {
  if (!outcome.ok) return outcome.detail === '' ? outcome.reason : outcome.detail;
  const { httpStatus, contentType } = outcome.value;
  return `HTTP status ${httpStatus}${contentType === '' ? '' : `, ${contentType}`}`;
}

/** The sign-in address in the query would only be read over. */
function bareUrl({ about }: AutodiscoverObservation): string {
  const { origin, pathname } = new URL(about.url);
  return `${origin}${pathname}`;
}

const wordOf = (one: AutodiscoverObservation): Word => ({ url: bareUrl(one), answer: plainly(answerOf(one)) });

const holdsRoot = ({ outcome }: AutodiscoverObservation): boolean =>
  outcome.ok && (outcome.value.links.length > 0 || outcome.value.servers.length > 0);

export const autodiscover = defineCheck({
  id: 'autodiscover',
  rung: 'dns',
  question: 'Does the autodiscover service of the domain tell its clients where to go?',
  source: '[MS-OCDISCWS] section 3.1',
  reads: ['autodiscover'],
  uses: ['discovery'],
  cases: {
    answered: {
      severity: 'info',
      means: 'The autodiscover service answers, and names servers or a place to ask further.',
      causes: ['nothing is wrong'],
      fix: 'Compare the servers with what the SRV records name: the client goes where autodiscover sends it.',
      text: (e: Answered) =>
        `${e.url} answers clients of the profile ${e.profile}: ${[...e.links, ...e.servers].join(', ')}.${e.doubt === null ? '' : ` Its certificate does not hold: ${e.doubt}.`}`,
      remedy: () => 'Compare it with the SRV records: the client goes where autodiscover sends it.',
    },
    unanswered: {
      severity,
      weighs,
      means: 'DNS publishes an autodiscover name, and nobody answers HTTP there.',
      causes: [
        'the web services of the pool are down',
        'a firewall or reverse proxy does not let it through',
        'the record is a leftover',
      ],
      fix: 'Start the web services or their reverse proxy (ports 443 and 80), or take the lyncdiscover record out of DNS.',
      text: (e: Evidence) => `Nobody answers for autodiscover: ${wordsText(e)}.${othersText(e)}`,
      remedy: (e) =>
        `Let the web services of the pool answer at ${hostsText(e)} (reverse proxy, firewall, ports 443 and 80; test: curl -v '${e.url}'), or take the record out of DNS.`,
    },
    'not-understood': {
      severity,
      weighs,
      means: 'Something answers at the autodiscover name, and it is no autodiscover service.',
      causes: ['a web site or a wildcard record answers for the name', 'the reverse proxy has no rule for it'],
      fix: 'Let the name lead to the web services of the pool, or take the record (or the wildcard that makes it) out of DNS.',
      text: (e: Evidence) =>
        `What answers for autodiscover is no autodiscover service: ${wordsText(e)}.${othersText(e)}`,
      remedy: (e) =>
        `Let ${hostsText(e)} lead to the web services of the pool (see what answers now: curl -v '${e.url}'), or take the record (or wildcard) out of DNS.`,
    },
    'redirect-dead': {
      severity,
      weighs,
      means: 'The autodiscover service sends the client to another one that does not answer.',
      causes: [
        'the external web services name of the pool is not published',
        'an internal name is given to clients outside',
      ],
      fix: 'Publish the external web services name of the pool (Get-CsService -WebServer shows it), and let firewalls through to it.',
      text: (e: Evidence) => `Autodiscover sends clients to ${e.url}, and there: ${e.answer}.${othersText(e)}`,
      remedy: (e) =>
        `Publish ${new URL(e.url).hostname} and let clients reach it, or correct the external web services URL of the pool.`,
    },
  },
  notApplicable: ({ autodiscover: asked }) => (asked.length > 0 ? null : 'no autodiscover service was asked'),
  run({ autodiscover: asked, discovery }, found) {
    const [discovered] = discovery;
    const value = discovered?.outcome.ok === true ? discovered.outcome.value : undefined;
    const others = (value?.servers ?? []).some(({ addresses }) => addresses.length > 0) ? 'found' : 'none';
    const last = asked.at(-1);
    if (last === undefined) return;
    const { url, sentBy } = last.about;
    const answering = asked.filter(({ outcome }) => outcome.ok);
    const speaking = sentBy !== undefined ? [last] : answering.length > 0 ? answering : asked;
    const word = wordOf(speaking.at(-1) ?? last);
    const base: Evidence = { ...word, words: speaking.map(wordOf), profile: value?.profile ?? '', others };
    if (last.outcome.ok && holdsRoot(last)) {
      const { links, servers, doubt = null } = last.outcome.value;
      found('answered', url, {
        ...base,
        links: links.map(({ token, href }) => `${token} ${href}`),
        servers: servers.map(({ token, fqdn, port }) => `${token} ${fqdn}:${port}`),
        doubt,
      });
    } else if (sentBy !== undefined) found('redirect-dead', url, base);
    else found(answering.length > 0 ? 'not-understood' : 'unanswered', url, base);
  },
});
