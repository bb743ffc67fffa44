import { describe, expect, test } from 'vitest';
import { createLabCertificates } from '../../src/lab/certificates.ts';
import { causeOf, expectSound, requestTo, runInTime } from './hostile-run.ts';
import { startHostile } from './hostile-server.ts';
import { afterHandshake, endlessly, type AfterHandshake, type Version } from './tls-after.ts';
import * as tls from './tls-wire.ts';

const HOST = 'fuzzybunny.local';
const certificates = await createLabCertificates({ domain: HOST, now: Date.now(), flaw: 'none' });

type Act = Parameters<typeof afterHandshake>[2];

/** The same again and again, sealed anew. */
const ever =
  (make: (after: AfterHandshake) => Buffer): Act =>
  (socket, after) =>
    endlessly(socket, () => make(after));
const once =
  (make: (after: AfterHandshake) => Buffer): Act =>
  (socket, after) =>
    void socket.write(make(after));

const ticket = tls.message(
  4,
  [0, 0, 28, 32, 1, 2, 3, 4],
  tls.vector(1, [1]),
  tls.vector(2, Buffer.alloc(64)),
  tls.vector(2),
);
/** Asked for or not, each goes with a new key. RFC 8446 section 4.6.3. */
const keyUpdate = (wanted: 0 | 1): Act =>
  ever((after) => {
    const sealed = after.seal(tls.HANDSHAKE, tls.message(24, [wanted]));
    after.nextKey();
    return sealed;
  });
const request13 = tls.message(13, tls.vector(1, [1]), tls.vector(2, Buffer.from('000d000400020403', 'hex')));
const NOTHING = new Uint8Array(0);
const data = tls.APPLICATION_DATA;

const CASES: [name: string, Version, cause: string, Act][] = [
  ['sends tickets for ever', 'TLSv1.3', 'none', ever(({ seal }) => seal(tls.HANDSHAKE, ticket))],
  ['changes its key for ever', 'TLSv1.3', 'none', keyUpdate(0)],
  ['asks for new keys for ever', 'TLSv1.3', 'none', keyUpdate(1)],
  ['never ends a record', 'TLSv1.3', 'none', once(() => Buffer.from('1703034000', 'hex'))],
  ['asks for a new handshake for ever', 'TLSv1.2', 'none', ever(({ seal }) => seal(tls.HANDSHAKE, tls.helloRequest))],
  ['asks for a new handshake once', 'TLSv1.2', 'none', once(({ seal }) => seal(tls.HANDSHAKE, tls.helloRequest))],
  ['sends empty records for ever', 'TLSv1.3', 'tls-failed', ever(({ seal }) => seal(data, NOTHING))],
  ['sends empty records for ever', 'TLSv1.2', 'tls-failed', ever(({ seal }) => seal(data, NOTHING))],
  ['sends warnings for ever', 'TLSv1.2', 'tls-failed', ever(({ seal }) => seal(tls.ALERT, Buffer.from([1, 100])))],
  ['sends warnings for ever', 'TLSv1.3', 'tls-failed', ever(({ seal }) => seal(tls.ALERT, Buffer.from([1, 90])))],
  ['says hello again', 'TLSv1.2', 'tls-failed', ever(({ seal }) => seal(tls.HANDSHAKE, tls.serverHello()))],
  ['asks late for a certificate', 'TLSv1.3', 'tls-failed', ever(({ seal }) => seal(tls.HANDSHAKE, request13))],
  ['sends what nobody can open', 'TLSv1.3', 'tls-failed', once(() => tls.record(data, Buffer.alloc(100)))],
  ['sends what nobody can open', 'TLSv1.2', 'tls-failed', once(() => tls.record(data, Buffer.alloc(100)))],
  ['goes on in clear', 'TLSv1.3', 'tls-failed', once(() => Buffer.from('SIP/2.0 200 OK\r\n\r\n'))],
  ['sends an alert', 'TLSv1.3', 'closed', once(({ seal }) => seal(tls.ALERT, Buffer.from([2, 80])))],
  ['says that it ends, and does not', 'TLSv1.3', 'closed', once(({ seal }) => seal(tls.ALERT, Buffer.from([1, 0])))],
  ['sends 1 GiB of data', 'TLSv1.3', 'not-sip', ever(({ seal }) => seal(data, Buffer.alloc(16_384, 'a')))],
  ['sends 1 GiB of data', 'TLSv1.2', 'not-sip', ever(({ seal }) => seal(data, Buffer.alloc(16_384, 'a')))],
];

describe('a server that after its handshake', () => {
  test.each(CASES)('%s (%s) is told as what it is, in time', async (...[, version, cause, act]) => {
    const server = await startHostile(afterHandshake(version, certificates, act));
    const trust = { added: [certificates.rootPem], builtIn: () => Promise.resolve([]) };
    const report = await runInTime(() => requestTo(server.endpoint, 'tls', { trust, verifyName: HOST }));
    expect([report.verdict.rung, causeOf(report)]).toEqual(['sip', `sip-answer.${cause}`]);
    expectSound(report);
    await server.abandoned();
  });

  test('sends tickets for ever still has a good handshake', async () => {
    const server = await startHostile(
      afterHandshake(
        'TLSv1.3',
        certificates,
        ever(({ seal }) => seal(tls.HANDSHAKE, ticket)),
      ),
    );
    const trust = { added: [certificates.rootPem], builtIn: () => Promise.resolve([]) };
    const report = await runInTime(() =>
      requestTo(server.endpoint, 'tls', { command: 'tls', trust, verifyName: HOST }),
    );
    expect(report.verdict.status).toBe('healthy');
    await server.abandoned();
  });
});
