import type { Failure } from '../model.ts';
import { beginsAsSip } from '../wire/sip-first-line.ts';
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
import { amountText } from './handshake-amount.ts';
import { alertText, TLS_ALERTS } from './tls-alerts.ts';
import { durationText } from './duration-text.ts';

type Evidence = Standing & {
  server: string;
  endpoint: string;
  address: string;
  host: string;
  sni: string | null;
  detail: string;
  ms: number;
  /** Of the server's side of the handshake; 0: nothing came. */
  octets: number;
};

/** OpenSSL's words; what they are about stands in the sentence. */
const reasonText = ({ detail }: Evidence): string => detail.replace(/^TLS handshake with \S+: /, '');

const sniText = ({ sni }: Evidence): string => (sni === null ? 'without a server name' : `for the name ${sni}`);

type CaseName = 'alert' | 'timeout' | 'unfinished' | 'too-large' | 'malformed' | 'closed' | 'failed';

const CASES: Partial<Record<Failure['reason'], CaseName>> = {
  'tls-alert': 'alert',
  timeout: 'timeout',
  closed: 'closed',
  reset: 'closed',
  'tls-failed': 'failed',
  'too-large': 'too-large',
  malformed: 'malformed',
};

function caseOf({ reason, octets }: Failure): CaseName | undefined {
  return reason === 'timeout' && octets !== undefined ? 'unfinished' : CASES[reason];
}

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
        'a firewall lets the connection in and drops TLS',
        'large packets are lost on the way (path MTU, a VPN): the certificates fill them',
      ],
      fix: 'Shake hands on the server itself (openssl s_client -connect HOST:PORT): if that works, something on the way drops TLS or large packets (ping -M do -s 1372 HOST, on Windows ping -f -l 1372 HOST); if not, check that the port is the TLS port of the SIP server, and restart the service.',
      text: (e: Evidence) =>
        `${e.server} accepts the TCP connection but never answers the TLS handshake (waited ${durationText(e.ms)}).${standInText(e)}`,
      remedy: (e) =>
        `Shake hands on ${e.host} itself: openssl s_client -connect ${e.endpoint}; if that works there, a firewall on the way drops TLS, or large packets are lost (try ping -M do -s 1372 ${e.address}, on Windows ping -f -l 1372 ${e.address}, and lower the MTU of the VPN or tunnel); if not, check that this is the TLS port of the SIP server, and restart the service.`,
    },
    unfinished: {
      ...BY_STANDING,
      means: 'The server begins its answer to the TLS handshake, and never comes to the end of it.',
      causes: [
        'large packets are lost on the way (path MTU, a VPN): the certificates are the largest that a server sends',
        'a server or TLS proxy that is overloaded, or waits for another service',
        'something that only looks like a TLS server',
      ],
      fix: 'Watch the handshake on the way (tcpdump): where the certificates of the server do not arrive, lower the MTU or let ICMP "packet too big" through; where the server sends nothing more, look at its log and restart it.',
      text: (e: Evidence) =>
        `${e.server} begins the TLS handshake and does not come to its end: ${amountText(e.octets)} came within ${durationText(e.ms)}.${standInText(e)}`,
      remedy: (e) =>
        `Repeat it with more time (--timeout 10000); if it stays so, watch the handshake with tcpdump: either large packets from ${e.host} are lost on the way (lower the MTU there), or the server stops in the middle (look at its log, and restart it).`,
    },
    'too-large': {
      ...BY_STANDING,
      means: 'The server sends a handshake message that is larger than TLS clients take: mostly its certificates.',
      causes: [
        'a whole store of certificates is sent along instead of the one intermediate',
        'a certificate with thousands of names',
        'a stapled OCSP response of extraordinary size',
      ],
      fix: 'Send the certificate of the server and its intermediates only, and spread its names over several certificates: OpenSSL takes 100 KiB of certificates at most.',
      text: (e: Evidence) =>
        `${e.server} sends a message in the TLS handshake that is larger than clients take (OpenSSL takes 100 KiB of certificates at most).${standInText(e)}`,
      remedy: (e) =>
        `On ${e.host}, leave nothing but the certificate of the server and its intermediates in the file that it sends (grep -c BEGIN FILE counts them), or, where there are few, give it a certificate with fewer names.`,
    },
    malformed: {
      ...BY_STANDING,
      means: 'What the server sends in the TLS handshake breaks the protocol, or its certificate cannot be read.',
      causes: [
        'a damaged certificate file on the server',
        'a private key that does not belong to the certificate',
        'a faulty TLS proxy, or a service that only looks like TLS',
      ],
      fix: 'Check certificate and key on the server (openssl x509 -in FILE -noout -text; sipdiag tls --file CERT --key KEY), and look which program listens on the port: no TLS client can come through with it.',
      text: (e: Evidence) =>
        `What ${e.server} sends in the TLS handshake breaks the protocol: ${reasonText(e)}. No TLS client can come through.${standInText(e)}`,
      remedy: (e) =>
        `Look which program listens on ${e.endpoint}, and check its certificate and key there (sipdiag tls --file CERT --key KEY); see its messages with: openssl s_client -connect ${e.endpoint} -msg`,
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
        `${e.server} closes the connection during the TLS handshake ${sniText(e)}${e.octets === 0 ? '' : `, after ${amountText(e.octets)} of its own answer`}.${standInText(e)}`,
      remedy: (e) =>
        e.octets > 0
          ? `Look at the log of ${e.host} for port ${e.endpoint.replace(/^.*:/, '')}, and on the way for a firewall that inspects TLS: the server began to answer, and one of the two ended the connection.`
          : `Look at the log of ${e.host} for port ${e.endpoint.replace(/^.*:/, '')}: mostly no certificate, or one without its private key, is assigned to the listener; otherwise an address filter there, or a firewall on the way that inspects TLS.`,
    },
    failed: {
      ...BY_STANDING,
      means: 'The handshake failed on this side: the server offers what the TLS library of today refuses.',
      causes: ['old versions or weak ciphers', 'parameters that this machine does not know'],
      fix: 'See what the server offers with openssl s_client -connect HOST:PORT, and turn TLS 1.2 with ECDHE and AES-GCM on there.',
      text: (e: Evidence) =>
        `OpenSSL on this machine ended the TLS handshake with ${e.server}: ${reasonText(e)}.${standInText(e)}`,
      remedy: (e) =>
        `Turn TLS 1.2 with ECDHE and AES-GCM on at ${e.host}: it offers something that the OpenSSL of this machine refuses; see it with: openssl s_client -connect ${e.endpoint}`,
    },
  },
  run({ tls, variant, cleartext, sip }, found) {
    // Another check names the cause: SIP in clear (tls-service), an old version (tls-version), a peer (tls-peer).
    const old = variant.filter(({ about, outcome }) => about.way === 'legacy' && outcome.ok);
    const clear = cleartext.filter(({ outcome }) => outcome.ok && beginsAsSip(outcome.value.received));
    const told = [...old, ...clear];
    const explained = new Set(told.map(({ about }) => `${serverText(about)} ${about.host}`));
    for (const { about, outcome } of tls) {
      if (outcome.ok || about.peer === 'client' || explained.has(`${serverText(about)} ${about.host}`)) continue;
      const evidence: Evidence = {
        ...standingOf(about, [...tls, ...sip]),
        server: namedEndpoint(about),
        endpoint: endpointText(about),
        address: about.address,
        host: about.host,
        sni: about.sni,
        detail: outcome.detail,
        ms: outcome.ms,
        octets: outcome.octets ?? 0,
      };
      const name = caseOf(outcome);
      if (name === 'alert') found(name, endpointText(about), { ...evidence, alert: outcome.alert ?? -1 });
      else if (name !== undefined) found(name, endpointText(about), evidence);
    }
  },
});
