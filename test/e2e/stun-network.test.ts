import { beforeAll, describe, expect, test } from 'vitest';
import type { NatObservation } from '../../src/model/far-side.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { startCoturn } from './real/coturn.ts';
import { blockRules, createNetwork, type TestNetwork } from './real/namespaces.ts';
import { natRulesOf, type NatKind } from './real/nat-rules.ts';
import { bundleRelayDriver, runRelayJob, witnessesOf, type RelayRun } from './real/relay-run.ts';
import { describeWith } from './real/requirements.ts';

const FIRST = '203.0.113.10';
const SECOND = '203.0.113.11';
/** Not one of the two that belong together. */
const LONELY = '203.0.113.12';

const natOf = ({ observations }: RelayRun): NatObservation | undefined =>
  observations.find((one): one is NatObservation => one.kind === 'nat');

/** In the words of a test: mapping, filtering, and why something is unknown. */
function behaviourOf(run: RelayRun): { mapping: string; filtering: string; detail: string } | undefined {
  const outcome = natOf(run)?.outcome;
  if (outcome?.ok !== true) return undefined;
  const { mapping, filtering, detail } = outcome.value;
  return { mapping, filtering, detail };
}

describeWith(['namespaces', 'coturn'], 'NAT as a real STUN server sees it', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let driver: string;
  const ask = (address = FIRST) =>
    runRelayJob(driver, network.client, { ask: 'stun', server: { address, port: 3478 }, timeoutMs: 1000 });
  beforeAll(async () => {
    driver = await bundleRelayDriver(keep(temporaryFolder('relay')).path);
    network = keep(await createNetwork({ serverAddresses: [FIRST, SECOND, LONELY] }));
    keep(await startCoturn({ addresses: [FIRST, SECOND], namespace: network.server }));
    keep(await startCoturn({ addresses: [LONELY], namespace: network.server }));
  });

  test.each<[NatKind, string, string]>([
    ['full-cone', 'endpoint-independent', 'endpoint-independent'],
    ['restricted', 'endpoint-independent', 'address-dependent'],
    ['port-restricted', 'endpoint-independent', 'address-and-port-dependent'],
    ['address-dependent', 'address-dependent', 'address-and-port-dependent'],
    ['symmetric', 'address-and-port-dependent', 'address-and-port-dependent'],
  ])('a %s NAT maps %s and filters %s', async (kind, mapping, filtering) => {
    await network.setRules(natRulesOf(kind, [FIRST, SECOND]));
    const run = await ask();
    expect(behaviourOf(run)).toEqual({ mapping, filtering, detail: '' });
    expect(natOf(run)?.about).toEqual({ server: `${FIRST}:3478`, alternate: `${SECOND}:3479` });
    const mapped = run.observations.find((one) => one.kind === 'mapped');
    expect(mapped?.outcome).toMatchObject({
      value: {
        local: expect.stringMatching(/^198\.18\.0\.10:\d+$/) as unknown,
        seen: expect.stringMatching(/^203\.0\.113\.1:\d+$/) as unknown,
      },
    });
  });

  describe('without NAT', () => {
    test('an open network maps nothing and filters nothing', async () => {
      await network.setRules('');
      expect(behaviourOf(await ask())).toEqual({ mapping: 'none', filtering: 'endpoint-independent', detail: '' });
    });

    test('a firewall that lets in answers only filters by address and port', async () => {
      await network.setRules(blockRules('ct state new', 'drop', 'server'));
      expect(behaviourOf(await ask())).toEqual({
        mapping: 'none',
        filtering: 'address-and-port-dependent',
        detail: '',
      });
    });
  });

  test('a server of one address leaves mapping and filtering unknown, and says why', async () => {
    await network.setRules(natRulesOf('port-restricted', [FIRST, SECOND]));
    const detail = 'the server has no second address (RFC 5780)';
    expect(behaviourOf(await ask(LONELY))).toEqual({ mapping: 'unknown', filtering: 'unknown', detail });
  });

  test('a second address that is cut off leaves both unknown: its silence proves nothing', async () => {
    await network.setRules(`${natRulesOf('port-restricted', [FIRST, SECOND])}\n${blockRules(`ip daddr ${SECOND}`)}`);
    const detail = `the server did not answer at its second address (${SECOND}:3479)`;
    expect(behaviourOf(await ask())).toEqual({ mapping: 'unknown', filtering: 'unknown', detail });
  });

  test('a server that does not answer is a witness that cannot be asked, after one time-out', async () => {
    await network.setRules(blockRules('udp dport 3478'));
    const run = await ask();
    expect(witnessesOf(run)['']).toMatch(/^timeout: no answer to 2 requests in 1000 ms$/);
    expect(run.observations).toHaveLength(1);
    expect(run.ms).toBeLessThan(2000);
  });

  test('a port that is closed says so at once', async () => {
    await network.setRules('');
    const run = await runRelayJob(driver, network.client, {
      ask: 'stun',
      server: { address: FIRST, port: 3999 },
      timeoutMs: 1000,
    });
    expect(witnessesOf(run)['']).toMatch(/^refused: /);
  });
});
