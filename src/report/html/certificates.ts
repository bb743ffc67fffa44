import type { Report } from '../../model.ts';
import { certificatesOf, type CertificateFacts, type ChainLink } from '../certificate-facts.ts';
import { markup, nothing, type Markup } from '../markup.ts';
import { drawPairs } from './findings.ts';
import { icon, type Mark } from './icon.ts';
import { percent } from './words.ts';

const PLACES: Readonly<Record<string, { mark: Mark; role: string }>> = {
  server: { mark: 'good', role: 'certificate of the server' },
  used: { mark: 'good', role: 'intermediate, sent along' },
  root: { mark: 'good', role: 'root, sent along (needs not be)' },
  anchor: { mark: 'good', role: 'trusted root of this machine' },
  unused: { mark: 'note', role: 'sent along, not part of the path' },
};
const NOWHERE = { mark: 'unsure' as const, role: 'of unknown use' };

const days = (count: number): string => `${Math.abs(count)} day${Math.abs(count) === 1 ? '' : 's'}`;

function lifeText({ dates, daysLeft }: CertificateFacts): string {
  if (dates === 'expired') return `expired ${days(daysLeft)} ago`;
  return dates === 'valid' ? `${days(daysLeft)} left` : 'not valid yet';
}

/** From the first day to the last, and how much of it has gone by. */
function drawLife(facts: CertificateFacts, startedAt: string): Markup {
  const [from, to, now] = [facts.notBefore, facts.notAfter, startedAt].map(Date.parse);
  if (from === undefined || to === undefined || now === undefined || !(to > from)) return nothing;
  const gone = percent(now - from, to - from);
  return markup`<svg class="life" aria-hidden="true"><rect class="rail" width="100%" height="100%" rx="3"></rect><rect class="gone" width="${gone}" height="100%" rx="3"></rect><line class="now" x1="${gone}" x2="${gone}" y1="-2" y2="15"></line></svg>`;
}

function drawLink(
  { subject, issuer, notAfter, place }: ChainLink,
  { dates, own }: { dates: string; own: string },
): Markup {
  const { mark, role } = PLACES[place] ?? NOWHERE;
  const shown = place === 'server' && dates !== 'valid' ? 'bad' : mark;
  const until = notAfter === '' ? '' : `, until ${notAfter.slice(0, 10)}`;
  const issued = place === 'anchor' || issuer === '' ? '' : `, issued by ${issuer}`;
  return markup`<li class="${shown === 'note' ? 'faint' : shown}">${icon(shown)}<span><span class="mono">${subject}</span><small>${place === 'server' ? own : role}${until}${issued}</small></span></li>
`;
}

const UNTRUSTED = markup`<li class="bad">${icon('bad')}<span>no trusted root<small>the chain ends here, and no root that this machine trusts vouches for it</small></span></li>
`;

function drawChain(facts: CertificateFacts, startedAt: string): Markup {
  const { server, version, cipher, subject, names, total, key, signature, usages } = facts;
  const { notBefore, notAfter, sent, anchor, root } = facts;
  const links = anchor === undefined ? sent : [...sent, anchor];
  // A certificate that was read from a file has met no server.
  const session = version === '' ? nothing : markup`<p class="soft">${version}, ${cipher}</p>`;
  const own = version === '' ? 'the certificate itself' : (PLACES['server'] ?? NOWHERE).role;
  const more = total > names.length ? `, and ${total - names.length} more` : '';
  const tone = facts.dates === 'valid' ? 'good' : 'bad';
  return markup`<article class="chain card ${tone}"><h3>${server}</h3>${session}
<ol class="links">
${links.map((link) => drawLink(link, { dates: facts.dates, own }))}${root === null ? UNTRUSTED : nothing}</ol>
<p>${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}, <span class="word">${lifeText(facts)}</span></p>${drawLife(facts, startedAt)}
${drawPairs([
  ['subject', subject],
  ['names', names.join(', ') + more],
  ['key', key],
  ['signed with', signature],
  ['usages', usages ?? 'every use'],
])}</article>
`;
}

/** What every TLS server showed: its chain up to the root, and how long it lasts. */
export function drawCertificates(report: Report): Markup {
  const certificates = certificatesOf(report);
  if (certificates.length === 0) return nothing;
  return markup`${certificates.map((one) => drawChain(one, report.startedAt))}`;
}
