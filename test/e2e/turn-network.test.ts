import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, issue } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { startCoturn, type Coturn } from './real/coturn.ts';
import { blockRules, createNetwork, type TestNetwork } from './real/namespaces.ts';
import { natRulesOf } from './real/nat-rules.ts';
import type { RelayJob } from './real/relay-driver.ts';
import { bundleRelayDriver, reachesOf, runRelayJob, witnessesOf, type RelayRun } from './real/relay-run.ts';
import { describeWith } from './real/requirements.ts';

const SERVER = '203.0.113.10';
const OTHERS = { stern: '203.0.113.11', udpOnly: '203.0.113.12', narrow: '203.0.113.13' } as const;
const CLIENT = '198.18.0.10';
const ROUTER = '203.0.113.1';
const LIMIT_MS = 1500;
const ALICE = { user: 'alice', password: 'secret' };
const PORTS = { tcpPorts: [7100, 7101], udpPorts: [5350, 5351] } satisfies Partial<RelayJob>;

/** The same word for all four ports; `address` as the server sees this machine. */
const allFour = (tcp: string, udp = tcp, address = CLIENT): Record<string, string> => ({
  [`tcp ${address}:7100`]: tcp,
  [`tcp ${address}:7101`]: tcp,
  [`udp ${address}:5350`]: udp,
  [`udp ${address}:5351`]: udp,
});

/** How often a user has sent a password that was refused, and how many allocations were given back. */
const countOf = (server: Coturn, words: RegExp): number => [...server.log().matchAll(words)].length;

describeWith(['namespaces', 'coturn', 'openssl'], 'a real TURN server as third party', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let driver: string;
  let coturn: Coturn;
  let root: string;
  const ask = (change: Partial<RelayJob> = {}, address: string = SERVER): Promise<RelayRun> =>
    runRelayJob(driver, network.client, {
      ask: 'turn',
      timeoutMs: LIMIT_MS,
      server: { address, port: 3478 },
      ...PORTS,
      ...change,
    });
  beforeAll(async () => {
    const folder = keep(temporaryFolder('turn')).path;
    driver = await bundleRelayDriver(folder);
    const authority = await createAuthority(folder, { name: 'root' });
    root = readFileSync(authority.rootFile, 'utf8');
    const tls = await issue({ issuer: authority, name: 'turn', dns: ['turn.example'] });
    network = keep(await createNetwork({ serverAddresses: [SERVER, ...Object.values(OTHERS)] }));
    const common = { user: ALICE, namespace: network.server };
    coturn = keep(await startCoturn({ ...common, addresses: [SERVER], tls, args: ['--stale-nonce=1'] }));
    const denied = ['--denied-peer-ip=198.18.0.0-198.19.255.255'];
    keep(await startCoturn({ ...common, addresses: [OTHERS.narrow], args: ['--user-quota=1'] }));
    keep(await startCoturn({ ...common, addresses: [OTHERS.stern], args: denied }));
    keep(await startCoturn({ ...common, addresses: ['::1'], args: ['--allow-loopback-peers'] }));
    keep(await startCoturn({ ...common, addresses: [OTHERS.udpOnly], args: ['--no-tcp-relay'] }));
  });

  test.each(['udp', 'tcp', 'tls'] as const)('reaches open ports, asked over %s', async (transport) => {
    await network.setRules('');
    const port = transport === 'tls' ? 5349 : 3478;
    const run = await ask({ transport, server: { address: SERVER, port }, host: 'turn.example', roots: [root] });
    expect(reachesOf(run)).toEqual(allFour('reached'));
    const [udp, tcp] = { udp: ['UDP', 'TCP'], tcp: ['TCP', 'TCP'], tls: ['TLS', 'TLS'] }[transport];
    expect(witnessesOf(run)).toEqual({ [`${udp}, for UDP ports`]: 'ok', [`${tcp}, for TCP ports`]: 'ok' });
    const doubts = run.observations.flatMap(({ kind, outcome }) =>
      kind === 'witness' && outcome.ok && 'unverified' in outcome.value ? [outcome.value] : [],
    );
    expect(doubts).toEqual([]);
  });

  test('reaches ports through a NAT that hands in what comes', async () => {
    await network.setRules(natRulesOf('full-cone', [SERVER, OTHERS.stern]));
    expect(reachesOf(await ask())).toEqual(allFour('reached', 'reached', ROUTER));
  });

  test('reaches ports of IPv6', async () => {
    const job = { ask: 'turn' as const, timeoutMs: LIMIT_MS, server: { address: '::1', port: 3478 }, ...PORTS };
    expect(reachesOf(await runRelayJob(driver, network.server, job))).toEqual(allFour('reached', 'reached', '::1'));
  });

  test('names a certificate that proves nothing, and asks all the same', async () => {
    await network.setRules('');
    const run = await ask({ transport: 'tls', server: { address: SERVER, port: 5349 }, host: 'turn.example' });
    expect(reachesOf(run)).toEqual(allFour('reached'));
    const [witness] = run.observations.filter(({ kind }) => kind === 'witness');
    expect(witness?.outcome).toMatchObject({ value: { unverified: expect.stringMatching(/./) as unknown } });
  });

  describe('when a firewall', () => {
    test.each([
      [
        'drops',
        blockRules('meta l4proto { tcp, udp } ct state new', 'drop', 'server'),
        { tcp: 'timeout', udp: 'timeout' },
      ],
      [
        'rejects',
        blockRules('meta l4proto { tcp, udp } ct state new', 'reject', 'server'),
        { tcp: 'refused', udp: 'timeout' },
      ],
      ['resets', blockRules('meta l4proto tcp ct state new', 'reset', 'server'), { tcp: 'refused', udp: 'reached' }],
    ] as const)('%s what comes from outside, all ports cost one time-out', async (_how, rules, { tcp, udp }) => {
      await network.setRules(rules);
      const run = await ask();
      expect(reachesOf(run)).toEqual(allFour(tcp, udp));
      expect(run.ms).toBeLessThan(2 * LIMIT_MS);
    });

    test('drops one port, the others are reached', async () => {
      await network.setRules(blockRules('tcp dport 7101', 'drop', 'server'));
      expect(reachesOf(await ask())).toEqual({ ...allFour('reached'), [`tcp ${CLIENT}:7101`]: 'timeout' });
    });
  });

  test('a port that nothing listens on, and one that another machine answers on, are told apart', async () => {
    // The router answers for port 7101 itself: it hands the connection to the TURN server's own port.
    const redirect = `dnat to ${OTHERS.udpOnly}:3478`;
    const chain = 'chain prerouting { type nat hook prerouting priority -100; policy accept;';
    const hairpin =
      'chain postrouting { type nat hook postrouting priority 100; policy accept; oifname "to-server" masquerade; }';
    await network.setRules(
      `table ip nat {\n${chain}\niifname "to-server" tcp dport 7101 ${redirect}\n}\n${hairpin}\n}`,
    );
    const reaches = reachesOf(await ask({ udpPorts: [5350, 5350] }));
    expect(reaches).toMatchObject({ [`tcp ${ROUTER}:7101`]: 'no-echo', [`tcp ${ROUTER}:7100`]: 'refused' });
  });

  test('a wrong password is sent once, and said to be wrong', async () => {
    await network.setRules('');
    const before = countOf(coturn, /credentials are incorrect/g);
    const run = await ask({ password: 'wrong' });
    expect(reachesOf(run)).toEqual({});
    const words = Object.values(witnessesOf(run)).toSorted();
    expect(words).toEqual([
      expect.stringMatching(/^denied: 401 Unauthorized: it does not take this user name and password$/),
      expect.stringMatching(/^denied: not asked with the password, which the server has refused/),
    ]);
    expect(countOf(coturn, /credentials are incorrect/g) - before).toBe(1);
  });

  test('a server whose policy forbids this address has not tried', async () => {
    await network.setRules('');
    expect(reachesOf(await ask({}, OTHERS.stern))).toEqual(allFour('not-tried'));
  });

  test('a user who has all the allocations that he may have is told so', async () => {
    await network.setRules('');
    const run = await ask({ transport: 'tcp' }, OTHERS.narrow);
    const words = Object.values(witnessesOf(run)).toSorted();
    const full = /^denied: 486 .*: this user has as many allocations as it allows$/;
    expect(words).toEqual([expect.stringMatching(full), 'ok']);
    expect(Object.values(reachesOf(run))).toEqual(['reached', 'reached']);
  });

  test('a server that relays no TCP says so, and its relay of UDP serves all the same', async () => {
    await network.setRules('');
    const run = await ask({}, OTHERS.udpOnly);
    expect(witnessesOf(run)).toEqual({
      'UDP, for UDP ports': 'ok',
      'TCP, for TCP ports': expect.stringMatching(/^denied: it relays no TCP \(RFC 6062\): 4\d\d/) as unknown,
    });
    expect(Object.values(reachesOf(run))).toEqual(['reached', 'reached']);
  });

  test('a run that is cancelled gives its allocations back', async () => {
    await network.setRules(blockRules('meta l4proto { tcp, udp } ct state new', 'drop', 'server'));
    const before = countOf(coturn, /refreshed, .*lifetime=0/g);
    const run = await ask({ abortAfter: 700, timeoutMs: 5000 });
    expect(Object.values(reachesOf(run))).toEqual(Array.from({ length: 4 }, () => 'failed: cancelled'));
    expect(run.ms).toBeLessThan(5000);
    expect(countOf(coturn, /refreshed, .*lifetime=0/g) - before).toBe(2);
  });
});
