import { defineCheck } from './define-check.ts';
import { endpointText, namedEndpoint, severityOf, standInText, standingOf, type Standing } from './standing.ts';

type Evidence = Standing & { server: string; endpoint: string; port: number; received: string };

const SHOWN = 60;
/** The first line of what came; reporters escape it. */
const firstLine = (received: string): string => received.split('\r\n', 1)[0]?.slice(0, SHOWN) ?? '';

export const tlsService = defineCheck({
  id: 'tls-service',
  rung: 'tls',
  question: 'Does the port that is published for TLS speak TLS?',
  source: 'RFC 3261 section 26.2.1',
  reads: ['tls'],
  cases: {
    plaintext: {
      severity: severityOf,
      text: (e: Evidence) =>
        `${e.server} speaks SIP in clear on the port that is meant for TLS ("${firstLine(e.received)}").${standInText(e)}`,
      remedy: (e) =>
        `Turn TLS on for port ${e.port} of the server (Kamailio: listen=tls:…:${e.port} and enable_tls=yes), or publish the port under _sip._tcp instead of _sips._tcp.`,
    },
    'not-tls': {
      severity: severityOf,
      text: (e: Evidence) =>
        `${e.server} does not speak TLS${e.received === '' ? '' : `; it sent "${firstLine(e.received)}"`}.${standInText(e)}`,
      remedy: (e) =>
        `Another service listens on ${e.endpoint}: correct the port that DNS publishes, or start the SIP server's TLS listener there.`,
    },
  },
  run({ tls }, found) {
    for (const { about, outcome } of tls) {
      if (outcome.ok || outcome.reason !== 'not-tls') continue;
      const received = Buffer.from(outcome.received ?? '', 'base64').toString('latin1');
      const isSip = /^(SIP\/2\.0 |[A-Z]{1,20} \S{1,200} SIP\/2\.0)/.test(received);
      found(isSip ? 'plaintext' : 'not-tls', endpointText(about), {
        ...standingOf(about, tls),
        server: namedEndpoint(about),
        endpoint: endpointText(about),
        port: about.port,
        received,
      });
    }
  },
});
