import type { ChainMemory } from './check/chain-memory.ts';
import type { Observation, Report, Rung, SkippedObservation } from './model.ts';
import type { Server } from './model/dns.ts';
import type { Question, Resolver, ResolverChoice } from './probe/ask-dns.ts';
import { authorityQuestions, probeAuthority } from './probe/authority.ts';
import { probeAutodiscover } from './probe/autodiscover.ts';
import { observeOffer } from './probe/client-certificate.ts';
import { chooseResolvers, noResolver } from './probe/choose-resolvers.ts';
import { offsetMs, type ProbeContext } from './probe/context.ts';
import { askOne, discover, resolveServer } from './probe/discover.ts';
import { namedServers } from './probe/named-server.ts';
import { leftOut, RUNGS, SCOPES } from './probe/scope.ts';
import { attemptsOf, planOf, type PlanOptions, type PlanRequest } from './probe/climb-plan.ts';
import { climbWays } from './probe/climb-ways.ts';
import { probeKdc } from './probe/kerberos.ts';
import type { FarSideRequest } from './probe/ask-far-side.ts';
import { planMatrix } from './probe/matrix.ts';
import { probeRoutes } from './probe/route.ts';
import { probeRevocation } from './probe/revocation.ts';
import type { Credentials } from './probe/sign-in.ts';
import { askSystem } from './probe/system-resolver.ts';
import type { World } from './world.ts';
import type { Pins } from './probe/pins.ts';

/** Everything that one run needs to know; options that were left out have their defaults here already. */
export interface RunRequest extends PlanOptions {
  version: string;
  /** Asked instead of the names of the profiles: one question of the user's own, and what it leads to. */
  question?: Question;
  /** Absent: those of the system; 'system' among them: the operating system itself is asked too. */
  resolvers?: readonly ResolverChoice[];
  /** Whether the name servers of the zones are asked themselves. */
  authority?: 'asked' | 'left-out';
  /** 'host:port' to where it is, as curl's --resolve: the name is not looked up. */
  pinned: Pins;
  families: readonly (4 | 6)[];
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Whether the revocation lists and OCSP responders of the certificates are asked: they are third parties. */
  revocation?: 'asked' | 'left-out';
  /** Who signs in; absent: REGISTER is sent without credentials. */
  credentials?: Credentials;
  /** How the account was named: in full by the user, or taken from the sign-in address. */
  accountGiven?: 'account' | 'address';
  /** Who is asked whether our ports are reached, and which ports; absent: whoever can be, and those of the profile. */
  farSide?: NonNullable<FarSideRequest['farSide']>;
  /** Answers of DNS that runs share; absent: every run asks for itself. */
  answers?: ProbeContext['answers'];
  /** Chains that runs have judged, for all of them; absent: every run judges for itself. */
  chains?: ChainMemory;
  /** Called before servers are connected to, with how many connections each address may get at the same time; gives the way out. */
  admit?: (connections: ReadonlyMap<string, number>) => Promise<() => void>;
  /** Takes every SIP message; secrets are in them still. */
  trace?: ProbeContext['trace'];
  /** Told of what is seen, as soon as it is. */
  seen?: ProbeContext['seen'];
}

const skipped = (context: ProbeContext, { rung, why }: { rung: Rung; why: string }): SkippedObservation => ({
  kind: 'skipped',
  subject: rung,
  at: offsetMs(context),
  about: { rung },
  outcome: { ok: true, value: { why }, ms: 0 },
});

/** Chosen when somebody is to be asked: a target that needs no name has no use for them. */
type Resolvers = () => Promise<readonly Resolver[]>;

async function findServers(
  context: ProbeContext,
  request: RunRequest,
  resolversOf: Resolvers,
): Promise<{ observations: Observation[]; servers: Server[] }> {
  const { target } = request;
  if (target.server !== undefined) {
    const lookUp = async (host: string) => resolveServer(context, { host, resolvers: await resolversOf() });
    return namedServers({ target, server: target.server, pinned: request.pinned, lookUp });
  }
  const domain = target.domain ?? '';
  const resolvers = await resolversOf();
  if (resolvers.length === 0) return { observations: [noResolver(context, domain)], servers: [] };
  const { question } = request;
  if (question !== undefined) return { observations: await askOne(context, { question, resolvers }), servers: [] };
  return discover(context, { target, domain, resolvers });
}

/** The request and the profile that decides, never 'auto'. */
type Climb = RunRequest & PlanRequest;

/** Discovery chooses the profile; without it, and without a word of the user, it is that of any SIP client. */
function decidingProfile({ target }: RunRequest, observations: readonly Observation[]): string {
  const discovered = observations.find((one) => one.kind === 'discovery');
  if (discovered?.outcome.ok === true) return discovered.outcome.value.profile;
  return target.profile === 'auto' ? 'rfc3263' : target.profile;
}

const aorOf = ({ target: { user, domain } }: RunRequest): string | undefined =>
  user === undefined || domain === undefined ? undefined : `sip:${user}@${domain}`;

/** What is tried, and what was learnt on the way to it. `signin` isolates the name from the address; others take the names. */
async function choose(context: ProbeContext, request: Climb, servers: readonly Server[]) {
  const { command, pinned, families, resolvers } = request;
  if (command !== 'signin') return { paths: [], attempts: attemptsOf(request, servers) };
  const names = resolvers === undefined || resolvers.includes('system') ? 'system' : 'dns';
  return planMatrix(context, { servers, pinned, families, names });
}

async function climb(context: ProbeContext, request: Climb, servers: readonly Server[]): Promise<Observation[]> {
  if (!SCOPES[request.command].includes('connect')) return [];
  const speaksTlsOnly = !SCOPES[request.command].includes('sip');
  const { paths, attempts } = await choose(context, request, servers);
  const seen = await climbWays(context, {
    attempts: attempts.filter(({ transport }) => !speaksTlsOnly || transport === 'tls'),
    planOf: (about) => planOf(context, request, about),
    servers,
    credentials: speaksTlsOnly ? undefined : request.credentials,
    domain: request.target.domain,
    verifyName: request.verifyName,
    admit: request.admit,
  });
  return [...paths, ...seen];
}

/** A trap that needs no password to be seen: only the style in which the account is written. */
function askKdc(
  context: ProbeContext,
  request: RunRequest,
  { climbed, resolversOf }: { climbed: readonly Observation[]; resolversOf: Resolvers },
): Promise<Observation[]> {
  const { target, credentials, accountGiven = 'address' } = request;
  const address = target.user === undefined || target.domain === undefined ? '' : `${target.user}@${target.domain}`;
  const account = accountGiven === 'account' ? (credentials?.account ?? address) : address;
  return probeKdc(context, { seen: climbed, account, given: accountGiven, resolversOf });
}

/** What is asked of others than the resolvers: it depends on what DNS gave, and nothing on the ladder depends on it. */
async function askWitnesses(
  context: ProbeContext,
  request: RunRequest,
  {
    observations,
    servers,
    resolversOf,
  }: { observations: readonly Observation[]; servers: readonly Server[]; resolversOf: Resolvers },
): Promise<Observation[]> {
  const dns = observations.filter((one) => one.kind === 'dns');
  const questions = authorityQuestions(dns, servers);
  const [resolver] = request.authority === 'asked' && questions.length > 0 ? await resolversOf() : [];
  const connects = SCOPES[request.command].includes('connect');
  const { families, pinned } = request;
  const [authority, system, routes, http] = await Promise.all([
    resolver === undefined ? [] : probeAuthority(context, { questions, resolver, families, pinned }),
    request.resolvers?.includes('system') === true
      ? askSystem(
          context,
          servers.map(({ host }) => host),
        )
      : [],
    // Who connects learns it by the way.
    connects || !families.includes(6) ? [] : probeRoutes(context, servers),
    SCOPES[request.command].includes('sip')
      ? probeAutodiscover(context, { seen: observations, resolversOf, families, pinned, aor: aorOf(request) })
      : [],
  ]);
  return [...authority, ...system, ...routes, ...http];
}

async function askRevocation(
  context: ProbeContext,
  request: RunRequest,
  climbed: readonly Observation[],
): Promise<Observation[]> {
  if (request.revocation !== 'asked') return [];
  return probeRevocation(
    context,
    climbed.filter((one) => one.kind === 'tls'),
  );
}

/** The rungs callback and media: their witnesses are asked once it is known where a client can register. */
async function askFarSide(
  context: ProbeContext,
  request: Climb,
  { climbed, servers }: { climbed: readonly Observation[]; servers: readonly Server[] },
): Promise<Observation[]> {
  if (!SCOPES[request.command].includes('callback')) return [];
  const { askFarSide: ask } = await import('./probe/ask-far-side.ts');
  return ask(context, { ...request, climbed, servers, planOf: (about) => planOf(context, request, about) });
}

/** Climbs the rungs of the command, and judges what was seen. */
export async function run(world: World, request: RunRequest): Promise<Report> {
  const startedAt = world.now();
  const { version, command, target, timeoutMs, signal, trust, trace, seen, answers } = request;
  const context: ProbeContext = { world, startedAt, timeoutMs, signal, trust, trace, seen, answers };
  let choosing: ReturnType<Resolvers> | undefined;
  const resolversOf: Resolvers = () => (choosing ??= chooseResolvers(context, request.resolvers));
  const found = await findServers(context, request, resolversOf);
  const profile = decidingProfile(request, found.observations);
  const climbing: Climb = { ...request, profile, resolversOf, followed: new Set() };
  const [witnessed, climbed] = await Promise.all([
    askWitnesses(context, request, { ...found, resolversOf }),
    climb(context, climbing, found.servers),
  ]);
  const [revocation, kdc, farSide] = await Promise.all([
    askRevocation(context, request, climbed),
    askKdc(context, request, { climbed, resolversOf }),
    askFarSide(context, climbing, { climbed, servers: found.servers }),
  ]);
  const all = [...witnessed, ...climbed, ...kdc, ...revocation, ...farSide];
  const skips = RUNGS.flatMap((rung) => {
    const why = leftOut(rung, request, all);
    return why === null ? [] : [skipped(context, { rung, why })];
  });
  const { clientCertificate: offer } = request;
  const judgeAt = request.judgeAt ?? new Date(startedAt).toISOString();
  const offers = offer === undefined ? [] : [observeOffer({ ...context, startedAt: world.now() }, offer, judgeAt)];
  // Judging needs every check and the certificate code: a caller may have loaded them while the network was silent.
  const { assembleReport } = await import('./judge.ts');
  const head = { version, command, target, startedAt: new Date(startedAt).toISOString() };
  const ms = Math.round(world.now() - startedAt);
  return assembleReport([...offers, ...found.observations, ...all, ...skips], { ...head, ms }, request.chains);
}
