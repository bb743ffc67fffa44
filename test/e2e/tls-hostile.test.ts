import { expect, test } from 'vitest';
import { writePem } from '../../src/pki/pem-text.ts';
import { makeDer, makeKey } from '../pki/make-certificate.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { reportedRun, runSipdiag, type ReportedRun } from './real/doctor-run.ts';
import { startOpensslServer } from './real/openssl-server.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { scenesOf } from './scenes.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf, titleOf } from './scenes/row.ts';
import { HOST } from './tls-certificates.ts';

const ADDRESS = loopbackAddress(8);
// oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
const DANGEROUS = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

const key = makeKey('ec');

function expectBounded({ report, stdout }: ReportedRun & { stdout: string }): void {
  expect(stdout).not.toMatch(DANGEROUS);
  const { observations: _octets, ...judgement } = report;
  expect(JSON.stringify(judgement).length).toBeLessThan(60_000);
  expect(stdout.length).toBeLessThan(1_000_000);
}

describeWith(['openssl'], 'a server whose certificate holds', () => {
  const keep = stopAfterAll();

  const seen = playScenes(
    'hostile-certificates',
    async (scene) => {
      const { subject = HOST, extensions } = scene.world;
      const certPem = writePem(makeDer({ subject, key, extensions: extensions() }));
      const keyPem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const { port } = keep(await startOpensslServer({ address: ADDRESS, certPem, keyPem }));
      const args = argsOf(scene, { address: ADDRESS, port: `${port}` });
      const result = await runSipdiag([...args, '--json']);
      return { ...reportedRun(args, result), stdout: result.stdout, args };
    },
    (_scene, run) => expectBounded(run),
  );

  test.each(scenesOf('hostile-certificates').map((scene) => [titleOf(scene), scene.id]))(
    '%s cannot speak to the terminal, nor flood it',
    async (_title, id) => {
      const { args } = await seen(id);
      for (const verbosity of ['--quiet', '--no-color', '--verbose']) {
        const { stdout, stderr, code } = await runSipdiag([...args, verbosity]);
        expect([stderr, code]).toEqual(['', 1]);
        expect(stdout).not.toMatch(DANGEROUS);
        expect(stdout.length).toBeLessThan(40_000);
      }
    },
  );
});
