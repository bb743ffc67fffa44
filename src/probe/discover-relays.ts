import type { DnsObservation } from '../model/dns.ts';
import { readAnswers, type Answers } from '../wire/dns-lookup.ts';
import type { Endpoint } from '../world.ts';
import { askResolver, type Resolver } from './ask-dns.ts';
import type { ProbeContext } from './context.ts';
import { createFollowUps, drawFrom } from './discover.ts';
import { orderSrv, type Draw } from './srv-order.ts';

/** A STUN or TURN server that a domain publishes. */
export interface Relay {
  kind: 'stun' | 'turn';
  transport: 'udp' | 'tcp' | 'tls';
  /** The name that its certificate has to carry. */
  host: string;
  server: Endpoint;
  /** 'host:port'. */
  label: string;
  /** The name whose SRV record led here. */
  via: string;
}

/** RFC 8489 section 8.1, RFC 5928 section 4. */
const SERVICES = [
  { prefix: '_stun._udp', kind: 'stun', transport: 'udp' },
  { prefix: '_turn._udp', kind: 'turn', transport: 'udp' },
  { prefix: '_turn._tcp', kind: 'turn', transport: 'tcp' },
  { prefix: '_turns._tcp', kind: 'turn', transport: 'tls' },
] as const;

/** Of one service; further ones stand in for these. */
const MAX_RELAYS = 8;

function relaysOf(
  answers: Answers,
  { domain, draw }: { domain: string; draw: Draw },
  { prefix, kind, transport }: (typeof SERVICES)[number],
): Relay[] {
  const via = `${prefix}.${domain}`;
  const found = answers.lookUp(via, 'SRV');
  if (found.state !== 'found') return [];
  const relays = orderSrv(found.records, via, draw).flatMap(({ target, port }) =>
    // A target of '.' says that the service is not there (RFC 2782).
    target === '.' || port === 0
      ? []
      : answers.host(target).addresses.map((address): Relay => {
          const label = `${target}:${port}`;
          return { kind, transport, host: target, server: { address, port }, label, via };
        }),
  );
  return relays.slice(0, MAX_RELAYS);
}

/**
 * The STUN and TURN servers that a domain publishes, each service in the order in which a client tries them (RFC 2782). All names
 * are asked side by side; the first resolver decides, the others are there to be compared with.
 */
export async function discoverRelays(
  context: ProbeContext,
  { domain, resolvers }: { domain: string; resolvers: readonly Resolver[] },
): Promise<{ observations: DnsObservation[]; relays: Relay[] }> {
  const questions = SERVICES.map(({ prefix }) => ({ name: `${prefix}.${domain}`, type: 'SRV' as const }));
  const perResolver = await Promise.all(
    resolvers.map((resolver) => askResolver(context, resolver, { questions, followUps: createFollowUps() })),
  );
  const answers = readAnswers(perResolver[0] ?? []);
  const draw = drawFrom(context.world);
  const relays = SERVICES.flatMap((service) => relaysOf(answers, { domain, draw }, service));
  return { observations: perResolver.flat(), relays };
}
