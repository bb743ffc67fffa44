import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AOR, COMMANDS, dnsFindings, endingOf, setDnsStage, type DnsStage } from './dns-stage.ts';
import { startBind } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { ladderOf, runForReport, type ReportedRun } from './real/doctor-run.ts';
import { blockRules, createNetwork, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, HOST } from './real/stage.ts';
import { a, aaaa, srv } from './real/zone-records.ts';
import { publish } from './scenes/ladder-row.ts';

const SERVER = '203.0.113.10';
const HEALTHY = { status: 'healthy', rung: null, findingId: null, code: 0 };
const broken = (findingId: string) => ({ status: 'broken', rung: 'dns', findingId, code: 1 });

/** Too long for one datagram, though every target is the one server. */
function manyTargets(): string[] {
  const label = 'pool'.repeat(15);
  const names = Array.from({ length: 8 }, (_, index) => `${index}.${label}.${label}.${label}`);
  return names.flatMap((name, index) => [
    srv('_sip._tcp', { target: name, port: 5060, priority: index }),
    a(name, SERVER),
  ]);
}

describeWith(['namespaces', 'kamailio', 'bind', 'openssl'], 'DNS across a router', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let stage: DnsStage;
  beforeAll(async () => {
    network = keep(await createNetwork());
    stage = await setDnsStage(keep, { address: SERVER, namespace: network.server });
  });
  beforeEach(async () => {
    await network.setRules('');
  });

  /** Runs the command in the client's network while the zone is served on the other side. */
  async function lookAt(command: string, records: string[], ...args: string[]): Promise<ReportedRun> {
    const where = { address: SERVER, port: 53, namespace: network.server };
    const bind = await startBind({ ...where, zones: { [DOMAIN]: records.join('\n') } });
    try {
      const base = [command, AOR, '--resolver', SERVER, '--ca', stage.rootFile, '--timeout', '1000'];
      return await runForReport([...base, ...args], network.client);
    } finally {
      await bind.stop();
    }
  }

  describe.each(COMMANDS)('%s', (command) => {
    test('finds nothing wrong when nothing is', async () => {
      const run = await lookAt(command, publish(stage.server));
      expect(endingOf(run)).toEqual(HEALTHY);
      expect(dnsFindings(run.report)).toEqual([]);
    });

    test.each([
      ['drop', 'resolver.timeout'],
      ['reject', 'resolver.unreachable'],
    ] as const)('names port 53 that a firewall shuts by %s', async (how, id) => {
      await network.setRules(blockRules('udp dport 53', how));
      const run = await lookAt(command, publish(stage.server));
      expect(endingOf(run)).toEqual(broken(id));
      expect(ladderOf(run.report)).toMatchObject({ dns: 'failed', connect: 'not-tested', sip: 'not-tested' });
      expect(run.report.verdict.summary).toContain(`${SERVER}:53`);
    });

    test('fetches over TCP what is too long for a datagram', async () => {
      const run = await lookAt(command, manyTargets());
      expect(endingOf(run)).toEqual(HEALTHY);
      const ways = run.report.observations.flatMap((one) =>
        one.kind === 'dns' && one.outcome.ok ? one.outcome.value.via : [],
      );
      expect([...new Set(ways)].toSorted()).toEqual(['tcp', 'udp']);
      expect(dnsFindings(run.report)).toEqual([]);
    });

    test('names TCP port 53 as shut when the deciding answer was cut', async () => {
      await network.setRules(blockRules('tcp dport 53'));
      const run = await lookAt(command, manyTargets());
      expect(dnsFindings(run.report)).toContain('resolver.truncated-no-tcp warning');
      expect(endingOf(run).code).not.toBe(0);
      expect(run.report.verdict.rung).toBe('dns');
      expect(ladderOf(run.report)['dns']).not.toBe('passed');
    });

    test('works on when an answer was cut that nobody needs', async () => {
      await network.setRules(blockRules('tcp dport 53'));
      const waste = Array.from(
        { length: 40 },
        (_, index) => `@ NAPTR ${index} 0 "u" "E2U+x" "!^.*$!mailto:${'x'.repeat(40)}@${DOMAIN}!" .`,
      );
      const run = await lookAt(command, [...publish(stage.server), ...waste]);
      expect(endingOf(run)).toEqual({
        status: 'degraded',
        rung: 'dns',
        findingId: 'resolver.truncated-no-tcp',
        code: 0,
      });
      expect(run.report.verdict.summary).toContain('1 of');
    });
  });

  describe('a server with IPv6 alone, for a machine without it', () => {
    const records = [srv('_sips._tcp', { target: 'sip', port: 5061 }), aaaa('sip', '2001:db8::10')];

    test('doctor says which family is missing', async () => {
      const run = await lookAt('doctor', records);
      expect(endingOf(run)).toEqual(broken('address-family.unreachable'));
      expect(dnsFindings(run.report)).toEqual(['address-family.unreachable error']);
      expect(run.report.verdict.summary).toContain(
        `${HOST} has IPv6 addresses only (2001:db8::10), and this machine has no IPv6`,
      );
      expect(run.report.verdict.nextStep).toContain(`A record for ${HOST}`);
    });

    test('doctor takes another server of the set that has IPv4', async () => {
      const two = [
        ...publish(stage.server),
        srv('_sips._tcp', { target: 'six', port: 5061 }),
        aaaa('six', '2001:db8::10'),
      ];
      const run = await lookAt('doctor', two);
      expect(endingOf(run)).toEqual(HEALTHY);
      expect(dnsFindings(run.report)).toEqual(['address-family.unreachable info']);
    });

    test('dns, which connects to nothing, asks this machine for a way', async () => {
      const run = await lookAt('dns', records);
      expect(endingOf(run)).toEqual(broken('address-family.unreachable'));
      expect(dnsFindings(run.report)).toEqual(['address-family.unreachable error']);
    });

    test('dns sees that another server of the set has IPv4', async () => {
      const two = [
        ...publish(stage.server),
        srv('_sips._tcp', { target: 'six', port: 5061 }),
        aaaa('six', '2001:db8::10'),
      ];
      const run = await lookAt('dns', two);
      expect(endingOf(run)).toEqual(HEALTHY);
      expect(dnsFindings(run.report)).toEqual(['address-family.unreachable info']);
    });
  });

  describe('an internal name that is published outside', () => {
    // The address is private to whoever asks for it: here the client's own loopback, where nothing listens.
    const leak = () => [
      srv('_sipinternaltls._tcp', { target: 'inside', port: 5061 }),
      a('inside', '127.0.0.9'),
      srv('_sip._tls', { target: 'sip', port: 5061 }),
      a('sip', SERVER),
    ];

    test.each(COMMANDS)('%s names it as what hides the external one', async (command) => {
      const run = await lookAt(command, leak());
      expect(endingOf(run)).toEqual(broken('srv-records.shadowed'));
      expect(dnsFindings(run.report)).toEqual(['srv-records.shadowed error']);
      expect(run.report.verdict.summary).toContain(`_sipinternaltls._tcp.${DOMAIN} hides _sip._tls.${DOMAIN}`);
      expect(run.report.verdict.summary).toContain('private address 127.0.0.9');
    });

    test.each(COMMANDS)('%s finds it a fault of Microsoft clients alone when RFC 3263 decides', async (command) => {
      const run = await lookAt(command, [...leak(), srv('_sips._tcp', { target: 'sip', port: 5061 })]);
      expect(endingOf(run)).toEqual({ status: 'degraded', rung: 'dns', findingId: 'srv-records.shadowed', code: 0 });
    });
  });
});
