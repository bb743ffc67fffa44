import { describe, expect, test } from 'vitest';
import { findingFacts } from '../../src/check/finding-facts.ts';
import { FAULT_NAMES, FAULTS } from '../../src/lab/faults.ts';

const HEALTHY = 'no fault: the healthy lab shows it (tls --lab, signin --lab)';
const PORT_53 = 'name servers of a zone are asked on port 53, which the lab does not take from the machine';
const MACHINE = 'what the operating system of this machine resolves and routes, and not the network';
const KERNEL = 'on loopback the kernel of this machine answers every connection request by itself, at once';
const OWN_CERTIFICATE = 'about the certificate that the user offers with --client-cert, or a file on disk';
const OWN_POLICY = 'about the registry export that the user gives with --policy, or the ports of --ports';
const PEER = 'about a peer that connects to sipdiag tls --listen';
const PUBLIC_CA = 'about certificates of public authorities, and nobody but they can make one';
const FAR_SIDE = 'needs a firewall, a NAT or a witness between two machines (test/e2e, in network namespaces)';
const ONE_REGISTRAR = 'the lab has one registrar, and this needs a second one behind the first';
const NO_STAPLE = 'the TLS server of the lab staples no OCSP answer';
const NO_WEB = 'the lab runs no web server under lyncdiscover, whose port 443 it does not take from the machine';
const FAILOVER = 'how a client goes on from a dead server, whose own fault is one-server-dead';
const MATRIX = 'a summary of the ways of signin, whose own faults are named by the findings of their rungs';

/** Findings that no fault of the lab raises, and why. The ids as they stand in docs/findings.md. */
const NOT_IN_THE_LAB: Readonly<Record<string, string>> = {
  'authority.lame': PORT_53,
  'authority.silent': PORT_53,
  'authority.no-address': PORT_53,
  'authority.disagree': PORT_53,
  'resolver.unverified': 'the lab speaks no DNS over TLS (test/e2e/dns-transports.test.ts does)',
  'system-resolver.differs': MACHINE,
  'address-family.unreachable': MACHINE,
  'name-lookup.failed': MACHINE,
  'name-lookup.elsewhere': MACHINE,
  'tcp-reach.timeout': KERNEL,
  'tcp-reach.unreachable': KERNEL,
  'tcp-reach.reset': KERNEL,
  'tls-version.weak-only': 'what OpenSSL of this Node refuses differs between Node 20 and 24',
  'client-cert.client-auth-missing': OWN_CERTIFICATE,
  'client-cert.expired': OWN_CERTIFICATE,
  'client-cert.not-yet-valid': OWN_CERTIFICATE,
  'client-cert.unreadable': OWN_CERTIFICATE,
  'client-cert.rejected': OWN_CERTIFICATE,
  'client-cert.not-listed': OWN_CERTIFICATE,
  'client-cert.not-requested': OWN_CERTIFICATE,
  'tls-peer.refused': PEER,
  'tls-peer.no-certificate': PEER,
  'tls-peer.no-name': PEER,
  'tls-peer.outdated': PEER,
  'tls-by-address.reached': HEALTHY,
  'tls-by-address.refused': 'a TLS server of Node cannot refuse a handshake for lack of a name',
  'tls-server.facts': HEALTHY,
  'cert-chain.unreadable': 'a TLS server of Node does not start with a certificate that cannot be read',
  'cert-name.ip-expected': 'no fault: what a name test by address always says',
  'cert-name.relaxed': OWN_POLICY,
  'cert-name.matrix': HEALTHY,
  'cert-eku.client-auth-sunset': PUBLIC_CA,
  'cert-key.mismatch': OWN_CERTIFICATE,
  'cert-lifetime.too-long': PUBLIC_CA,
  'revocation.revoked': 'the lab runs no OCSP responder (test/e2e/tls.test.ts does)',
  'revocation.unreachable': 'the lab runs no OCSP responder (test/e2e/tls.test.ts does)',
  'revocation.unknown': 'the lab runs no OCSP responder (test/e2e/tls.test.ts does)',
  'revocation.not-asked': 'the certificates of the lab name no place to ask about revocation',
  'sip-latency.measured': HEALTHY,
  'sip-latency.loss': 'loopback loses nothing; what is lost elsewhere is counted by signin --count',
  'registration.redirected': ONE_REGISTRAR,
  'registration.redirect-refused': ONE_REGISTRAR,
  'autodiscover.answered': NO_WEB,
  'autodiscover.unanswered': NO_WEB,
  'autodiscover.not-understood': NO_WEB,
  'autodiscover.redirect-dead': NO_WEB,
  'cert-chain.openssl-differs': 'a difference between OpenSSL and our own path validation, which no known chain shows',
  'ocsp-staple.revoked': NO_STAPLE,
  'ocsp-staple.stale': NO_STAPLE,
  'ocsp-staple.unusable': NO_STAPLE,
  'ocsp-staple.unknown': NO_STAPLE,
  'ocsp-staple.missing': NO_STAPLE,
  'failover.first-serves': FAILOVER,
  'failover.moves-on': FAILOVER,
  'failover.stops-short': FAILOVER,
  'failover.nowhere': FAILOVER,
  'matrix.all-work': HEALTHY,
  'matrix.nothing-works': MATRIX,
  'matrix.name-resolution': MATRIX,
  'matrix.by-name-only': MATRIX,
  'matrix.password-refused': MATRIX,
  'matrix.transport-fails': MATRIX,
  'callback-port.in-use': MACHINE,
  'callback-range.too-small': OWN_POLICY,
  'callback-range.privileged': OWN_POLICY,
  'callback-range.ephemeral': OWN_POLICY,
  'callback-range.unusable': OWN_POLICY,
  'media-range.too-small': OWN_POLICY,
  'media-range.privileged': OWN_POLICY,
  'media-range.ephemeral': OWN_POLICY,
  'media-range.unusable': OWN_POLICY,
};

/** Whole checks whose witnesses the lab does not have. */
const FAR_SIDE_CHECKS = /^(?:callback-port|sip-alg|sip-echo|nat|witness|media-port|nat-mapping|nat-filtering)\./;

const raised = new Set(FAULT_NAMES.map((name) => FAULTS[name].expects.findingId));
const ids = findingFacts().map(({ id }) => id);
const reasonFor = (id: string): string | undefined =>
  NOT_IN_THE_LAB[id] ?? (FAR_SIDE_CHECKS.test(id) ? FAR_SIDE : undefined);

describe('every finding', () => {
  test.each(ids)('%s is raised by a fault of the lab, or it is said why it cannot be', (id) => {
    expect(raised.has(id) || reasonFor(id) !== undefined).toBe(true);
  });

  test('has a reason only where there is no fault', () => {
    expect(Object.keys(NOT_IN_THE_LAB).filter((id) => raised.has(id) || !ids.includes(id))).toEqual([]);
  });
});

test('every fault raises a finding that exists, on its rung', () => {
  const rungs = new Map(findingFacts().map(({ id, rung }) => [id, rung]));
  for (const name of FAULT_NAMES) {
    const { findingId, rung } = FAULTS[name].expects;
    expect([name, rungs.get(findingId)]).toEqual([name, rung]);
  }
});
