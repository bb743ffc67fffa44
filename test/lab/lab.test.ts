import { afterEach, describe, expect, test } from 'vitest';
import { listenUdp } from '../../src/lab/listener.ts';
import { startLab, type Lab, type LabOptions } from '../../src/lab/lab.ts';
import type { Transport } from '../../src/model.ts';
import { createRealNet } from '../../src/net/real-net.ts';
import { headerValue, headerValues } from '../../src/wire/sip-message.ts';
import { parseVia } from '../../src/wire/sip-fields.ts';
import { ask, askOnce, converse, digUdp, PATIENT, request, signIn } from './lab-client.ts';

const running: Lab[] = [];
const transports: Transport[] = ['udp', 'tcp', 'tls'];

async function open(options: LabOptions = {}): Promise<Lab> {
  const lab = await startLab(options);
  running.push(lab);
  return lab;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (lab) => lab.stop()));
});

describe('a healthy lab', () => {
  test('publishes in DNS where its transports are', async () => {
    const lab = await open();
    const ports = ['_sip._udp', '_sip._tcp', '_sips._tcp'].map(async (service) => {
      const { answers } = await digUdp(lab.dns, [`${service}.${lab.domain}`, 'SRV']);
      return answers.map((record) => ('srv' in record ? record.srv : undefined));
    });
    expect((await Promise.all(ports)).flat()).toEqual(
      transports.map((transport) => ({
        priority: 0,
        weight: 0,
        port: lab.sip[transport].port,
        target: `sip.${lab.domain}`,
      })),
    );
    expect((await digUdp(lab.dns, [`sip.${lab.domain}`, 'A'])).answers).toMatchObject([{ address: '127.0.0.1' }]);
  });

  test.each(transports)('answers OPTIONS over %s', async (transport) => {
    const lab = await open();
    const answer = await askOnce(lab, transport);
    expect([answer.status, answer.faults]).toEqual([200, []]);
    expect(headerValues(answer, 'allow')).toEqual(['OPTIONS', 'REGISTER']);
    expect(headerValue(answer, 'server')).toBe('sipdiag-lab');
    expect(answer.headers.map(({ name }) => name)).toContain('supported');
    expect(headerValue(answer, 'to')).toMatch(/;tag=[0-9a-f]{16}$/);
  });

  test('tells the client its address and port', async () => {
    const lab = await open();
    const talk = await converse(lab, 'udp');
    const via = headerValue(await ask(lab, talk), 'via') ?? '';
    talk.close();
    expect(parseVia(via)).toMatchObject({ rport: talk.local.port, received: '127.0.0.1', branch: 'z9hG4bKone' });
  });

  test.each(['MD5', 'SHA-256'] as const)('registers with a %s response and forgets again', async (algorithm) => {
    const lab = await open({ now: () => Date.parse('2026-11-23T12:00:00Z') });
    const talk = await converse(lab, 'tls');
    const challenged = await ask(lab, talk, { method: 'REGISTER' });
    expect([challenged.status, headerValues(challenged, 'www-authenticate').length]).toEqual([401, 2]);
    const done = await signIn(lab, talk, { algorithm, extra: [{ name: 'Expires', value: '60' }] });
    expect([done.status, headerValue(done, 'contact')]).toEqual([200, '<sip:alice@127.0.0.1:9>;expires=60']);
    expect(headerValue(done, 'date')).toBe('Mon, 23 Nov 2026 12:00:00 GMT');
    expect(lab.bindings().map(({ contact, addressOfRecord }) => [addressOfRecord, contact])).toEqual([
      [`sip:alice@${lab.domain}`, 'sip:alice@127.0.0.1:9'],
    ]);
    await signIn(lab, talk, { contact: '<sip:alice@127.0.0.1:9>;expires=0' });
    talk.close();
    expect(lab.bindings()).toEqual([]);
  });

  test('does not register with a wrong password', async () => {
    const lab = await open();
    const talk = await converse(lab, 'tcp');
    const answer = await signIn({ ...lab, password: 'wrong' }, talk);
    talk.close();
    expect([answer.status, lab.bindings()]).toEqual([401, []]);
  });

  test('drops a binding when its time is over', async () => {
    let time = 0;
    const lab = await open({ now: () => time });
    const talk = await converse(lab, 'udp');
    await signIn(lab, talk, { extra: [{ name: 'Expires', value: '60' }] });
    talk.close();
    time = 59_000;
    expect(lab.bindings()).toHaveLength(1);
    time = 60_000;
    expect(lab.bindings()).toHaveLength(0);
  });

  test.each(['tcp', 'tls'] as const)('answers the keep-alive over %s', async (transport) => {
    const lab = await open();
    const talk = await converse(lab, transport);
    await talk.send(Buffer.from('\r\n\r\n'), PATIENT);
    expect(Buffer.from(await talk.receive(PATIENT)).toString()).toBe('\r\n');
    const answer = await ask(lab, talk);
    talk.close();
    expect(answer.status).toBe(200);
  });

  test('answers requests that arrive in one piece, or in many', async () => {
    const lab = await open();
    const talk = await converse(lab, 'tcp');
    const bytes = request(lab, talk);
    for (const octet of bytes.subarray(0, 40)) await talk.send(Uint8Array.of(octet), PATIENT);
    await talk.send(Buffer.concat([bytes.subarray(40), bytes]), PATIENT);
    let seen = '';
    while (seen.split('SIP/2.0 200').length < 3) seen += Buffer.from(await talk.receive(PATIENT)).toString();
    talk.close();
    expect(seen.match(/SIP\/2\.0 \d+/g)).toEqual(['SIP/2.0 200', 'SIP/2.0 200']);
  });

  test('trusts its own certificate only', async () => {
    const lab = await open();
    const other = await open();
    const { connect } = await import('node:tls');
    const shake = async (ca: string) =>
      new Promise<string>((resolve) => {
        const { address: host, port } = lab.sip.tls;
        const socket = connect({ host, port, ca, servername: `sip.${lab.domain}` });
        socket.once('secureConnect', () => resolve('trusted')).once('error', (error) => resolve(error.message));
        socket.once('close', () => resolve('closed')).once('secureConnect', () => socket.destroy());
      });
    expect(await shake(lab.rootPem)).toBe('trusted');
    expect(await shake(other.rootPem)).toContain('certificate');
  });

  test('runs on the IPv6 loopback address', async () => {
    const lab = await open({ address: '::1', domain: 'V6.Example' });
    expect((await digUdp(lab.dns, ['sip.v6.example', 'AAAA'])).answers).toMatchObject([{ address: '::1' }]);
    const answer = await askOnce(lab, 'udp');
    expect([answer.status, answer.faults]).toEqual([200, []]);
  });

  test('takes the ports that it is given', async () => {
    const first = await startLab();
    await first.stop();
    const ports = { dns: first.dns.port, udp: first.sip.udp.port, tcp: first.sip.tcp.port, tls: first.sip.tls.port };
    const second = await open({ ports });
    expect([second.dns, second.sip]).toEqual([first.dns, first.sip]);
  });

  test('stops what it had started when a port is taken', async () => {
    const first = await open();
    const free = await listenUdp({ address: '127.0.0.1', port: 0 }, () => undefined);
    await free.stop();
    const ports = { udp: free.endpoint.port, tcp: first.sip.tcp.port };
    await expect(startLab({ ports })).rejects.toMatchObject({ code: 'in-use' });
    const again = await listenUdp(free.endpoint, () => undefined);
    await again.stop();
    expect(again.endpoint).toEqual(free.endpoint);
  });

  test('refuses a domain that is no host name', async () => {
    await expect(startLab({ domain: 'a"b' })).rejects.toThrow(RangeError);
  });

  test('leaves nothing listening and no connection open when it stops', async () => {
    const lab = await startLab();
    const talks = await Promise.all(transports.map(async (transport) => converse(lab, transport)));
    const half = await createRealNet().connect(lab.sip.tls, PATIENT);
    await lab.stop();
    await lab.stop();
    const ends = [talks[1], talks[2], half].map(async (talk) => talk?.receive(PATIENT));
    expect((await Promise.allSettled(ends)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    for (const talk of talks) talk.close();
    for (const endpoint of [lab.dns, lab.sip.tcp, lab.sip.tls]) {
      await expect(createRealNet().connect(endpoint, PATIENT)).rejects.toMatchObject({ code: 'refused' });
    }
    for (const endpoint of [lab.dns, lab.sip.udp]) {
      const again = await listenUdp(endpoint, () => undefined);
      await again.stop();
      expect(again.endpoint).toEqual(endpoint);
    }
  });
});
