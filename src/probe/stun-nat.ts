/** What Binding answers from two addresses say of a NAT. Pure. RFC 5780 sections 4.3 and 4.4, RFC 4787 sections 4.1 and 5. */
import type { Outcome } from '../model.ts';
import type { NatSeen } from '../model/far-side.ts';
import { isInside, kindOfAddress } from '../pki/address-kind.ts';
import type { StunMessage } from '../wire/stun-message.ts';
import { STUN_ATTRIBUTE } from '../wire/stun-registry.ts';
import { dialectOf, plainAddressOf } from '../wire/stun-values.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';
import { formatEndpoint } from './endpoint-text.ts';
import type { Binding } from './stun-binding.ts';

/** The second address of a server, or why it has none that can be asked. */
export type Alternate = { known: Endpoint } | { why: string };

export interface NatTests {
  local: Endpoint;
  server: Endpoint;
  first: Binding;
  alternate: Alternate;
  /** To the other address, port as before; to the other address and port. Absent without an alternate. */
  mapping?: { otherAddress: Outcome<Binding>; otherBoth: Outcome<Binding> };
  /** From a fresh local port, which has sent to the server's first address only. */
  filtering: { control: Outcome<Binding>; changedBoth: Outcome<Binding>; changedPort: Outcome<Binding> };
}

type Verdict<V> = { is: V; why: string };

const isLoopback = (address: string): boolean => kindOfAddress(address) === 'loopback';
/** Unspecified, multicast and broadcast: nobody's own. */
const isNobodys = (address: string): boolean => ['unusable', 'multicast'].includes(kindOfAddress(address));

/**
 * The server's OTHER-ADDRESS, which a stranger chooses and this side sends to: it has to differ from the server's own in address
 * and port (RFC 5780 section 7.4), and to be an address that the server can have.
 */
export function alternateOf(message: StunMessage, server: Endpoint): Alternate {
  if (dialectOf(message) === 'rfc3489')
    return { why: 'the server knows RFC 3489 only, whose second address cannot be relied on' };
  let other: Endpoint | undefined;
  try {
    other = plainAddressOf(message, STUN_ATTRIBUTE.OTHER_ADDRESS);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { why: 'the second address that the server names cannot be read' };
  }
  if (other === undefined) return { why: 'the server has no second address (RFC 5780)' };
  const { address, port } = other;
  const named = `the server names ${formatEndpoint(other)} as its second address`;
  if (address.includes(':') !== server.address.includes(':')) return { why: `${named}, of another family` };
  if (address === server.address || port === server.port || port === 0)
    return { why: `${named}, which has to differ from ${formatEndpoint(server)} in address and in port` };
  const isForeign = isInside(address) && !isInside(server.address) && !isLoopback(server.address);
  if (isNobodys(address) || isForeign || isLoopback(address) !== isLoopback(server.address))
    return { why: `${named}, which cannot be its own` };
  return { known: other };
}

const same = (a: Endpoint, b: Endpoint): boolean => formatEndpoint(a) === formatEndpoint(b);
const unknown = (why: string): Verdict<'unknown'> => ({ is: 'unknown', why });
const known = <V>(is: V): Verdict<V> => ({ is, why: '' });

/** RFC 5780 section 4.3. */
function judgeMapping({ local, first, alternate, mapping }: NatTests): Verdict<NatSeen['mapping']> {
  if (same(local, first.mapped)) return known('none');
  if (mapping === undefined) return unknown('why' in alternate ? alternate.why : 'the other address was not asked');
  const { otherAddress, otherBoth } = mapping;
  const [second, third] = [otherAddress, otherBoth].map((one) => (one.ok ? one.value.mapped : undefined));
  const place = 'known' in alternate ? formatEndpoint(alternate.known) : '';
  if (second === undefined && third === undefined)
    return unknown(`the server did not answer at its second address (${place})`);
  // One answer that is alike decides; one that differs does not say whether the address or the port was the reason.
  if (third !== undefined && same(first.mapped, third)) return known('endpoint-independent');
  if (second === undefined || third === undefined) {
    if (second !== undefined && same(first.mapped, second)) return known('endpoint-independent');
    return unknown(`the mapping differs at the second address (${place}), which answered on one of its two ports only`);
  }
  return known(same(second, third) ? 'address-dependent' : 'address-and-port-dependent');
}

type Heard = { from: Endpoint } | { silent: true } | { why: string };

/** From where a changed answer came; any end but silence and an answer decides nothing. */
function heard(outcome: Outcome<Binding>, what: string): Heard {
  if (outcome.ok) return { from: outcome.value.from };
  return outcome.reason === 'timeout' ? { silent: true } : { why: `${what}: ${outcome.detail}` };
}

/** RFC 5780 section 4.4. Silence is believed only when the second address was heard otherwise. */
function judgeFiltering(tests: NatTests): Verdict<NatSeen['filtering']> {
  const { server, alternate, mapping, filtering } = tests;
  if (!('known' in alternate)) return unknown(alternate.why);
  if (!filtering.control.ok) return unknown(`a fresh port got no answer: ${filtering.control.detail}`);
  const both = heard(filtering.changedBoth, 'asked to answer from its other address');
  if ('why' in both) return unknown(both.why);
  if ('from' in both) {
    if (same(both.from, alternate.known)) return known('endpoint-independent');
    return unknown(`the server ignores CHANGE-REQUEST: it answered from ${formatEndpoint(both.from)}`);
  }
  if (mapping?.otherAddress.ok !== true && mapping?.otherBoth.ok !== true)
    return unknown(`the server did not answer at its second address (${formatEndpoint(alternate.known)})`);
  const port = heard(filtering.changedPort, 'asked to answer from its other port');
  if ('why' in port) return unknown(port.why);
  if ('silent' in port) return known('address-and-port-dependent');
  if (same(port.from, { address: server.address, port: alternate.known.port })) return known('address-dependent');
  return unknown(`the server ignores CHANGE-REQUEST: it answered from ${formatEndpoint(port.from)}`);
}

/** What is written down of one server's tests. */
export function natSeen(tests: NatTests): NatSeen {
  const [mapping, filtering] = [judgeMapping(tests), judgeFiltering(tests)];
  const reasons = [...new Set([mapping.why, filtering.why].filter((why) => why !== ''))];
  return {
    local: formatEndpoint(tests.local),
    mapped: formatEndpoint(tests.first.mapped),
    mapping: mapping.is,
    filtering: filtering.is,
    detail: reasons.join('; '),
  };
}
