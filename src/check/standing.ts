import type { Attempt, Severity, TcpObservation } from '../model.ts';
import type { SipObservation } from '../model/sip.ts';
import type { TlsObservation } from '../model/tls.ts';

type AttemptObservation = TcpObservation | TlsObservation | SipObservation;

/** How much hangs on one attempt: whether it was promised, and which others of its set do the same job. */
export interface Standing {
  published: boolean;
  /** 'transport address:port' of the members of the set that got at least this far. */
  alternatives: string[];
}

export const endpointText = ({ address, port }: Pick<Attempt, 'address' | 'port'>): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

export const serverText = ({ transport, address, port }: Attempt): string =>
  `${transport} ${endpointText({ address, port })}`;

/** 'sip.example.com (192.0.2.1:5061)', or the bare endpoint when no name is known. */
export const namedEndpoint = (about: Attempt): string =>
  about.host === about.address ? endpointText(about) : `${about.host} (${endpointText(about)})`;

/** Looks for members of the same set that got as far as the observations given here. */
export function standingOf(about: Attempt, reached: readonly AttemptObservation[]): Standing {
  const mine = serverText(about);
  const others = reached
    .filter((one) => one.outcome.ok && one.about.set === about.set)
    .map((one) => serverText(one.about));
  return { published: about.published, alternatives: [...new Set(others)].filter((one) => one !== mine) };
}

/**
 * Promised and dead is an error, unless another member of the set stands in: then a warning. A default port that is tried by
 * custom is information as long as another one answers.
 */
export function severityOf({ published, alternatives }: Standing): Severity {
  if (alternatives.length === 0) return 'error';
  return published ? 'warning' : 'info';
}

/** The severity of a case that hangs on the standing of its server and on nothing else, with the words for it. */
export const BY_STANDING = {
  severity: severityOf,
  weighs:
    'error; warning while another server of the same set works; info for a default port that DNS does not publish, while another way works',
};

/** The half sentence that tells why a dead server is not an outage. */
export const standInText = ({ alternatives }: Standing): string =>
  alternatives.length === 0 ? '' : ` Clients can still use ${alternatives.join(', ')}.`;
