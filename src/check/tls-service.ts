import type { Attempt } from '../model.ts';
import type { DiscoveryObservation, DnsObservation, Server } from '../model/dns.ts';
import { beginsAsSip } from '../wire/sip-first-line.ts';
import { defineCheck } from './define-check.ts';
import type { Product } from './product-setting-rows.ts';
import { productOf, profileSeen, settingText } from './product-settings.ts';
import { endpointText, namedEndpoint, BY_STANDING, standInText, standingOf, type Standing } from './standing.ts';

type Evidence = Standing & { server: string; endpoint: string; port: number; received: string; product?: Product };
interface UnpublishedEvidence {
  domain: string;
  /** What DNS publishes instead. */
  others: string[];
  /** Default ports that clients try all the same. */
  tried: string[];
  /** alone: nothing but TLS was looked for. */
  looked: 'alone' | 'among-others';
}

const SHOWN = 60;
/** The first line of what came; reporters escape it. */
const firstLine = (received: string): string => received.split('\r\n', 1)[0]?.slice(0, SHOWN) ?? '';

/** What is not answered may be the record that publishes TLS. */
const isOpen = ({ about, outcome }: DnsObservation): boolean =>
  !outcome.ok && (about.type === 'SRV' || about.type === 'NAPTR');

/** A domain whose clients find servers, and none of them by TLS. */
function unpublished({ about, outcome }: DiscoveryObservation): UnpublishedEvidence | undefined {
  if (!outcome.ok || outcome.value.servers.length === 0) return undefined;
  const { servers } = outcome.value;
  const published = servers.filter((one) => one.published);
  if (published.some(({ transport }) => transport === 'tls')) return undefined;
  const named = (list: readonly Server[]): string[] =>
    list.map(({ transport, host, port }) => `${host}:${port} (${transport})`);
  const others = named(published);
  const tried = named(servers.filter(({ transport }) => transport === 'tls'));
  const looked = servers.every(({ transport }) => transport === 'tls') ? 'alone' : 'among-others';
  return { domain: about.domain, others, tried, looked };
}

export const tlsService = defineCheck({
  id: 'tls-service',
  rung: 'tls',
  question: 'Does the port that is published for TLS speak TLS?',
  source: 'RFC 3261 section 26.2.1',
  reads: ['tls'],
  uses: ['cleartext', 'discovery', 'dns', 'sip', 'skipped'],
  cases: {
    plaintext: {
      ...BY_STANDING,
      means: 'The port that is meant for TLS answers SIP in clear.',
      causes: ['TLS is not turned on for the listener', 'the record _sips._tcp names the port of plain TCP'],
      fix: 'Turn TLS on for the port (Kamailio: enable_tls=yes and listen=tls:ADDRESS:5061), or publish it under _sip._tcp instead of _sips._tcp.',
      text: (e: Evidence) =>
        `${e.server} speaks SIP in clear on the port that is meant for TLS ("${firstLine(e.received)}").${standInText(e)}`,
      remedy: (e) =>
        `Turn TLS on for port ${e.port} of the server${settingText('tls-service.plaintext', e)}, or publish the port under _sip._tcp instead of _sips._tcp.`,
    },
    'not-tls': {
      ...BY_STANDING,
      means: 'Something else than TLS answers on the port.',
      causes: ['another service listens there', 'the port in DNS is wrong'],
      fix: 'Correct the port that DNS publishes, or start the TLS listener of the SIP server on that port.',
      text: (e: Evidence) =>
        `${e.server} does not speak TLS${e.received === '' ? '' : `; it sent "${firstLine(e.received)}"`}.${standInText(e)}`,
      remedy: (e) =>
        `Correct the port that DNS publishes, or start the TLS listener of the SIP server on ${e.endpoint}: another service listens there now.`,
    },
    unpublished: {
      severity: (e: UnpublishedEvidence) => (e.looked === 'alone' ? 'warning' : 'info'),
      weighs: 'warning when nothing but TLS was looked for (sipdiag tls); info otherwise',
      means: 'DNS publishes no server that speaks TLS for the domain.',
      causes: ['the domain offers SIP in clear only', 'the record _sips._tcp (or NAPTR SIPS+D2T) was forgotten'],
      fix: 'If the domain is to offer TLS, publish the SRV record _sips._tcp.DOMAIN (for Microsoft clients _sip._tls.DOMAIN) with the TLS port of the server.',
      text: (e: UnpublishedEvidence) =>
        e.others.length > 0
          ? `DNS publishes no TLS server for ${e.domain}, only ${e.others.join(', ')}.`
          : `DNS publishes no TLS server for ${e.domain}; ${e.tried.join(', ')} is tried by custom.`,
      remedy: (e) =>
        `If the domain is to offer TLS, publish SRV _sips._tcp.${e.domain} with the TLS port of the server.`,
    },
  },
  run({ tls, cleartext, discovery, dns, sip, skipped }, found) {
    const product = productOf(sip, profileSeen({ discovery, tls }));
    const evidenceOf = (about: Attempt, received: string): Evidence => ({
      ...standingOf(about, [...tls, ...sip]),
      server: namedEndpoint(about),
      endpoint: endpointText(about),
      port: about.port,
      received,
      ...(product === undefined ? {} : { product }),
    });
    const clear = cleartext.filter(({ outcome }) => outcome.ok && beginsAsSip(outcome.value.received));
    for (const { about, outcome } of clear) {
      if (outcome.ok) found('plaintext', endpointText(about), evidenceOf(about, outcome.value.received));
    }
    const told = new Set(clear.map(({ about }) => `${endpointText(about)} ${about.host}`));
    for (const { about, outcome } of tls) {
      if (outcome.ok || outcome.reason !== 'not-tls' || about.peer === 'client') continue;
      if (told.has(`${endpointText(about)} ${about.host}`)) continue;
      const received = Buffer.from(outcome.received ?? '', 'base64').toString('latin1');
      found(beginsAsSip(received) ? 'plaintext' : 'not-tls', endpointText(about), evidenceOf(about, received));
    }
    // A command that speaks no TLS has nothing to say about it.
    if (skipped.some(({ about }) => about.rung === 'tls') || dns.some(isOpen)) return;
    for (const one of discovery) {
      const evidence = unpublished(one);
      if (evidence !== undefined) found('unpublished', evidence.domain, evidence);
    }
  },
});
