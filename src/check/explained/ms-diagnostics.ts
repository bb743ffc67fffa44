import { known, supposed, type CodeTable } from './code-entry.ts';

export const MS_DIAGNOSTICS_SOURCE = '[MS-OCER] section 2.2.1';

const ASK_LOG = 'Ask the administrator of that server for its log at this time.';
const STALE = 'Sign out and in again: the client holds state that the server has given up.';

/** ms-diagnostics: what the number before the semicolon says. */
export const MS_DIAGNOSTICS: CodeTable = {
  0: known('The server failed inside.', ASK_LOG),
  1: known('The service is not available.', 'Try again later; check that the front-end services run.'),
  4: known('There is not enough bandwidth.', 'Check the call admission control policy of the site.'),
  1000: known(
    'The last step of the authentication failed.',
    'Check the password, whether the account is locked, and the domain: sign in as DOMAIN\\user. Check that client and server allow the same NTLM level (LmCompatibilityLevel).',
  ),
  1001: known(
    'The sender may not talk to public instant messaging services.',
    'Check the external access policy of the user.',
  ),
  1002: known('The sender may not talk to federated partners.', 'Check the external access policy of the user.'),
  1003: known('The user does not exist.', 'Check the sign-in address, and that the account is enabled for SIP.'),
  1004: known('The route of the dialog is no longer valid.', STALE),
  1005: known(
    'The server cannot route to the domain.',
    'Add the domain to the SIP domains of the deployment, or to the allowed partners on the Edge.',
  ),
  1006: known(
    'The server could not reach the client on the connection or address that the client named.',
    'A firewall or NAT stands between server and client: test the way back with sipdiag firewall.',
  ),
  1007: known(
    'The server cannot route the request for the moment.',
    'Try again; a next hop is down: check the Edge and the next pool.',
  ),
  1008: known(
    'The server found no SRV record for the other domain.',
    'Publish _sipfederationtls._tcp of that domain, or enter its Edge by hand.',
  ),
  1009: known(
    'The SRV record points to a host of another domain.',
    'Let the target of the SRV record be a host below the SIP domain itself, and its certificate carry that name.',
  ),
  1010: known(
    'The server does not trust the certificate of the next hop.',
    'Look at the error beside it: 0x80090322 wrong name, 0x80090325 untrusted root, 0x80090328 expired. Check that server with sipdiag tls.',
  ),
  1011: known('The previous server gave no reason of its own.', ASK_LOG),
  1012: known(
    'The sender may not sign in from outside the network.',
    'Enable remote access in the external access policy of the user.',
  ),
  1013: known(
    'The clocks of client and server are too far apart.',
    'Let client, server and domain controllers take their time from NTP: Kerberos allows 5 minutes, NTLM 15.',
  ),
  1014: known(
    'The server found no address for the target of an SRV record.',
    'Add the A or AAAA record of the target.',
  ),
  1015: supposed(
    'The server cannot route requests that come from this domain.',
    'Check the allowed domains on the Edge.',
  ),
  1017: known(
    'The server does not route from this sender domain to this receiver domain.',
    'Check that one of them is internal, and the policy of the Edge.',
  ),
  1018: supposed('The server could not read the request.', 'Look for a middlebox (SIP ALG) that rewrites messages.'),
  1027: known(
    'This kind of request is not allowed for federated partners.',
    'Nothing to repair: use a function that federation allows.',
  ),
  1033: supposed('The previous server gave no reason of its own.', ASK_LOG),
  1034: known('The previous server, a federated partner, gave no reason of its own.', ASK_LOG),
  1035: supposed('The previous server gave no reason of its own.', ASK_LOG),
  1036: supposed('The previous server gave no reason of its own.', ASK_LOG),
  1037: supposed('The previous server gave no reason of its own.', ASK_LOG),
  1038: supposed('The server could not connect to its peer.', 'Check the route and TCP 5061 between the two servers.'),
  1046: supposed(
    'The server could not connect to the federated partner.',
    'Allow TCP 5061 to the Edge of the partner.',
  ),
  1047: known(
    'The TLS handshake with the other server failed.',
    'The other side lacks our root, or asks for the EKU clientAuth or another TLS version: compare both certificates with sipdiag tls.',
  ),
  2057: known(
    'The client does not support gruu-10.',
    'Update the client, or find the middlebox that takes the option tag out.',
  ),
  4000: known('User services report an error without a number of its own.', ASK_LOG),
  4002: known('The user is not enabled for remote access.', 'Enable the user in the external access policy.'),
  4003: known('The user is not enabled for remote access.', 'Enable the user in the external access policy.'),
  4004: known(
    'The credentials belong to another account than the sign-in address.',
    'Sign in with the account that owns this SIP address, or correct the address.',
  ),
  4005: known('The user is not enabled for SIP, or does not exist.', 'Check the sign-in address and the account.'),
  4006: known(
    'The user is not homed in this pool.',
    'Wait for replication after a move; otherwise check the home pool of the user and what DNS publishes.',
  ),
  4007: known('The resource is unknown.', STALE),
  4010: known(
    'The REGISTER carries neither epid nor +sip.instance.',
    'Find the middlebox that takes parameters out, or update the client.',
  ),
  4011: known(
    'The epid of the client is missing.',
    'Find the middlebox that takes parameters out, or update the client.',
  ),
  4012: known('The epid of the client is too long.', 'Update the client.'),
  4055: known('The header Event of the REGISTER is wrong.', 'Update the client.'),
  5000: known('An application that the server depends on does not run.', 'Start the server applications of the pool.'),
  5001: known(
    'An application that the server depends on does not answer in time.',
    'Check the load and the applications of the pool.',
  ),
  10003: known('The gateway answered with a failure.', 'Look at the code of the gateway, and at its Q.850 cause.'),
  15000: known('Exchange Unified Messaging reports an error.', 'Look at the log of Exchange.'),
  17002: known('The version of the client is not allowed.', 'Update the client, or change the client version policy.'),
  17003: known('The version of the client is not allowed.', 'Update the client, or change the client version policy.'),
};

/** Who gives the numbers of a range: for those without an entry of their own. Lowest and highest included. */
const RANGES: readonly { from: number; to: number; component: string }[] = [
  { from: 0, to: 999, component: 'all components' },
  { from: 1000, to: 1999, component: 'the SIP stack' },
  { from: 2000, to: 2999, component: 'presence' },
  { from: 3000, to: 3999, component: 'the conference focus' },
  { from: 4000, to: 4999, component: 'user services' },
  { from: 5000, to: 5999, component: 'server applications' },
  { from: 6000, to: 6999, component: 'instant messaging conferences' },
  { from: 7000, to: 7999, component: 'audio and video conferences' },
  { from: 8000, to: 8999, component: 'telephony conferences' },
  { from: 9000, to: 9999, component: 'media relay authentication' },
  { from: 10_000, to: 10_999, component: 'the mediation server' },
  { from: 12_000, to: 12_999, component: 'outbound routing' },
  { from: 13_000, to: 13_999, component: 'inbound routing' },
  { from: 14_000, to: 14_999, component: 'number translation' },
  { from: 15_000, to: 15_999, component: 'Exchange Unified Messaging' },
  { from: 16_000, to: 16_999, component: 'the instant message filter' },
  { from: 17_000, to: 17_999, component: 'the client version filter' },
  { from: 90_000, to: 90_999, component: 'public instant messaging' },
];

/** The component that gives ms-diagnostics numbers of this range; undefined outside every known range. */
export const diagnosticsComponent = (id: number): string | undefined =>
  RANGES.find(({ from, to }) => id >= from && id <= to)?.component;
