/** What the stages of TLS share: the certificates, and what the command lines of their rows are filled with. */
import { temporaryFolder, type Stoppable } from '../real/clean-up.ts';
import { runForReport, type ReportedRun } from '../real/doctor-run.ts';
import { createPki, PRESENTED, type Pki, type Presented } from '../tls-certificates.ts';
import type { TlsScene } from './certificates.ts';
import { argsOf } from './row.ts';

export interface TlsStageSet {
  folder: string;
  pki: Pki;
}

export async function setTlsStage(keep: <T extends Stoppable>(started: T) => T, label: string): Promise<TlsStageSet> {
  const folder = keep(temporaryFolder(label)).path;
  return { folder, pki: await createPki(folder) };
}

/** Serves what the row says and runs its command. */
export async function playTls(
  scene: TlsScene,
  { pki }: TlsStageSet,
  serve: (presented: Presented) => Promise<{ address: string; port: number; namespace?: string }>,
): Promise<ReportedRun> {
  const { address, port, namespace } = await serve(await PRESENTED[scene.world.flaw](pki));
  const { root, clientFor, strangerFor, serverOnly } = pki;
  const files = {
    root: root.rootFile,
    client: clientFor.certFile,
    'client.key': clientFor.keyFile,
    stranger: strangerFor.certFile,
    'stranger.key': strangerFor.keyFile,
    'server-only': serverOnly.certFile,
    'server-only.key': serverOnly.keyFile,
  };
  return runForReport(argsOf(scene, { address, port: `${port}`, ...files }), namespace);
}
