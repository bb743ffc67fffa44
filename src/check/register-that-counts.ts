import type { SipObservation } from '../model/sip.ts';
import { serverText } from './standing.ts';

const BAD_REQUEST = 400;

const statusOf = ({ outcome }: SipObservation): number => (outcome.ok ? outcome.value.status : 0);

/** A registrar that was asked without a Contact and says 400: it may want one in every REGISTER, as FreeSWITCH does. */
export const lacksContact = (one: SipObservation): boolean =>
  statusOf(one) === BAD_REQUEST && one.about.step === undefined;

/**
 * The REGISTER that shows whether a registrar takes registrations: the query, which changes nothing and so names no Contact; and
 * where that is answered with 400, the one with a Contact that followed on the same way.
 */
export function registerThatCounts(query: SipObservation, sip: readonly SipObservation[]): SipObservation {
  if (!lacksContact(query)) return query;
  const isSame = ({ about }: SipObservation): boolean =>
    serverText(about) === serverText(query.about) && about.host === query.about.host && about.by === query.about.by;
  const followed = sip.find((one) => one.about.step === 'sign-in' && one.about.contact !== undefined && isSame(one));
  return followed ?? query;
}

/** No password was sent, because none was asked for: what came is the answer to a query. */
export const isUnchallenged = ({ outcome }: SipObservation): boolean =>
  outcome.ok && (outcome.value.answered ?? []).length === 0;
