import type { Lab } from '../src/lab/lab.ts';
import type { Rung } from '../src/model.ts';
import type { RunRequest } from '../src/run.ts';

export const RUNGS: readonly Rung[] = ['dns', 'connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media'];

/** Nothing on loopback takes so long, on a busy machine either. */
const STEP_MS = 8000;

/** What `sipdiag doctor --lab` asks: the lab's resolver, and its root as the only one that is trusted. */
export function labRequest(
  { domain, user, dns, rootPem }: Pick<Lab, 'domain' | 'user' | 'dns' | 'rootPem'>,
  change: Partial<RunRequest> = {},
): RunRequest {
  return {
    command: 'doctor',
    version: '0.0.0',
    target: { input: `sip:${user}@${domain}`, domain, user, scheme: 'sip', transports: [], profile: 'auto' },
    resolvers: [{ label: 'lab', endpoint: dns }],
    pinned: new Map(),
    families: [4],
    timeoutMs: STEP_MS,
    trust: { added: [rootPem], builtIn: () => Promise.resolve([]) },
    ...change,
  };
}
