import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { FAULTS, isFaultName, planFor, type FaultName } from '../../src/lab/faults.ts';
import { HEALTHY_PLAN } from '../../src/lab/plan.ts';
import { startLab, type Lab, type LabOptions } from '../../src/lab/lab.ts';
import type { Transport } from '../../src/model.ts';
import { createRealNet } from '../../src/net/real-net.ts';
import type { QueryType } from '../../src/wire/dns-types.ts';
import { ask, askOnce, BRIEF, converse, digTcp, digUdp, PATIENT, request, signIn } from './lab-client.ts';

const running: Lab[] = [];

async function open(options: LabOptions): Promise<Lab> {
  const lab = await startLab(options);
  running.push(lab);
  return lab;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (lab) => lab.stop()));
});

const connectTls = async (lab: Lab) => createRealNet().connect(lab.sip.tls, PATIENT);
const shakeHands = async (lab: Lab, wait = PATIENT) =>
  createRealNet().startTls(await connectTls(lab), { serverName: `sip.${lab.domain}` }, wait);

async function codeOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.then(
    () => 'success',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

/** Sends OPTIONS and gives what comes first, as text, or the code of the error. */
async function firstWords(lab: Lab, transport: Transport, wait = PATIENT): Promise<string> {
  const talk = await converse(lab, transport);
  await talk.send(request(lab, talk), wait);
  const words = await talk.receive(wait).then(
    (bytes) => Buffer.from(bytes).toString().split('\r\n')[0] ?? '',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
  talk.close();
  return words;
}

async function chainOf(lab: Lab): Promise<X509Certificate[]> {
  const stream = await shakeHands(lab);
  const chain = stream.facts.readChain();
  stream.close();
  return chain.map((der) => new X509Certificate(der));
}

async function lookUp(lab: Lab, name: string, type: QueryType): Promise<[number, number]> {
  const { rcode, answers } = await digUdp(lab.dns, [name === '' ? lab.domain : `${name}.${lab.domain}`, type]);
  return [rcode, answers.length];
}

const everyTransport = async (look: (transport: Transport) => Promise<unknown>) =>
  Promise.all((['udp', 'tcp', 'tls'] as const).map(look));

type Proof = [FaultName, (lab: Lab) => Promise<unknown>, unknown];
const now = Date.parse('2026-11-23T12:00:00Z');

const proofs: Proof[] = [
  [
    'srv-target-missing',
    async (lab) => [await lookUp(lab, '_sips._tcp', 'SRV'), await lookUp(lab, 'sip', 'A')],
    [
      [0, 1],
      [3, 0],
    ],
  ],
  [
    'srv-records-absent-and-no-address',
    async (lab) => [await lookUp(lab, '_sips._tcp', 'SRV'), await lookUp(lab, '', 'A')],
    [
      [3, 0],
      [3, 0],
    ],
  ],
  ['resolver-silent', async (lab) => codeOf(digUdp(lab.dns, [lab.domain, 'SOA'], BRIEF)), 'timeout'],
  ['resolver-servfail', async (lab) => lookUp(lab, '', 'SOA'), [2, 0]],
  ['resolver-refused', async (lab) => lookUp(lab, '', 'SOA'), [5, 0]],
  [
    'resolver-truncated-no-tcp',
    async (lab) => [
      (await digUdp(lab.dns, [lab.domain, 'SOA'])).tc,
      await codeOf(digTcp(lab.dns, [lab.domain, 'SOA'])),
    ],
    [true, 'refused'],
  ],
  ['tcp-refused', async (lab) => codeOf(converse(lab, 'tcp')), 'refused'],
  ['tls-refused', async (lab) => codeOf(connectTls(lab)), 'refused'],
  ['tls-plaintext', async (lab) => codeOf(shakeHands(lab)), 'not-tls'],
  ['tls-silent', async (lab) => codeOf(shakeHands(lab, BRIEF)), 'timeout'],
  ['tls-closes', async (lab) => codeOf(shakeHands(lab)), 'closed'],
  ['cert-expired', async (lab) => (await chainOf(lab))[0]?.validTo, 'Nov 20 12:00:00 2026 GMT'],
  ['cert-not-yet-valid', async (lab) => (await chainOf(lab))[0]?.validFrom, 'Nov 25 12:00:00 2026 GMT'],
  ['cert-wrong-name', async (lab) => (await chainOf(lab))[0]?.subject, 'CN=sip.other.example'],
  ['cert-untrusted-root', async (lab) => (await chainOf(lab)).map(({ ca }) => ca), [false, true, true]],
  ['cert-self-signed', async (lab) => (await chainOf(lab)).map(({ issuer }) => issuer), ['CN=sip.fuzzybunny.local']],
  [
    'cert-intermediate-missing',
    async (lab) => (await chainOf(lab)).map(({ issuer }) => issuer),
    ['CN=sipdiag lab intermediate'],
  ],
  ['cert-server-auth-missing', async (lab) => (await chainOf(lab))[0]?.keyUsage, ['1.3.6.1.5.5.7.3.2']],
  [
    'sip-silent',
    async (lab) => everyTransport(async (one) => firstWords(lab, one, BRIEF)),
    ['timeout', 'timeout', 'timeout'],
  ],
  [
    'sip-closes',
    async (lab) => [await firstWords(lab, 'udp', BRIEF), await firstWords(lab, 'tcp'), await firstWords(lab, 'tls')],
    ['timeout', 'closed', 'closed'],
  ],
  [
    'sip-not-sip',
    async (lab) => everyTransport(async (one) => firstWords(lab, one)),
    Array<string>(3).fill('HTTP/1.1 400 Bad Request'),
  ],
  [
    'sip-server-error',
    async (lab) => everyTransport(async (one) => firstWords(lab, one)),
    Array<string>(3).fill('SIP/2.0 503 Service Unavailable'),
  ],
  [
    'domain-not-served',
    async (lab) => everyTransport(async (one) => (await askOnce(lab, one, { method: 'REGISTER' })).status),
    [404, 404, 404],
  ],
];

/** For the others, what `doctor` makes of them is the proof (doctor-names.test.ts). */
describe('a fault shows on the wire', () => {
  test.each(proofs)('%s', async (fault, look, seen) => {
    expect(await look(await open({ faults: [fault], now: () => now }))).toEqual(seen);
  });

  test('and a healthy lab shows none of them', async () => {
    const lab = await open({ now: () => now });
    const shown: string[] = [];
    for (const [fault, look, seen] of proofs) {
      const here = await look(lab);
      if (JSON.stringify(here) === JSON.stringify(seen)) shown.push(fault);
    }
    expect(shown).toEqual([]);
  });
});

describe('a lab with a fault', () => {
  test('leaves the other rungs alone', async () => {
    const lab = await open({ faults: ['tls-closes'] });
    const talk = await converse(lab, 'tcp');
    expect((await signIn(lab, talk)).status).toBe(200);
    talk.close();
    expect(await lookUp(lab, 'sip', 'A')).toEqual([0, 1]);
  });

  test('answers OPTIONS for a domain that it does not register', async () => {
    expect((await askOnce(await open({ faults: ['domain-not-served'] }), 'tcp')).status).toBe(200);
  });

  test('answers SIP in the clear on the TLS port', async () => {
    const lab = await open({ faults: ['tls-plaintext'] });
    const talk = await createRealNet().connect(lab.sip.tls, PATIENT);
    expect((await ask(lab, talk)).status).toBe(200);
    talk.close();
  });

  test.each<[Transport, Buffer | undefined, string]>([
    ['tcp', undefined, 'HTTP/1.1 400 Bad Request'],
    ['tls', undefined, 'HTTP/1.1 400 Bad Request'],
    ['tcp', Buffer.from('160301020001', 'hex'), 'HTTP/1.1 400 Bad Request'],
  ])('ends a connection over %s once, whatever follows', async (transport, bytes, words) => {
    const lab = await open({ faults: ['sip-not-sip'] });
    const talk = await converse(lab, transport);
    const first = bytes ?? request(lab, talk);
    await talk.send(Buffer.concat([first, first]), PATIENT);
    const answer = Buffer.from(await talk.receive(PATIENT)).toString();
    await talk.send(first, PATIENT);
    expect(answer.match(/^(?:HTTP|SIP).*$/gm)).toEqual([words]);
    expect(await codeOf(talk.receive(PATIENT))).toBe('closed');
    talk.close();
  });

  test('can have several', async () => {
    const lab = await open({ faults: ['tcp-refused', 'cert-expired'], now: () => now });
    expect(await codeOf(converse(lab, 'tcp'))).toBe('refused');
    expect((await chainOf(lab))[0]?.validTo).toContain('Nov 20');
  });
});

describe('the table of faults', () => {
  test('refuses faults that contradict each other', () => {
    expect(() => planFor(['tls-silent', 'tls-closes'])).toThrow("about 'tls'");
  });

  test('makes the healthy plan of no fault', () => {
    expect(planFor([])).toEqual(HEALTHY_PLAN);
  });

  test.each(Object.entries(FAULTS))('%s changes the healthy plan', (name, fault) => {
    expect(isFaultName(name)).toBe(true);
    expect({ ...HEALTHY_PLAN, ...fault.change }).not.toEqual(HEALTHY_PLAN);
    expect(fault.expects.findingId).toMatch(/^[a-z0-9-]+\.[a-z0-9-]+$/);
  });

  test('knows no other names', () => {
    expect(['toString', 'none', ''].filter(isFaultName)).toEqual([]);
  });
});
