import { defineCheck } from './define-check.ts';
import {
  endpointText,
  namedEndpoint,
  serverText,
  BY_STANDING,
  standInText,
  standingOf,
  type Standing,
} from './standing.ts';
import { alertText, TLS_ALERTS } from './tls-alerts.ts';
import { durationText } from './duration-text.ts';

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
  uses: ['variant', 'cleartext', 'sip'],
  cases: {
    alert: {
      ...BY_STANDING,
      means: 'The server ended the TLS handshake with an alert, whose number tells why.',
      causes: [
        'no version or cipher in common (40, 70, 71)',
        'the server does not serve the name in the SNI (112)',
        'no certificate is assigned to the listener (40, 80)',
      ],
      fix: 'Look the alert up by its number (sipdiag explain alert 40), and look for the handshake of this machine in the TLS log of the server; reproduce it with openssl s_client -connect HOST:PORT.',
      text: (e: Evidence & { alert: number }) =>
        `${e.server} ended the TLS handshake ${sniText(e)} with ${alertText(e.alert)}: ${TLS_ALERTS[e.alert]?.meaning ?? 'no standard names this alert'}.${standInText(e)}`,
      remedy: (e) =>
        `Look for the handshake of this machine in the TLS log of ${e.host}; reproduce it with: openssl s_client -connect ${e.endpoint}${e.sni === null ? ' -noservername' : ` -servername ${e.sni}`}`,
    },
    timeout: {
      ...BY_STANDING,
      means: 'The port takes the connection, but nothing answers the TLS handshake.',
      causes: [
        'the port belongs to another service',
        'the server hangs, or its worker threads are busy',
        'a firewall lets the connection in and drops what follows',
      ],
      fix: 'Check that the port is the TLS port of the SIP server; if it is, restart the service, and look for a firewall that lets the connection in and drops what follows.',
      text: (e: Evidence) =>
        `${e.server} accepts the TCP connection but never answers the TLS handshake (waited ${durationText(e.ms)}).${standInText(e)}`,
      remedy: (e) =>
        `Check that ${e.endpoint} is the TLS port of the SIP server, and restart the service if it is: what listens there takes the connection and does not speak TLS.`,
    },
    closed: {
      ...BY_STANDING,
      means: 'The server ends the connection in the middle of the TLS handshake, without an alert.',
      causes: [
        'no certificate, or one without its private key, is assigned to the listener (Windows)',
        'a firewall that inspects TLS',
        'an address filter, or TLS versions that the server does not speak',
      ],
      fix: 'Assign a certificate with its private key to the listener (Windows: in the store of the local machine, not of a user), then look in the log of the server for an address filter, and on the way for a firewall that inspects TLS.',
      text: (e: Evidence) =>
        `${e.server} closes the connection during the TLS handshake ${sniText(e)}.${standInText(e)}`,
      remedy: (e) =>
        `Look at the log of ${e.host} for port ${e.endpoint.replace(/^.*:/, '')}: mostly no certificate, or one without its private key, is assigned to the listener; otherwise an address filter there, or a firewall on the way that inspects TLS.`,
    },
    failed: {
      ...BY_STANDING,
      means: 'The handshake failed on this side: the server offers what the TLS library of today refuses.',
      causes: ['old versions or weak ciphers', 'a server that breaks the protocol'],
      fix: 'See what the server offers with openssl s_client -connect HOST:PORT, and turn TLS 1.2 with ECDHE and AES-GCM on there.',
      text: (e: Evidence) => `The TLS handshake with ${e.server} failed on this side: ${e.detail}.${standInText(e)}`,
      remedy: (e) =>
        `Turn TLS 1.2 with ECDHE and AES-GCM on at ${e.host}: it offers something that the OpenSSL of this machine refuses. See it with: openssl s_client -connect ${e.endpoint}`,
    },
  },
  run({ tls, variant, cleartext, sip }, found) {
    // Another check names the cause: SIP in clear (tls-service), an old version (tls-version), a peer (tls-peer).
    const told = [...variant.filter((one) => one.about.way === 'legacy'), ...cleartext].filter((one) => one.outcome.ok);
    const explained = new Set(told.map(({ about }) => `${serverText(about)} ${about.host}`));
    for (const { about, outcome } of tls) {
      if (outcome.ok || about.peer === 'client' || explained.has(`${serverText(about)} ${about.host}`)) continue;
      const evidence: Evidence = {
        ...standingOf(about, [...tls, ...sip]),
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
