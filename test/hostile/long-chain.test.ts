import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { createLabCertificates } from '../../src/lab/certificates.ts';
import type { Report } from '../../src/model.ts';
import { freePort } from '../e2e/real/ports.ts';
import { assertValidReport } from '../report/valid-report.ts';
import { silent, startHostile } from './hostile-server.ts';
import { startMeasured, type MeasuredEnd } from './measured-command.ts';

const MOST_MEMORY = 200 * 1024 * 1024;
const HOST = 'fuzzybunny.local';
const ADDRESS = '127.0.0.1';

const made = await createLabCertificates({ domain: HOST, now: Date.now(), flaw: 'none' });
const [leaf = '', intermediate = ''] = made.chainPem.match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n?/g) ?? [];
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-long-chain-'));
const rootFile = join(folder, 'root.pem');
writeFileSync(rootFile, made.rootPem);
afterAll(() => rmSync(folder, { recursive: true }));

/** Under the 100 KiB at which OpenSSL gives up. */
const COPIES = 99;

function reportOf({ stdout, peakBytes }: MeasuredEnd): Report {
  const report: Report = JSON.parse(stdout);
  assertValidReport(report);
  expect(peakBytes).toBeLessThan(MOST_MEMORY);
  return report;
}

const textsOf = ({ findings }: Report): string[] =>
  findings.flatMap(({ id, text }) =>
    id.startsWith('cert-chain.') || id === 'tls-server.facts' ? [`${id}: ${text}`] : [],
  );

async function lookAt(chainPem: string): Promise<string> {
  const { endpoint } = await startHostile(silent, { chainPem, keyPem: made.keyPem });
  const trust = ['--ca', rootFile, '--verify-name', HOST];
  const command = startMeasured(['tls', `${endpoint.address}:${endpoint.port}`, ...trust, '--json']);
  return textsOf(reportOf(await command.ended)).join('\n');
}

describe('of a chain of 100 certificates', () => {
  test('the number is told, and that the first 32 were read', async () => {
    const told = await lookAt(leaf + intermediate.repeat(COPIES));
    expect(told).toContain('certificates sent: 100, of which the first 32 were read.');
    expect(told).toMatch(/^cert-chain\.too-long: .* sends 100 certificates, of which the first 32 were read here/m);
    expect(told).not.toContain('cert-chain.intermediate-missing');
  });

  test('the issuer that stands behind those is not called missing', async () => {
    const told = await lookAt(leaf.repeat(COPIES) + intermediate);
    expect(told).toMatch(/^cert-chain\.too-long: /m);
    expect(told).not.toMatch(/certificates sent: 1\.|32 certificates|its own certificate only/);
  });

  test('that a peer shows, the same is told', async () => {
    const port = await freePort(ADDRESS);
    const command = startMeasured(['tls', '--listen', `${ADDRESS}:${port}`, '--ca', rootFile, '--json']);
    await command.said('waiting at');
    const socket = connect(port, ADDRESS);
    onTestFinished(() => void socket.destroy());
    const shown = { cert: leaf + intermediate.repeat(COPIES), key: made.keyPem };
    connectTls({ socket, rejectUnauthorized: false, ...shown }).on('error', () => undefined);
    const told = textsOf(reportOf(await command.ended)).join('\n');
    expect(told).toContain('certificates sent: 100, of which the first 32 were read.');
    expect(told).toMatch(/^cert-chain\.too-long: /m);
  });
});
