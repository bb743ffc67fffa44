import { X509Certificate } from 'node:crypto';
import { freeClientPorts } from '../src/cli/lab-ports.ts';
import type { Lab } from '../src/lab/lab.ts';
import type { Look } from '../src/lab/plan.ts';
import type { Rung } from '../src/model.ts';
import type { RunRequest } from '../src/run.ts';
import { readPortRangePolicy } from '../src/wire/port-range-policy.ts';

export const RUNGS: readonly Rung[] = ['dns', 'connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media'];

/** Nothing on loopback takes so long, on a busy machine either. */
const STEP_MS = 8000;

/** What `sipdiag doctor --lab` asks: the lab's resolver, and its root as the only one that is trusted. */
export function labRequest(
  {
    domain,
    user,
    dns,
    rootPem,
    pins = [],
  }: Pick<Lab, 'domain' | 'user' | 'dns' | 'rootPem'> & Partial<Pick<Lab, 'pins'>>,
  change: Partial<RunRequest> = {},
): RunRequest {
  return {
    command: 'doctor',
    version: '0.0.0',
    target: { input: `sip:${user}@${domain}`, domain, user, scheme: 'sip', transports: [], profile: 'auto' },
    resolvers: [{ label: 'lab', endpoint: dns }],
    pinned: new Map(pins.map(({ host, port, endpoint }) => [`${host}:${port}`, endpoint])),
    families: [4],
    timeoutMs: STEP_MS,
    trust: { added: [rootPem], builtIn: () => Promise.resolve([]) },
    ...change,
  };
}

/** The certificate that the user of the lab shows to servers that ask for one, where there is one. */
export function shownBy({ client }: Pick<Lab, 'client'>): Pick<RunRequest, 'clientCertificate'> {
  if (client === undefined) return {};
  const { raw, subject } = new X509Certificate(client.certPem);
  return { clientCertificate: { source: 'client.pem', chain: [raw], subject, ...client } };
}

type FarSide = NonNullable<RunRequest['farSide']>;

/** Those of the policy or the machine, else nobody else's, for runs of several files side by side. */
async function portsOf({ machine: { policy, sipPorts } }: Lab): Promise<FarSide['ports']> {
  if (policy !== undefined) {
    const { sip, media } = readPortRangePolicy(Buffer.from(policy));
    const source = { source: 'policy', from: 'policy.reg' } as const;
    return { ...(sip && { sip: { ...sip, ...source } }), ...(media && { media: { ...media, ...source } }) };
  }
  const { ports, mediaPorts } = await freeClientPorts();
  const sip = sipPorts ?? ports;
  const source = 'option' as const;
  return { ...(sip && { sip: { ...sip, source } }), ...(mediaPorts && { media: { ...mediaPorts, source } }) };
}

/** What a user of the lab says about the far side: the witnesses that it has, and the ports. */
export async function farSideOf(lab: Lab, { command, idle }: Pick<Look, 'command' | 'idle'> = {}): Promise<FarSide> {
  const { agent, stun } = lab.witnesses;
  return {
    ports: await portsOf(lab),
    listen: command === 'firewall' ? 'always' : 'for-witnesses',
    ...(idle === undefined ? {} : { idleSeconds: idle }),
    named: {
      ...(agent && { agent: { host: agent.address, port: agent.port, tls: 'tcp' } }),
      ...(stun && { stun: { host: stun.address, port: stun.port } }),
    },
  };
}
