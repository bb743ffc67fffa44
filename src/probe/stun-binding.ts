import type { Outcome } from '../model.ts';
import { attributeValue, buildStun, type StunMessage } from '../wire/stun-message.ts';
import { STUN_ATTRIBUTE, STUN_METHOD } from '../wire/stun-registry.ts';
import { changeRequest, errorCodeOf, plainAddressOf, textOf, xorAddressOf, type Change } from '../wire/stun-values.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';
import { failureOf, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';
import { errorFailure } from './stun-errors.ts';
import { askStun, type StunArrival, type StunLink } from './stun-link.ts';

/** The answer to a Binding request. */
export interface Binding extends StunArrival {
  /** This socket as the server sees it. */
  mapped: Endpoint;
}

export interface BindingPlan {
  to: Endpoint;
  /** From where the server shall answer; absent: from where it was asked. */
  change?: Change;
}

const TRANSACTION_OCTETS = 12;
const MAX_SOFTWARE = 128;

export const newTransactionId = ({ world }: ProbeContext): string =>
  world.randomHex('stun/transaction', TRANSACTION_OCTETS);

/** A server of RFC 3489 knows the address in clear only. Throws WireError 'address', 'mapped-missing'. */
function mappedIn(message: StunMessage): Endpoint {
  const mapped =
    xorAddressOf(message, STUN_ATTRIBUTE.XOR_MAPPED_ADDRESS) ?? plainAddressOf(message, STUN_ATTRIBUTE.MAPPED_ADDRESS);
  if (mapped === undefined) throw new WireError('mapped-missing', 'a Binding success without a mapped address');
  return mapped;
}

/** What the server calls itself; remote text. What cannot be read is nothing that anybody needs. */
export function softwareOf(message: StunMessage): { software?: string } {
  if ((attributeValue(message, STUN_ATTRIBUTE.SOFTWARE)?.length ?? Infinity) > MAX_SOFTWARE) return {};
  const software = textOf(message, STUN_ATTRIBUTE.SOFTWARE);
  return software === undefined ? {} : { software };
}

function readBinding(
  arrival: StunArrival,
): Omit<Extract<Outcome<Binding>, { ok: true }>, 'ms'> | ReturnType<typeof refused> {
  const error = arrival.message.class === 'error' ? errorCodeOf(arrival.message) : undefined;
  if (error !== undefined) return refused(errorFailure(error));
  return { ok: true, value: { ...arrival, mapped: mappedIn(arrival.message) } };
}

const refused = (failure: ReturnType<typeof failureOf>) => ({ ok: false as const, ...failure });

/**
 * One Binding request. An answer has to come from where it was asked for, unless another place was asked for: then it is for the
 * caller to judge. RFC 8489 section 3, RFC 5780 section 4.
 */
export async function bindTo(context: ProbeContext, link: StunLink, plan: BindingPlan): Promise<Outcome<Binding>> {
  const { to, change } = plan;
  const transactionId = newTransactionId(context);
  const attributes = change === undefined ? [] : [changeRequest(change)];
  const bytes = buildStun({ class: 'request', method: STUN_METHOD.BINDING, transactionId, attributes });
  const accepts = ({ from, message }: StunArrival): boolean =>
    message.method === STUN_METHOD.BINDING && (change !== undefined || formatEndpoint(from) === formatEndpoint(to));
  const asked = await askStun(context, link, { to, transactionId, bytes, accepts });
  if (!asked.ok) return asked;
  const { ms } = asked;
  try {
    return { ...readBinding(asked.value), ms };
  } catch (error) {
    return { ok: false, ...failureOf(error), ms };
  }
}
