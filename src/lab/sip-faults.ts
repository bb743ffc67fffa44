import type { Severity } from '../model.ts';
import { expecting, type Fault } from './plan.ts';
import type { Registration } from './registration.ts';

/** What the registrar says before a password was asked for. */
const refusing = (
  title: string,
  [registration, name, severity]: readonly [Registration, string, Severity?],
): Fault => ({ title, expects: expecting('auth', `registration.${name}`, severity), change: { registration } });

/** What shows only to somebody who signs in. */
const signingIn = (title: string, what: Parameters<typeof refusing>[1]): Fault => ({
  ...refusing(title, what),
  look: { account: 'given' },
});

/** What can be wrong with the SIP server and its registrar. */
export const SIP_FAULTS = {
  'sip-silent': {
    title: 'the SIP server accepts connections and answers no request',
    expects: expecting('sip', 'sip-answer.none'),
    change: { sip: 'silent' },
  },
  'sip-closes': {
    title: 'the SIP server closes the connection when a request arrives',
    expects: expecting('sip', 'sip-answer.closed'),
    change: { sip: 'closes' },
  },
  'udp-refused': {
    title: 'DNS publishes a UDP port where nothing listens',
    expects: expecting('sip', 'sip-answer.refused'),
    change: { udp: 'refused' },
    also: [{ findingId: 'matrix.transport-fails', look: { command: 'signin' } }],
  },
  'udp-other-source': {
    title: 'the SIP server answers over UDP from another port',
    expects: expecting('sip', 'sip-answer.other-source', 'info'),
    change: { udp: 'other-port' },
  },
  'sip-not-sip': {
    title: 'a web server answers on the SIP ports',
    expects: expecting('sip', 'sip-answer.not-sip'),
    change: { sip: 'not-sip' },
  },
  'sip-leaves-tls': {
    title: 'the SIP server forgets to encrypt what it answers over TLS',
    expects: expecting('sip', 'sip-answer.tls-failed'),
    change: { tls: 'leaves-tls' },
  },
  'udp-lossy': {
    title: 'some of the requests over UDP get lost on the way',
    expects: expecting('sip', 'sip-latency.loss', 'warning'),
    change: { udp: 'lossy' },
    look: { command: 'signin', count: 6 },
  },
  'sip-server-error': {
    title: 'the SIP server answers every request with 503',
    expects: expecting('sip', 'sip-answer.server-error'),
    change: { sip: 'server-error' },
    also: [{ findingId: 'matrix.nothing-works', look: { command: 'signin' } }],
  },
  'via-rewritten': {
    title: 'the Via of requests comes back with another address, as from a SIP ALG',
    expects: expecting('sip', 'sip-echo.via-changed', 'warning'),
    change: { habit: 'other-via' },
    look: { account: 'given' },
  },
  'contact-rewritten': {
    title: 'the registrar gives Contacts back with another address',
    expects: expecting('sip', 'sip-echo.contact-changed', 'info'),
    change: { habit: 'other-contact' },
    look: { account: 'given' },
  },
  'alg-rewrites': {
    title: 'a SIP ALG rewrites the messages to the SIP port',
    expects: expecting('sip', 'sip-alg.rewrote', 'warning'),
    change: { agent: 'serves', alg: 'rewrites' },
  },
  'alg-rewrites-everywhere': {
    title: 'a SIP ALG rewrites the messages to every port',
    expects: expecting('sip', 'sip-alg.rewrote-everywhere', 'warning'),
    change: { agent: 'serves', alg: 'rewrites-everywhere' },
  },
  'alg-swallows': {
    title: 'a SIP ALG swallows the messages to the SIP port',
    expects: expecting('sip', 'sip-alg.swallowed', 'warning'),
    change: { agent: 'serves', alg: 'swallows' },
  },
  'pool-refuses': {
    title: 'the first of two TCP servers in DNS does not serve the domain',
    expects: expecting('sip', 'failover.stops-short', 'info'),
    change: { zone: 'pool-first', pool: 'refuses' },
  },
  'sip-method-refused': {
    title: 'the SIP server does not know OPTIONS',
    expects: expecting('sip', 'sip-answer.method-refused', 'info'),
    change: { sip: 'no-options' },
  },
  'domain-not-served': refusing('the registrar does not serve the domain (404)', [
    'domain-not-served',
    'domain-not-served',
  ]),
  'user-unknown': refusing('the registrar does not know the user (404)', ['user-unknown', 'unknown-user']),
  'registration-forbidden': refusing('the registrar forbids the registration (403)', ['forbidden', 'forbidden']),
  'registration-redirect-dead': refusing('the registrar sends the client to a server that does not exist (302)', [
    'moved',
    'redirect-dead',
  ]),
  'registration-redirect-loop': refusing('the registrar sends the client back to itself (302)', [
    'moved-here',
    'redirect-loop',
  ]),
  'registration-redirected': {
    title: 'the registrar sends the client on to another one (302)',
    expects: expecting('auth', 'registration.redirected', 'warning'),
    change: { registration: 'moved-to-pool', pool: 'serves', zone: 'domain-address' },
    look: { account: 'given' },
  },
  'registration-redirect-refused': {
    title: 'the registrar sends the client on to one that does not serve the domain (302)',
    expects: expecting('auth', 'registration.redirect-refused'),
    change: { registration: 'moved-to-pool', pool: 'refuses', zone: 'domain-address' },
  },
  'registration-refused': refusing('the registrar refuses the registration (488)', ['refused', 'refused']),
  'registration-unanswered': refusing('OPTIONS is answered, REGISTER is not', ['unanswered', 'unanswered']),
  'registration-not-challenged': refusing('the registrar takes everybody without a password', [
    'unchallenged',
    'not-challenged',
    'info',
  ]),
  'challenge-missing': signingIn('the registrar asks for a password and sends no challenge', [
    'no-challenge',
    'challenge-missing',
  ]),
  'scheme-unsupported': refusing('the registrar offers NTLM only', ['ntlm-only', 'scheme-unsupported', 'warning']),
  'kerberos-trap': refusing('the registrar offers Kerberos, and no key distribution centre can be found', [
    'kerberos-first',
    'kerberos-trap',
    'warning',
  ]),
  'clock-skew': refusing('the clock of the server is 20 minutes ahead', ['clock-ahead', 'clock-skew', 'warning']),
  'password-refused': {
    ...signingIn('the password was changed on the server', ['password-changed', 'credentials-rejected']),
    also: [{ findingId: 'matrix.password-refused', look: { command: 'signin', account: 'given' } }],
  },
  'challenge-loop': signingIn('the registrar asks for the password again after each answer', [
    'asks-again',
    'challenge-loop',
  ]),
  'account-unknown': signingIn('the password is right, and the address does not exist', [
    'account-unknown',
    'account-unknown',
  ]),
  'account-forbidden': signingIn('the account may not register this address', [
    'account-forbidden',
    'account-forbidden',
  ]),
  'interval-too-brief': signingIn('the registrar wants longer registrations than any client asks for', [
    'too-brief',
    'interval-too-brief',
  ]),
  'sign-in-refused': signingIn('the registrar fails once the password was right (500)', ['fails', 'sign-in-refused']),
  'sign-in-unanswered': signingIn('the registrar says nothing once the password was sent', [
    'swallowed',
    'sign-in-unanswered',
  ]),
  'server-unproven': signingIn('the server does not prove that it knows the password', [
    'proof-wrong',
    'server-unproven',
    'warning',
  ]),
  'signed-in-elsewhere': signingIn('the user is signed in at another place', ['others-there', 'elsewhere', 'info']),
  'contact-left-behind': signingIn('the registrar does not take the Contact back', ['kept', 'left-behind', 'warning']),
  'password-withheld': {
    title: 'the certificate is for another host, so that the password is not sent',
    expects: expecting('auth', 'registration.password-withheld', 'info'),
    change: { certificate: 'wrong-name', udp: 'refused', tcp: 'refused' },
    look: { account: 'given' },
    also: [{ findingId: 'matrix.name-resolution', look: { command: 'signin', account: 'given' } }],
  },
} as const satisfies Readonly<Record<string, Fault>>;
