import { certChain } from './cert-chain.ts';
import { certDates } from './cert-dates.ts';
import { certName } from './cert-name.ts';
import type { Check } from './define-check.ts';
import { domain } from './domain.ts';
import { registration } from './registration.ts';
import { resolver } from './resolver.ts';
import { sipAnswer } from './sip-answer.ts';
import { srvRecords } from './srv-records.ts';
import { srvTarget } from './srv-target.ts';
import { tcpReach } from './tcp-reach.ts';
import { tlsHandshake } from './tls-handshake.ts';
import { tlsService } from './tls-service.ts';

/** Every check, in ladder order. */
export const CHECKS: readonly Check[] = [
  resolver,
  domain,
  srvRecords,
  srvTarget,
  tcpReach,
  tlsService,
  tlsHandshake,
  certChain,
  certDates,
  certName,
  sipAnswer,
  registration,
];
