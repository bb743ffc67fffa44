import { defineCheck } from './define-check.ts';
import { endpointText, namedEndpoint, severityOf, standInText, standingOf, type Standing } from './standing.ts';
import { alertText, TLS_ALERTS } from './tls-alerts.ts';

type Evidence = Standing & {
  server: string;
  endpoint: string;
  host: string;
  sni: string | null;
  detail: string;
  ms: number;
};

const sniText = ({ sni }: Evidence): string => (sni === null ? 'without a server name' : `for the name ${sni}`);

export const tlsHandshake = defineCheck({
  id: 'tls-handshake',
  rung: 'tls',
  question: 'Does the TLS handshake come to its end?',
  source: 'RFC 8446 section 4',
  reads: ['tls'],
  cases: {
    alert: {
      severity: severityOf,
      text: (e: Evidence & { alert: number }) =>
        `${e.server} ended the TLS handshake ${sniText(e)} with ${alertText(e.alert)}: ${TLS_ALERTS[e.alert]?.meaning ?? 'no standard names this alert'}.${standInText(e)}`,
      remedy: (e) =>
        `Look for the handshake of this machine in the TLS log of ${e.host}; reproduce it with: openssl s_client -connect ${e.endpoint}`,
    },
    timeout: {
      severity: severityOf,
      text: (e: Evidence) =>
        `${e.server} accepts the TCP connection but never answers the TLS handshake (waited ${Math.round(e.ms)} ms).${standInText(e)}`,
      remedy: (e) =>
        `Something listens on ${e.endpoint} that does not speak TLS, or the server hangs: check that the port is the SIP server's TLS port and restart the service if it is.`,
    },
    closed: {
      severity: severityOf,
      text: (e: Evidence) =>
        `${e.server} closes the connection during the TLS handshake ${sniText(e)}.${standInText(e)}`,
      remedy: (e) =>
        `Common causes: no certificate is assigned to the listener, a firewall that inspects TLS, or an address filter. Look at the log of ${e.host}.`,
    },
    failed: {
      severity: severityOf,
      text: (e: Evidence) => `The TLS handshake with ${e.server} failed on this side: ${e.detail}.${standInText(e)}`,
      remedy: (e) =>
        `The server offers something that this machine's OpenSSL refuses; see it with: openssl s_client -connect ${e.endpoint}`,
    },
  },
  run({ tls }, found) {
    for (const { about, outcome } of tls) {
      if (outcome.ok) continue;
      const evidence: Evidence = {
        ...standingOf(about, tls),
        server: namedEndpoint(about),
        endpoint: endpointText(about),
        host: about.host,
        sni: about.sni,
        detail: outcome.detail,
        ms: outcome.ms,
      };
      if (outcome.reason === 'tls-alert')
        found('alert', endpointText(about), { ...evidence, alert: outcome.alert ?? -1 });
      if (outcome.reason === 'timeout') found('timeout', endpointText(about), evidence);
      if (outcome.reason === 'closed' || outcome.reason === 'reset') found('closed', endpointText(about), evidence);
      if (outcome.reason === 'tls-failed') found('failed', endpointText(about), evidence);
    }
  },
});
