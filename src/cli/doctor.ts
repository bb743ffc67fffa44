import { setMaxListeners } from 'node:events';
import type { Target } from '../model.ts';
import { createRealWorld } from '../net/real-world.ts';
import { run, type RunRequest } from '../run.ts';
import { escapeUser } from '../wire/sip-uri.ts';
import type { TracedMessage } from '../wire/traced-message.ts';
import type { RunOptions } from './common-options.ts';
import { checkOutput } from './check-output.ts';
import { readCredentials, refusePasswordIn } from './credentials.ts';
import { deliver, draw } from './deliver.ts';
import { farSideOf, type FarSideOptions } from './far-side-options.ts';
import { readNamePolicy } from './name-policy.ts';
import { isAddress, isIpv6 } from './ip-address.ts';
import { isServiceName } from './parse-domain.ts';
import { parseTarget } from './parse-target.ts';
import { startProgress } from './progress.ts';
import { saveRun } from './saved-run.ts';
import type { SipOptions } from './sip-options.ts';
import { checkTraceOptions, writeTraces } from './trace-file.ts';
import { loadTrustStore } from './trust-store.ts';
import { UsageError } from './usage-error.ts';
import { tlsRequestOf, type HandshakeOptions } from './tls-options.ts';
import { VERSION } from './version.ts';
import { workAhead } from './work-ahead.ts';

/** Options of the commands that make a run. */
export type DoctorOptions = RunOptions &
  HandshakeOptions &
  SipOptions &
  FarSideOptions & { lab?: string | true; thorough?: boolean };

/** A name below which servers are published is nowhere to connect to: people have it at hand who come from DNS. */
function refuseServiceName(input: string, domain: string | undefined): void {
  if (domain !== undefined && isServiceName(domain))
    throw new UsageError(
      `'${input}' names an SRV record; expected its domain, ${domain.replace(/^(_[^.]+\.)+/, '')}, or sipdiag dns ${domain} for the record itself`,
    );
}

/** What the target and its options point at. Throws UsageError. */
export function targetOf(input: string, options: DoctorOptions, { command }: Pick<RunKind, 'command'>): Target {
  const parsed = parseTarget(input);
  if (command !== 'dns') refuseServiceName(input, parsed.domain);
  const transports = options.transport ?? parsed.transports;
  if (parsed.scheme === 'sips' && transports.length > 0 && !transports.includes('tls')) {
    throw new UsageError(
      `--transport ${transports.join(',')} does not fit '${input}'; expected tls, the only transport of sips:`,
    );
  }
  return {
    ...parsed,
    ...(parsed.user === undefined && options.user !== undefined ? { user: escapeUser(options.user) } : {}),
    transports,
    profile: options.profile,
    ...(options.server === undefined ? {} : { server: options.server }),
  };
}

/** Which run it is: the command, and the one question where the user asks no more. */
export type RunKind = Pick<RunRequest, 'command' | 'question'>;

/** Where what a run needs comes from, besides its options. */
export interface RequestSource {
  signal: AbortSignal;
  kind: RunKind;
  target: Target;
  /** Default: the roots are read for this run. */
  trustOf?: typeof loadTrustStore;
}

/** The families of addresses that servers are tried at. Throws UsageError. */
function familiesOf({ server, input }: Target, { ipv4, ipv6 }: DoctorOptions): readonly (4 | 6)[] {
  if (ipv4 !== true && ipv6 !== true) return [4, 6];
  if (ipv4 === true && ipv6 === true)
    throw new UsageError('-4 and -6 exclude each other; expected one of them, or neither for both families');
  const family = ipv4 === true ? 4 : 6;
  if (server !== undefined && isAddress(server.host) && isIpv6(server.host) !== (family === 6))
    throw new UsageError(`-${family} leaves out the address of '${input}', ${server.host}; expected IPv${family}`);
  return [family];
}

/** The run that the options ask for. Throws UsageError. */
export async function requestOf(
  options: DoctorOptions,
  { signal, kind, target, trustOf = loadTrustStore }: RequestSource,
): Promise<RunRequest> {
  if (options.quiet === true && options.verbose === true)
    throw new UsageError('--quiet and --verbose exclude each other; expected one of them');
  return {
    ...kind,
    version: VERSION,
    target,
    ...(options.count === undefined ? {} : { count: options.count }),
    ...(options.resolver === undefined ? {} : { resolvers: options.resolver }),
    ...(options.authority === true || options.thorough === true ? { authority: 'asked' } : {}),
    ...(options.revocation === true || options.thorough === true ? { revocation: 'asked' } : {}),
    pinned: new Map(options.resolve ?? []),
    families: familiesOf(target, options),
    timeoutMs: options.timeout,
    signal,
    ...(options.sni === undefined ? {} : { sni: options.sni }),
    ...(options.verifyName === undefined ? {} : { verifyName: options.verifyName }),
    ...(options.at === undefined ? {} : { judgeAt: options.at }),
    trust: await trustOf(options.ca ?? []),
    ...(await tlsRequestOf(options)),
    ...(options.policy === undefined ? {} : { namePolicy: await readNamePolicy(options.policy) }),
    ...(await farSideOf(options, kind.command === 'firewall' ? 'always' : 'for-witnesses')),
  };
}

/** Only the commands that speak SIP sign in. A password is asked for where somebody said that there is an account. */
export async function accountOf(
  target: Target,
  options: DoctorOptions,
  { command, prompt }: Pick<RunKind, 'command'> & { prompt?: 'left-out' },
) {
  if (command !== 'doctor' && command !== 'signin' && command !== 'firewall') return {};
  const isMeant = command !== 'doctor' || options.authUser !== undefined || options.user !== undefined;
  return readCredentials(target, options, isMeant && prompt === undefined ? 'offered' : 'left-out');
}

/** Messages of one run that are kept for a trace: those of a matrix with a thousand OPTIONS are fewer. */
const MAX_TRACED = 50_000;

/** Gathers the messages of a run, where somebody wants to read them. */
function startTrace(options: DoctorOptions): { messages: TracedMessage[]; request: Pick<RunRequest, 'trace'> } {
  checkTraceOptions(options);
  const messages: TracedMessage[] = [];
  if (options.trace === undefined && options.tracePcap === undefined) return { messages, request: {} };
  const trace = (message: TracedMessage): void => {
    if (messages.length < MAX_TRACED) messages.push(message);
  };
  return { messages, request: { trace } };
}

/** Ends the run at the deadline or at the first Ctrl-C; what was seen until then is judged and printed. */
export async function underLimits<T>(deadlineMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ending = new AbortController();
  // A reason of our own: the one that Node makes up holds a stack.
  const end = (): void => ending.abort('ended');
  // SIGTERM is the Ctrl-C of timeout(1) and of service managers: a Contact is taken back then too.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, end);
  const deadline = setTimeout(end, deadlineMs);
  try {
    // Every attempt of a run listens to the one signal, or to one made of it: many listeners are no leak.
    setMaxListeners(0);
    setMaxListeners(0, ending.signal);
    return await work(ending.signal);
  } finally {
    clearTimeout(deadline);
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, end);
  }
}

/** Makes one run, saves it where the user wants that, and prints the report; gives the exit code. Throws UsageError. */
export async function diagnose(input: string, options: DoctorOptions, kind: RunKind): Promise<number> {
  refusePasswordIn(input);
  const target = targetOf(input, options, kind);
  await checkOutput(options);
  const traced = startTrace(options);
  const account = await accountOf(target, options, kind);
  // A silence that was asked for is no delay.
  const deadline = options.deadline + (options.idle ?? 0) * 1000;
  const report = await underLimits(deadline, async (signal) => {
    const asked = await requestOf(options, { signal, kind, target });
    const request = { ...asked, ...account, ...traced.request };
    const stopProgress = startProgress(`looking at ${request.target.input}`, options);
    const ahead = workAhead(request, (seen) => draw(seen, options));
    try {
      return await run(createRealWorld(), { ...request, ...ahead.request });
    } finally {
      ahead.stop();
      stopProgress();
    }
  });
  await writeTraces(options, traced.messages, report);
  if (options.save !== undefined) await saveRun(options.save, report, options);
  return deliver(report, options);
}

/** `sipdiag doctor`: the whole ladder, one verdict. Throws UsageError. */
export async function doctorCommand(target: string | undefined, options: DoctorOptions): Promise<number> {
  if (options.lab !== undefined) {
    const { withLab } = await import('./lab.ts');
    return withLab(target, options, (input, given) => diagnose(input, given, { command: 'doctor' }));
  }
  if (target === undefined)
    throw new UsageError(
      'the target is missing; expected sipdiag doctor sip:user@domain (or a domain, host:port, an address)',
    );
  return diagnose(target, options, { command: 'doctor' });
}
