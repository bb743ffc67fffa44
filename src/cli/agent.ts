import { startAgent, type Agent, type AgentPlan } from '../agent/agent.ts';
import type { LogEntry } from '../agent/agent-log.ts';
import { describePorts, type PortRange } from '../agent/port-policy.ts';
import { createRealWorld } from '../net/real-world.ts';
import type { Endpoint, TlsServerSettings } from '../world.ts';
import { readToken } from './agent-token.ts';
import { loadCertificateAndKey } from './client-certificate.ts';
import { writeErr, writeOut } from './output.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

export interface AgentOptions {
  listen: Endpoint;
  tokenFile?: string;
  open?: true;
  tlsCert?: string;
  tlsKey?: string;
  allowPorts?: PortRange[];
  allowPrivate?: boolean;
  mirrorPorts?: number[];
  once?: true;
}

const SIP_PORT = 5060;
/** A port of the system's choice, on which nothing in between expects SIP. */
const ANY_PORT = 0;
/** A line that there is no room for is lost: the agent goes on. */
function writeEntry(entry: LogEntry): void {
  try {
    writeOut(`${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
}

async function tokenOf({ tokenFile, open }: AgentOptions): Promise<AgentPlan['token']> {
  if (tokenFile !== undefined && open === true)
    throw new UsageError('--open and --token-file exclude each other; expected one of them');
  if (tokenFile !== undefined) return readToken(tokenFile);
  if (open === true) return undefined;
  throw new UsageError('whom to serve is not said; expected --token-file FILE, or --open to serve anybody');
}

async function tlsOf({ tlsCert, tlsKey }: AgentOptions): Promise<TlsServerSettings | undefined> {
  if (tlsCert === undefined && tlsKey !== undefined)
    throw new UsageError('--tls-key is of no use alone; expected --tls-cert FILE as well');
  if (tlsCert === undefined) return undefined;
  const { certPem, keyPem } = await loadCertificateAndKey(tlsCert, tlsKey, undefined);
  return { certificate: certPem, key: keyPem };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && error.name === 'NetError' && 'code' in error ? String(error.code) : '';

/** A SIP server on the machine has port 5060; where nobody has asked for it, the agent does without. */
async function start(plan: AgentPlan, mirrorPorts: readonly number[] | undefined): Promise<Agent> {
  const asked = mirrorPorts ?? [SIP_PORT];
  const withControl = asked.length > 0 && asked.every((port) => port === SIP_PORT) ? [...asked, ANY_PORT] : asked;
  try {
    return await startAgent({ ...plan, mirrorPorts: withControl });
  } catch (error) {
    const code = codeOf(error);
    if (code === '' || !(error instanceof Error)) throw error;
    if (mirrorPorts === undefined && code === 'in-use' && error.message.includes(`:${SIP_PORT}:`))
      return start(plan, []);
    throw new UsageError(`${error.message}; expected free ports of this machine`);
  }
}

const showEndpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** The one line that says what the agent does, and what it does not. */
function startLine(plan: AgentPlan, { local, mirror }: Agent): string {
  const mirrored = [...new Set(mirror.map(({ port }) => port))];
  return [
    `listening on ${showEndpoint(local)}`,
    plan.tls === undefined ? 'plain TCP, no TLS' : 'TLS',
    plan.token === undefined ? 'open to anybody' : 'for whoever knows the token',
    `connects back to ${describePorts(plan.ports)} of whoever asks, private addresses ${plan.private === 'allowed' ? 'too' : 'refused'}`,
    mirrored.length === 0 ? 'mirrors no SIP' : `mirrors SIP on ${mirrored.join(' and ')}`,
  ].join('; ');
}

/** Resolves at Ctrl-C, at SIGTERM, or when `ended` is called. */
function untilEnded(): { ended(): void; over: Promise<void> } {
  let ended = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, ended);
  const clean = (): void => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, ended);
  };
  return { ended, over: over.finally(clean) };
}

/** `sipdiag agent`: serves until Ctrl-C, or one ask with --once. Throws UsageError. */
export async function agentCommand(options: AgentOptions): Promise<number> {
  const [token, tls] = [await tokenOf(options), await tlsOf(options)];
  const isPrivateAllowed = options.allowPrivate ?? token !== undefined;
  const { ended, over } = untilEnded();
  const plan: AgentPlan = {
    world: createRealWorld(),
    listen: options.listen,
    token,
    tls,
    ports: options.allowPorts,
    private: isPrivateAllowed ? 'allowed' : 'refused',
    mirrorPorts: [],
    software: `sipdiag/${VERSION}`,
    log: writeEntry,
    onServed: () => {
      if (options.once === true) ended();
    },
  };
  const agent = await start(plan, options.mirrorPorts);
  writeErr(`sipdiag agent: ${startLine(plan, agent)}\n`);
  await over;
  await agent.stop();
  return 0;
}
