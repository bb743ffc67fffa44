/** Runs the relay driver in a namespace of the tests. */
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Observation } from '../../../src/model.ts';
import { runIn } from './namespaces.ts';
import type { RelayJob } from './relay-driver.ts';

export interface RelayRun {
  observations: Observation[];
  /** The whole probe. */
  ms: number;
}

/** Bundles the driver into a folder and gives the path of what Node can run. */
export async function bundleRelayDriver(folder: string): Promise<string> {
  const outfile = join(folder, 'relay-driver.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'relay-driver.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
  return outfile;
}

/** Throws Error when the driver has printed no observations. */
export async function runRelayJob(driver: string, namespace: string, job: RelayJob): Promise<RelayRun> {
  const { stdout, stderr } = await runIn(namespace, [process.execPath, driver, JSON.stringify(job)]);
  if (!stdout.startsWith('{')) throw new Error(`the relay driver has failed: ${stderr.slice(0, 2000)}`);
  // The driver is ours and prints nothing else.
  return JSON.parse(stdout) as RelayRun;
}

/** 'reached', 'timeout' … for each port tried, or the reason why it was not. */
export function reachesOf({ observations }: RelayRun): Record<string, string> {
  const reaches = observations.flatMap((one) => (one.kind === 'reach' ? [one] : []));
  return Object.fromEntries(
    reaches.map(({ about, outcome }) => [
      `${about.transport} ${about.address}:${about.port}`,
      outcome.ok ? outcome.value.result : `failed: ${outcome.reason}`,
    ]),
  );
}

/** For each allocation that was asked for, 'UDP, for TCP ports': 'ok', or the reason and the detail. */
export function witnessesOf({ observations }: RelayRun): Record<string, string> {
  const witnesses = observations.flatMap((one) => (one.kind === 'witness' ? [one] : []));
  return Object.fromEntries(
    witnesses.map(({ subject, outcome }) => [
      subject.replace(/^the (?:TURN|STUN) server \S+(?: over )?/, ''),
      outcome.ok ? 'ok' : `${outcome.reason}: ${outcome.detail}`,
    ]),
  );
}
