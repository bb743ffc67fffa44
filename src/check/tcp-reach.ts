import { defineCheck } from './define-check.ts';
import { endpointText, namedEndpoint, severityOf, standInText, standingOf, type Standing } from './standing.ts';

type Evidence = Standing & {
  server: string;
  endpoint: string;
  host: string;
  port: number;
  detail: string;
  ms: number;
  set: string;
};

const promise = (e: Evidence): string => (e.published ? ` (${e.set})` : '');
const CASES = ['refused', 'timeout', 'unreachable', 'reset'] as const;

export const tcpReach = defineCheck({
  id: 'tcp-reach',
  rung: 'connect',
  question: 'Can a TCP connection be opened to every server that clients are sent to?',
  source: 'RFC 9293 section 3.10.7',
  reads: ['tcp'],
  uses: ['sip'],
  cases: {
    refused: {
      severity: severityOf,
      text: (e: Evidence) =>
        `${e.server} refuses TCP connections${promise(e)}: the machine is there, but nothing listens on port ${e.port}.${standInText(e)}`,
      remedy: (e) =>
        `On ${e.host}, check that the SIP service runs and listens on TCP port ${e.port} (ss -ltn 'sport = :${e.port}', on Windows netstat -ano), or correct the port that DNS publishes.`,
    },
    timeout: {
      severity: severityOf,
      text: (e: Evidence) =>
        `${e.server} does not answer TCP connection requests${promise(e)}: nothing came back within ${Math.round(e.ms)} ms.${standInText(e)}`,
      remedy: (e) =>
        `A firewall on the way drops the packets, or the machine is off. Allow TCP to ${e.endpoint} from this machine, and check that the address is right.`,
    },
    unreachable: {
      severity: severityOf,
      text: (e: Evidence) => `${e.server} cannot be reached${promise(e)}: ${e.detail}.${standInText(e)}`,
      remedy: (e) =>
        `A router or firewall on the way rejects traffic to ${e.endpoint}. Check the route and the address.`,
    },
    reset: {
      severity: severityOf,
      text: (e: Evidence) =>
        `${e.server} resets the TCP connection as soon as it is open${promise(e)}.${standInText(e)}`,
      remedy: (e) =>
        `A firewall or an access list of the server closes connections from this machine: look at the log of ${e.host}.`,
    },
  },
  notApplicable: ({ tcp, sip }) => (tcp.length === 0 && sip.length > 0 ? 'no server uses TCP' : null),
  run({ tcp, sip }, found) {
    for (const { about, outcome } of tcp) {
      if (outcome.ok) continue;
      const name = CASES.find((one) => one === outcome.reason);
      if (name === undefined) continue;
      found(name, endpointText(about), {
        ...standingOf(about, [...tcp, ...sip]),
        server: namedEndpoint(about),
        endpoint: endpointText(about),
        host: about.host,
        port: about.port,
        detail: outcome.detail,
        ms: outcome.ms,
        set: about.set,
      });
    }
  },
});
