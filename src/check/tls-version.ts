import type { TlsVersion, VariantObservation } from '../model/tls.ts';
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

interface Evidence extends Standing {
  server: string;
  host: string;
  port: number;
  /** What the server chose when all old versions were offered. */
  version: string;
  cipher: string;
}
interface OutdatedEvidence {
  server: string;
  host: string;
  accepted: TlsVersion[];
  outdated: TlsVersion[];
}

/** RFC 8996 forbids them. */
const OUTDATED: ReadonlySet<string> = new Set(['TLSv1', 'TLSv1.1']);

const TITLES: Readonly<Record<string, string>> = {
  TLSv1: 'TLS 1.0',
  'TLSv1.1': 'TLS 1.1',
  'TLSv1.2': 'TLS 1.2',
  'TLSv1.3': 'TLS 1.3',
};
const titleOf = (version: string): string => TITLES[version] ?? version;

/** Versions that were tried one by one, by server. */
function byServer(variants: readonly VariantObservation[]): VariantObservation[][] {
  const groups = new Map<string, VariantObservation[]>();
  for (const one of variants) {
    if (one.about.way !== 'version') continue;
    const key = `${serverText(one.about)} ${one.about.host}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

export const tlsVersion = defineCheck({
  id: 'tls-version',
  rung: 'tls',
  question: 'Does the server speak a version of TLS that clients of today accept?',
  source: 'RFC 8996, RFC 9325 section 3.1',
  reads: ['tls'],
  uses: ['variant', 'sip'],
  cases: {
    'legacy-only': {
      ...BY_STANDING,
      means: 'The server speaks TLS 1.0 or 1.1 and nothing newer: clients and libraries of today refuse it.',
      causes: [
        'an old server or operating system',
        'a configuration that pins the version',
        'a TLS proxy in front of the server',
      ],
      fix: 'Turn TLS 1.2 on (Kamailio: tls_method=TLSv1.2+; Windows: SCHANNEL Protocols in the registry; OpenSSL: MinProtocol), or update the server.',
      text: (e: Evidence) =>
        `${e.server} speaks ${titleOf(e.version)} only, with ${e.cipher}: today's clients ask for TLS 1.2 or newer and end the handshake.${standInText(e)}`,
      remedy: (e) =>
        `Turn TLS 1.2 on for port ${e.port} of ${e.host} (Windows: SCHANNEL Protocols in the registry; Kamailio: tls_method=TLSv1.2+; OpenSSL: MinProtocol), or update the server.`,
    },
    'weak-only': {
      ...BY_STANDING,
      means: 'The server speaks TLS 1.2, but only with ciphers or keys that libraries of today refuse.',
      causes: [
        'a cipher list of another age',
        'Diffie-Hellman parameters below 2048 bits',
        'an RSA key below 1024 bits',
      ],
      fix: 'Give the server a cipher list with ECDHE and AES-GCM, Diffie-Hellman parameters of 2048 bits, and a key of RSA 2048 or P-256.',
      text: (e: Evidence) =>
        `${e.server} agrees on ${titleOf(e.version)} only when weak ciphers and keys are allowed (it chose ${e.cipher}): libraries of today refuse that.${standInText(e)}`,
      remedy: (e) =>
        `Give ${e.host} a cipher list with ECDHE and AES-GCM (Kamailio: cipher_list; Windows: SSL Cipher Suite Order in the group policy), Diffie-Hellman parameters of 2048 bits and a key of 2048 bits (RSA) or P-256.`,
    },
    outdated: {
      severity: 'info',
      means: 'The server still accepts versions of TLS that RFC 8996 forbids, beside newer ones.',
      causes: ['the default of an older server software', 'old phones that need it'],
      fix: 'When no old phone needs them any more, turn TLS 1.0 and 1.1 off on the server (Kamailio: tls_method=TLSv1.2+).',
      text: (e: OutdatedEvidence) =>
        `${e.server} also accepts ${e.outdated.map(titleOf).join(' and ')}, which RFC 8996 forbids; clients of today take ${e.accepted.toReversed().map(titleOf)[0]}.`,
      remedy: (e) => `When no old phone needs them any more, turn these versions off on ${e.host}.`,
    },
  },
  run({ tls, variant, sip }, found) {
    for (const { about, outcome } of variant) {
      if (about.way !== 'legacy' || !outcome.ok) continue;
      const { version, cipher } = outcome.value;
      found(OUTDATED.has(version) ? 'legacy-only' : 'weak-only', endpointText(about), {
        ...standingOf(about, [...tls, ...sip]),
        server: namedEndpoint(about),
        host: about.host,
        port: about.port,
        version,
        cipher: cipher === '' ? 'an unknown cipher' : cipher,
      });
    }
    for (const group of byServer(variant)) {
      const accepted = group.flatMap(({ about, outcome }) => (outcome.ok ? about.offered : []));
      const outdated = accepted.filter((one) => OUTDATED.has(one));
      const [first] = group;
      if (first === undefined || outdated.length === 0 || outdated.length === accepted.length) continue;
      const { about } = first;
      found('outdated', endpointText(about), { server: namedEndpoint(about), host: about.host, accepted, outdated });
    }
  },
});
