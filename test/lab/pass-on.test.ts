import { expect, test } from 'vitest';
import { createPassOn } from '../../src/lab/pass-on.ts';
import type { Report } from '../../src/model.ts';
import { parseSip } from '../../src/wire/sip-message.ts';
import { sipdiag } from '../command-line.ts';
import { freePort } from '../e2e/real/ports.ts';

const LINES = [
  'OPTIONS sip:alice@fuzzybunny.local SIP/2.0',
  'Via: SIP/2.0/TCP 127.0.0.1:40000;branch=z9hG4bKa;rport',
  'Max-Forwards: 70',
  'From: <sip:alice@fuzzybunny.local>;tag=f',
  'To: <sip:alice@fuzzybunny.local>',
  'Call-ID: c',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0',
];

const clientAt = (contact: string) => ({
  addressOfRecord: 'sip:alice@fuzzybunny.local',
  contact,
  callId: 'r',
  instance: '',
  expiresAt: 1,
});

test('the lab is a witness: it reaches the port of a client over TCP, and comes back on its connection over TLS', async () => {
  const port = await freePort('127.0.0.1');
  const { stdout, code } = await sipdiag(['firewall', '--lab', '--ports', `${port}-${port}`, '--json']);
  const { rungs, findings, observations } = JSON.parse(stdout) as Report; // what --json prints
  expect(code).toBe(0);
  expect(rungs.find(({ rung }) => rung === 'callback')?.status).toBe('passed');
  expect(findings.map(({ id }) => id)).toContain('callback-port.not-needed');
  const results = observations.flatMap((one) =>
    one.kind === 'reach' && one.outcome.ok
      ? `${one.about.port === port ? 'tcp' : 'tls'} ${one.outcome.value.result}`
      : [],
  );
  expect(new Set(results)).toEqual(new Set(['tls reused', 'tcp reached']));
});

test.each(['sip:alice@192.0.2.1:5060', 'sip:alice@phone.example.com', 'mailto:alice'])(
  'nobody but loopback is connected to: a client at %s is not reached',
  async (contact) => {
    const request = parseSip(Buffer.from(`${LINES.join('\r\n')}\r\n\r\n`));
    if (request.kind === 'response') throw new Error('not a request');
    const from = { address: '127.0.0.1', port: 40_000 };
    const answer = await createPassOn('whole').toClients(request, from, [clientAt(contact)]);
    expect(answer.status).toBe(408);
  },
);
