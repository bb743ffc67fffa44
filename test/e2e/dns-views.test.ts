import { beforeAll, expect, test } from 'vitest';
import { serversOf, setDnsStage, type DnsStage } from './dns-stage.ts';
import { startBind, type BindOptions } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN } from './real/stage.ts';
import { APEX, a, ns, srv } from './real/zone-records.ts';
import { zone } from './scenes/authorities.ts';
import { COMMANDS } from './scenes/dns-row.ts';
import { publish } from './scenes/ladder-row.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import type { View } from './scenes/views.ts';

const VIEWS: Record<View, string> = {
  inside: loopbackAddress(2),
  same: loopbackAddress(3),
  more: loopbackAddress(4),
  empty: loopbackAddress(5),
  closed: loopbackAddress(6),
};

describeWith(['kamailio', 'bind', 'openssl'], 'inside and outside views on two BINDs', () => {
  const keep = stopAfterAll();
  let stage: DnsStage;

  beforeAll(async () => {
    stage = await setDnsStage(keep);
    const records = publish(stage.server);
    const start = async (view: View, lines: string[], changes: Partial<BindOptions> = {}): Promise<void> => {
      // The same name servers in all views, so that the views differ in nothing else.
      const text = zone(1, [ns(APEX, 'ns1'), a('ns1', VIEWS.inside), ...lines]);
      keep(await startBind({ address: VIEWS[view], port: 53, zones: { [DOMAIN]: text }, ...changes }));
    };
    await start('inside', records);
    await start('same', records);
    await start('more', [...records, srv('_sip._tls', { target: 'sip', port: stage.server.tlsPort })]);
    await start('empty', [a('www', '127.255.255.254')]);
    await start('closed', records, { options: { 'allow-query': '{ none; }' } });
  });

  const seen = playScenes('views', async (scene) => {
    const values = { ...VIEWS, root: stage.rootFile };
    return { ...(await runForReport(argsOf(scene, values))), values };
  });

  test.each(COMMANDS)('%s has compared the views that are alike', async (command) => {
    const { report } = await seen(`views-same-${command}`);
    expect(report.checks.find(({ checkId }) => checkId === 'split-view')?.status).toBe('passed');
  });

  test.each(COMMANDS)(
    '%s tells who is hit when the view outside is empty, and finds the servers inside',
    async (command) => {
      const { report } = await seen(`views-empty-${command}`);
      expect(report.verdict.nextStep).toContain('roaming, VPN, guest network');
      expect(serversOf(report)).toHaveLength(3);
    },
  );
});
