import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';

/** Listens, and never looks at who comes: once two connections wait, the system drops every further SYN. */
const PROGRAM = `
require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  process.stdout.write(String(this.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;
const QUEUE = 2;
/** TCP_SYN_SENT of Linux, as proc(5) shows it. */
const SYN_SENT = '02';

/** Connections to a port of this machine whose SYN nobody has answered. */
function unanswered(port: number): number {
  const there = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return lines.filter((line) => {
    const [, , remote = '', state] = line.trim().split(/ +/);
    return remote.endsWith(there) && state === SYN_SENT;
  }).length;
}

/** A port of loopback that answers no SYN; `heard` is how many connections wait for it at this moment. Linux alone. */
export async function startDeaf(): Promise<{ port: number; heard(): number }> {
  const listener = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void listener.kill('SIGKILL'));
  const [said] = await once(listener.stdout, 'data');
  const port = Number(said);
  for (let left = QUEUE; left > 0; left -= 1) {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.on('error', () => undefined);
  }
  return { port, heard: () => unanswered(port) };
}
