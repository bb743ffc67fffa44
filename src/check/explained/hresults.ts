import { known, type CodeTable } from './code-entry.ts';

export const HRESULT_SOURCE = 'rtcerr.h and winerror.h of the Windows SDK';

const PASSWORD = 'Check user name and password; sign in as DOMAIN\\user.';
const TLS_CHECK = 'Look at the certificate with sipdiag tls.';
const REACH = 'Run sipdiag doctor: the rungs dns, connect and tls tell which one breaks.';
const CLIENT_PORT = 'Check the port range in the policies of the client, and that no other program holds the ports.';

/** Errors of the RTC client (facility 0xEE), of Schannel and of the certificate store, as Windows clients show them. */
export const HRESULTS: CodeTable = {
  0x80ee000c: known('The SIP request got no answer in time.', REACH),
  0x80ee0010: known(
    'The server offers no authentication that the client knows.',
    'Turn on NTLM or Digest on the server, or use a client that knows what it offers.',
  ),
  0x80ee0011: known('The authentication failed.', PASSWORD),
  0x80ee0012: known('The SIP address is not well-formed.', 'Enter the sign-in address as user@domain.'),
  0x80ee0014: known('The local address cannot be used.', 'Check the network connections and VPN of the client.'),
  0x80ee0016: known(
    'The address of the proxy is not valid.',
    'Correct the server in the advanced connection settings.',
  ),
  0x80ee0017: known('The transport is not supported.', 'Choose TCP or TLS in the connection settings.'),
  0x80ee001b: known('The message is too large for UDP.', 'Use TCP or TLS.'),
  0x80ee001c: known(
    'The HTTP proxy did not open the tunnel.',
    'Allow CONNECT to the SIP server on the HTTP proxy, or go past it.',
  ),
  0x80ee001d: known('The TLS handshake took too long.', TLS_CHECK),
  0x80ee003f: known('Basic authentication needs TLS.', 'Use TLS.'),
  0x80ee0040: known('High security mode needs TLS.', 'Use TLS, and a server with a valid certificate.'),
  0x80ee0042: known(
    'The address of the server is not in a domain that the client may sign in to.',
    'Let the SRV target be sip.<domain>; for another host in the SIP domain, set the policy DisableStrictDNSNaming to 1 on the clients.',
  ),
  0x80ee0044: known('A policy does not allow it.', 'Look at the group policies of the client.'),
  0x80ee0045: known('The port mapping failed.', 'Check the NAT device and UPnP.'),
  0x80ee0046: known('The port mapping failed.', 'Check the NAT device and UPnP.'),
  0x80ee005b: known('The client gave up after too many attempts.', REACH),
  0x80ee005c: known('The port range is not valid.', CLIENT_PORT),
  0x80ee0064: known(
    'Client and server have no TLS encryption in common.',
    'Turn on TLS 1.2 on both sides, and common cipher suites.',
  ),
  0x80ee0065: known('The certificate of the server is not valid.', TLS_CHECK),
  0x80ee0066: known('The name of the server could not be resolved.', 'Run sipdiag dns.'),
  0x80ee0067: known('No TCP connection could be opened.', REACH),
  0x80ee0068: known(
    'The registration was asked for too short a time.',
    'Let the client ask for at least the Min-Expires of the server.',
  ),
  0x80ee0069: known('No TLS connection could be opened.', REACH),
  0x80ee006c: known('The clocks of client and server are too far apart.', 'Let both take their time from NTP.'),
  0x80ee0078: known(
    'The server redirected too often.',
    'Check the home pool of the user: two servers redirect to each other.',
  ),
  0x80ee007a: known('The client has no listening socket.', CLIENT_PORT),
  0x80ee007b: known('The listening socket of the client is not valid.', CLIENT_PORT),
  0x80ee0083: known('The user is being moved to another pool.', 'Wait until the move is done.'),
  0x80ee0084: known(
    'The registration was rejected.',
    'Look at the status and at ms-diagnostics: sipdiag signin shows both.',
  ),
  0x80ee0085: known(
    'The client was signed out: the user signed in elsewhere.',
    'Sign out on the other device, or allow several endpoints.',
  ),
  0x80090322: known(
    'The name in the certificate is not the one that was asked for.',
    'Put the name that clients use into the certificate.',
  ),
  0x80090325: known(
    'The certificate does not lead to a trusted root.',
    'Install the root on this machine; let the server send the intermediate certificates.',
  ),
  0x80090326: known(
    'A message of the TLS handshake was unexpected or damaged.',
    'Check TLS versions and cipher suites; look for a firewall that inspects TLS.',
  ),
  0x80090328: known('The certificate has expired.', 'Renew the certificate; check the clock of this machine.'),
  0x80096004: known(
    'The signature of the certificate could not be verified.',
    'Replace the certificate or the missing CA certificate.',
  ),
};

/** The SIP status in an HRESULT of facility 0xEF (0x80EF0193 is 403); undefined for any other number. */
export function statusOfHresult(code: number): number | undefined {
  const status = code - 0x80ef0000;
  return status >= 100 && status <= 699 ? status : undefined;
}

/** '0x80EE0042'. */
export const hresultText = (code: number): string => `0x${code.toString(16).toUpperCase().padStart(8, '0')}`;
