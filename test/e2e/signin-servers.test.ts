/** Several servers of one domain, as DNS publishes them: which one a client ends up on, and what is told of the others. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { answer, lcs } from './sip-scripts.ts';
import { startScripted } from './sip-servers.ts';
import { startBind } from './real/bind.ts';
import { stopAfterAll, temporaryFolder, type Stoppable } from './real/clean-up.ts';
import { runForReport, runSipdiag } from './real/doctor-run.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import { freePort, loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { startSipp } from './real/sipp.ts';
import { DOMAIN } from './real/stage.ts';
import { a, srv } from './real/zone-records.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import type { Player, SeveralServersScene } from './scenes/several-servers.ts';

const ALICE = { user: 'alice', password: 'tangerine' };
const DNS = { address: loopbackAddress(5), port: 53 };

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

describeWith(['kamailio', 'bind', 'sipp'], 'sipdiag signin at several servers of a domain', () => {
  const keep = stopAfterAll();
  const [good, other, third] = [loopbackAddress(0), loopbackAddress(1), loopbackAddress(2)];
  let kamailio: Kamailio;
  let cast: Record<Player, { address: string; port: number }>;
  let folder = '';
  let password = '';
  beforeAll(async () => {
    folder = keep(temporaryFolder('servers')).path;
    password = join(folder, 'password');
    writeFileSync(password, ALICE.password, { mode: 0o600 });
    kamailio = keep(await startKamailio({ address: good, domain: DOMAIN, users: [ALICE], transports: ['tcp'] }));
    const refusal = { status: '503 Service Unavailable', headers: ['Retry-After: 120'] };
    const overloaded = keep(await startSipp(other, { options: refusal, register: [refusal] }));
    const stranger = keep(await startScripted(other, (request) => answer(request, '404 Not Found')));
    const silent = keep(await startScripted(third, () => undefined));
    cast = {
      good: { address: good, port: kamailio.tcpPort },
      overloaded: { address: other, port: overloaded.port },
      stranger: { address: other, port: stranger.port },
      silent: { address: third, port: silent.port },
      down: { address: other, port: await freePort(other) },
    };
  });

  const zoneOf = ({ world }: SeveralServersScene): string =>
    world.members
      .flatMap(({ name, player, priority }) => [
        srv('_sip._tcp', { target: name, port: cast[player].port, priority }),
        a(name, cast[player].address),
      ])
      .join('\n');

  const seen = playScenes('several-servers', async (scene) => {
    const file = join(folder, `${scene.id}.json`);
    const bind = await startBind({ ...DNS, zones: { [DOMAIN]: zoneOf(scene) } });
    try {
      const args = argsOf(scene, { dns: `${DNS.address}:${DNS.port}`, password });
      const values = { good: `${good}:${kamailio.tcpPort}` };
      return { ...(await runForReport([...args, '--save', file])), values, file };
    } finally {
      await bind.stop();
    }
  });

  test('the one that takes the client keeps no binding', async () => {
    const { report } = await seen('servers-third-takes');
    const moves = report.findings.map(({ id }) => id).filter((id) => id.startsWith('failover.'));
    expect(moves).toEqual(['failover.moves-on']);
    expect(await kamailio.bindings(`alice@${DOMAIN}`)).toEqual([]);
  });

  test('the report says where the client goes when the first is down', async () => {
    const { file } = await seen('servers-first-down');
    const { stdout } = await runSipdiag(['judge', file]);
    expect(oneLine(stdout)).toContain('Failover: Over tcp a client of the profile rfc3263 leaves sip1');
    expect(oneLine(stdout)).toContain('at once (connection: refused), and registers at sip2');
  });
});

/** Takes connections on the port of a key distribution centre. */
async function startCentre(address: string): Promise<Stoppable> {
  const server = createServer((socket) => void socket.on('error', () => undefined).resume());
  server.listen(88, address);
  await once(server, 'listening');
  return {
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

describeWith(['bind'], 'an account written user@domain at a server that offers Kerberos', () => {
  const keep = stopAfterAll();
  const [address, centre] = [loopbackAddress(0), loopbackAddress(6)];
  let values: Record<string, string> = {};
  beforeAll(async () => {
    const { port } = keep(await startScripted(address, lcs));
    const records = [srv('_kerberos._tcp', { target: 'dc1', port: 88 }), a('dc1', centre)];
    keep(await startBind({ ...DNS, zones: { [DOMAIN]: records.join('\n') } }));
    values = { server: `${address}:${port}`, dns: `${DNS.address}:${DNS.port}` };
  });

  const seen = playScenes('kerberos', async (scene) => {
    const server = scene.world.centre === 'up' ? await startCentre(centre) : undefined;
    const run = await runForReport(argsOf(scene, values));
    await server?.stop();
    return run;
  });

  test('is in no trap while the key distribution centre answers', async () => {
    const { report } = await seen('kerberos-centre-up');
    expect(report.findings.map(({ id }) => id)).not.toContain('registration.kerberos-trap');
    const kdc = report.observations.find(({ kind }) => kind === 'kdc');
    expect(kdc?.outcome).toMatchObject({ ok: true, value: { centres: [{ port: 88, reached: 'open' }] } });
  });
});
