import { known, type CodeTable } from './code-entry.ts';

export const WARNING_SOURCE = 'RFC 3261 section 20.43';

const SDP = 'Compare the session description with what the server accepts.';

/** Warning codes. 310 is Microsoft's. */
export const WARNINGS: CodeTable = {
  300: known('A network protocol of the session description is not available.', SDP),
  301: known(
    'A network address format of the session description is not available.',
    'Offer IPv4 as well as IPv6 addresses.',
  ),
  302: known('A transport protocol of the session description is not available.', SDP),
  303: known('A bandwidth unit is not understood.', SDP),
  304: known('A media type is not available.', SDP),
  305: known('A media format is not available.', 'Offer a codec that both sides know.'),
  306: known('An attribute is not understood.', SDP),
  307: known('A parameter of the session description is not understood.', SDP),
  310: known('The version of the client is not recommended.', 'Update the client.'),
  330: known('Multicast is not available.', 'Use unicast.'),
  331: known('Unicast is not available.', 'Use multicast, as the server asks.'),
  370: known('There is not enough bandwidth.', 'Offer a codec with a lower rate.'),
  399: known('The server says something in its own words.', 'Read the text beside the code.'),
};
