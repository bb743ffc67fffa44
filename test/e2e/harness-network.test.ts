import { readdirSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { stopAfterAll } from './real/clean-up.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import {
  blockRules,
  createEmptyNamespace,
  createNetwork,
  natRules,
  runIn,
  type TestNetwork,
} from './real/namespaces.ts';
import { rawRequest } from './real/raw-sip.ts';
import { describeWith } from './real/requirements.ts';

const DOMAIN = 'fuzzybunny.local';
const ALICE = { user: 'alice', password: 'secret' };

describeWith(['namespaces', 'kamailio'], 'a network of namespaces', () => {
  const keep = stopAfterAll();
  let network: TestNetwork;
  let kamailio: Kamailio;
  /** Connects from the client to the server and prints 'open' or the error code. */
  const tryPort = (port: number) =>
    `const s=require('net').connect({host:'203.0.113.10',port:${port},timeout:700});` +
    `for(const [e,t] of [['connect','open'],['timeout','timeout'],['error','']])s.on(e,x=>{console.log(t||x.code);s.destroy()})`;
  const reach = async (port: number) =>
    (await runIn(network.client, [process.execPath, '-e', tryPort(port)])).stdout.trim();
  beforeAll(async () => {
    network = keep(await createNetwork({ clientResolvConf: 'nameserver 203.0.113.53\n' }));
    const users = [ALICE];
    const where = { address: '203.0.113.10', ports: { udp: 5060, tcp: 5060 }, namespace: network.server };
    kamailio = keep(await startKamailio({ ...where, domain: DOMAIN, users, transports: ['udp', 'tcp'] }));
  });

  test('carries packets from the client through the router to the server and back', async () => {
    await network.setRules('');
    expect(await reach(kamailio.tcpPort)).toBe('open');
    expect(await reach(5999)).toBe('ECONNREFUSED');
  });

  test.each([
    ['drop', 'timeout'],
    ['reject', 'EHOSTUNREACH'],
    ['reset', 'ECONNREFUSED'],
  ] as const)('keeps a port shut by %s, which the client sees as %s', async (how, seen) => {
    await network.setRules(blockRules('tcp dport 5060', how));
    expect(await reach(5060)).toBe(seen);
    await network.setRules('');
    expect(await reach(5060)).toBe('open');
  });

  test('hides the client behind the router when it shall', async () => {
    await network.setRules(natRules());
    const request = rawRequest({ method: 'OPTIONS', uri: `sip:${DOMAIN}`, aor: 'sip:a@b.example', transport: 'udp' });
    const script = `const s=require('dgram').createSocket('udp4');s.on('message',m=>{console.log(String(m));s.close()});s.send(${JSON.stringify(request)},5060,'203.0.113.10')`;
    const { stdout } = await runIn(network.client, [process.execPath, '-e', script], { timeoutMs: 5_000 });
    expect(stdout).toContain(`received=${network.gateways.server}`);
  });

  test('gives the client a resolv.conf of its own', async () => {
    const { stdout } = await runIn(network.client, ['cat', '/etc/resolv.conf']);
    expect(stdout).toBe('nameserver 203.0.113.53\n');
  });

  test('has a relative without any network, not even loopback', async () => {
    const empty = keep(createEmptyNamespace());
    const result = await runIn(empty.name, [process.execPath, '-e', tryPort(1)]);
    expect(result.stdout.trim()).toBe('ENETUNREACH');
    await empty.stop();
    expect(readdirSync('/run/netns')).not.toContain(empty.name);
  });

  test('ends a command that takes too long', async () => {
    const command = [process.execPath, '-e', 'setInterval(() => 0, 1000)'];
    expect(await runIn(network.client, command, { timeoutMs: 300 })).toMatchObject({
      timedOut: 'yes',
      signal: 'SIGKILL',
    });
  });
});
