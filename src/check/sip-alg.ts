import type { MirrorObservation, MirrorSeen } from '../model/far-side.ts';
import { defineCheck } from './define-check.ts';

type Changes = MirrorSeen['changes'];

interface Rewritten {
  agent: string;
  transport: string;
  port: number;
  changes: Changes;
  /** What became of the same message on another port; null: nothing was seen of it. */
  otherPort: number | null;
}
interface Swallowed {
  agent: string;
  transport: string;
  port: number;
  otherPort: number;
  detail: string;
}

const fieldsOf = (changes: Changes): string => changes.map(({ field }) => field).join(', ');

/** The first change that shows a rewritten address says more than a list of names. */
function exampleOf(changes: Changes): string {
  const [first] = changes.filter(({ sent, arrived }) => sent !== '' && arrived !== '');
  return first === undefined ? '' : ` (${first.field}: "${first.sent}" arrived as "${first.arrived}")`;
}

const TURN_OFF =
  'Turn the SIP ALG off in the router or firewall of this network: FortiGate "set default-voip-alg-mode kernel-helper-based" and delete the session helper of port 5060, Cisco "no ip nat service sip udp port 5060", SonicWall "Consistent NAT" on and "SIP Transformations" off, Linux "modprobe -r nf_nat_sip nf_conntrack_sip"; in home routers the switch is called SIP ALG, SIP helper or VoIP passthrough';

const keyOf = ({ about }: MirrorObservation): string => `${about.server} ${about.transport}`;

interface Pair {
  sip: MirrorObservation;
  control: MirrorObservation | undefined;
}

/** What went to the SIP port, beside what went to another port of the same agent over the same transport. */
function pairsOf(mirror: readonly MirrorObservation[]): Pair[] {
  return mirror
    .filter(({ about }) => about.way === 'sip-port')
    .map((sip) => ({
      sip,
      control: mirror.find((one) => one.about.way === 'control-port' && keyOf(one) === keyOf(sip)),
    }));
}

const changesOf = (seen: MirrorObservation | undefined): Changes =>
  seen?.outcome.ok === true ? seen.outcome.value.changes : [];

export const sipAlg = defineCheck({
  id: 'sip-alg',
  rung: 'sip',
  question: 'Do SIP messages arrive as they were sent?',
  source: 'RFC 3261 sections 16.6 and 26.2; RFC 4787 section 7 (application level gateways)',
  reads: ['mirror'],
  cases: {
    rewrote: {
      severity: 'warning',
      means:
        'Something on the way rewrites SIP messages on port 5060, and leaves the same message alone on another port: a SIP ALG.',
      causes: [
        'the SIP ALG of the router or firewall of this network, often on by default',
        'a SIP helper of a firewall at the other end',
      ],
      fix: 'Turn the SIP ALG (SIP helper, SIP transformations) off in the router, or use SIP over TLS, which it cannot read.',
      text: (e: Rewritten) =>
        `A SIP ALG between this machine and ${e.agent} rewrites SIP over ${e.transport.toUpperCase()} on port ${e.port}: ${fieldsOf(e.changes)}${exampleOf(e.changes)}. ${e.otherPort === null ? 'Whether it does so on other ports is not known.' : `The same message to port ${e.otherPort} arrived as it was sent.`}`,
      remedy: () => `${TURN_OFF}; SIP over TLS (port 5061) passes it unread.`,
    },
    'rewrote-everywhere': {
      severity: 'warning',
      means:
        'SIP messages are rewritten on every port that was tried: more than the usual SIP ALG, which watches port 5060.',
      causes: [
        'a firewall with deep packet inspection that recognises SIP on any port',
        'a session border controller or proxy through which all SIP goes',
      ],
      fix: 'Find the device that inspects SIP on the way, and exempt this traffic or use SIP over TLS.',
      text: (e: Rewritten) =>
        `Something between this machine and ${e.agent} rewrites SIP over ${e.transport.toUpperCase()} on port ${e.port} and on port ${e.otherPort}: ${fieldsOf(e.changes)}${exampleOf(e.changes)}.`,
      remedy: () =>
        'Look for a firewall with SIP inspection (application control, deep packet inspection) or a session border controller on the way, and exempt this traffic; SIP over TLS (port 5061) passes it unread.',
    },
    swallowed: {
      severity: 'warning',
      means: 'A SIP message to port 5060 did not arrive, and the same message to another port did.',
      causes: [
        'a SIP ALG or intrusion prevention drops messages that it does not like',
        'a firewall closes port 5060 towards the machine of the agent',
      ],
      fix: 'Check what the firewalls on the way do to port 5060: a rule that drops it, or SIP inspection.',
      text: (e: Swallowed) =>
        `A SIP message over ${e.transport.toUpperCase()} to port ${e.port} of ${e.agent} got lost (${e.detail}), and the same message to port ${e.otherPort} did.`,
      remedy: (e) =>
        `Look for a rule or a SIP inspection on the way that drops port ${e.port}, and check that the firewall of the agent's own machine lets it in; SIP over TLS (port 5061) passes inspection unread.`,
    },
  },
  notApplicable: ({ mirror }) => (mirror.length === 0 ? 'no agent was asked to mirror SIP messages' : null),
  run({ mirror }, found) {
    for (const { sip, control } of pairsOf(mirror)) {
      const { server: agent, transport, port } = sip.about;
      const otherPort = control?.outcome.ok === true ? control.about.port : null;
      if (!sip.outcome.ok) {
        if (otherPort !== null)
          found('swallowed', sip.subject, { agent, transport, port, otherPort, detail: sip.outcome.detail });
        continue;
      }
      const changes = changesOf(sip);
      if (changes.length === 0) continue;
      const name = changesOf(control).length > 0 ? 'rewrote-everywhere' : 'rewrote';
      found(name, sip.subject, { agent, transport, port, changes, otherPort });
    }
  },
});
