import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import type { PortUse, Witness } from '../../src/model/far-side.ts';
import { bundle } from './real/bundle.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { startCoturn } from './real/coturn.ts';
import { runForReport } from './real/doctor-run.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import { blockRules, createNetwork, runIn, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { inNamespace, startServer } from './real/server-process.ts';
import type { AlgPlan } from './real/sip-alg.ts';
import { DOMAIN, USER } from './real/stage.ts';
import { scenesOf } from './scenes.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import { ADDRESSES, ALG_PORT, type Words } from './scenes/witnesses.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const AOR = `sip:${USER.user}@${DOMAIN}`;
const ALICE = { user: 'alice', password: 'secret of the relay' };
const TOKEN = 'a token for the far side';

/** The words of one witness on the ports of one use; one where all are alike. */
function wordOf({ observations }: Report, witness: Witness, use: PortUse): string {
  const words = observations
    .flatMap((one) =>
      one.kind === 'reach' &&
      one.about.witness === witness &&
      one.about.use === use &&
      one.about.connection !== 'closed'
        ? [one.outcome.ok ? one.outcome.value.result : one.outcome.reason]
        : [],
    )
    .map((word) => (use === 'media' && (word === 'refused' || word === 'timeout') ? 'unreached' : word));
  return new Set(words).size === 1 ? (words[0] ?? '') : words.join(' ');
}

const wordsOf = (report: Report): Words => ({
  sip: wordOf(report, 'sip', 'sip'),
  agent: wordOf(report, 'agent', 'sip'),
  turn: wordOf(report, 'turn', 'sip'),
  agentMedia: wordOf(report, 'agent', 'media'),
  turnMedia: wordOf(report, 'turn', 'media'),
});

const expectWords = (report: Report, words: Words): void => expect(wordsOf(report)).toEqual(words);

describeWith(['namespaces', 'kamailio', 'coturn'], 'all witnesses through a router', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let kamailio: Kamailio;
  let files: Record<string, string>;
  let common: string[];
  let witnesses: string[];

  const serve = async (name: string, run: { namespace: string; command: string[]; ready: string }): Promise<void> => {
    const { ready, ...where } = run;
    const folder = mkdtempSync(join(tmpdir(), `sipdiag-${name}-`));
    keep(
      await startServer({
        name,
        ...where,
        folder,
        ready: (log) => Promise.resolve(log.includes(ready)),
      }),
    );
  };

  beforeAll(async () => {
    network = keep(await createNetwork({ serverAddresses: Object.values(ADDRESSES) }));
    const folder = keep(temporaryFolder('witnesses')).path;
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), `${text}\n`);
      return join(folder, name);
    };
    const [password, token, turn] = [file('pw', USER.password), file('token', TOKEN), file('turn', ALICE.password)];
    const namespace = network.server;
    const served = { namespace, domain: DOMAIN, users: [USER], transports: ['udp' as const, 'tcp' as const] };
    // Given up before the client does.
    const patience = 'tcp_connect_timeout=1\ntcp_send_timeout=1';
    kamailio = keep(await startKamailio({ ...served, address: ADDRESSES.sip, extraConfig: patience }));
    keep(await startKamailio({ ...served, address: ADDRESSES.waiting, extraConfig: 'tcp_async=no' }));
    keep(
      await startCoturn({
        addresses: [ADDRESSES.turn, ADDRESSES.secondStun],
        user: ALICE,
        namespace,
      }),
    );
    const agent = [process.execPath, BIN, 'agent', '--listen', `${ADDRESSES.agent}:7199`, '--token-file', token];
    await serve('agent', {
      namespace,
      command: agent,
      ready: 'listening on',
    });
    const alg: AlgPlan = {
      port: ALG_PORT,
      server: { address: ADDRESSES.agent, port: 5060 },
      from: network.clientAddress,
      to: network.gateways.server,
    };
    const relay = await bundle(resolve(import.meta.dirname, 'real/sip-alg.ts'), folder);
    const command = [process.execPath, relay, JSON.stringify(alg)];
    await serve('alg', {
      namespace: network.router,
      command,
      ready: 'ready',
    });
    common = [AOR, '--server', ADDRESSES.sip, '--transport', 'tcp', '--timeout', '1500', '--password-file', password];
    files = { password, token, turnPassword: turn };
    const byAgent = ['--agent', ADDRESSES.agent, '--token-file', token];
    const byTurn = ['--turn', `turn:${ADDRESSES.turn}`, '--turn-user', ALICE.user, '--turn-password-file', turn];
    witnesses = [...byAgent, ...byTurn, '--stun', ADDRESSES.turn];
  });

  /** A connection that Kamailio still tries to open would take the next request for the same port. */
  const kamailioIsDone = () =>
    expect.poll(() => kamailio.rpc(['core.tcp_list']), { timeout: 12_000 }).not.toContain('CONN_CONNECT');

  playScenes(
    'witnesses',
    async (scene) => {
      await network.setRules(scene.world.rules);
      await kamailioIsDone();
      return runForReport(argsOf(scene, { ...ADDRESSES, ...files }), network.client);
    },
    ({ expected }, { report }) => expectWords(report, expected.words),
  );

  test.each([
    ['full-cone', 'witnesses-full-cone-firewall', []],
    ['port-restricted', 'witnesses-port-restricted-firewall', []],
    ['symmetric', 'witnesses-symmetric-firewall', ['nat-mapping.address-dependent']],
  ] as const)('STUN tells a %s NAT', async (_kind, id, ids) => {
    await network.setRules(scenesOf('witnesses').find((one) => one.id === id)?.world.rules ?? '');
    const { report, code } = await runForReport(['firewall', ...common, ...witnesses, '--via', 'stun'], network.client);
    expect(report.findings.map((one) => one.id).filter((one) => one.startsWith('nat-mapping'))).toEqual(ids);
    expect(report.observations.some(({ kind }) => kind === 'nat')).toBe(true);
    expect(code).toBe(0);
  });

  test('the agent alone serves whoever has no account', async () => {
    await network.setRules(blockRules('udp dport 5350-5353', 'drop', 'server'));
    const args = ['firewall', ADDRESSES.sip, '--transport', 'tcp', '--timeout', '1500', ...witnesses, '--via', 'agent'];
    const { report } = await runForReport(args, network.client);
    expect(report.verdict.findingId).toBe('media-port.blocked');
    expect(wordOf(report, 'agent', 'sip')).toBe('reached');
  });

  test('no secret of a witness is in a report', async () => {
    await network.setRules('');
    const { report } = await runForReport(['firewall', ...common, ...witnesses], network.client);
    const text = JSON.stringify(report);
    for (const secret of [TOKEN, ALICE.password, USER.password]) expect(text).not.toContain(secret);
  });

  test('nobody at all is unknown, and the report says how to get a witness', async () => {
    await network.setRules('');
    const args = ['firewall', ADDRESSES.sip, '--transport', 'tcp', '--timeout', '1500'];
    const { report, code } = await runForReport(args, network.client);
    expect({ status: report.verdict.status, code }).toEqual({
      status: 'unknown',
      code: 3,
    });
    expect(report.verdict.nextStep).toMatch(/--password-file.*--agent.*--via manual/);
  });

  test('a wrong token and a silent relay are named, and the others serve all the same', async () => {
    await network.setRules('');
    const folder = keep(temporaryFolder('token')).path;
    const wrong = join(folder, 'token');
    writeFileSync(wrong, 'another token, and a wrong one\n');
    const named = ['--agent', ADDRESSES.agent, '--token-file', wrong, '--stun', `${ADDRESSES.sip}:9`];
    const { report, code } = await runForReport(['firewall', ...common, ...named], network.client);
    expect(code).toBe(0);
    const told = report.findings.filter(({ id }) => id.startsWith('witness.'));
    expect(told.map(({ id, severity }) => `${id} ${severity}`).toSorted()).toEqual([
      'witness.denied info',
      'witness.unreachable info',
    ]);
  });

  describe('by hand', () => {
    /** Connects from the server's side, as somebody with nc would. */
    const connectTo = (ports: readonly number[]) => {
      const script = `for (const port of ${JSON.stringify(ports)}) require('net').connect({ host: '${network.clientAddress}', port }).on('error', () => {}).setTimeout(1000, function () { this.destroy(); });`;
      return runIn(network.server, [process.execPath, '-e', script]);
    };
    const byHand = async (ports: readonly number[]): Promise<{ report: Report; said: string }> => {
      const args = [
        'firewall',
        ADDRESSES.sip,
        '--transport',
        'tcp',
        '--via',
        'manual',
        '--deadline',
        '30000',
        '--json',
      ];
      const [program = '', ...rest] = inNamespace(network.client, [process.execPath, BIN, ...args]);
      const child = spawn(program, rest, {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const said = { out: '', err: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
      const ended = once(child, 'close');
      await expect.poll(() => said.err, { timeout: 15_000 }).toContain('Ctrl-C ends it');
      await connectTo(ports);
      child.kill('SIGINT');
      await ended;
      return { report: JSON.parse(said.out) as Report, said: said.err }; // what --json prints
    };

    test('says what to type, and reports what came until Ctrl-C', async () => {
      await network.setRules(blockRules('tcp dport 7101-7103', 'drop', 'server'));
      const { report, said } = await byHand([7100, 7101, 7102, 7103]);
      expect(said).toContain('nmap -Pn -sT -p 7100-7103 198.18.0.10');
      expect(said).toContain('Test-NetConnection 198.18.0.10');
      expect(wordOf(report, 'manual', 'sip')).toBe('reached timeout timeout timeout');
      expect(report.verdict).toMatchObject({
        status: 'broken',
        findingId: 'callback-port.partial',
      });
    });

    test('is unknown when nothing came at all', async () => {
      await network.setRules('');
      const { report } = await byHand([]);
      expect(report.verdict).toMatchObject({
        status: 'unknown',
        findingId: 'witness.nothing-arrived',
      });
    });
  });
});
