import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { createAuthority, issue, type Authority } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import type { KamailioSettings } from './real/kamailio-config.ts';
import { startKamailio, type Kamailio } from './real/kamailio.ts';
import { loopbackAddress } from './real/ports.ts';
import { ask, authorizationLine, rawRequest, statusOf, type RawEndpoint } from './real/raw-sip.ts';
import { processesNaming } from './real/processes.ts';
import { describeWith } from './real/requirements.ts';
import { run } from './real/run-command.ts';

const DOMAIN = 'fuzzybunny.local';
const ALICE = { user: 'alice', password: String.raw`s"3\cr$et` };
const BOB = { user: 'bob', password: 'b' };

function endpointOf(kamailio: Kamailio, transport: RawEndpoint['transport']): RawEndpoint {
  const port = { udp: kamailio.udpPort, tcp: kamailio.tcpPort, tls: kamailio.tlsPort }[transport];
  return { transport, address: kamailio.address, port };
}

interface Registration {
  user: string;
  password?: string;
  contact?: string;
}

async function register(to: RawEndpoint, { user, password, contact }: Registration): Promise<string> {
  const uri = `sip:${DOMAIN}`;
  const parts = { method: 'REGISTER', uri, aor: `sip:${user}@${DOMAIN}`, transport: to.transport };
  const headers = [`Contact: <${contact ?? `sip:${user}@192.0.2.1:5070;transport=${to.transport}`}>`, 'Expires: 600'];
  const challenge = await ask(to, rawRequest({ ...parts, headers }));
  if (password === undefined) return challenge;
  return ask(
    to,
    rawRequest({ ...parts, headers: [...headers, authorizationLine(challenge, uri, { user, password })] }),
  );
}

describeWith(['kamailio', 'openssl'], 'a real Kamailio', () => {
  const keep = stopAfterAll();
  let settings: KamailioSettings;
  let kamailio: Kamailio;
  let root: Authority;
  beforeAll(async () => {
    const folder = keep(temporaryFolder('certificates'));
    root = await createAuthority(folder.path, { name: 'root' });
    const leaf = await issue({ issuer: root, name: 'leaf', dns: [DOMAIN] });
    const tls = { certFile: leaf.certFile, keyFile: leaf.keyFile, caFile: root.certFile };
    settings = {
      address: loopbackAddress(1),
      domain: DOMAIN,
      users: [ALICE, BOB],
      transports: ['udp', 'tcp', 'tls'],
      tls,
    };
    kamailio = keep(await startKamailio(settings));
  });

  test.each(['udp', 'tcp', 'tls'] as const)('answers OPTIONS over %s with 200', async (transport) => {
    const parts = { method: 'OPTIONS', uri: `sip:${DOMAIN}`, aor: `sip:harness@${DOMAIN}`, transport };
    expect(statusOf(await ask(endpointOf(kamailio, transport), rawRequest(parts)))).toBe('200');
  });

  test('presents the certificate that it was given', async () => {
    const where = ['-connect', `${kamailio.address}:${kamailio.tlsPort}`, '-verify_hostname', DOMAIN];
    const { stdout } = await run(['openssl', 's_client', ...where, '-CAfile', root.certFile], { input: '' });
    expect(stdout).toContain('Verify return code: 0 (ok)');
  });

  test('challenges REGISTER and takes no wrong password', async () => {
    const to = endpointOf(kamailio, 'tcp');
    expect(await register(to, { user: 'alice' })).toMatch(
      /^SIP\/2\.0 401 [^]*WWW-Authenticate: Digest realm="fuzzybunny/,
    );
    expect(statusOf(await register(to, { user: 'alice', password: 'wrong' }))).toBe('401');
    expect(await kamailio.bindings(`alice@${DOMAIN}`)).toEqual([]);
  });

  test('accepts REGISTER with the right password and then has the binding', async () => {
    expect(statusOf(await register(endpointOf(kamailio, 'tls'), ALICE))).toBe('200');
    const socket = `tls:${kamailio.address}:${kamailio.tlsPort}`;
    const contact = 'sip:alice@192.0.2.1:5070;transport=tls';
    expect(await kamailio.bindings(`alice@${DOMAIN}`)).toMatchObject([{ contact, socket }]);
  });

  test.each([
    [`REGISTER of a user that does not exist`, 'REGISTER', `sip:${DOMAIN}`, `sip:nobody@${DOMAIN}`],
    [`REGISTER for a domain that is not served`, 'REGISTER', `sip:${DOMAIN}`, 'sip:alice@elsewhere.example'],
    [`OPTIONS to a domain that is not served`, 'OPTIONS', 'sip:elsewhere.example', `sip:alice@${DOMAIN}`],
  ])('answers %s with 404', async (...[, method, uri, aor]) => {
    const answer = await ask(endpointOf(kamailio, 'udp'), rawRequest({ method, uri, aor, transport: 'udp' }));
    expect(statusOf(answer)).toBe('404');
    expect(kamailio.log()).toContain(`${method} ${uri}`);
  });

  test('relays a request to where its user has registered', async () => {
    const phone = createSocket('udp4');
    phone.bind(0, '127.0.0.1');
    await once(phone, 'listening');
    const contact = `sip:bob@127.0.0.1:${phone.address().port}`;
    expect(statusOf(await register(endpointOf(kamailio, 'udp'), { ...BOB, contact }))).toBe('200');
    const parts = { method: 'OPTIONS', uri: `sip:bob@${DOMAIN}`, aor: `sip:bob@${DOMAIN}`, transport: 'tcp' } as const;
    const arrival = once(phone, 'message', { signal: AbortSignal.timeout(5_000) });
    const answer = ask(endpointOf(kamailio, 'tcp'), rawRequest(parts));
    const [request, from] = await arrival;
    const reply = String(request)
      .replace(/^.*/, 'SIP/2.0 299 Bob')
      .replace(/^Max-Forwards.*\r\n/m, '');
    phone.send(reply, from.port, from.address, () => phone.close());
    expect(String(request)).toContain(`OPTIONS ${contact} SIP/2.0`);
    expect(statusOf(await answer)).toBe('299');
  });

  test('speaks SHA-256, answers as its prelude says, and leaves no process and no folder behind', async () => {
    const requestPrelude = 'if (is_method("OPTIONS")) { sl_send_reply("503", "Closed"); exit; }';
    const address = loopbackAddress(2);
    const other = await startKamailio({
      ...settings,
      address,
      transports: ['udp'],
      algorithm: 'SHA-256',
      requestPrelude,
    });
    const to = endpointOf(other, 'udp');
    const options = rawRequest({ method: 'OPTIONS', uri: `sip:${DOMAIN}`, aor: 'sip:a@b.example', transport: 'udp' });
    expect(statusOf(await ask(to, options))).toBe('503');
    expect(await register(to, { user: 'alice' })).toContain('algorithm=SHA-256');
    expect(statusOf(await register(to, ALICE))).toBe('200');
    const { folder } = other;
    expect(processesNaming(folder)).not.toEqual([]);
    expect(existsSync(folder)).toBe(true);
    await other.stop();
    await other.stop();
    expect(processesNaming(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  test('asks for a client certificate when it shall', async () => {
    const tls = { certFile: root.certFile, keyFile: root.keyFile, ...settings.tls, clientCert: 'required' as const };
    const strict = keep(await startKamailio({ ...settings, address: loopbackAddress(3), transports: ['tls'], tls }));
    const to = endpointOf(strict, 'tls');
    const request = rawRequest({ method: 'OPTIONS', uri: `sip:${DOMAIN}`, aor: `sip:x@${DOMAIN}`, transport: 'tls' });
    await expect(ask(to, request)).rejects.toThrow(/certificate required|handshake failure/i);
    const client = await issue({ issuer: root, name: 'client', dns: ['client.example'] });
    expect(statusOf(await ask({ ...to, tls: { cert: client.certPem, key: client.keyPem } }, request))).toBe('200');
  });

  test('that cannot start says why and leaves no folder', async () => {
    const broken = startKamailio({ ...settings, address: loopbackAddress(4), extraConfig: 'nonsense!' });
    await expect(broken).rejects.toThrow(/parse error/);
  });
});
