import { createLabCertificates } from '../lab/certificates.ts';
import type { Rung, SkippedObservation } from '../model.ts';
import { createRealWorld } from '../net/real-world.ts';
import type { ProbeContext } from '../probe/context.ts';
import { probePeer, type ListenPlan } from '../probe/tls-listen.ts';
import { assembleReport } from '../judge.ts';
import type { Endpoint, Listener, TlsServerSettings, World } from '../world.ts';
import { loadCertificateAndKey } from './client-certificate.ts';
import { deliver } from './deliver.ts';
import { underLimits } from './doctor.ts';
import { writeErr } from './output.ts';
import { parseListen } from './parse-listen.ts';
import { saveRun } from './saved-run.ts';
import type { TlsOptions } from './tls-options.ts';
import { loadTrustStore } from './trust-store.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

/** Name in the certificate that is made for the occasion: nobody owns it (RFC 2606 section 2). */
const THROW_AWAY_DOMAIN = 'sipdiag.invalid';
/** Rungs that a waiting server does not climb. */
const OTHER_RUNGS: readonly Rung[] = ['dns', 'sip', 'auth', 'callback', 'media'];

async function serverSettings({
  tlsCert,
  tlsKey,
  pfxPasswordFile,
}: TlsOptions): Promise<Pick<ListenPlan, 'server' | 'shown'>> {
  if (tlsCert === undefined) {
    if (tlsKey !== undefined) throw new UsageError('--tls-key is of no use alone; expected --tls-cert FILE as well');
    const made = await createLabCertificates({ domain: THROW_AWAY_DOMAIN, now: Date.now(), flaw: 'self-signed' });
    return { server: { certificate: made.chainPem, key: made.keyPem }, shown: 'throw-away' };
  }
  const { certPem, keyPem } = await loadCertificateAndKey(tlsCert, tlsKey, pfxPasswordFile);
  const server: TlsServerSettings = { certificate: certPem, key: keyPem };
  return { server, shown: 'own' };
}

async function openListener(world: World, on: Endpoint): Promise<Listener> {
  try {
    return await world.net.listen(on);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NetError') throw error;
    throw new UsageError(`${error.message}; expected a free port of this machine`);
  }
}

const leftOut = (rung: Rung): SkippedObservation => ({
  kind: 'skipped',
  subject: rung,
  at: 0,
  about: { rung },
  outcome: { ok: true, value: { why: 'not part of sipdiag tls --listen' }, ms: 0 },
});

/** `sipdiag tls --listen`: what one peer that connects presents as a client. Throws UsageError. */
export async function tlsListenCommand(listen: string, options: TlsOptions): Promise<number> {
  const on = parseListen(listen);
  const [settings, trust] = await Promise.all([serverSettings(options), loadTrustStore(options.ca ?? [])]);
  const world = createRealWorld();
  const startedAt = world.now();
  const listener = await openListener(world, on);
  const where = listener.local.address.includes(':') ? `[${listener.local.address}]` : listener.local.address;
  const plan: ListenPlan = {
    ...settings,
    listener,
    trust,
    judgeAt: options.at,
    profile: options.profile === 'auto' ? 'rfc3263' : options.profile,
    verifyName: options.verifyName?.toLowerCase() ?? '',
    patienceMs: options.deadline,
  };
  const observations = await underLimits(options.deadline + options.timeout, async (signal) => {
    // From here on Ctrl-C is heard.
    if (options.quiet !== true) writeErr(`sipdiag: waiting at ${where}:${listener.local.port} for a peer\n`);
    const context: ProbeContext = { world, startedAt, timeoutMs: options.timeout, signal };
    return probePeer(context, plan);
  }).finally(() => listener.close());
  const report = assembleReport([...observations, ...OTHER_RUNGS.map(leftOut)], {
    version: VERSION,
    command: 'tls',
    startedAt: new Date(startedAt).toISOString(),
    ms: Math.round(world.now() - startedAt),
    target: { input: `--listen ${listen}`, scheme: 'sip', transports: ['tls'], profile: options.profile },
  });
  if (options.save !== undefined) await saveRun(options.save, report);
  return deliver(report, options);
}
