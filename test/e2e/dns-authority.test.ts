import { beforeAll, expect, test } from 'vitest';
import { setDnsStage, type DnsStage } from './dns-stage.ts';
import { startBind, type Bind, type BindOptions } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN } from './real/stage.ts';
import { APEX, a, ns } from './real/zone-records.ts';
import { zone, type AuthorityScene, type Places } from './scenes/authorities.ts';
import { COMMANDS } from './scenes/dns-row.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';

const PLACES: Places = {
  first: loopbackAddress(2),
  second: loopbackAddress(3),
  bare: loopbackAddress(4),
  nobody: loopbackAddress(7),
};
const [PARENT, RECURSIVE] = [loopbackAddress(5), loopbackAddress(6)];

/** A response policy zone that answers nothing for a name, as a DNS firewall does. */
const droppingOf = (zones: Record<string, string>, name: string): Pick<BindOptions, 'zones' | 'options'> => ({
  zones: { ...zones, 'policy.example': `${name} CNAME rpz-drop.` },
  options: { 'response-policy': '{ zone "policy.example"; } recursive-only no qname-wait-recurse no' },
});

describeWith(['kamailio', 'bind', 'openssl'], 'the name servers themselves', () => {
  const keep = stopAfterAll();
  let stage: DnsStage;

  const serve = (address: string, zones: Record<string, string>, drops?: string): Promise<Bind> =>
    startBind({ address, port: 53, ...(drops === undefined ? { zones } : droppingOf(zones, drops)) });
  const runScene = async (scene: Pick<AuthorityScene, 'id' | 'command'>) => {
    const values = { ...PLACES, recursive: RECURSIVE, root: stage.rootFile };
    return { ...(await runForReport(argsOf(scene, values))), values };
  };

  beforeAll(async () => {
    stage = await setDnsStage(keep);
    // It serves a zone that nobody asks for, and refuses all others.
    keep(await serve(PLACES.bare, { 'elsewhere.example': '' }));
    const delegation = [
      ns(APEX, 'ns1'),
      a('ns1', PARENT),
      ns('fuzzybunny', 'ns.fuzzybunny'),
      a('ns.fuzzybunny', PLACES.bare),
    ];
    keep(await serve(PARENT, { local: zone(1, delegation) }));
    const extraConfig = `zone "local" { type static-stub; server-addresses { ${PARENT}; }; };`;
    const options = { recursion: 'yes', 'allow-recursion': '{ any; }' };
    keep(await startBind({ address: RECURSIVE, port: 53, zones: {}, options, extraConfig }));
  });

  const seen = playScenes('authority', async (scene) => {
    const { first, second, drops } = scene.world.zones(stage.server, PLACES);
    // In the zone elsewhere.example nothing stands, so that a name in it does not exist.
    const servers = [await serve(PLACES.first, { [DOMAIN]: first, 'elsewhere.example': '' })];
    try {
      if (second !== undefined) servers.push(await serve(PLACES.second, { [DOMAIN]: second }, drops));
      return await runScene(scene);
    } finally {
      for (const server of servers) await server.stop();
    }
  });

  playScenes('delegation', runScene);

  test.each(COMMANDS)('%s asks both, first one first', async (command) => {
    const { report } = await seen(`authority-same-${command}`);
    expect(report.checks.find(({ checkId }) => checkId === 'authority')?.status).toBe('passed');
    const asked = report.observations.flatMap((one) => (one.kind === 'authority' ? one.about.address : []));
    expect(asked).toEqual([PLACES.first, PLACES.second]);
  });

  test.each(COMMANDS)('%s gives the line to type at a lame name server', async (command) => {
    const { report } = await seen(`authority-lame-${command}`);
    expect(report.verdict.nextStep).toContain(`dig @${PLACES.bare} ${DOMAIN} SOA +norecurse`);
  });

  test.each(COMMANDS)('%s does not ask them without the option', async (command) => {
    const { report } = await seen(`authority-not-asked-${command}`);
    expect(report.checks.find(({ checkId }) => checkId === 'authority')?.status).toBe('not-applicable');
  });
});
