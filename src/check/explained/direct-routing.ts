import { known, type CodeTable } from './code-entry.ts';

export const DIRECT_ROUTING_SOURCE = 'Microsoft Teams Direct Routing, response codes';

const PAIRING = 'Let the FQDN in Contact and Record-Route be that of an SBC that is paired in the tenant, spelt alike.';
const NO_ROUTE = 'Check the voice routing policy of the user and the usages of the route.';
const TLS_NEXT = 'Check the certificate of the SBC with sipdiag tls, by the FQDN that is paired in the tenant.';

/** Sub-codes of Teams Direct Routing, which stand beside the final SIP status (Reason header, X-MS headers, call records). */
export const DIRECT_ROUTING: CodeTable = {
  1106: known('The SBC sent no ACK for the answer.', 'Check that the SBC reaches the Contact of the answer.'),
  10_037: known('No endpoint of the user is registered.', 'Let the user sign in; check call forwarding.'),
  10_199: known('Private calling is turned off for the user.', 'Allow it in the calling policy of the user.'),
  10_320: known('The SBC is not available.', 'Check the SBC, its OPTIONS to Teams and its certificate.'),
  10_500: known(
    'Location-based routing does not allow the call.',
    'Check site, subnet and gateway of the location-based routing.',
  ),
  500_001: known(
    'The SBC did not answer inside its failover time (10 s by default).',
    'Find out why the SBC answers late, or raise FailoverTimeSeconds.',
  ),
  510_482: known('The call went in a loop.', 'Check that SBC and Teams do not route the number to each other.'),
  510_532: known('No trunk is configured for this FQDN.', PAIRING),
  510_534: known('The number is blocked.', 'Check the blocked numbers of the tenant and of the user.'),
  510_544: known('No trunk is configured for this FQDN.', PAIRING),
  510_559: known('There is no path for the call.', NO_ROUTE),
  510_560: known(
    'The user is not enabled for Enterprise Voice.',
    'Assign a phone licence and enable Enterprise Voice.',
  ),
  510_562: known('The user may not make outbound calls.', NO_ROUTE),
  510_563: known('The user may make domestic calls only.', NO_ROUTE),
  511_404: known('No user was found for the number.', 'Assign the number to a user, in E.164 form, and send it so.'),
  531_000: known(
    'Both sides have no media format in common, or SRTP is required.',
    'Offer SRTP and a common codec on the SBC.',
  ),
  531_027: known('With media bypass there is no ICE candidate.', 'Turn ICE lite on in the SBC, or media bypass off.'),
  531_052: known('The media description was not accepted.', 'Compare the SDP of both sides.'),
  549_002: known('No TLS connection to the SBC stands, or the request line is invalid.', TLS_NEXT),
  560_408: known('The SBC itself answered 408.', 'Look at the log of the SBC: its next hop does not answer.'),
  560_503: known('The SBC itself answered 503.', 'Look at the log of the SBC: overload, or no route to the network.'),
  569_002: known('The SBC does not answer, refuses, or TLS failed.', TLS_NEXT),
  569_003: known('TLS with the SBC failed: a message was not as the protocol has it.', TLS_NEXT),
  569_008: known('The certificate of the SBC has expired.', 'Renew the certificate of the SBC.'),
  569_009: known(
    'The certificate of the SBC does not lead to a trusted root.',
    'Use a CA of the Microsoft list, and send the intermediate certificates.',
  ),
  569_015: known(
    'The FQDN of the SBC does not exist in DNS.',
    'Publish the A record of the FQDN that is paired in the tenant.',
  ),
  569_016: known(
    'The FQDN of the SBC has no address.',
    'Publish the A record of the FQDN that is paired in the tenant.',
  ),
};

/** Sub-codes that pass on a SIP status of the SBC: 560480 is the SBC's 480. Undefined for any other number. */
export function statusFromSbc(code: number): number | undefined {
  const status = code - 560_000;
  return status >= 300 && status <= 699 ? status : undefined;
}
