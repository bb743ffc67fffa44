import { describe, expect, test } from 'vitest';
import { findingFacts } from '../../src/check/finding-facts.ts';
import { FAULT_NAMES, FAULTS, looksAt } from '../../src/lab/faults.ts';

const HEALTHY = 'no fault: the healthy lab shows it (tls --lab, signin --lab)';
const MACHINE = 'what the operating system of this machine resolves and routes, and not the network';
const KERNEL = 'on loopback the kernel of this machine answers every connection request by itself, at once';
const OWN_CERTIFICATE = 'about the certificate that the user offers with --client-cert, or a file on disk';
const RIGHTS = 'what the operating system lets this user listen on, and not the network';
const PEER = 'about a peer that connects to sipdiag tls --listen';
const PUBLIC_CA = 'about certificates of public authorities, and nobody but they can make one';
const BY_HAND = 'a person stands at the far side';
const STANDS_BY = 'no fault: what two servers of one SRV set show when the first one works';

/** Findings that no fault of the lab raises, and why. The ids as they stand in docs/findings.md. */
const NOT_IN_THE_LAB: Readonly<Record<string, string>> = {
  'system-resolver.differs': MACHINE,
  'address-family.unreachable': MACHINE,
  'name-lookup.elsewhere': MACHINE,
  'authority.not-found': 'no fault of its own: what --authority says beside a DNS server that fails every question',
  'tcp-reach.timeout': KERNEL,
  'tcp-reach.unreachable': KERNEL,
  'client-cert.unreadable': OWN_CERTIFICATE,
  'tls-peer.refused': PEER,
  'tls-peer.silent': PEER,
  'tls-peer.unfinished': PEER,
  'tls-peer.not-tls': PEER,
  'tls-peer.malformed': PEER,
  'tls-peer.failed': PEER,
  'tls-peer.no-certificate': PEER,
  'tls-peer.no-name': PEER,
  'tls-peer.outdated': PEER,
  'tls-by-address.reached': HEALTHY,
  'tls-server.facts': HEALTHY,
  'cert-name.ip-expected': 'no fault: what a name test by address always says',
  'cert-name.matrix': HEALTHY,
  'cert-eku.client-auth-sunset': PUBLIC_CA,
  'cert-key.mismatch': OWN_CERTIFICATE,
  'cert-lifetime.too-long': PUBLIC_CA,
  'sip-latency.measured': HEALTHY,
  'cert-chain.openssl-differs': 'a difference between OpenSSL and our own path validation, which no known chain shows',
  'failover.first-serves': STANDS_BY,
  'matrix.all-work': HEALTHY,
  'witness.none-known':
    'no fault: what --via stun says of any lab, which publishes none (test/cli/no-witness.test.ts types it)',
  'witness.nothing-arrived': BY_HAND,
  'callback-range.privileged': RIGHTS,
  'callback-range.unusable': RIGHTS,
  'media-range.privileged': RIGHTS,
  'media-range.unusable': RIGHTS,
};

const raised = new Set(FAULT_NAMES.flatMap((name) => looksAt(name).map(({ findingId }) => findingId)));
const ids = findingFacts().map(({ id }) => id);

describe('every finding', () => {
  test.each(ids)('%s is raised by a fault of the lab, or it is said why it cannot be', (id) => {
    expect(raised.has(id) || NOT_IN_THE_LAB[id] !== undefined).toBe(true);
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
