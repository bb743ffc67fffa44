import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { sipAlg } from '../../src/check/sip-alg.ts';
import type { Observation } from '../../src/model.ts';
import type { HarnessPlan } from './ask-agent-harness.ts';
import { bundle } from './real/bundle.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { blockRules, createNetwork, natRules, runIn, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { startServer, type ServerProcess } from './real/server-process.ts';
import type { AlgPlan } from './real/sip-alg.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const SERVER = '203.0.113.10';
const PORT = 7199;
const TOKEN = 'a token for the far side';
const TIMEOUT_MS = 1500;
const ALG_PORT = 15_060;

const REACHED = 'reached';
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

interface Asked {
  observations: Observation[];
  ms: number;
}

const resultsOf = ({ observations }: Asked, use: 'sip' | 'media'): unknown[] =>
  observations.flatMap((one) =>
    one.kind === 'reach' && one.about.use === use
      ? [one.outcome.ok ? one.outcome.value.result : one.outcome.reason]
      : [],
  );

/** What the router does to SIP on port 5060, besides hiding the client. */
const algRules = `${natRules()}
table ip alg { chain prerouting { type nat hook prerouting priority -100; policy accept;
iifname "to-client" meta l4proto { tcp, udp } th dport 5060 redirect to :${ALG_PORT}
}
}`;

describeWith(['namespaces'], 'an agent on the other side of a router', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let agent: ServerProcess;
  let harness: string;

  const serve = (
    name: string,
    run: { namespace: string; command: string[]; ready: string },
  ): Promise<ServerProcess> => {
    const { ready, ...where } = run;
    const folder = mkdtempSync(join(tmpdir(), `sipdiag-${name}-`));
    return startServer({ name, ...where, folder, ready: (log) => Promise.resolve(log.includes(ready)) });
  };

  const ask = async (mirror: HarnessPlan['mirror'] = 'left-out'): Promise<Asked> => {
    const server = { address: SERVER, port: PORT };
    const plan: HarnessPlan = { server, token: TOKEN, address: network.clientAddress, timeoutMs: TIMEOUT_MS, mirror };
    const { stdout, stderr } = await runIn(network.client, [process.execPath, harness, JSON.stringify(plan)]);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Asked; // written by the harness beside
  };

  beforeAll(async () => {
    network = keep(await createNetwork());
    const folder = keep(temporaryFolder('agent')).path;
    const token = join(folder, 'token');
    writeFileSync(token, `${TOKEN}\n`);
    harness = await bundle(resolve(import.meta.dirname, 'ask-agent-harness.ts'), folder);
    const alg = await bundle(resolve(import.meta.dirname, 'real/sip-alg.ts'), folder);
    const algPlan: AlgPlan = {
      port: ALG_PORT,
      server: { address: SERVER, port: 5060 },
      from: network.clientAddress,
      to: network.gateways.server,
    };
    const command = [process.execPath, BIN, 'agent', '--token-file', token];
    agent = keep(await serve('agent', { namespace: network.server, command, ready: 'listening on' }));
    const algCommand = [process.execPath, alg, JSON.stringify(algPlan)];
    keep(await serve('alg', { namespace: network.router, command: algCommand, ready: 'ready' }));
  });

  test('says in one line where it listens, how, and for whom', () => {
    expect(agent.log()).toContain(
      'sipdiag agent: listening on 0.0.0.0:7199; plain TCP, no TLS; for whoever knows the token; connects back to ports 443 and 1024-65535 of whoever asks, private addresses too; mirrors SIP on 5060 and ',
    );
  });

  test.each([
    ['lets everything through', '', times(4, REACHED), times(4, REACHED)],
    [
      'drops the ports of SIP',
      blockRules('tcp dport 7100-7103', 'drop', 'server'),
      times(4, 'timeout'),
      times(4, REACHED),
    ],
    [
      'resets the ports of SIP',
      blockRules('tcp dport 7100-7103', 'reset', 'server'),
      times(4, 'refused'),
      times(4, REACHED),
    ],
    [
      'rejects the ports of SIP',
      blockRules('tcp dport 7100-7103', 'reject', 'server'),
      times(4, 'unreachable'),
      times(4, REACHED),
    ],
    [
      'lets only 7100 through',
      blockRules('tcp dport 7101-7103', 'drop', 'server'),
      [REACHED, ...times(3, 'timeout')],
      times(4, REACHED),
    ],
    ['drops media', blockRules('udp dport 5350-5353', 'drop', 'server'), times(4, REACHED), times(4, 'timeout')],
    [
      'drops all of them',
      blockRules('th dport { 7100-7103, 5350-5353 }', 'drop', 'server'),
      times(4, 'timeout'),
      times(4, 'timeout'),
    ],
  ])('sees what a router does that %s', async (_name, rules, ...[sip, media]) => {
    await network.setRules(rules);
    const asked = await ask();
    expect({ sip: resultsOf(asked, 'sip'), media: resultsOf(asked, 'media') }).toEqual({ sip, media });
    // Blocked ports are waited for side by side: one limit, and a second for all the rest.
    expect(asked.ms).toBeLessThanOrEqual(TIMEOUT_MS + 1000);
  });

  test('names the address of the router when it hides the client, whose ports nobody reaches then', async () => {
    await network.setRules(natRules());
    const asked = await ask();
    const mapped = asked.observations.find((one) => one.kind === 'mapped');
    expect(mapped?.outcome).toMatchObject({
      value: {
        local: expect.stringContaining(`${network.clientAddress}:`) as string,
        seen: expect.stringContaining(`${network.gateways.server}:`) as string,
      },
    });
    expect(resultsOf(asked, 'sip')).not.toContain('reached');
    expect(resultsOf(asked, 'sip')).toHaveLength(4);
  });

  test('mirrors SIP as it was sent through a router that leaves it alone', async () => {
    await network.setRules('');
    const { observations } = await ask('asked');
    const changes = observations.flatMap((one) =>
      one.kind === 'mirror' && one.outcome.ok ? [one.outcome.value.changes] : [],
    );
    expect(changes).toEqual([[], [], [], []]);
    expect(sipAlg.run(observations)).toEqual([]);
  });

  test('names the SIP ALG of a router, with the fields that it rewrites', async () => {
    await network.setRules(algRules);
    const { observations } = await ask('asked');
    const found = sipAlg.run(observations);
    expect(found.map(({ name, evidence }) => [name, evidence['transport']])).toEqual([
      ['rewrote', 'udp'],
      ['rewrote', 'tcp'],
    ]);
    for (const { text } of found) expect(text).toMatch(/Via, From, Call-ID, Contact, SDP o=, SDP c=/);
  });

  test('names a router that swallows SIP on port 5060', async () => {
    await network.setRules(blockRules('udp dport 5060', 'drop', 'client'));
    const { observations } = await ask('asked');
    expect(sipAlg.run(observations).map(({ name, evidence }) => [name, evidence['transport']])).toEqual([
      ['swallowed', 'udp'],
    ]);
  });
});
