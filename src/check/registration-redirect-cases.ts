import type { Severity } from '../model.ts';
import type { CaseSpec } from './define-check.ts';
import { saidText, says, severityOfOne, type Standing } from './registration-query-cases.ts';
import { namesText } from './server-ways.ts';

/** One place that the registration was sent on to. */
export interface RedirectStop {
  /** The Contact as written. */
  target: string;
  /** 'tls 192.0.2.1:5061'; null: there was nobody to connect to. */
  server: string | null;
  /** '401 Unauthorized', or why there is none. */
  answer: string;
}

/** A REGISTER that was answered with 3xx. `said` is what the last answer says. */
type Redirected = Standing & {
  /** The Contacts of the answer; empty: it does not say where. */
  targets: string[];
  /** Where it was followed to, in turn; empty: it was not followed. */
  stops: RedirectStop[];
  /** microsoft: its clients follow, and its servers send users to their home pool in this way. */
  clients: 'microsoft' | 'any';
};

export interface RedirectEvidence {
  redirected: Redirected;
  'redirect-dead': Redirected;
  'redirect-refused': Redirected;
  'redirect-loop': Redirected;
}

type Cases = { readonly [C in keyof RedirectEvidence]: CaseSpec<RedirectEvidence[C]> };

const lastOf = ({ stops }: Redirected): RedirectStop | undefined => stops.at(-1);
const placeOf = ({ server, target }: RedirectStop): string => server ?? target;

function severityOfRedirection(e: Redirected): Severity {
  const severity = severityOfOne(e);
  if (severity === 'info' || e.stops.length === 0) return severity;
  return e.clients === 'microsoft' ? 'info' : 'warning';
}

const sentText = (e: Redirected): string => {
  const way = e.stops.length === 0 ? e.targets : [...new Set(e.stops.map(({ target }) => target))];
  const sends = `${says(e, 'sends', 'send')} the registration of ${e.aor}`;
  const answer = `${e.status} ${e.reason}`;
  if (way.length === 0) return `${sends} elsewhere with ${answer}, without saying where`;
  return `${sends} on to ${way.join(', from there to ')} (${answer})`;
};
const homeText = ({ clients }: Redirected): string =>
  clients === 'microsoft' ? ' That is how a director or another pool sends a user to the home pool.' : '';
const homeRemedy = (e: Redirected): string =>
  e.clients === 'microsoft'
    ? `check the home pool of ${e.aor} (msRTCSIP-PrimaryHomeServer), and that the user was not left behind when a pool was moved`
    : `correct the home server of ${e.aor} at ${namesText(e.servers)}`;

function redirectedText(e: Redirected): string {
  const last = lastOf(e);
  if (last === undefined) return `${sentText(e)}.${saidText(e)}`;
  const others = e.clients === 'any' ? ' Clients that follow no redirection of REGISTER cannot sign in.' : '';
  return `${sentText(e)}. ${placeOf(last)} takes it there: ${last.answer}.${homeText(e)}${others}`;
}

function redirectedRemedy(e: Redirected): string {
  const [target] = e.targets;
  if (target === undefined)
    return `Ask whoever runs ${namesText(e.servers)} for the home server of ${e.aor}, and look at it with --server.`;
  if (e.stops.length === 0)
    return `Run sipdiag signin ${e.aor} --server HOST with the host of ${target}; if that works, let DNS or the client name it.`;
  return e.clients === 'microsoft'
    ? `Nothing to mend, as long as firewalls let the clients reach ${target} too.`
    : `Let DNS or the client name ${target} itself: many clients do not follow.`;
}

export const REDIRECT_CASES: Cases = {
  redirected: {
    severity: severityOfRedirection,
    weighs:
      'error when it was not followed; warning when the other server takes the registration; info where clients follow (Microsoft), and for an account that sipdiag made up',
    means: 'The server sends the client to another server to register.',
    causes: [
      'the account has another home server',
      'the SRV records lead to a director',
      'an outbound proxy is needed',
    ],
    fix: 'Let DNS or the client name the server that registrations are sent on to; Microsoft clients follow by themselves.',
    text: redirectedText,
    remedy: redirectedRemedy,
  },
  'redirect-dead': {
    severity: severityOfOne,
    weighs:
      'error; warning while another server of the same set takes the registration; info for an account that sipdiag made up, and for a trunk',
    means: 'The server sends the registration to another one, which cannot be reached or not be trusted.',
    causes: [
      'the home server is down',
      'a firewall lets clients reach the first server only',
      'the name of the home server is not known to the clients (internal name outside)',
      'its certificate is for another name',
    ],
    fix: 'Make the server that registrations are sent on to reachable for clients (name, firewall, service, certificate), or correct the home server of the account.',
    text: (e) => {
      const last = lastOf(e);
      return `${sentText(e)}, and that leads nowhere: ${last === undefined ? '' : `${last.server === null ? '' : `${last.server}: `}${last.answer}`}.${homeText(e)}`;
    },
    remedy: (e) => {
      const last = lastOf(e);
      const place = last === undefined ? 'the target' : placeOf(last);
      return `Make ${place} reachable for clients (name, firewall, service, certificate), or ${homeRemedy(e)}.`;
    },
  },
  'redirect-refused': {
    severity: severityOfOne,
    weighs:
      'error; warning while another server of the same set takes the registration; info for an account that sipdiag made up, and for a trunk',
    means: 'The server sends the registration to another one, which refuses it.',
    causes: [
      'the account was moved, and the two servers disagree about where',
      'the other server does not serve the domain',
    ],
    fix: 'Correct the home server of the account (Microsoft: msRTCSIP-PrimaryHomeServer): the two servers disagree about it.',
    text: (e) => {
      const last = lastOf(e);
      return `${sentText(e)}, and it is refused there${last === undefined ? '' : ` by ${placeOf(last)}: ${last.answer}`}.${homeText(e)}${saidText(e)}`;
    },
    remedy: (e) => `The two servers disagree about the account: ${homeRemedy(e)}.`,
  },
  'redirect-loop': {
    severity: severityOfOne,
    weighs:
      'error; warning while another server of the same set takes the registration; info for an account that sipdiag made up, and for a trunk',
    means: 'The servers send the registration to and fro.',
    causes: ['each server takes the other for the home server of the account'],
    fix: 'Let one of the servers take the registration: each holds the other for the home server of the account.',
    text: (e) => `${sentText(e)}, and so on without end: ${lastOf(e)?.answer ?? ''}.`,
    remedy: (e) => `Let one of the servers take the registration: ${homeRemedy(e)}.`,
  },
};
