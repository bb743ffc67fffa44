import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Finding, Report } from '../../src/model.ts';
import { sipdiag } from '../command-line.ts';
import { startBind, type Bind, type BindOptions } from './real/bind.ts';
import { createAuthority, issue, type Authority } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { blockRules, createNetwork, runIn, type TestNetwork } from './real/namespaces.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { APEX, a, ns, srv } from './real/zone-records.ts';

const DOMAIN = 'fuzzybunny.test';
const HOST = `pool.${DOMAIN}`;
const TTL_SECONDS = 60;

const POOL = [srv('_sip._tls', { target: 'pool', port: 5061 }), a('pool', '192.0.2.10')].join('\n');

/** The report of `sipdiag dns`, with its exit code. */
async function dns(...args: string[]): Promise<{ report: Report; code: number | null }> {
  const { stdout, stderr, code } = await sipdiag(['dns', DOMAIN, '--json', ...args]);
  if (stdout === '') throw new Error(stderr);
  return { report: JSON.parse(stdout), code };
}

const idsOf = (findings: readonly Finding[], check: string): string[] =>
  findings.filter(({ id }) => id.startsWith(`${check}.`)).map(({ id, severity }) => `${id} ${severity}`);

const textOf = ({ findings }: Report, id: string): string => findings.find((one) => one.id === id)?.text ?? '';

const waysOf = ({ observations }: Report): string[] => [
  ...new Set(
    observations.flatMap((one) =>
      one.kind === 'dns' ? (one.outcome.ok ? one.outcome.value.via : one.outcome.reason) : [],
    ),
  ),
];

/** A zone file with serial and name servers of its own. */
const zone = (serial: number, records: readonly string[]): string =>
  [`$TTL ${TTL_SECONDS}`, `@ SOA ns1 hostmaster ${serial} 3600 600 86400 ${TTL_SECONDS}`, ...records].join('\n');

describeWith(['bind', 'openssl'], 'BIND over other transports', () => {
  const keep = stopAfterAll();
  const address = loopbackAddress(0);
  let authority: Authority;

  beforeAll(async () => {
    const folder = keep(temporaryFolder('dns-tls'));
    authority = await createAuthority(folder.path, { name: 'root' });
    const leaf = await issue({ name: 'dns', issuer: authority, dns: [`dns.${DOMAIN}`], ip: [address] });
    const options: BindOptions = {
      address,
      port: 53,
      zones: { [DOMAIN]: POOL },
      options: {
        'listen-on port 853 tls sipdiag': `{ ${address}; }`,
        'listen-on port 443 tls sipdiag http sipdiag': `{ ${address}; }`,
      },
      extraConfig: [
        `tls sipdiag { cert-file "${leaf.chainFile}"; key-file "${leaf.keyFile}"; };`,
        'http sipdiag { endpoints { "/dns-query"; }; };',
      ].join('\n'),
    };
    keep(await startBind(options));
  });

  test.each<{ what: string; resolver: () => string; via: string; ids: string[] }>([
    {
      what: 'DNS over TLS with the name of the server',
      resolver: () => `tls://${address}#dns.${DOMAIN}`,
      via: 'tls',
      ids: [],
    },
    {
      what: 'DNS over TLS without a name',
      resolver: () => `tls://${address}`,
      via: 'tls',
      ids: ['resolver.unverified info'],
    },
    { what: 'DNS over HTTPS', resolver: () => `https://${address}/dns-query`, via: 'https', ids: [] },
  ])('$what finds the pool', async ({ resolver, via, ids }) => {
    const { report, code } = await dns('--resolver', resolver(), '--ca', authority.rootFile);
    expect(waysOf(report)).toEqual([via]);
    expect(idsOf(report.findings, 'resolver')).toEqual(ids);
    expect(report.rungs[0]?.summary).toContain(`${HOST}:5061`);
    expect(code).toBe(0);
  });

  test('DNS over HTTPS of a server that is not trusted works, and says so', async () => {
    const { report } = await dns('--resolver', `https://${address}/dns-query`);
    expect(waysOf(report)).toEqual(['https']);
    expect(idsOf(report.findings, 'resolver')).toEqual(['resolver.unverified info']);
  });

  test('DNS over TLS to a server with another name is refused', async () => {
    const { report, code } = await dns('--resolver', `tls://${address}#dns.example`, '--ca', authority.rootFile);
    expect(waysOf(report)).toEqual(['tls-failed']);
    expect(idsOf(report.findings, 'resolver')).toEqual(['resolver.unreachable error']);
    expect(code).toBe(1);
  });

  test('another path of the HTTPS server gives no DNS answer', async () => {
    const { report } = await dns('--resolver', `https://${address}/elsewhere`, '--ca', authority.rootFile);
    expect(textOf(report, 'resolver.failure')).toContain('HTTP status 404');
  });
});

describeWith(['bind'], 'BIND that does not answer as it should', () => {
  const keep = stopAfterAll();
  /** Too many targets for one datagram. */
  const many = Array.from({ length: 50 }, (_, index) => srv('_sip._tls', { target: `pool${index}`, port: 5061 }));
  const hosts = Array.from({ length: 50 }, (_, index) => a(`pool${index}`, '192.0.2.10'));
  const zones = { [DOMAIN]: [...many, ...hosts].join('\n') };
  const start = async (index: number, changes: Partial<BindOptions>): Promise<Bind> =>
    keep(await startBind({ address: loopbackAddress(index), port: 53, zones, ...changes }));

  test('truncated answers are fetched over TCP', async () => {
    const { endpoint } = await start(1, {});
    const { report, code } = await dns('--resolver', endpoint.address);
    expect(waysOf(report).toSorted()).toEqual(['tcp', 'udp']);
    expect(idsOf(report.findings, 'resolver')).toEqual([]);
    expect(code).toBe(0);
  });

  test('truncated answers without TCP are named, and are not a pass', async () => {
    const { endpoint } = await start(2, { behaviours: ['notcp'] });
    const { report } = await dns('--resolver', endpoint.address);
    expect(idsOf(report.findings, 'resolver')).toEqual(['resolver.truncated-no-tcp warning']);
    expect(textOf(report, 'resolver.truncated-no-tcp')).toContain('1 of');
  });

  test('REFUSED of every question breaks the rung', async () => {
    const { endpoint } = await start(3, { options: { 'allow-query': '{ none; }' } });
    const { report, code } = await dns('--resolver', endpoint.address);
    expect(waysOf(report)).toEqual(['refused-query']);
    expect(report.verdict).toMatchObject({ status: 'broken', rung: 'dns', findingId: 'resolver.failure' });
    expect(report.verdict.summary).toContain('REFUSED');
    expect(code).toBe(1);
  });

  test.each([
    ['answers FORMERR to EDNS', 4, 'ednsformerr'],
    ['answers NOTIMP to EDNS', 5, 'ednsnotimp'],
    ['loses what carries EDNS', 6, 'dropedns'],
  ] as const)('a server that %s is asked without it', async (_what, index, behaviour) => {
    const small = { zones: { [DOMAIN]: POOL } };
    const { endpoint } = await start(index, { ...small, behaviours: [behaviour] });
    const { report, code } = await dns('--resolver', endpoint.address);
    expect(waysOf(report)).toEqual(['udp']);
    expect(code).toBe(0);
  });

  test('two views of the domain are compared', async () => {
    const inside = await start(7, { zones: { [DOMAIN]: POOL } });
    const outside = await start(8, { zones: { [DOMAIN]: a('www', '192.0.2.80') } });
    const labels = [
      '--resolver',
      `internal=${inside.endpoint.address}`,
      '--resolver',
      `external=${outside.endpoint.address}`,
    ];
    const { report } = await dns(...labels);
    expect(idsOf(report.findings, 'split-view')).toEqual(['split-view.differs warning']);
    expect(textOf(report, 'split-view.differs')).toContain('Only internal leads clients to a server.');
  });
});

describeWith(['bind'], 'the name servers of the zone', () => {
  const keep = stopAfterAll();
  const first = loopbackAddress(9);
  const second = loopbackAddress(10);
  const parent = loopbackAddress(11);
  const resolver = loopbackAddress(12);
  const lame = loopbackAddress(13);
  const servers = [ns(APEX, 'ns1'), ns(APEX, 'ns2'), a('ns1', first), a('ns2', second)];
  const bind = async (
    address: string,
    zones: Record<string, string>,
    changes: Partial<BindOptions> = {},
  ): Promise<Bind> => keep(await startBind({ address, port: 53, zones, ...changes }));

  describe('that disagree', () => {
    beforeAll(async () => {
      await bind(first, { [DOMAIN]: zone(2, [...servers, POOL]) });
      const old = [srv('_sip._tls', { target: 'old', port: 443 }), a('old', '192.0.2.9')];
      await bind(second, { [DOMAIN]: zone(1, [...servers, ...old]) });
    });

    test('are found by --authority', async () => {
      const { report } = await dns('--resolver', first, '--authority');
      expect(idsOf(report.findings, 'authority')).toEqual(['authority.disagree warning']);
      const text = textOf(report, 'authority.disagree');
      expect(text).toContain(`_sip._tls.${DOMAIN} SRV (ns1.${DOMAIN} (${first}) says 0 0 5061 ${HOST}.`);
      expect(text).toContain(`ns1.${DOMAIN} (${first}): 2, ns2.${DOMAIN} (${second}): 1`);
    });

    test('are not asked without it', async () => {
      const { report } = await dns('--resolver', first);
      expect(report.checks.find(({ checkId }) => checkId === 'authority')?.status).toBe('not-applicable');
    });
  });

  test('that are lame are named as the cause of SERVFAIL', async () => {
    const delegation = [ns(APEX, 'ns1'), a('ns1', parent), ns('fuzzybunny', 'ns.fuzzybunny'), a('ns.fuzzybunny', lame)];
    await bind(parent, { test: zone(1, delegation) });
    await bind(lame, { 'elsewhere.example': POOL });
    const stub = `zone "test" { type static-stub; server-addresses { ${parent}; }; };`;
    const recursive = { recursion: 'yes', 'allow-recursion': '{ any; }' };
    await bind(resolver, {}, { options: recursive, extraConfig: stub });
    const { report, code } = await dns('--resolver', resolver, '--authority');
    expect(report.verdict).toMatchObject({ status: 'broken', rung: 'dns', findingId: 'authority.lame' });
    expect(report.verdict.summary).toContain(`ns.${DOMAIN} (${lame}) is named as a name server of ${DOMAIN}`);
    expect(report.verdict.summary).toContain('it answers REFUSED');
    expect(idsOf(report.findings, 'resolver')).toContain('resolver.failure error');
    expect(code).toBe(1);
  });
});

describeWith(['namespaces', 'bind'], 'port 53 on the way', () => {
  const keep = stopAfterAll();
  const serverAddress = '203.0.113.10';
  let network: TestNetwork;

  beforeAll(async () => {
    network = keep(await createNetwork());
    const where = { address: serverAddress, port: 53, namespace: network.server };
    keep(await startBind({ ...where, zones: { [DOMAIN]: POOL } }));
  });

  const lookFromClient = async (...args: string[]): Promise<Report> => {
    const command = [process.execPath, 'bin/sipdiag.js', 'dns', DOMAIN, '--json', '--resolver', serverAddress, ...args];
    return JSON.parse((await runIn(network.client, command, { timeoutMs: 20_000 })).stdout);
  };

  test.each([
    ['drop', 'resolver.timeout', 'did not answer any question within'],
    ['reject', 'resolver.unreachable', 'cannot be reached'],
  ] as const)('that a firewall shuts by %s is %s', async (how, id, text) => {
    await network.setRules(blockRules('udp dport 53', how));
    const report = await lookFromClient('--timeout', '700');
    expect(report.verdict).toMatchObject({ status: 'broken', rung: 'dns', findingId: id });
    expect(report.verdict.summary).toContain(text);
  });

  test('that is open gives the pool', async () => {
    await network.setRules('');
    const report = await lookFromClient();
    expect(report.rungs[0]?.summary).toContain(`${HOST}:5061`);
  });
});

describeWith(['namespaces', 'bind'], 'the DNS servers of the machine', () => {
  const keep = stopAfterAll();
  const serverAddress = '203.0.113.10';
  const silentAddress = '203.0.113.11';
  let network: TestNetwork;

  beforeAll(async () => {
    const clientResolvConf = `nameserver ${silentAddress}\nnameserver ${serverAddress}\n`;
    network = keep(await createNetwork({ serverAddresses: [serverAddress, silentAddress], clientResolvConf }));
    await network.setRules(blockRules(`ip daddr ${silentAddress} udp dport 53`));
    writeFileSync(`/etc/netns/${network.client}/hosts`, `10.0.0.5 ${HOST}\n`);
    keep(await startBind({ address: serverAddress, port: 53, namespace: network.server, zones: { [DOMAIN]: POOL } }));
  });

  const lookFromClient = async (...args: string[]): Promise<Report> => {
    const command = [process.execPath, 'bin/sipdiag.js', 'dns', DOMAIN, '--json', '--timeout', '700', ...args];
    return JSON.parse((await runIn(network.client, command, { timeoutMs: 20_000 })).stdout);
  };

  test('are asked in their order: a silent first one is a warning when the second answers', async () => {
    const report = await lookFromClient();
    expect(report.verdict).toMatchObject({ status: 'degraded', findingId: 'resolver.timeout' });
    expect(textOf(report, 'resolver.timeout')).toContain(`${serverAddress}:53 answered in its place`);
    const discovery = report.observations.find((one) => one.kind === 'discovery');
    expect(discovery?.outcome).toMatchObject({ value: { servers: [{ host: HOST, addresses: ['192.0.2.10'] }] } });
  });

  test('are compared with the machine itself by --resolver system', async () => {
    const report = await lookFromClient('--resolver', 'system');
    expect(idsOf(report.findings, 'system-resolver')).toEqual(['system-resolver.differs warning']);
    expect(textOf(report, 'system-resolver.differs')).toContain(`resolves ${HOST} to 10.0.0.5`);
  });
});
