import { beforeAll, describe, expect, test } from 'vitest';
import { AOR, COMMANDS, dnsFindings, endingOf, serversOf, setDnsStage, textOf, type DnsStage } from './dns-stage.ts';
import { startBind, type Bind, type BindOptions } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { ladderOf, runForReport, type ReportedRun } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, HOST } from './real/stage.ts';
import { APEX, a, ns, srv } from './real/zone-records.ts';
import { publish } from './scenes/ladder-row.ts';

const HEALTHY = { status: 'healthy', rung: null, findingId: null, code: 0 };
const degraded = (findingId: string) => ({ status: 'degraded', rung: 'dns', findingId, code: 0 });
const broken = (findingId: string) => ({ status: 'broken', rung: 'dns', findingId, code: 1 });

const TTL_SECONDS = 60;
/** A zone file with serial and name servers of its own. */
const zone = (serial: number, records: readonly string[]): string =>
  [`$TTL ${TTL_SECONDS}`, `@ SOA ns1 hostmaster ${serial} 3600 600 86400 ${TTL_SECONDS}`, ...records].join('\n');

type Ask = (command: (typeof COMMANDS)[number], ...args: string[]) => Promise<ReportedRun>;

function asking(stage: () => DnsStage): Ask {
  return (command, ...args) => runForReport([command, AOR, '--ca', stage().rootFile, ...args]);
}

describeWith(['kamailio', 'bind', 'openssl'], 'inside and outside views on two BINDs', () => {
  const keep = stopAfterAll();
  const inside = loopbackAddress(2);
  const views = {
    same: loopbackAddress(3),
    more: loopbackAddress(4),
    empty: loopbackAddress(5),
    closed: loopbackAddress(6),
  };
  let stage: DnsStage;
  const ask = asking(() => stage);
  const compared = (first: string, second: string): string[] =>
    [first, second].flatMap((address) => ['--resolver', `${address === inside ? 'internal' : 'external'}=${address}`]);

  beforeAll(async () => {
    stage = await setDnsStage(keep);
    const records = publish(stage.server);
    const start = async (address: string, lines: string[], changes: Partial<BindOptions> = {}): Promise<Bind> =>
      // The same name servers in both views, so that the views differ in nothing else.
      keep(
        await startBind({
          address,
          port: 53,
          zones: { [DOMAIN]: zone(1, [ns(APEX, 'ns1'), a('ns1', inside), ...lines]) },
          ...changes,
        }),
      );
    await start(inside, records);
    await start(views.same, records);
    await start(views.more, [...records, srv('_sip._tls', { target: 'sip', port: stage.server.tlsPort })]);
    await start(views.empty, [a('www', '127.255.255.254')]);
    await start(views.closed, records, { options: { 'allow-query': '{ none; }' } });
  });

  describe.each(COMMANDS)('%s', (command) => {
    test('has nothing to say when both are alike', async () => {
      const run = await ask(command, ...compared(inside, views.same));
      expect(endingOf(run)).toEqual(HEALTHY);
      expect(dnsFindings(run.report)).toEqual([]);
      expect(run.report.checks.find(({ checkId }) => checkId === 'split-view')?.status).toBe('passed');
    });

    test('notes a difference when both lead to a server', async () => {
      const run = await ask(command, ...compared(inside, views.more));
      expect(endingOf(run)).toEqual(HEALTHY);
      expect(dnsFindings(run.report)).toEqual(['split-view.differs info']);
      const text = textOf(run.report, 'split-view.differs');
      expect(text).toContain(`_sip._tls.${DOMAIN} SRV (internal: NXDOMAIN, external: 0 0 5061 ${HOST}.)`);
    });

    test('warns when only the view inside leads anywhere', async () => {
      const run = await ask(command, ...compared(inside, views.empty));
      expect(endingOf(run)).toEqual(degraded('split-view.differs'));
      expect(dnsFindings(run.report)).toEqual(['split-view.differs warning']);
      expect(run.report.verdict.summary).toContain('Only internal leads clients to a server.');
      expect(run.report.verdict.nextStep).toContain('roaming, VPN, guest network');
      expect(serversOf(run.report)).toHaveLength(3);
    });

    test('judges by the resolver that was named first, even if another knows more', async () => {
      const run = await ask(command, ...compared(views.empty, inside));
      expect(endingOf(run)).toEqual(broken('domain.no-address'));
      expect(dnsFindings(run.report)).toEqual(['domain.no-address error', 'split-view.differs warning']);
      expect(textOf(run.report, 'split-view.differs')).toContain('Only internal leads clients to a server.');
    });

    test('does not take a resolver that refuses for another view', async () => {
      const run = await ask(command, ...compared(inside, views.closed));
      expect(endingOf(run)).toEqual(degraded('resolver.failure'));
      expect(dnsFindings(run.report)).toEqual(['resolver.failure warning']);
      expect(run.report.verdict.summary).toContain(`external (${views.closed}:53) answers every question with REFUSED`);
    });
  });
});

describeWith(['kamailio', 'bind', 'openssl'], 'the name servers themselves', () => {
  const keep = stopAfterAll();
  const first = loopbackAddress(2);
  const second = loopbackAddress(3);
  const bare = loopbackAddress(4);
  const parent = loopbackAddress(5);
  const recursive = loopbackAddress(6);
  const nobody = loopbackAddress(7);
  let stage: DnsStage;
  const ask = asking(() => stage);

  beforeAll(async () => {
    stage = await setDnsStage(keep);
    // It serves a zone that nobody asks for, and refuses all others.
    keep(await startBind({ address: bare, port: 53, zones: { 'elsewhere.example': '' } }));
  });

  /** Serves the zone from `first`, and perhaps another version of it from `second`, while `act` runs. */
  async function serving<T>(records: string[], other: string | undefined, act: () => Promise<T>): Promise<T> {
    const zones = { [DOMAIN]: zone(2, records) };
    const servers = [await startBind({ address: first, port: 53, zones })];
    try {
      if (other !== undefined) servers.push(await startBind({ address: second, port: 53, zones: { [DOMAIN]: other } }));
      return await act();
    } finally {
      for (const server of servers) await server.stop();
    }
  }

  const named = (address: string): string[] => [ns(APEX, 'ns1'), a('ns1', first), ns(APEX, 'ns2'), a('ns2', address)];

  describe.each(COMMANDS)('%s --authority', (command) => {
    test('has nothing to say when both serve the same zone', async () => {
      const records = [...named(second), ...publish(stage.server)];
      const run = await serving(records, zone(2, records), () => ask(command, '--resolver', first, '--authority'));
      expect(endingOf(run)).toEqual(HEALTHY);
      expect(dnsFindings(run.report)).toEqual([]);
      expect(run.report.checks.find(({ checkId }) => checkId === 'authority')?.status).toBe('passed');
      const asked = run.report.observations.flatMap((one) => (one.kind === 'authority' ? one.about.address : []));
      expect(asked).toEqual([first, second]);
    });

    test('notes serials that differ while the records are the same', async () => {
      const records = [...named(second), ...publish(stage.server)];
      const run = await serving(records, zone(1, records), () => ask(command, '--resolver', first, '--authority'));
      expect(endingOf(run)).toEqual(HEALTHY);
      expect(dnsFindings(run.report)).toEqual(['authority.disagree info']);
      const text = textOf(run.report, 'authority.disagree');
      expect(text).toContain(`serial ns1.${DOMAIN} (${first}): 2, ns2.${DOMAIN} (${second}): 1`);
    });

    test('warns of two that hold different SRV sets', async () => {
      const old = [...named(second), srv('_sips._tcp', { target: 'old', port: 443 }), a('old', nobody)];
      const records = [...named(second), ...publish(stage.server)];
      const run = await serving(records, zone(1, old), () => ask(command, '--resolver', first, '--authority'));
      expect(endingOf(run)).toEqual(degraded('authority.disagree'));
      expect(dnsFindings(run.report)).toEqual(['authority.disagree warning']);
      expect(run.report.verdict.summary).toContain(
        `_sips._tcp.${DOMAIN} SRV (ns1.${DOMAIN} (${first}) says 0 0 5061 ${HOST}., ns2.${DOMAIN} (${second}) says 0 0 443 old.${DOMAIN}.)`,
      );
    });

    test('warns of one that does not serve the zone while another does', async () => {
      const records = [...named(bare), ...publish(stage.server)];
      const run = await serving(records, undefined, () => ask(command, '--resolver', first, '--authority'));
      expect(endingOf(run)).toEqual(degraded('authority.lame'));
      expect(dnsFindings(run.report)).toEqual(['authority.lame warning']);
      const { summary, nextStep } = run.report.verdict;
      expect(summary).toContain(`ns2.${DOMAIN} (${bare}) is named as a name server of ${DOMAIN}`);
      expect(summary).toContain(`it answers REFUSED. ns1.${DOMAIN} (${first}) does.`);
      expect(nextStep).toContain(`dig @${bare} ${DOMAIN} SOA +norecurse`);
    });

    test('warns of one at whose address nothing listens', async () => {
      const records = [...named(nobody), ...publish(stage.server)];
      const run = await serving(records, undefined, () => ask(command, '--resolver', first, '--authority'));
      expect(endingOf(run)).toEqual(degraded('authority.silent'));
      expect(dnsFindings(run.report)).toEqual(['authority.silent warning']);
    });

    test('warns of one that has no address', async () => {
      const records = [ns(APEX, 'ns1'), a('ns1', first), ns(APEX, 'gone.elsewhere.example.'), ...publish(stage.server)];
      const run = await serving(records, undefined, () => ask(command, '--resolver', first, '--authority'));
      expect(endingOf(run)).toEqual(degraded('authority.no-address'));
      expect(textOf(run.report, 'authority.no-address')).toContain('gone.elsewhere.example');
    });

    test('does not ask them without the option', async () => {
      const records = [...named(bare), ...publish(stage.server)];
      const run = await serving(records, undefined, () => ask(command, '--resolver', first));
      expect(endingOf(run)).toEqual(HEALTHY);
      expect(run.report.checks.find(({ checkId }) => checkId === 'authority')?.status).toBe('not-applicable');
    });
  });

  describe('behind a resolver', () => {
    beforeAll(async () => {
      const delegation = [
        ns(APEX, 'ns1'),
        a('ns1', parent),
        ns('fuzzybunny', 'ns.fuzzybunny'),
        a('ns.fuzzybunny', bare),
      ];
      keep(await startBind({ address: parent, port: 53, zones: { local: zone(1, delegation) } }));
      const extraConfig = `zone "local" { type static-stub; server-addresses { ${parent}; }; };`;
      const options = { recursion: 'yes', 'allow-recursion': '{ any; }' };
      keep(await startBind({ address: recursive, port: 53, zones: {}, options, extraConfig }));
    });

    test.each(COMMANDS)('%s --authority names the lame delegation as the cause of SERVFAIL', async (command) => {
      const run = await ask(command, '--resolver', recursive, '--authority');
      expect(endingOf(run)).toEqual(broken('authority.lame'));
      expect(ladderOf(run.report)).toMatchObject({ dns: 'failed', connect: 'not-tested', sip: 'not-tested' });
      expect(dnsFindings(run.report)).toEqual(['authority.lame error', 'resolver.failure error']);
      expect(run.report.verdict.summary).toContain(`ns.${DOMAIN} (${bare}) is named as a name server of ${DOMAIN}`);
    });

    test.each(COMMANDS)('%s without it sees the SERVFAIL alone', async (command) => {
      const run = await ask(command, '--resolver', recursive);
      expect(endingOf(run)).toEqual(broken('resolver.failure'));
      expect(run.report.verdict.summary).toContain('SERVFAIL');
    });
  });
});
