import { judge } from './judge.ts';
import type { Attempt, Observation, Report, Rung, Server, SkippedObservation, Target } from './model.ts';
import type { Resolver } from './probe/ask-dns.ts';
import { offsetMs, sideBySide, type ProbeContext } from './probe/context.ts';
import { discover, resolveServer } from './probe/discover.ts';
import { namedServers } from './probe/named-server.ts';
import { probeServer, type ServerPlan } from './probe/probe-server.ts';
import type { TrustStore } from './probe/trust.ts';
import type { World } from './world.ts';

/** The commands that climb the ladder, or a part of it. */
export type Command = 'doctor' | 'dns' | 'tls';

/** Everything that one run needs to know; options that were left out have their defaults here already. */
export interface RunRequest {
  command: Command;
  version: string;
  target: Target;
  /** Absent: the resolvers of the system. */
  resolvers?: readonly Resolver[];
  /** 'host:port' to address, as curl's --resolve: the name is not looked up. */
  pinned: ReadonlyMap<string, string>;
  families: readonly (4 | 6)[];
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  sni?: string;
  verifyName?: string;
  /** ISO time at which certificate dates are judged; absent: now. */
  judgeAt?: string;
  trust: TrustStore;
}

/** Attempts side by side: enough for every server that DNS can name in practice, few enough for a small server. */
const MAX_CONNECTIONS = 16;
/** Attempts in one run: 64 SRV targets with two addresses each. */
const MAX_ATTEMPTS = 128;

/** A command is a choice of rungs, not a program of its own: so no two commands can disagree about one. */
const SCOPES: Readonly<Record<Command, readonly Rung[]>> = {
  dns: ['dns'],
  tls: ['dns', 'connect', 'tls', 'certificate'],
  doctor: ['dns', 'connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media'],
};

const RUNGS: readonly Rung[] = SCOPES.doctor;

/** Why a rung is left out of this run, or null. */
function leftOut(rung: Rung, { command, target }: RunRequest): string | null {
  if (!SCOPES[command].includes(rung)) return `not part of sipdiag ${command}`;
  if (rung === 'dns' && target.server !== undefined && isAddress(target.server.host)) return 'the target is an address';
  if (rung === 'callback' || rung === 'media') return 'no witness on the far side was given';
  return null;
}

const skipped = (context: ProbeContext, { rung, why }: { rung: Rung; why: string }): SkippedObservation => ({
  kind: 'skipped',
  subject: rung,
  at: offsetMs(context),
  about: { rung },
  outcome: { ok: true, value: { why }, ms: 0 },
});

async function systemResolvers(world: World): Promise<Resolver[]> {
  const endpoints = await world.net.systemResolvers();
  return endpoints.slice(0, 1).map((endpoint) => ({ label: 'system', endpoint }));
}

const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

function attemptsOf(request: RunRequest, servers: readonly Server[]): Attempt[] {
  const attempts = servers.flatMap(({ transport, host, port, addresses, published, set }) =>
    addresses
      .filter((address) => request.families.includes(familyOf(address)))
      .map((address): Attempt => ({ transport, host, address, port, published, set })),
  );
  const distinct = new Map(attempts.map((one) => [`${one.transport} ${one.address} ${one.port} ${one.host}`, one]));
  return [...distinct.values()].slice(0, MAX_ATTEMPTS);
}

async function findServers(
  context: ProbeContext,
  request: RunRequest,
): Promise<{ observations: Observation[]; servers: Server[] }> {
  const { target } = request;
  const resolvers = request.resolvers ?? (await systemResolvers(context.world));
  if (target.server !== undefined) {
    const lookUp = (host: string) => resolveServer(context, { host, resolvers });
    return namedServers({ target, server: target.server, pinned: request.pinned, lookUp });
  }
  return discover(context, { target, domain: target.domain ?? '', resolvers });
}

const isAddress = (host: string): boolean => /^[\d.]+$/.test(host) || host.includes(':');

function planOf(context: ProbeContext, request: RunRequest, about: Attempt): ServerPlan {
  const { target } = request;
  const domain = target.domain ?? about.host;
  const scheme = about.transport === 'tls' && target.scheme === 'sips' ? 'sips' : 'sip';
  const hostPart = domain.includes(':') ? `[${domain}]` : domain;
  return {
    about,
    identity: { requestUri: `${scheme}:${hostPart}`, aor: `${scheme}:${target.user ?? 'sipdiag'}@${hostPart}` },
    tls: {
      sni: request.sni ?? (isAddress(about.host) ? null : about.host),
      verifyName: request.verifyName ?? about.host,
      ...(target.domain === undefined ? {} : { domain: target.domain }),
      judgeAt: request.judgeAt ?? new Date(context.world.now()).toISOString(),
      trust: request.trust,
    },
    sip: SCOPES[request.command].includes('sip') ? 'asked' : 'left-out',
  };
}

async function climb(context: ProbeContext, request: RunRequest, servers: readonly Server[]): Promise<Observation[]> {
  if (!SCOPES[request.command].includes('connect')) return [];
  const speaksTlsOnly = !SCOPES[request.command].includes('sip');
  const attempts = attemptsOf(request, servers).filter(({ transport }) => !speaksTlsOnly || transport === 'tls');
  const perServer = await sideBySide(attempts, MAX_CONNECTIONS, (about) =>
    probeServer(context, planOf(context, request, about)),
  );
  return perServer.flat();
}

/** Climbs the rungs of the command, and judges what was seen. */
export async function run(world: World, request: RunRequest): Promise<Report> {
  const startedAt = world.now();
  const context: ProbeContext = { world, startedAt, timeoutMs: request.timeoutMs, signal: request.signal };
  const found = await findServers(context, request);
  const seen = await climb(context, request, found.servers);
  const skips = RUNGS.flatMap((rung) => {
    const why = leftOut(rung, request);
    return why === null ? [] : [skipped(context, { rung, why })];
  });
  return assembleReport([...found.observations, ...seen, ...skips], {
    version: request.version,
    command: request.command,
    startedAt: new Date(startedAt).toISOString(),
    ms: Math.round(world.now() - startedAt),
    target: request.target,
  });
}

/** Judges observations, of this run or of a saved one, and puts the report together. */
export function assembleReport(
  observations: Observation[],
  head: Pick<Report, 'version' | 'command' | 'startedAt' | 'ms' | 'target'>,
): Report {
  const { verdict, rungs, findings, checks } = judge(observations, head.target);
  return { schema: 'sipdiag.report/1', ...head, verdict, rungs, findings, checks, observations };
}
