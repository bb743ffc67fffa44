import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { issue, type Issued } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { reportedRun, type ReportedRun } from './real/doctor-run.ts';
import { freePort, loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { run } from './real/run-command.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import { createPki, type Pki } from './tls-certificates.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const ADDRESS = loopbackAddress(5);

/** Runs the waiting command, and `connect` once it says that it waits. */
async function listen(args: readonly string[], connect: () => Promise<unknown>): Promise<ReportedRun> {
  const child = spawn(process.execPath, [BIN, ...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const ended = new Promise<number | null>((settle) => child.on('close', settle));
  await new Promise<void>((settle) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('waiting at')) settle();
    });
    child.on('close', () => settle());
  });
  await connect();
  const code = await ended;
  // Standard error has said that it waits.
  return reportedRun(args, { stdout, stderr: '', code });
}

const base64Of = (pem: string): string => pem.replaceAll(/-----[^-]+-----|\s/g, '');

describeWith(['openssl'], 'sipdiag tls --listen', () => {
  const keep = stopAfterAll();
  let pki: Pki;
  let below: Issued;
  let files: Record<string, string>;

  beforeAll(async () => {
    const folder = keep(temporaryFolder('tls-listen')).path;
    pki = await createPki(folder);
    const disorder = join(folder, 'disorder.pem');
    writeFileSync(disorder, pki.otherRoot.certPem + pki.upper.certPem + pki.lower.certPem);
    below = await issue({ name: 'peer-below', issuer: pki.lower });
    const peers = {
      both: await issue({ name: 'peer-both', issuer: pki.root, dns: ['sbc.example.org'] }),
      'server-only': pki.serverOnly,
      below,
      stranger: pki.strangerFor,
    };
    const pairs = Object.entries(peers).flatMap(([name, { certFile, keyFile }]) => [
      [name, certFile],
      [`${name}.key`, keyFile],
    ]);
    files = { root: pki.root.rootFile, disorder, ...Object.fromEntries(pairs) };
  });

  const seen = playScenes('listen', async (scene) => {
    const here = `${ADDRESS}:${await freePort(ADDRESS)}`;
    const { peer } = scene.world;
    const connect = async (): Promise<unknown> =>
      peer !== undefined &&
      run(['openssl', 's_client', '-connect', here, ...argsOf({ command: peer }, files)], { input: '' });
    return listen(argsOf(scene, { here, ...files }), connect);
  });

  test.each(['1-2', '1-3'])('tells what was asked for and what was shown, over TLS %s', async (version) => {
    const { report } = await seen(`listen-client-${version}`);
    const tls = report.observations.find((one) => one.kind === 'tls');
    expect(tls?.about).toMatchObject({ peer: 'client', sni: 'sip.example.com', shown: 'throw-away' });
  });

  test.each(['1-2', '1-3'])('sees the chain exactly as it was sent, over TLS %s', async (version) => {
    const { report } = await seen(`listen-disorder-${version}`);
    const chain = report.observations.flatMap((one) =>
      one.kind === 'tls' && one.outcome.ok ? one.outcome.value.chain : [],
    );
    const { otherRoot, upper, lower } = pki;
    expect(chain).toEqual([below, otherRoot, upper, lower].map(({ certPem }) => base64Of(certPem)));
  });
});
