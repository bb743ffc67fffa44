import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Report } from '../../src/model.ts';
import { freePort } from '../e2e/real/ports.ts';
import { assertValidReport } from '../report/valid-report.ts';
import type { StreamBehaviour } from './hostile-server.ts';
import { startMeasured, type MeasuredEnd } from './measured-command.ts';

export const ADDRESS = '127.0.0.1';
const STEP_MS = 500;
/** The wait for somebody to come, where nobody does. */
export const PATIENCE_MS = 2000;

/** What a client of TLS 1.2 says first. */
function firstWords(): Promise<Buffer> {
  return new Promise((settle) => {
    const nowhere = new Duplex({ read: () => undefined, write: (chunk: Buffer) => settle(chunk) });
    connectTls({ socket: nowhere, maxVersion: 'TLSv1.2' }).on('error', () => undefined);
  });
}
export const hello = await firstWords();

export const gone = (socket: Socket): Promise<void> =>
  new Promise((settle) => {
    if (socket.closed) settle();
    else socket.once('close', () => settle());
  });

/** Connects to the waiting command as often as that, each time with the same behaviour. */
export async function listenFor(
  behaviour: StreamBehaviour,
  { peers = 1, stepMs = STEP_MS }: { peers?: number; stepMs?: number } = {},
): Promise<MeasuredEnd & { report: Report }> {
  const port = await freePort(ADDRESS);
  const limits = ['--timeout', String(stepMs), '--deadline', String(PATIENCE_MS * 10)];
  const command = startMeasured(['tls', '--listen', `${ADDRESS}:${port}`, ...limits, '--json']);
  await command.said('waiting at');
  const sockets = Array.from({ length: peers }, (): Socket => {
    const socket = connect(port, ADDRESS);
    socket.on('error', () => undefined);
    socket.once('connect', () => behaviour(socket, socket));
    onTestFinished(() => void socket.destroy());
    return socket.resume();
  });
  const ended = await command.ended;
  // What the command has left open, its end would close as well: but then it would not have ended.
  await Promise.all(sockets.map((socket) => gone(socket)));
  const report: Report = JSON.parse(ended.stdout);
  assertValidReport(report);
  return { ...ended, report };
}

export const causesOf = ({ findings }: Report): string[] =>
  findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id);
