import type { Observation, Outcome } from '../model.ts';
import type { MappedObservation, NatObservation, WitnessObservation, WitnessSeen } from '../model/far-side.ts';
import type { Endpoint } from '../world.ts';
import { failureOf, offsetMs, sinceMs, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';
import { bindTo, softwareOf, type Binding } from './stun-binding.ts';
import { linkOfSocket, type StunLink } from './stun-link.ts';
import { alternateOf, natSeen, type Alternate, type NatTests } from './stun-nat.ts';

export interface StunPlan {
  server: Endpoint;
  /** 'host:port' as it was named. */
  label: string;
}

const PROVES = 'how the NAT on the way maps and filters UDP at this moment';
const CANNOT = 'say anything about TCP, nor how long the NAT keeps a mapping';

type MappingTests = Pick<NatTests, 'local' | 'first' | 'alternate' | 'mapping'>;

/** At the port of the first address, and at its own. */
async function askAlternate(
  context: ProbeContext,
  link: StunLink,
  { alternate, port }: { alternate: Endpoint; port: number },
) {
  const [otherAddress, otherBoth] = await Promise.all([
    bindTo(context, link, { to: { address: alternate.address, port } }),
    bindTo(context, link, { to: alternate }),
  ]);
  return { otherAddress, otherBoth };
}

/** Tests I to III of RFC 5780 section 4.3, all from one socket. */
async function testMapping(context: ProbeContext, link: StunLink, server: Endpoint): Promise<Outcome<MappingTests>> {
  const first = await bindTo(context, link, { to: server });
  if (!first.ok) return first;
  const alternate: Alternate = alternateOf(first.value.message, server);
  const seen = { local: link.local, first: first.value, alternate };
  if (!('known' in alternate)) return { ...first, value: seen };
  const mapping = await askAlternate(context, link, { alternate: alternate.known, port: server.port });
  return { ...first, value: { ...seen, mapping } };
}

/**
 * The tests of RFC 5780 section 4.4, side by side: all of them send to the server's first address only, so that none opens the
 * filter for another.
 */
async function testFiltering(context: ProbeContext, link: StunLink, to: Endpoint): Promise<NatTests['filtering']> {
  const [control, changedBoth, changedPort] = await Promise.all([
    bindTo(context, link, { to }),
    bindTo(context, link, { to, change: 'address-and-port' }),
    bindTo(context, link, { to, change: 'port' }),
  ]);
  return { control, changedBoth, changedPort };
}

/** Both from ports of their own: the mapping tests have opened the filter of theirs. */
async function testBoth(context: ProbeContext, server: Endpoint): Promise<Outcome<NatTests>> {
  const from = context.world.now();
  const links: StunLink[] = [];
  const open = async (): Promise<StunLink> => {
    const link = linkOfSocket(await context.world.net.openUdp(server), server);
    links.push(link);
    return link;
  };
  try {
    const [one, other] = [await open(), await open()];
    const [mapping, filtering] = await Promise.all([
      testMapping(context, one, server),
      testFiltering(context, other, server),
    ]);
    return mapping.ok ? { ...mapping, value: { ...mapping.value, server, filtering } } : mapping;
  } catch (error) {
    return { ok: false, ...failureOf(error), ms: sinceMs(context, from) };
  } finally {
    for (const link of links) link.close();
  }
}

function witnessed({ first }: { first: Binding }): WitnessSeen {
  return { proves: PROVES, cannot: CANNOT, ...softwareOf(first.message) };
}

/**
 * How the NAT towards a STUN server maps and filters UDP: RFC 5780 with two addresses of the server, 'unknown' where it has one
 * only. Gives what the server is good for, the address of this machine as it sees it, and the NAT.
 */
export async function probeStun(context: ProbeContext, { server, label }: StunPlan): Promise<Observation[]> {
  const at = offsetMs(context);
  const from = context.world.now();
  const tests = await testBoth(context, server);
  const ms = tests.ms;
  const witness: WitnessObservation = {
    kind: 'witness',
    subject: `the STUN server ${label}`,
    at,
    about: { witness: 'stun', server: label, transport: 'udp' },
    outcome: tests.ok ? { ok: true, value: witnessed(tests.value), ms } : tests,
  };
  if (!tests.ok) return [witness];
  const { local, first, alternate } = tests.value;
  const mapped: MappedObservation = {
    kind: 'mapped',
    subject: `the address of this machine as the STUN server ${label} sees it`,
    at,
    about: { witness: 'stun', server: label, transport: 'udp' },
    outcome: { ok: true, value: { local: formatEndpoint(local), seen: formatEndpoint(first.mapped) }, ms },
  };
  const nat: NatObservation = {
    kind: 'nat',
    subject: `NAT towards ${label}`,
    at,
    about: { server: label, ...('known' in alternate ? { alternate: formatEndpoint(alternate.known) } : {}) },
    outcome: { ok: true, value: natSeen(tests.value), ms: sinceMs(context, from) },
  };
  return [witness, mapped, nat];
}
