import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { answer, type Behaviour } from './sip-scripts.ts';
import { startScripted } from './sip-servers.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startSilentResolver } from './real/silent-resolver.ts';
import { startSipp } from './real/sipp.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import { CHALLENGE, SECRET, WITH_PASSWORD } from './scenes/scripted.ts';

const isSigned = (request: string): boolean => /^authorization/im.test(request);

describe('sipdiag signin at scripted servers', () => {
  const keep = stopAfterAll();
  const address = loopbackAddress(0);
  let files: Record<string, string>;
  beforeAll(() => {
    const password = join(keep(temporaryFolder('scripted')).path, 'password');
    writeFileSync(password, SECRET, { mode: 0o600 });
    // Nobody listens at port 1.
    files = { nobody: `${address}:1`, password };
  });

  const argsAt = (port: number, scene = { command: WITH_PASSWORD }): string[] =>
    argsOf(scene, { server: `${address}:${port}`, ...files });

  describeWith(['sipp'], 'played by a real sipp', () => {
    playScenes('sipp', async (scene) =>
      runForReport(argsAt(keep(await startSipp(address, scene.world.script)).port, scene)),
    );
  });

  const seen = playScenes('scripted', async (scene) => {
    const { port, requests } = keep(await startScripted(address, scene.world.behaviour));
    return { ...(await runForReport(argsAt(port, scene))), requests };
  });

  test('one of the LCS days gets no password, and the remedy is how to write the account', async () => {
    const { report, requests } = await seen('scripted-lcs-user-at-domain');
    const [trap] = report.findings.filter(({ id }) => id === 'registration.kerberos-trap');
    expect(trap?.remedy).toContain(String.raw`DOMAIN\user`);
    expect(requests.filter(isSigned)).toEqual([]);
  });

  test('one of the LCS days does not trap DOMAIN\\user', async () => {
    const { report } = await seen('scripted-lcs-domain-user');
    expect(report.findings.map(({ id }) => id)).not.toContain('registration.kerberos-trap');
  });

  test('one that cuts SHA-512 short is sent one response, and the next step is --digest-sha512t', async () => {
    const { report, requests } = await seen('scripted-sha512t');
    expect(report.verdict.nextStep).toContain('--digest-sha512t');
    expect(requests.filter(isSigned)).toHaveLength(1);
  });

  const unheard = playScenes('silent-udp', async (scene) =>
    runForReport(argsAt(keep(await startSilentResolver(address)).endpoint.port, scene)),
  );

  test('silence over UDP is given up after three seconds, not thirty', async () => {
    const { report } = await unheard('silent-udp');
    expect(report.ms).toBeLessThan(3500);
  });

  test('Ctrl-C between REGISTER and its answer takes the Contact back', async () => {
    let interrupted: () => void = () => undefined;
    const slow: Behaviour = (request) => {
      if (request.startsWith('OPTIONS ')) return answer(request, '200 OK');
      if (!/^authorization/im.test(request)) return answer(request, '401 Unauthorized', [CHALLENGE]);
      if (/^expires: 0$/im.test(request)) return answer(request, '200 OK');
      interrupted();
      return undefined;
    };
    const server = keep(await startScripted(address, slow));
    const bin = resolve(import.meta.dirname, '../../bin/sipdiag.js');
    const child = spawn(process.execPath, [bin, ...argsAt(server.port), '--timeout', '9000'], {
      stdio: 'ignore',
    });
    interrupted = () => void child.kill('SIGINT');
    await once(child, 'close');
    const contacts = server.requests.flatMap(
      (one) => /^Contact: <([^>]*)>.*expires=(\d+)$/im.exec(one)?.slice(1, 3) ?? [],
    );
    expect(contacts).toEqual([contacts[0], '60', contacts[0], '0']);
  });

  test('no report, trace, saved run or error holds the password, nor does a response give it away', async () => {
    const echo: Behaviour = (request) => {
      if (request.startsWith('OPTIONS ')) return answer(request, '200 OK');
      const credentials = /^Authorization: .*$/im.exec(request)?.[0];
      if (credentials === undefined) return answer(request, '401 Unauthorized', [CHALLENGE]);
      return answer(request, '200 OK', [credentials]);
    };
    const server = keep(await startScripted(address, echo));
    const folder = keep(temporaryFolder('secrets')).path;
    const written = ['trace', 'pcap', 'saved'].map((name) => join(folder, name));
    const [trace = '', pcap = '', saved = ''] = written;
    const outputs = ['--trace', trace, '--trace-pcap', pcap, '--save', saved];
    const { report } = await runForReport([...argsAt(server.port), ...outputs]);
    const sent = server.requests.find(isSigned) ?? '';
    const response = /response="([0-9a-f]{32})"/.exec(sent)?.[1] ?? 'none';
    expect(response).toHaveLength(32);
    const texts = [JSON.stringify(report), ...written.map((file) => readFileSync(file, 'latin1'))];
    expect(texts.filter((text) => text.includes(SECRET) || text.includes(response))).toEqual([]);
    expect(texts[1]).toContain('username="alice"');
  });
});
