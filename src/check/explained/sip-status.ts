import { known, type CodeEntry } from './code-entry.ts';

/** A final answer to a REGISTER that is no success. */
export interface StatusEntry extends CodeEntry {
  /** The reason phrase of the standard. */
  phrase: string;
  source: string;
}

const CORE = 'RFC 3261 section 21';
const ALG = 'Look for a middlebox (SIP ALG) that rewrites messages, and turn it off.';
const LOG = 'Look at the log of the server at this time.';
const USER = 'Check the sign-in address letter by letter, and that the account is enabled on the server.';
const CLIENT = 'Update the client, or turn the extension off on it.';
const CALLS =
  'This belongs to calls: a REGISTER that gets it went to a gateway or a phone instead of the registrar. Check what DNS publishes.';

const row = (phrase: string, entry: readonly [meaning: string, remedy: string], source = CORE): StatusEntry => ({
  phrase,
  source,
  ...known(...entry),
});

/** Status codes of RFC 3261 and its extensions, 3xx to 6xx, in terms of signing in. */
export const SIP_STATUSES: Readonly<Record<number, StatusEntry>> = {
  300: row('Multiple Choices', [
    'The server names several places to sign in.',
    'Let the client try the addresses in Contact.',
  ]),
  301: row('Moved Permanently', [
    'The account lives on another server, the one in Contact.',
    'Change the server setting of the client, or the SRV record, to the server in Contact.',
  ]),
  302: row('Moved Temporarily', [
    'For now another server, the one in Contact, takes the registration.',
    'Check that the client can reach the server in Contact.',
  ]),
  305: row('Use Proxy', [
    'The registration has to go through the proxy in Contact.',
    'Enter that proxy as outbound proxy.',
  ]),
  380: row('Alternative Service', [
    'The server offers another service instead.',
    'Read the body and Contact of the answer.',
  ]),
  400: row('Bad Request', ['The server does not understand the request.', ALG]),
  401: row(
    'Unauthorized',
    [
      'The registrar asks for a password. After a password was sent: user name, password or realm is wrong.',
      'Without credentials this is the healthy answer. With credentials check user name (often without the domain, or DOMAIN\\user), password and clock, and whether the account is locked.',
    ],
    'RFC 3261 sections 21.4.2 and 22.2',
  ),
  402: row('Payment Required', ['The provider blocks the account.', 'Ask the provider.']),
  403: row(
    'Forbidden',
    [
      'The server understood and refuses; a password does not help. Usual causes: the account may not register from this network, it is disabled or locked, the domain is not served, or the address does not belong to the account that signed in.',
      'Read Warning and ms-diagnostics of the answer; check the rights of the account, the address filter of the server and its list of domains.',
    ],
    'RFC 3261 section 21.4.4',
  ),
  404: row(
    'Not Found',
    ['The server does not know the user, or not in this domain.', USER],
    'RFC 3261 sections 10.3 and 21.4.5',
  ),
  405: row('Method Not Allowed', [
    'The server takes no REGISTER: it is no registrar.',
    'Check that DNS publishes the registrar; compare the methods in Allow.',
  ]),
  406: row('Not Acceptable', ['The client accepts no form of the answer.', CLIENT]),
  407: row(
    'Proxy Authentication Required',
    [
      'A proxy on the way asks for a password before it passes the registration on.',
      'Without credentials this is a healthy answer. With credentials: the proxy may want other ones than the registrar; compare the realm.',
    ],
    'RFC 3261 sections 21.4.7 and 22.3',
  ),
  408: row('Request Timeout', [
    'A proxy passed the request on, and nobody behind it answered in time.',
    'Check the next hop of the proxy, and its database.',
  ]),
  410: row('Gone', ['The account existed and was removed.', USER]),
  412: row(
    'Conditional Request Failed',
    ['The entity tag of the client is out of date.', 'Sign out and in again.'],
    'RFC 3903 section 11.2.1',
  ),
  413: row('Request Entity Too Large', ['The message is too large for the server.', CLIENT]),
  414: row('Request-URI Too Long', ['The address is too long for the server.', 'Shorten the sign-in address.']),
  415: row('Unsupported Media Type', ['The server does not take the body of the request.', CLIENT]),
  416: row('Unsupported URI Scheme', [
    'The server does not know the scheme of the address; often sips: where sip: is served.',
    'Use sip: with transport=tls in place of sips:.',
  ]),
  420: row('Bad Extension', [
    'The client requires an extension that the server does not know (see Unsupported).',
    CLIENT,
  ]),
  421: row('Extension Required', [
    'The server requires an extension that the client does not offer (see Require).',
    'Update the client; at Microsoft servers gruu-10 is missing.',
  ]),
  423: row(
    'Interval Too Brief',
    [
      'The registration was asked for a shorter time than the server grants.',
      'Raise the registration time of the client to at least Min-Expires.',
    ],
    'RFC 3261 section 21.4.17',
  ),
  424: row('Bad Location Information', ['The location in the request cannot be used.', CLIENT], 'RFC 6442 section 4.3'),
  428: row(
    'Use Identity Header',
    ['The server demands a signed identity.', 'Register through a server that signs.'],
    'RFC 8224 section 6.2.2',
  ),
  430: row(
    'Flow Failed',
    ['The connection to the client is gone.', 'Let the client keep its connection alive (RFC 5626).'],
    'RFC 5626 section 11.5',
  ),
  439: row(
    'First Hop Lacks Outbound Support',
    ['The first proxy does not support outbound.', 'Turn outbound on in the first proxy, or off in the client.'],
    'RFC 5626 section 11.6',
  ),
  440: row(
    'Max-Breadth Exceeded',
    ['The request was split too often on its way.', 'Check the routing of the proxies.'],
    'RFC 5393 section 5',
  ),
  470: row(
    'Consent Needed',
    ['The server has no permission to send to that address.', 'Give the permission.'],
    'RFC 5360 section 5.9.2',
  ),
  480: row('Temporarily Unavailable', [
    'The server knows the user and cannot serve the user now: nobody is signed in there, or the home server of the user is not available.',
    'Sign in on the device that is called; for a REGISTER check the home server or pool of the user.',
  ]),
  481: row('Call/Transaction Does Not Exist', ['The server has forgotten the dialog.', 'Sign out and in again.']),
  482: row('Loop Detected', [
    'The request came back to the same server.',
    'Check that the proxy does not send to itself: its list of local domains and addresses.',
  ]),
  483: row('Too Many Hops', [
    'The request ran in a circle until Max-Forwards was used up.',
    'Two servers send to each other: check the domains that each regards as its own.',
  ]),
  484: row('Address Incomplete', ['The number is incomplete.', CALLS]),
  485: row('Ambiguous', ['The address fits several users.', 'Use the full address.']),
  486: row('Busy Here', ['The called device is busy.', CALLS]),
  487: row('Request Terminated', ['The request was cancelled.', CALLS]),
  488: row('Not Acceptable Here', [
    'The session that was offered is not accepted: no codec in common, SRTP demanded or refused, or a policy.',
    'Compare codecs and SRTP of both sides; read Warning. A REGISTER has no session: there it means that a middlebox or a gateway answers.',
  ]),
  489: row(
    'Bad Event',
    ['The server does not know the event package.', 'Update the client, or turn that subscription off.'],
    'RFC 6665 section 7.3.2',
  ),
  491: row('Request Pending', ['Another request of the same dialog is under way.', 'Try again.']),
  493: row('Undecipherable', ['The server cannot decrypt the body.', 'Exchange the S/MIME certificates.']),
  494: row(
    'Security Agreement Required',
    ['The server demands a security agreement.', 'Use a client with RFC 3329 (3GPP), or an account without it.'],
    'RFC 3329 section 2.3.1',
  ),
  500: row('Server Internal Error', ['The server failed inside; often its database.', LOG]),
  501: row('Not Implemented', [
    'The server does not know REGISTER at all.',
    'It is no registrar: check what DNS publishes.',
  ]),
  502: row('Bad Gateway', ['The next server gave an answer that the proxy cannot use.', LOG]),
  503: row(
    'Service Unavailable',
    [
      'The server is overloaded or in maintenance, or its next hop is down. A client goes to the next server of the SRV set.',
      'Wait for the time in Retry-After; check load and next hop; see that DNS publishes a second server.',
    ],
    'RFC 3261 section 21.5.4, RFC 3263 section 4.3',
  ),
  504: row(
    'Server Time-out',
    [
      'A server or name on the way did not answer: DNS, the next proxy, or TLS with it.',
      'Check name resolution and reachability from the server (not from the client); at Microsoft servers read ms-diagnostics.',
    ],
    'RFC 3261 section 21.5.5',
  ),
  505: row('Version Not Supported', ['The server does not speak SIP/2.0.', ALG]),
  513: row('Message Too Large', [
    'The message is too large for the server.',
    'Use TCP in place of UDP, or fewer codecs and headers.',
  ]),
  580: row('Precondition Failure', ['A precondition of the session cannot be met.', CALLS], 'RFC 3312 section 8'),
  600: row('Busy Everywhere', ['Every device of the user is busy.', CALLS]),
  603: row('Decline', ['The user, or a policy, declined.', CALLS]),
  604: row('Does Not Exist Anywhere', ['No server knows the user.', USER]),
  606: row('Not Acceptable', ['No device accepts the session that was offered.', CALLS]),
  607: row('Unwanted', ['The callee marked the call as unwanted.', CALLS], 'RFC 8197 section 6'),
};

/** What a first digit says of a status without an entry of its own. RFC 3261 section 8.1.3.2. */
export function classOfStatus(status: number): StatusEntry | undefined {
  const base = Math.floor(status / 100) * 100;
  const like = base >= 400 && base <= 600 ? SIP_STATUSES[base] : base === 300 ? SIP_STATUSES[300] : undefined;
  if (like === undefined) return undefined;
  const meaning = `No standard that is known here has this status; clients treat it as ${base}: ${like.meaning}`;
  return { ...like, phrase: '(not registered)', meaning, source: 'RFC 3261 section 8.1.3.2' };
}
