import { addressFamily } from './address-family.ts';
import { authority } from './authority.ts';
import { callbackPort } from './callback-port.ts';
import { callbackRange } from './callback-range.ts';
import { certChain } from './cert-chain.ts';
import { certDates } from './cert-dates.ts';
import { certEku } from './cert-eku.ts';
import { certKey } from './cert-key.ts';
import { certLifetime } from './cert-lifetime.ts';
import { certName } from './cert-name.ts';
import { certSignature } from './cert-signature.ts';
import { certVersion } from './cert-version.ts';
import { clientCert } from './client-cert.ts';
import { cname } from './cname.ts';
import type { Check } from './define-check.ts';
import { dnsTtl } from './dns-ttl.ts';
import { domain } from './domain.ts';
import { autodiscover } from './autodiscover.ts';
import { failover } from './failover.ts';
import { matrix } from './matrix.ts';
import { mediaPort } from './media-port.ts';
import { mediaRange } from './media-range.ts';
import { nameLookup } from './name-lookup.ts';
import { naptr } from './naptr.ts';
import { natFiltering } from './nat-filtering.ts';
import { natMapping } from './nat-mapping.ts';
import { nat } from './nat.ts';
import { ocspStaple } from './ocsp-staple.ts';
import { registration } from './registration.ts';
import { resolver } from './resolver.ts';
import { revocation } from './revocation.ts';
import { sipAlg } from './sip-alg.ts';
import { sipAnswer } from './sip-answer.ts';
import { sipEcho } from './sip-echo.ts';
import { sipLatency } from './sip-latency.ts';
import { splitView } from './split-view.ts';
import { srvPort } from './srv-port.ts';
import { srvRecords } from './srv-records.ts';
import { srvTarget } from './srv-target.ts';
import { systemResolver } from './system-resolver.ts';
import { tcpReach } from './tcp-reach.ts';
import { tlsByAddress } from './tls-by-address.ts';
import { tlsHandshake } from './tls-handshake.ts';
import { tlsPeer } from './tls-peer.ts';
import { tlsServer } from './tls-server.ts';
import { tlsService } from './tls-service.ts';
import { tlsVersion } from './tls-version.ts';
import { witness } from './witness.ts';

/** Every check, in ladder order. */
export const CHECKS: readonly Check[] = [
  // Before the resolver, which only suffers from what its authorities lack.
  authority,
  resolver,
  splitView,
  systemResolver,
  domain,
  srvRecords,
  naptr,
  srvTarget,
  cname,
  srvPort,
  dnsTtl,
  addressFamily,
  nameLookup,
  autodiscover,
  tcpReach,
  tlsService,
  // Before the handshake, which only says that it failed.
  tlsVersion,
  clientCert,
  tlsHandshake,
  tlsPeer,
  tlsByAddress,
  tlsServer,
  certChain,
  certDates,
  certName,
  certEku,
  certKey,
  certSignature,
  certVersion,
  certLifetime,
  ocspStaple,
  revocation,
  sipAnswer,
  sipLatency,
  sipEcho,
  failover,
  sipAlg,
  registration,
  matrix,
  callbackPort,
  callbackRange,
  nat,
  // After what the others say: it only tells who could not be asked.
  witness,
  mediaPort,
  mediaRange,
  natMapping,
  natFiltering,
];
