import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import { startHostile } from './hostile-server.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
/** What each answer of the registrar is late. */
const DELAY_MS = 150;
/** What may pass between Ctrl-C and the end, and what a busy machine may add. */
const LIMIT_MS = 1000;
const MARGIN_MS = 1000;

let lab: Lab;
const folder = mkdtempSync(join(tmpdir(), 'sipdiag-ctrl-c-'));
beforeAll(async () => {
  lab = await startLab();
  writeFileSync(join(folder, 'password'), lab.password);
});
afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true });
});

/** The registrar of the lab, behind a slow line. */
function slowly(socket: Socket): void {
  const { address, port } = lab.sip.tcp;
  const registrar = connect(port, address);
  registrar.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => void registrar.write(bytes));
  registrar.on('data', (bytes: Buffer) => void setTimeout(() => socket.writable && socket.write(bytes), DELAY_MS));
  socket.on('close', () => registrar.end());
}

interface Ended {
  stdout: string;
  code: number | null;
  /** Between the signal and the end. */
  ms: number;
}

/** Starts the command, and sends it SIGINT when that is due. */
function interruptWhen(due: () => boolean, command: string, port: number): Promise<Ended> {
  const args = [BIN, command, `sip:${lab.user}@${lab.domain}`, '--server', `127.0.0.1:${port}`, '--transport', 'tcp'];
  const child = spawn(process.execPath, [...args, '--password-file', join(folder, 'password')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  let signalledAt = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const watch = setInterval(() => {
    if (signalledAt > 0 || !due()) return;
    signalledAt = performance.now();
    child.kill('SIGINT');
  }, 2);
  return new Promise((settle) => {
    child.on('close', (code) => {
      clearInterval(watch);
      settle({ stdout, code, ms: signalledAt === 0 ? 0 : performance.now() - signalledAt });
    });
  });
}

describe.each(['signin', 'doctor', 'firewall'])('Ctrl-C during %s', (command) => {
  test.each([1, 2, 3])('after %i requests leaves no Contact, and prints what is known', async (requests) => {
    let heard = 0;
    const server = await startHostile((socket) => {
      socket.on('data', () => (heard += 1));
      slowly(socket);
    });
    const { stdout, code, ms } = await interruptWhen(() => heard >= requests, command, server.endpoint.port);
    expect(stdout).toMatch(/^(?:UNKNOWN|BROKEN|HEALTHY|DEGRADED)/);
    expect([0, 1, 3]).toContain(code);
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThan(LIMIT_MS + MARGIN_MS);
    expect(lab.bindings()).toEqual([]);
  });
});
