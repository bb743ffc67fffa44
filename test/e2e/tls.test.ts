import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { sipdiag } from '../command-line.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { startOpensslServer, type OpensslOptions } from './real/openssl-server.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import type { TlsWorld } from './scenes/certificates.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import { playTls, setTlsStage, type TlsStageSet } from './scenes/tls-stage.ts';
import { NOT_TLS_SERVERS } from './sip-servers.ts';
import { HOST, PRESENTED, type Flaw } from './tls-certificates.ts';

const ADDRESS = loopbackAddress(3);

/** Findings that matter: information about every server is left out. */
const ALWAYS: readonly string[] = ['tls-server.facts', 'tls-by-address.reached', 'cert-name.matrix'];

interface Judged {
  report: Report;
  code: number | null;
  ids: string[];
}

async function look(port: number, args: readonly string[]): Promise<Judged> {
  const pin = ['--resolve', `${HOST}:${port}:${ADDRESS}`];
  const { stdout, stderr, code } = await sipdiag(['tls', `${HOST}:${port}`, ...pin, '--json', ...args]);
  expect(stderr).toBe('');
  const report: Report = JSON.parse(stdout);
  assertValidReport(report);
  const ids = report.findings.map(({ id }) => id).filter((id) => !ALWAYS.includes(id));
  return { report, code, ids };
}

describeWith(['openssl'], 'sipdiag tls against openssl s_server', () => {
  const keep = stopAfterAll();
  let stage: TlsStageSet;
  let ca: string[];

  beforeAll(async () => {
    stage = await setTlsStage(keep, 'tls');
    ca = ['--ca', stage.pki.root.rootFile];
  });

  async function serve(flaw: Flaw, args: readonly string[] = []): Promise<number> {
    const presented = await PRESENTED[flaw](stage.pki);
    const options: OpensslOptions = { address: ADDRESS, ...presented, args };
    return keep(await startOpensslServer(options)).port;
  }

  const settingsOf = ({ flaw, version, clients }: TlsWorld): string[] => [
    ...(version === undefined ? [] : [version === '1.0' ? '-tls1' : `-tls${version.replace('.', '_')}`]),
    ...(version === '1.0' || flaw === '1024 bits and SHA-1' ? ['-cipher', 'DEFAULT:@SECLEVEL=0'] : []),
    ...(clients === undefined ? [] : ['-Verify', '1', '-verify_return_error', '-CAfile', stage.pki.clients.certFile]),
  ];

  playScenes('openssl', (scene) =>
    playTls(scene, stage, async (presented) => {
      const args = settingsOf(scene.world);
      const { port } = keep(await startOpensslServer({ address: ADDRESS, ...presented, args }));
      return { address: ADDRESS, port };
    }),
  );

  test('the versions are tried one by one, and outdated ones told of', async () => {
    const port = await serve('RSA 2048', ['-cipher', 'ALL:@SECLEVEL=0']);
    const { report, ids } = await look(port, [...ca, '--versions']);
    const tried = report.observations.flatMap((one) =>
      one.kind === 'variant' && one.about.way === 'version' ? [[one.about.offered.join(), one.outcome.ok]] : [],
    );
    expect(Object.fromEntries(tried)).toEqual({ TLSv1: true, 'TLSv1.1': true, 'TLSv1.2': true, 'TLSv1.3': true });
    expect(ids).toContain('tls-version.outdated');
    expect(report.verdict.status).toBe('healthy');
  });

  test('the handshake by the address proves that TLS is reached, and is never the verdict', async () => {
    const { report } = await look(await serve('good'), ca);
    const reached = report.findings.find(({ id }) => id === 'tls-by-address.reached');
    expect(reached?.severity).toBe('info');
    expect(report.verdict.status).toBe('healthy');
  });

  test('a server that chooses its certificate by the server name is noticed', async () => {
    const named = await PRESENTED.good(stage.pki);
    const other = await PRESENTED['wrong name'](stage.pki);
    const file = (name: string, text: string): string => {
      const path = join(stage.folder, name);
      writeFileSync(path, text);
      return path;
    };
    const cert2 = ['-cert2', file('sni.pem', named.certPem), '-key2', file('sni.key', named.keyPem)];
    const args = ['-servername', HOST, ...cert2];
    const server = keep(await startOpensslServer({ address: ADDRESS, ...other, args }));
    const { ids, report } = await look(server.port, ca);
    expect(ids).toContain('tls-by-address.other-certificate');
    expect(report.verdict.status).toBe('healthy');
  });

  test('a client certificate of another CA is refused, and the alert is named', async () => {
    const { clients, strangerFor } = stage.pki;
    const args = ['-Verify', '1', '-verify_return_error', '-CAfile', clients.certFile];
    const own = ['--client-cert', strangerFor.certFile, '--client-key', strangerFor.keyFile];
    const { report } = await look(await serve('good', args), [...ca, ...own]);
    expect(report.verdict.findingId).toBe('client-cert.rejected');
    expect(report.verdict.summary).toMatch(/alert (48|46|42|43|40) /);
  });

  test('a certificate without clientAuth is judged before any server has seen it', async () => {
    const { root } = stage.pki;
    const { issue } = await import('./real/certificates.ts');
    const serverOnly = await issue({ name: 'server-only', issuer: root, eku: ['serverAuth'] });
    const args = ['--client-cert', serverOnly.certFile, '--client-key', serverOnly.keyFile];
    const { ids } = await look(await serve('good'), [...ca, ...args]);
    expect(ids).toEqual(expect.arrayContaining(['client-cert.client-auth-missing', 'client-cert.not-requested']));
  });
});

describe('sipdiag tls against what is no TLS', () => {
  const keep = stopAfterAll();

  playScenes('not-tls', async (scene) => {
    const { port } = keep(await NOT_TLS_SERVERS[scene.world.port](ADDRESS));
    return runForReport(argsOf(scene, { address: ADDRESS, port: `${port}` }));
  });
});
