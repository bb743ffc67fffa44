import { beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import { PROFILE_NAMES } from '../../src/profiles.ts';
import { discoveryOf, RESOLVER_ADDRESS, serversOf, setDnsStage, type DnsStage } from './dns-stage.ts';
import { startBind, type Bind } from './real/bind.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { runForReport, runSipdiag } from './real/doctor-run.ts';
import { startKamailio } from './real/kamailio.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { DOMAIN, USER } from './real/stage.ts';
import { APEX, a, naptr, srv } from './real/zone-records.ts';
import { scenesOf } from './scenes.ts';
import { publish } from './scenes/ladder-row.ts';
import { playScenes } from './scenes/play.ts';
import type { ProfileScene } from './scenes/profiles.ts';
import { ASCII, UNICODE, type QuestionScene } from './scenes/questions.ts';
import { argsOf } from './scenes/row.ts';

function expectWay({ world: { profile }, expected: { leads } }: ProfileScene, report: Report): void {
  expect(serversOf(report)).toEqual(leads.servers);
  const decided = discoveryOf(report);
  expect(decided.profile).toBe(profile === 'auto' ? 'rfc3263' : profile);
  const mine = decided.profiles?.find((one) => one.profile === decided.profile);
  expect(mine?.status).toBe(leads.status);
  expect(mine?.conclusion).toContain(leads.by);
  const tried = report.observations.flatMap((one) => (one.kind === 'tcp' ? `${one.about.host}:${one.about.port}` : []));
  const named = leads.servers.map((server) => server.replace(/^\w+ /, ''));
  expect([...new Set(tried)].filter((one) => !named.includes(one))).toEqual([]);
}

const discoveries = ({ observations }: Report) => observations.filter((one) => one.kind === 'discovery');

function expectLookedUp({ world: { target }, expected: { leads } }: QuestionScene, report: Report): void {
  if (leads === undefined) {
    expect(discoveries(report)).toEqual([]);
    return;
  }
  expect(serversOf(report)).toEqual(leads);
  expect(report.target).toMatchObject({ input: target, domain: DOMAIN });
}

const expectBothNames = (report: Report): void =>
  expect(discoveries(report)[0]?.about).toEqual({ domain: ASCII, unicode: UNICODE });

const COMMON = '--resolver {dns} --ca {root}';

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
  const values = () => ({ dns: RESOLVER_ADDRESS, root: stage.rootFile });

  playScenes(
    'profiles',
    (scene) => runForReport(argsOf(scene, values())),
    (scene, { report }) => expectWay(scene, report),
  );

  test('every profile is in the table', () => {
    expect([...new Set(scenesOf('profiles').map(({ world }) => world.profile))]).toEqual(PROFILE_NAMES);
  });

  test.each(PROFILE_NAMES)('--profile %s is drawn first and marked', async (profile) => {
    const { stdout } = await runSipdiag(argsOf({ command: `dns ${DOMAIN} ${COMMON} --profile ${profile}` }, values()));
    expect(stdout).toMatch(new RegExp(`^> ${profile === 'auto' ? 'rfc3263' : profile}: `, 'm'));
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  const seen = playScenes(
    'questions',
    async (scene) => {
      const before = bind.queries().length;
      const run = await runForReport(argsOf(scene, values()));
      return { ...run, asked: bind.queries().slice(before) };
    },
    (scene, { report }) => expectLookedUp(scene, report),
  );

  test('of a service name the record and the addresses of its target are asked for, and nothing else', async () => {
    const { asked } = await seen('questions-service-dns');
    expect(asked.toSorted()).toEqual([`_sip._tls.${DOMAIN} SRV`, `edge.${DOMAIN} A`, `edge.${DOMAIN} AAAA`]);
  });

  test('the answer to one question is drawn as dig would', async () => {
    const { stdout } = await runSipdiag(argsOf({ command: `dns _sip._tls.${DOMAIN} ${COMMON}` }, values()));
    expect(stdout).toMatch(new RegExp(`^_sip\\._tls\\.${DOMAIN}\\. +60 +IN +SRV +0 0 443 edge\\.${DOMAIN}\\.$`, 'm'));
    expect(stdout).not.toContain('rfc3263');
  });
});

describeWith(['kamailio', 'bind'], 'a domain in another script', () => {
  const keep = stopAfterAll();
  const address = loopbackAddress(2);
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

  playScenes(
    'other-script',
    (scene) => runForReport(argsOf(scene, { dns: RESOLVER_ADDRESS })),
    (_scene, { report }) => expectBothNames(report),
  );

  test('it is shown both ways', async () => {
    const { stdout } = await runSipdiag(['dns', UNICODE, '--resolver', RESOLVER_ADDRESS]);
    expect(stdout).toContain(`Where clients of ${UNICODE} (${ASCII}) would connect`);
  });
});
