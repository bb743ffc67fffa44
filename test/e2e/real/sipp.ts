/** A real sipp as a user agent server that answers by a script. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './clean-up.ts';
import { freePort } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';

/** One answer: the status line behind 'SIP/2.0 ', and header lines of its own. */
export interface Answer {
  status: string;
  headers?: string[];
}

export interface SippScript {
  options: Answer;
  /** Answers to the REGISTERs of one Call-ID, in turn; provisional ones are followed by the next at once. */
  register: Answer[];
}

export interface Sipp extends ServerProcess {
  address: string;
  port: number;
}

const COPIED = '[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]';

function sending({ status, headers = [] }: Answer, attributes = ''): string {
  const lines = [`SIP/2.0 ${status}`, COPIED, ...headers, 'Content-Length: 0', '', ''].join('\n');
  return `<send${attributes}><![CDATA[\n${lines}]]></send>`;
}

const isProvisional = ({ status }: Answer): boolean => status.startsWith('1');

function registerSteps(answers: readonly Answer[]): string[] {
  return answers.flatMap((answer, at) => {
    const before = answers[at - 1];
    const continues = before !== undefined && isProvisional(before);
    return [...(at === 0 || continues ? [] : ['<recv request="REGISTER"></recv>']), sending(answer)];
  });
}

function scenarioOf({ options, register }: SippScript): string {
  return [
    '<?xml version="1.0" encoding="ISO-8859-1" ?>',
    '<scenario name="registrar">',
    '<recv request="OPTIONS" optional="true" next="1"></recv>',
    '<recv request="REGISTER"></recv>',
    ...registerSteps(register),
    '<nop next="2"></nop>',
    '<label id="1"/>',
    sending(options),
    '<label id="2"/>',
    '<timewait milliseconds="200"/>',
    '</scenario>',
    '',
  ].join('\n');
}

/** Over TCP: resolves once the port accepts connections. */
async function accepts(address: string, port: number): Promise<boolean> {
  const socket = connect(port, address);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(1000) });
    return true;
  } finally {
    socket.destroy();
  }
}

/** Starts sipp over TCP on a free port. Throws Error with its output when it does not come up. */
export async function startSipp(address: string, script: SippScript): Promise<Sipp> {
  const port = await freePort(address);
  const folder = temporaryFolder('sipp');
  const file = join(folder.path, 'registrar.xml');
  writeFileSync(file, scenarioOf(script));
  try {
    const server = await startServer({
      name: 'sipp',
      command: ['sipp', '-sf', file, '-i', address, '-p', `${port}`, '-t', 't1', '-nostdin', '-trace_err'],
      folder: folder.path,
      env: { TERM: 'dumb' },
      ready: () => accepts(address, port),
    });
    return { ...server, address, port };
  } catch (error) {
    await folder.stop();
    throw error;
  }
}
