import type { Attempt } from '../model.ts';
import { isInside } from '../pki/address-kind.ts';
import { defineCheck } from './define-check.ts';
import { endpointText, namedEndpoint, BY_STANDING, standInText, standingOf, type Standing } from './standing.ts';
import type { Product } from './product-setting-rows.ts';
import { productOf, profileSeen, settingText } from './product-settings.ts';
import { durationText } from './duration-text.ts';

type Evidence = Standing & {
  server: string;
  endpoint: string;
  host: string;
  address: string;
  port: number;
  detail: string;
  ms: number;
  set: string;
  /** A private address means nothing outside of its network, and DNS may have given the view of the inside to the outside. */
  scope: 'private' | 'public';
  /** Of a server whose TLS port is at fault. */
  product?: Product;
};

const isSrv = ({ published, set }: Evidence): boolean => published && set.startsWith('_');
const though = (e: Evidence): string => (isSrv(e) ? `, though DNS sends clients there (${e.set})` : '');
const correction = (e: Evidence): string =>
  isSrv(e) ? `correct the port that ${e.set} publishes` : 'look for the port on which it does listen';
const privateText = ({ scope, address }: Evidence): string =>
  scope === 'private' ? ` ${address} is a private address, which only its own network reaches.` : '';
/** For one who is outside of that network. */
const outsideText = ({ scope, host, address }: Evidence): string =>
  scope === 'private'
    ? `If this machine is outside of the network of ${address}, use its VPN, or let DNS give the outside the public address of ${host}; otherwise allow`
    : 'Allow';
const scopeOf = ({ published, host, address }: Attempt): Evidence['scope'] =>
  published && host !== address && isInside(address) ? 'private' : 'public';

const CASES = ['refused', 'timeout', 'unreachable', 'reset'] as const;

export const tcpReach = defineCheck({
  id: 'tcp-reach',
  rung: 'connect',
  question: 'Can a TCP connection be opened to every server that clients are sent to?',
  source: 'RFC 9293 section 3.10.7',
  reads: ['tcp'],
  uses: ['sip', 'discovery'],
  cases: {
    refused: {
      ...BY_STANDING,
      means: 'The machine answers, but nothing listens on that TCP port.',
      causes: [
        'the SIP service does not run, or listens on another address',
        'the port in DNS is wrong',
        'a firewall rejects instead of dropping',
      ],
      fix: 'Start the SIP service on that port, correct the port that DNS publishes, or find the firewall that rejects the connection.',
      text: (e: Evidence) =>
        `${e.server} refuses TCP connections${though(e)}: nothing listens on port ${e.port}, or a firewall rejects them.${standInText(e)}`,
      remedy: (e) =>
        `On ${e.host}, see whether the SIP service listens on TCP port ${e.port} (ss -ltn, on Windows netstat -ano): if it does, find the firewall that rejects ${e.endpoint}; if not, start it${e.product === undefined ? '' : settingText('tcp-reach.refused', e)}, or ${correction(e)}.`,
    },
    timeout: {
      ...BY_STANDING,
      means: 'Nothing came back to the TCP connection request.',
      causes: [
        'a firewall drops the packets',
        'the machine is off, or the address is an old one',
        'the way back is missing (routing, VPN)',
        'DNS gives the address of the inside to a machine on the outside (split view)',
      ],
      fix: 'Allow TCP to that address and port in the firewalls on the way, and check that the address is right and the machine runs.',
      text: (e: Evidence) =>
        `${e.server} does not answer TCP connection requests${though(e)}: nothing came back within ${durationText(e.ms)}.${privateText(e)}${standInText(e)}`,
      remedy: (e) =>
        `${outsideText(e)} TCP to ${e.endpoint} from this machine in the firewalls on the way, and check that ${e.host} runs and still has the address ${e.address}.`,
    },
    unreachable: {
      ...BY_STANDING,
      means: 'A router on the way says that the address or port cannot be reached.',
      causes: [
        'there is no route to the network',
        'a firewall rejects the traffic',
        'the machine is off and its router knows',
      ],
      fix: 'Allow TCP to that address and port in the firewalls on the way, and check the route and the address.',
      text: (e: Evidence) =>
        `${e.server} cannot be reached${though(e)}: a router or firewall on the way says so (${e.detail}).${privateText(e)}${standInText(e)}`,
      remedy: (e) =>
        `${outsideText(e)} TCP to ${e.endpoint} from this machine in the firewalls on the way, and check the route (traceroute ${e.address}, on Windows tracert) and the address.`,
    },
    reset: {
      ...BY_STANDING,
      means: 'The TCP connection is closed as soon as it stands.',
      causes: [
        'an access list of the server',
        'a firewall or intrusion prevention in between',
        'the service accepts and crashes',
      ],
      fix: 'Look at the log and the access lists of the server, and at the firewalls in between, for what closes connections of this machine.',
      text: (e: Evidence) =>
        `${e.server} resets the TCP connection as soon as it is open${though(e)}.${standInText(e)}`,
      remedy: (e) =>
        `Look at the log and the access lists of ${e.host}, and at the firewalls on the way: one of them closes connections from this machine to ${e.endpoint}.`,
    },
  },
  notApplicable: ({ tcp, sip }) => (tcp.length === 0 && sip.length > 0 ? 'no server uses TCP' : null),
  run({ tcp, sip, discovery }, found) {
    const product = productOf(sip, profileSeen({ discovery }));
    for (const { about, outcome } of tcp) {
      if (outcome.ok) continue;
      const name = CASES.find((one) => one === outcome.reason);
      if (name === undefined) continue;
      found(name, endpointText(about), {
        ...standingOf(about, [...tcp, ...sip]),
        server: namedEndpoint(about),
        endpoint: endpointText(about),
        host: about.host,
        address: about.address,
        port: about.port,
        detail: outcome.detail,
        ms: outcome.ms,
        set: about.set,
        scope: scopeOf(about),
        ...(about.transport === 'tls' && product !== undefined ? { product } : {}),
      });
    }
  },
});
