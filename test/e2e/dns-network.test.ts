import { beforeAll, expect, test } from 'vitest';
import { setDnsStage, type DnsStage } from './dns-stage.ts';
import { startBind } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { createNetwork, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, HOST } from './real/stage.ts';
import { SERVER } from './scenes/dns-router.ts';
import { COMMANDS } from './scenes/dns-row.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';

describeWith(['namespaces', 'kamailio', 'bind', 'openssl'], 'DNS across a router', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let stage: DnsStage;
  beforeAll(async () => {
    network = keep(await createNetwork());
    stage = await setDnsStage(keep, { address: SERVER, namespace: network.server });
  });

  /** Runs the command in the client's network while the zone is served on the other side. */
  const seen = playScenes('dns-router', async (scene) => {
    const { rules, records } = scene.world;
    await network.setRules(rules);
    const zones = { [DOMAIN]: records(stage.server).join('\n') };
    const bind = await startBind({ address: SERVER, port: 53, namespace: network.server, zones });
    try {
      return await runForReport(argsOf(scene, { root: stage.rootFile }), network.client);
    } finally {
      await bind.stop();
    }
  });

  test.each(COMMANDS)('%s fetches over TCP what is too long for a datagram', async (command) => {
    const { report } = await seen(`dns-router-long-${command}`);
    const ways = report.observations.flatMap((one) =>
      one.kind === 'dns' && one.outcome.ok ? one.outcome.value.via : [],
    );
    expect([...new Set(ways)].toSorted()).toEqual(['tcp', 'udp']);
  });

  test('doctor asks for an A record where a server has IPv6 alone', async () => {
    const { report } = await seen('dns-router-ipv6-doctor');
    expect(report.verdict.nextStep).toContain(`A record for ${HOST}`);
  });
});
