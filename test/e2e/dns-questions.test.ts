import { beforeAll, describe, expect, test } from 'vitest';
import { PROFILE_NAMES } from '../../src/profiles.ts';
import { AOR, dnsFindings, discoveryOf, endingOf, RESOLVER_ADDRESS, serversOf, setDnsStage } from './dns-stage.ts';
import type { DnsStage } from './dns-stage.ts';
import { startBind, type Bind } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport, runSipdiag } from './real/doctor-run.ts';
import { startKamailio } from './real/kamailio.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, HOST, USER } from './real/stage.ts';
import { APEX, a, naptr, srv } from './real/zone-records.ts';
import { COMMANDS } from './scenes/dns-row.ts';
import { publish } from './scenes/ladder-row.ts';

const HEALTHY = { status: 'healthy', rung: null, findingId: null, code: 0 };
const TLS_HOST = `tls ${HOST}:5061`;

/** Where each client connects in a zone that holds the names of all of them. */
const WAYS: Record<string, { servers: string[]; by: string; status: string }> = {
  auto: {
    servers: [TLS_HOST, `tcp ${HOST}:5060`, `udp ${HOST}:5060`],
    by: `SRV _sips._tcp.${DOMAIN}`,
    status: 'reaches',
  },
  rfc3263: {
    servers: [TLS_HOST, `tcp ${HOST}:5060`, `udp ${HOST}:5060`],
    by: `SRV _sips._tcp.${DOMAIN}`,
    status: 'reaches',
  },
  lync: { servers: [`tls inside.${DOMAIN}:5061`], by: `SRV _sipinternaltls._tcp.${DOMAIN}`, status: 'reaches' },
  communicator2007r2: {
    servers: [`tls inside.${DOMAIN}:5061`],
    by: `SRV _sipinternaltls._tcp.${DOMAIN}`,
    status: 'reaches',
  },
  communicator2007: {
    servers: [`tls inside.${DOMAIN}:5061`],
    by: `SRV _sipinternaltls._tcp.${DOMAIN}`,
    status: 'reaches',
  },
  'phone-edition': {
    servers: [`tls inside.${DOMAIN}:5061`],
    by: `SRV _sipinternaltls._tcp.${DOMAIN}`,
    status: 'reaches',
  },
  lcs2003: { servers: [`tls edge.${DOMAIN}:443`], by: `SRV _sip._tls.${DOMAIN}`, status: 'reaches' },
  federation: { servers: [`tls edge.${DOMAIN}:5061`], by: `SRV _sipfederationtls._tcp.${DOMAIN}`, status: 'reaches' },
  office365: { servers: [], by: 'on-premises or hybrid', status: 'finds-nothing' },
  'teams-direct-routing': { servers: [`tls ${DOMAIN}:5061`], by: `address of ${DOMAIN}`, status: 'reaches' },
};

describeWith(['kamailio', 'bind', 'openssl'], 'what is asked, and where each client connects', () => {
  const keep = stopAfterAll();
  let stage: DnsStage;
  let bind: Bind;
  beforeAll(async () => {
    stage = await setDnsStage(keep);
    const { address, tlsPort } = stage.server;
    const records = [
      ...publish(stage.server),
      srv('_sipinternaltls._tcp', { target: 'inside', port: tlsPort }),
      srv('_sip._tls', { target: 'edge', port: 443 }),
      srv('_sipfederationtls._tcp', { target: 'edge', port: 5061 }),
      '_sip._text TXT "no SRV record"',
      ...['inside', 'edge', 'sipinternal', 'sipexternal', APEX].map((name) => a(name, address)),
    ];
    bind = keep(await startBind({ address: RESOLVER_ADDRESS, port: 53, zones: { [DOMAIN]: records.join('\n') } }));
  });
  const args = (): string[] => ['--resolver', RESOLVER_ADDRESS, '--ca', stage.rootFile];

  test('every profile is in the table', () => {
    expect(Object.keys(WAYS)).toEqual(PROFILE_NAMES);
  });

  describe.each(Object.entries(WAYS))('--profile %s', (profile, { servers, by, status }) => {
    test.each(COMMANDS)('%s connects where that client would', async (command) => {
      const { report } = await runForReport([command, AOR, ...args(), '--profile', profile]);
      expect(serversOf(report)).toEqual(servers);
      const decided = discoveryOf(report);
      expect(decided.profile).toBe(profile === 'auto' ? 'rfc3263' : profile);
      const mine = decided.profiles?.find((one) => one.profile === decided.profile);
      expect(mine?.status).toBe(status);
      expect(mine?.conclusion).toContain(by);
      const tried = report.observations.flatMap((one) =>
        one.kind === 'tcp' ? `${one.about.host}:${one.about.port}` : [],
      );
      const named = servers.map((server) => server.replace(/^\w+ /, ''));
      expect([...new Set(tried)].filter((one) => !named.includes(one))).toEqual([]);
    });

    test('is drawn first and marked', async () => {
      const { stdout } = await runSipdiag(['dns', DOMAIN, ...args(), '--profile', profile]);
      expect(stdout).toMatch(new RegExp(`^> ${profile === 'auto' ? 'rfc3263' : profile}: `, 'm'));
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    });
  });

  test('a service name is asked for alone, with the addresses of its target', async () => {
    const before = bind.queries().length;
    const { report, code } = await runForReport(['dns', `_sip._tls.${DOMAIN}`, ...args()]);
    expect(bind.queries().slice(before).toSorted()).toEqual([
      `_sip._tls.${DOMAIN} SRV`,
      `edge.${DOMAIN} A`,
      `edge.${DOMAIN} AAAA`,
    ]);
    expect(report.verdict).toMatchObject({ status: 'healthy', findingId: null });
    expect(report.observations.filter((one) => one.kind === 'discovery')).toEqual([]);
    expect(code).toBe(0);
  });

  test('the answer to one question is drawn as dig would', async () => {
    const { stdout } = await runSipdiag(['dns', `_sip._tls.${DOMAIN}`, ...args()]);
    expect(stdout).toMatch(new RegExp(`^_sip\\._tls\\.${DOMAIN}\\. +60 +IN +SRV +0 0 443 edge\\.${DOMAIN}\\.$`, 'm'));
    expect(stdout).not.toContain('rfc3263');
  });

  test.each([
    ['does not exist', `_sip._tsl.${DOMAIN}`],
    ['exists, but', `_sip._text.${DOMAIN}`],
  ])('a service name without an SRV record %s', async (words, name) => {
    const { report, code } = await runForReport(['dns', name, ...args()]);
    expect({ id: report.verdict.findingId, code }).toEqual({ id: 'srv-records.not-found', code: 1 });
    expect(report.verdict.summary).toContain(`${name} ${words}`);
  });

  test.each([
    ['a SIP URI', `sip:toml@${DOMAIN}`],
    ['a domain', DOMAIN],
    ['a domain in capitals with a final dot', `${DOMAIN.toUpperCase()}.`],
    ['an address of record without scheme', `toml@${DOMAIN}`],
  ])('%s is looked up as the domain', async (_what, target) => {
    const { report } = await runForReport(['dns', target, ...args()]);
    expect(report.target).toMatchObject({ input: target, domain: DOMAIN });
    expect(serversOf(report)).toEqual(WAYS['auto']?.servers);
  });

  test.each(COMMANDS)('%s sips: takes TLS alone', async (command) => {
    const { report } = await runForReport([command, `sips:toml@${DOMAIN}`, ...args()]);
    expect(serversOf(report)).toEqual([TLS_HOST]);
    expect(dnsFindings(report).filter((one) => !one.endsWith('info'))).toEqual([]);
  });
});

describeWith(['kamailio', 'bind'], 'a domain in another script', () => {
  const keep = stopAfterAll();
  const address = loopbackAddress(2);
  const ASCII = 'xn--bcher-kva.local';
  beforeAll(async () => {
    const server = await startKamailio({
      address,
      domain: ASCII,
      users: [USER],
      transports: ['udp', 'tcp'],
      ports: { udp: 5060 },
    });
    keep(server);
    const records = [
      naptr(APEX, { order: 10, preference: 10, service: 'SIP+D2T', replacement: '_sip._tcp' }),
      srv('_sip._tcp', { target: 'sip', port: 5060 }),
      srv('_sip._udp', { target: 'sip', port: 5060 }),
      a('sip', address),
    ];
    keep(await startBind({ address: RESOLVER_ADDRESS, port: 53, zones: { [ASCII]: records.join('\n') } }));
  });

  test.each(
    COMMANDS.flatMap((command) => ['bücher.local', 'BÜCHER.local', ASCII].map((domain) => [command, domain] as const)),
  )('%s looks up %s in its ASCII form', async (command, domain) => {
    const run = await runForReport([command, domain, '--resolver', RESOLVER_ADDRESS]);
    expect(endingOf(run)).toEqual(HEALTHY);
    expect(dnsFindings(run.report)).toEqual([]);
    expect(run.report.observations.find((one) => one.kind === 'discovery')?.about).toEqual({
      domain: ASCII,
      unicode: 'bücher.local',
    });
  });

  test('it is shown both ways', async () => {
    const { stdout } = await runSipdiag(['dns', 'bücher.local', '--resolver', RESOLVER_ADDRESS]);
    expect(stdout).toContain(`Where clients of bücher.local (${ASCII}) would connect`);
  });
});
