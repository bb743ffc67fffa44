import type { AutodiscoverObservation } from '../model/dns.ts';
import { defineCheck } from './define-check.ts';

interface Evidence {
  url: string;
  profile: string;
  /** What came back, or why nothing did. */
  answer: string;
  /** Whether the client finds a server by its other names. */
  others: 'found' | 'none';
}
type Answered = Evidence & { links: string[]; servers: string[]; doubt: string | null };

const othersText = ({ others }: Evidence): string =>
  others === 'found' ? ' The client goes on to its other names.' : ' The client has no other name to go on to.';

const weighs = 'warning; error where the other names of the client lead nowhere either';
const severity = ({ others }: Evidence): 'warning' | 'error' => (others === 'found' ? 'warning' : 'error');

function answerOf({ outcome }: AutodiscoverObservation): string {
  if (!outcome.ok) return outcome.detail === '' ? outcome.reason : outcome.detail;
  const { httpStatus, contentType } = outcome.value;
  return `HTTP status ${httpStatus}${contentType === '' ? '' : `, ${contentType}`}`;
}

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
      text: (e: Evidence) => `Nobody answers for autodiscover at ${e.url}: ${e.answer}.${othersText(e)}`,
      remedy: (e) =>
        `Let the web services of the pool answer at ${e.url} (reverse proxy, firewall, ports 443 and 80), or take the record out of DNS.`,
    },
    'not-understood': {
      severity,
      weighs,
      means: 'Something answers at the autodiscover name, and it is no autodiscover service.',
      causes: ['a web site or a wildcard record answers for the name', 'the reverse proxy has no rule for it'],
      fix: 'Let the name lead to the web services of the pool, or take the record (or the wildcard that makes it) out of DNS.',
      text: (e: Evidence) => `What answers at ${e.url} is no autodiscover service: ${e.answer}.${othersText(e)}`,
      remedy: (e) => `Let ${e.url} lead to the web services of the pool, or take the record (or wildcard) out of DNS.`,
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
    const base: Evidence = { url, profile: value?.profile ?? '', answer: answerOf(last), others };
    if (last.outcome.ok && holdsRoot(last)) {
      const { links, servers, doubt = null } = last.outcome.value;
      found('answered', url, {
        ...base,
        links: links.map(({ token, href }) => `${token} ${href}`),
        servers: servers.map(({ token, fqdn, port }) => `${token} ${fqdn}:${port}`),
        doubt,
      });
    } else if (sentBy !== undefined) found('redirect-dead', url, base);
    else found(asked.some(({ outcome }) => outcome.ok) ? 'not-understood' : 'unanswered', url, base);
  },
});
