import type { TcpObservation } from '../model.ts';
import type { TlsObservation, VariantObservation } from '../model/tls.ts';
import type { Certificate } from '../pki/certificate.ts';
import { purposeName } from '../pki/eku.ts';
import { carriedNames } from './cert-name-rules.ts';
import { defineCheck } from './define-check.ts';
import { chainSubject, isAnchored, ownerText, shown, type JudgedChain } from './sent-chain.ts';
import { endpointText, serverText } from './standing.ts';

/** One certificate as sent, with what it is in the path that was found. */
interface SentCertificate {
  subject: string;
  issuer: string;
  notAfter: string;
  /** used: in the path to the root. unused: sent for nothing. */
  place: 'server' | 'used' | 'root' | 'unused';
}

interface Facts {
  server: string;
  transport: string;
  version: string;
  cipher: string;
  sni: string | null;
  verifyName: string;
  /** Milliseconds of the TCP connection and of the handshake; tcp null: not measured. */
  tcpMs: number | null;
  tlsMs: number;
  subject: string;
  /** Names in the certificate, 64 at most, and how many there are. */
  names: string[];
  total: number;
  issuer: string;
  notBefore: string;
  notAfter: string;
  /** At the time of the judgement. */
  dates: 'valid' | 'expired' | 'not-yet-valid';
  /** Whole days until it expires; negative: since it has. */
  daysLeft: number;
  key: string;
  signature: string;
  usages: string[] | null;
  sent: SentCertificate[];
  /** How many were sent, where not all of them were read; absent: `sent` has them all. */
  sentInAll?: number;
  /** Subject of the trusted root that the path ends in; null: it ends in none. */
  root: string | null;
  staple: 'sent' | 'none';
  /** 'ok', or OpenSSL's name of the fault; null: OpenSSL was not asked. */
  openssl: string | null;
  clientCert: 'not-asked' | 'asked' | 'refused';
  authorities: string[];
  /** What came of each version that was tried alone. */
  versions: { version: string; result: string }[];
  /** What a client without server name is shown; null: not tried. */
  byAddress: string | null;
  /** The certificates come from a file, which has neither version nor cipher; null: from a handshake. */
  file: { format: string; key: 'belongs' | 'other' | null } | null;
  /** client: it connected to sipdiag, and `offers` are the versions of its ClientHello. */
  peer: 'server' | 'client';
  offers: string[];
}

const DAY_MS = 86_400_000;
const MAX_USAGES = 8;

function keyText({ publicKey }: Certificate): string {
  if (publicKey.type === 'rsa') return `RSA ${publicKey.bits}`;
  return publicKey.type === 'ec' ? `EC ${publicKey.curve}` : publicKey.type;
}

const outcomeText = ({ outcome }: VariantObservation): string => {
  if (outcome.ok) return 'accepted';
  return outcome.alert === undefined ? outcome.reason : `refused (alert ${outcome.alert})`;
};

function sentOf({ sent, verdict }: JudgedChain): SentCertificate[] {
  const path = new Set(verdict.path.map(({ fingerprint256 }) => fingerprint256));
  return sent.map((one, index) => {
    const selfIssued = one.subject.text === one.issuer.text;
    const inPath = path.has(one.fingerprint256);
    const place = index === 0 ? 'server' : !inPath ? 'unused' : selfIssued ? 'root' : 'used';
    return { subject: shown(one.subject.text), issuer: shown(one.issuer.text), notAfter: one.notAfter, place };
  });
}

interface Around {
  tcp: readonly TcpObservation[];
  variant: readonly VariantObservation[];
}

const sameServer = (a: TlsObservation['about'], b: { address: string; port: number; host: string }): boolean =>
  a.host === b.host && endpointText(a) === endpointText(b);

function connectionFacts(one: TlsObservation, { tcp, variant }: Around) {
  const { about } = one;
  const connected = tcp.find((other) => sameServer(about, other.about) && other.about.transport === about.transport);
  const ways = variant.filter((other) => sameServer(about, other.about));
  const byAddress = ways.find((other) => other.about.way === 'by-address');
  return {
    tcpMs: connected === undefined ? null : connected.outcome.ms,
    versions: ways
      .filter((other) => other.about.way === 'version')
      .map((other) => ({ version: other.about.offered.join(', '), result: outcomeText(other) })),
    byAddress: byAddress === undefined ? null : addressText(one, byAddress),
  };
}

function addressText({ outcome }: TlsObservation, byAddress: VariantObservation): string {
  if (!byAddress.outcome.ok) return outcomeText(byAddress);
  const same = outcome.ok && outcome.value.chain[0] === byAddress.outcome.value.leaf;
  return same ? 'the same certificate' : 'another certificate';
}

function datesOf({ notBefore, notAfter }: Certificate, judgeAt: string): Facts['dates'] {
  const at = Date.parse(judgeAt);
  if (Date.parse(notAfter) < at) return 'expired';
  return Date.parse(notBefore) > at ? 'not-yet-valid' : 'valid';
}

function certificateFacts(one: TlsObservation, chain: JudgedChain) {
  const { leaf } = chain;
  const root = isAnchored(chain) ? chain.verdict.path.at(-1) : undefined;
  return {
    subject: shown(leaf.subject.text),
    ...carriedNames(leaf),
    issuer: shown(leaf.issuer.text),
    notBefore: leaf.notBefore,
    notAfter: leaf.notAfter,
    dates: datesOf(leaf, one.about.judgeAt),
    daysLeft: Math.trunc((Date.parse(leaf.notAfter) - Date.parse(one.about.judgeAt)) / DAY_MS),
    key: keyText(leaf),
    signature: leaf.signatureAlgorithm.name,
    usages: leaf.extendedKeyUsage?.slice(0, MAX_USAGES).map(purposeName) ?? null,
    root: root === undefined ? null : shown(root.subject.text),
  };
}

function factsOf(one: TlsObservation, chain: JudgedChain | undefined, around: Around): Facts | undefined {
  const { about, outcome } = one;
  if (!outcome.ok || chain === undefined) return undefined;
  const { version, cipher, ocspStaple, clientCertRequest, refusal, openssl } = outcome.value;
  return {
    server: ownerText(one),
    transport: serverText(about),
    version,
    cipher,
    sni: about.sni,
    verifyName: about.verifyName,
    tlsMs: outcome.ms,
    ...connectionFacts(one, around),
    ...certificateFacts(one, chain),
    sent: sentOf(chain),
    ...(outcome.value.chainSent === undefined ? {} : { sentInAll: outcome.value.chainSent }),
    staple: ocspStaple === undefined ? 'none' : 'sent',
    openssl: openssl?.verdict ?? null,
    clientCert: clientCertRequest === undefined ? 'not-asked' : refusal === undefined ? 'asked' : 'refused',
    authorities: clientCertRequest?.authorities ?? [],
    file: about.file === undefined ? null : { format: about.file.format, key: about.file.key ?? null },
    peer: about.peer ?? 'server',
    offers: outcome.value.hello?.versions ?? [],
  };
}

function saysBefore({ file, peer, version }: Facts): string {
  if (file !== null) return 'holds';
  return `${peer === 'client' ? 'connects with' : 'speaks'} ${version} and shows`;
}

const countText = ({ sent, sentInAll, file }: Facts): string =>
  sentInAll === undefined
    ? `certificates ${file === null ? 'sent' : 'in it'}: ${sent.length}`
    : `certificates sent: ${sentInAll}, of which the first ${sent.length} were read`;

export const tlsServer = defineCheck({
  id: 'tls-server',
  rung: 'tls',
  question: 'What does the server show in its handshake?',
  source: 'RFC 8446 section 4',
  reads: ['tls'],
  uses: ['tcp', 'variant'],
  cases: {
    facts: {
      severity: 'info',
      means: 'What one handshake has shown: version, cipher, certificate and chain.',
      causes: ['every handshake that came to its end'],
      fix: 'Nothing to mend: other findings judge these facts.',
      text: (e: Facts) =>
        `${e.server} ${saysBefore(e)} "${e.subject}", valid until ${e.notAfter.slice(0, 10)}, issued by "${e.issuer}"; ${countText(e)}.`,
      remedy: () => '',
    },
  },
  run({ tls, tcp, variant }, found, readings) {
    for (const one of tls) {
      const facts = factsOf(one, readings.chainOf(one), { tcp, variant });
      if (facts !== undefined) found('facts', chainSubject(one), facts);
    }
  },
});
