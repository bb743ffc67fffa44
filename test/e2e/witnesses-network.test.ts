import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model.ts';
import type { PortUse, Witness } from '../../src/model/far-side.ts';
import { bundle } from './real/bundle.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { startCoturn } from './real/coturn.ts';
import { reportedRun, runForReport, type ReportedRun } from './real/doctor-run.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import { createNetwork, runIn, type TestNetwork } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import { inNamespace, startServer } from './real/server-process.ts';
import type { AlgPlan } from './real/sip-alg.ts';
import { DOMAIN, USER } from './real/stage.ts';
import { playScenes } from './scenes/play.ts';
import { argsOf } from './scenes/row.ts';
import type { ByHandScene, SingleWitnessScene } from './scenes/single-witness.ts';
import { ADDRESSES, ALG_PORT, type WitnessScene, type Words } from './scenes/witnesses.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
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

const expectWords = (report: Report, words: Partial<Words> = {}): void => expect(wordsOf(report)).toMatchObject(words);

describeWith(['namespaces', 'kamailio', 'coturn'], 'all witnesses through a router', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let kamailio: Kamailio;
  let files: Record<string, string>;

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
    const wrongToken = file('wrong-token', 'another token, and a wrong one');
    files = { password, token, wrongToken, turnPassword: turn };
  });

  /** A connection that Kamailio still tries to open would take the next request for the same port. */
  const kamailioIsDone = () =>
    expect.poll(() => kamailio.rpc(['core.tcp_list']), { timeout: 12_000 }).not.toContain('CONN_CONNECT');

  const play = async (scene: WitnessScene | SingleWitnessScene): Promise<ReportedRun> => {
    await network.setRules(scene.world.rules);
    await kamailioIsDone();
    return runForReport(argsOf(scene, { ...ADDRESSES, ...files }), network.client);
  };

  const seen = playScenes('witnesses', play, ({ expected }, { report }) => expectWords(report, expected.words));

  const seenAlone = playScenes('single-witness', play, ({ expected }, { report }) =>
    expectWords(report, expected.words),
  );

  test.each(['full-cone', 'port-restricted', 'symmetric'])('STUN has looked at a %s NAT', async (kind) => {
    const { report } = await seenAlone(`single-witness-stun-${kind}`);
    expect(report.observations.some((one) => one.kind === 'nat')).toBe(true);
  });

  test('no secret of a witness is in a report', async () => {
    const { report } = await seen('witnesses-open-firewall');
    const text = JSON.stringify(report);
    for (const secret of [TOKEN, ALICE.password, USER.password]) expect(text).not.toContain(secret);
  });

  test('where there is nobody the report says how to get a witness', async () => {
    const { report } = await seenAlone('single-witness-nobody');
    expect(report.verdict.nextStep).toMatch(/--password-file.*--agent.*--via manual/);
  });

  describe('by hand', () => {
    /** Connects from the server's side, as somebody with nc would. */
    const connectTo = (ports: readonly number[]) => {
      const script = `for (const port of ${JSON.stringify(ports)}) require('net').connect({ host: '${network.clientAddress}', port }).on('error', () => {}).setTimeout(1000, function () { this.destroy(); });`;
      return runIn(network.server, [process.execPath, '-e', script]);
    };

    const byHand = async (scene: ByHandScene): Promise<ReportedRun & { said: string }> => {
      await network.setRules(scene.world.rules);
      const args = argsOf(scene, {});
      const [program = '', ...rest] = inNamespace(network.client, [process.execPath, BIN, ...args, '--json']);
      const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
      const said = { out: '', err: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
      const ended = new Promise<number | null>((settle) => child.on('close', settle));
      await expect.poll(() => said.err, { timeout: 15_000 }).toContain('Ctrl-C ends it');
      await connectTo(scene.world.connects);
      child.kill('SIGINT');
      const code = await ended;
      return { ...reportedRun(args, { stdout: said.out, stderr: '', code }), said: said.err };
    };

    const seenByHand = playScenes('by-hand', byHand);

    test('says what to type, and reports what came until Ctrl-C', async () => {
      const { report, said } = await seenByHand('by-hand-partial');
      expect(said).toContain('nmap -Pn -sT -p 7100-7103 198.18.0.10');
      expect(said).toContain('Test-NetConnection 198.18.0.10');
      expect(wordOf(report, 'manual', 'sip')).toBe('reached timeout timeout timeout');
    });
  });
});
