import type { Target } from '../model.ts';
import { createRealWorld } from '../net/real-world.ts';
import { run, type RunRequest } from '../run.ts';
import type { RunOptions } from './common-options.ts';
import { deliver } from './deliver.ts';
import { parseTarget } from './parse-target.ts';
import { startProgress } from './progress.ts';
import { saveRun } from './saved-run.ts';
import { loadTrustStore } from './trust-store.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

type DoctorOptions = RunOptions & { lab?: string | true };

function targetOf(input: string, options: DoctorOptions): Target {
  const parsed = parseTarget(input);
  const transports = options.transport ?? parsed.transports;
  if (parsed.scheme === 'sips' && transports.length > 0 && !transports.includes('tls')) {
    throw new UsageError(
      `--transport ${transports.join(',')} does not fit '${input}'; expected tls, the only transport of sips:`,
    );
  }
  return {
    ...parsed,
    transports,
    profile: options.profile,
    ...(options.server === undefined ? {} : { server: options.server }),
  };
}

async function requestOf(input: string, options: DoctorOptions, signal: AbortSignal): Promise<RunRequest> {
  if (options.quiet === true && options.verbose === true)
    throw new UsageError('--quiet and --verbose exclude each other; expected one of them');
  const both = (options.ipv4 === true) === (options.ipv6 === true);
  return {
    command: 'doctor',
    version: VERSION,
    target: targetOf(input, options),
    ...(options.resolver === undefined ? {} : { resolvers: options.resolver }),
    pinned: new Map(options.resolve ?? []),
    families: both ? [4, 6] : options.ipv4 === true ? [4] : [6],
    timeoutMs: options.timeout,
    signal,
    ...(options.sni === undefined ? {} : { sni: options.sni }),
    ...(options.verifyName === undefined ? {} : { verifyName: options.verifyName }),
    ...(options.at === undefined ? {} : { judgeAt: options.at }),
    trust: await loadTrustStore(options.ca ?? []),
  };
}

/** Ends the run at the deadline or at the first Ctrl-C; what was seen until then is judged and printed. */
async function underLimits<T>(deadlineMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    return await work(AbortSignal.any([interrupt.signal, deadline]));
  } finally {
    process.removeListener('SIGINT', onInterrupt);
  }
}

async function diagnose(input: string, options: DoctorOptions): Promise<number> {
  const report = await underLimits(options.deadline, async (signal) => {
    const request = await requestOf(input, options, signal);
    const stopProgress = startProgress(`looking at ${request.target.input}`, options);
    try {
      return await run(createRealWorld(), request);
    } finally {
      stopProgress();
    }
  });
  if (options.save !== undefined) await saveRun(options.save, report);
  return deliver(report, options);
}

/** `sipdiag doctor`: the whole ladder, one verdict. Throws UsageError. */
export async function doctorCommand(target: string | undefined, options: DoctorOptions): Promise<number> {
  if (options.lab !== undefined) {
    const { withLab } = await import('./lab.ts');
    return withLab(target, options, diagnose);
  }
  if (target === undefined)
    throw new UsageError(
      'the target is missing; expected sipdiag doctor sip:user@domain (or a domain, host:port, an address)',
    );
  return diagnose(target, options);
}
