/** The autodiscover service of a Lync domain, asked over HTTP as its client asks it. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { beforeAll, expect, test } from 'vitest';
import { startBind } from './real/bind.ts';
import { createAuthority, issue, type Authority, type Issued } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder, type Stoppable } from './real/clean-up.ts';
import { runForReport, type ReportedRun } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN } from './real/stage.ts';
import { a } from './real/zone-records.ts';
import type { AutodiscoverScene, Page, Site } from './scenes/autodiscover.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';

type Web = Stoppable & { asked: string[] };

/** A web server that gives one page, on port 80, or on 443 with a certificate; keeps what was asked for. */
async function startWeb(address: string, page: Page, leaf?: Issued): Promise<Web> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.headers.host ?? ''}${request.url ?? ''}`);
    response.writeHead(page.status ?? 200, { 'content-type': page.type }).end(page.body);
  };
  const secrets = leaf && { cert: readFileSync(leaf.chainFile), key: readFileSync(leaf.keyFile) };
  const server = secrets === undefined ? createServer(listener) : createSecureServer(secrets, listener);
  server.listen(secrets === undefined ? 80 : 443, address);
  await once(server, 'listening');
  return {
    asked,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The service has the findings that the row tells of, and no other. */
function expectOneFinding({ expected }: AutodiscoverScene, { report }: ReportedRun): void {
  const told = report.findings.filter(({ id }) => id.startsWith('autodiscover.'));
  expect(told.map(({ id }) => id)).toEqual((expected.tells ?? []).map((one) => one.split(' ')[0]));
}

describeWith(['bind', 'openssl'], 'sipdiag doctor where lyncdiscover is published', () => {
  const keep = stopAfterAll();
  const [web, pool] = [loopbackAddress(7), loopbackAddress(8)];
  const records = [a('lyncdiscover', web), a('pool', pool)].join('\n');

  let root: Authority;
  beforeAll(async () => {
    root = await createAuthority(keep(temporaryFolder('autodiscover')).path, { name: 'root' });
  });

  const start = async (address: string, site: Site | undefined): Promise<Web[]> => {
    if (site === undefined) return [];
    const { page, certified: name } = site;
    const leaf = name === undefined ? undefined : await issue({ issuer: root, name: name.slice(0, 3), dns: [name] });
    return [await startWeb(address, page, leaf)];
  };

  const seen = playScenes(
    'autodiscover',
    async (scene) => {
      const bind = await startBind({ address: loopbackAddress(5), port: 53, zones: { [DOMAIN]: records } });
      const first = await start(web, scene.world.lyncdiscover);
      const second = await start(pool, scene.world.pool);
      try {
        const { address, port } = bind.endpoint;
        const run = await runForReport(argsOf(scene, { dns: `${address}:${port}`, root: root.rootFile }));
        return { ...run, asked: [first, second].map((sites) => sites.flatMap(({ asked }) => asked)) };
      } finally {
        for (const started of [...first, ...second, bind]) await started.stop();
      }
    },
    expectOneFinding,
  );

  test.each(['https', 'https-other-name', 'web-site'])('is asked once, for the user: %s', async (id) => {
    const { asked } = await seen(`autodiscover-${id}`);
    expect(asked[0]).toEqual([`lyncdiscover.${DOMAIN}/?sipuri=sip%3Atoml%40${DOMAIN}`]);
  });

  test('the pool is asked once', async () => {
    const { asked } = await seen('autodiscover-redirect');
    expect(asked[1]).toHaveLength(1);
  });
});
