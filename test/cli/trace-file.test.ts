import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkTraceOptions, writeTraces } from '../../src/cli/trace-file.ts';
import type { TracedMessage } from '../../src/wire/traced-message.ts';
import { brokenAtCertificate } from '../report/sample-reports.ts';
import { readPcapng } from '../wire/pcap-reader.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sipdiag-trace-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const text =
  'REGISTER sip:fuzzybunny.local SIP/2.0\r\nTo: <sip:toml@fuzzybunny.local>\r\nAuthorization: Digest username="toml", response="5ecret"\r\n\r\n';
const message: TracedMessage = {
  at: 5,
  direction: 'sent',
  transport: 'tls',
  local: '10.7.7.7:5070',
  remote: '10.8.8.8:5061',
  bytes: new TextEncoder().encode(text),
};

test('a trace is written as text and as a capture, without secrets', async () => {
  const [trace, tracePcap] = [join(folder, 'trace.txt'), join(folder, 'trace.pcapng')];
  await writeTraces({ trace, tracePcap }, [message], brokenAtCertificate);
  const written = await readFile(trace, 'utf8');
  expect(written).toContain('tls 10.7.7.7:5070 <-> 10.8.8.8:5061');
  expect(written).toContain('username="toml", response="xxxxxx"');
  const { packets } = readPcapng(await readFile(tracePcap));
  expect(packets.at(-1)?.payload.toString()).toBe(text.replace('5ecret', 'xxxxxx'));
});

test('a redacted trace names nobody, by the substitutes of the report', async () => {
  const trace = join(folder, 'redacted.txt');
  await writeTraces({ trace, redact: true }, [message], brokenAtCertificate);
  const written = await readFile(trace, 'utf8');
  expect(written).not.toMatch(/fuzzybunny|toml|10\.7\.7\.7|5ecret/i);
  expect(written).toContain('To: <sip:user1@domain1.example>');
});

test('nothing is written when nothing was asked for', async () => {
  const before = await readdir(folder);
  await writeTraces({}, [message], brokenAtCertificate);
  expect(await readdir(folder)).toEqual(before);
});

test('a capture is not redacted, and that is said at once', () => {
  expect(() => checkTraceOptions({ tracePcap: 'x', redact: true })).toThrow('--trace-pcap cannot be redacted');
});
