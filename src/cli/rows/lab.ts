import { collect } from '../common-options.ts';
import { parsePort } from '../parse-values.ts';
import type { LabCommandOptions } from '../lab-command.ts';
import { UsageError } from '../usage-error.ts';
import type { CommandRow } from './command-row.ts';

const MAX_SECONDS = 86_400;

const portOf =
  (option: string) =>
  (text: string): number =>
    parsePort(text, `${option} ${text}`);

function parseSeconds(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > MAX_SECONDS)
    throw new UsageError(`--for '${text}' is not understood; expected seconds, from 1 to ${MAX_SECONDS}`);
  return seconds;
}

export const labRow: CommandRow = {
  name: 'lab',
  description: 'a SIP network on loopback, with the faults of your choice, to try the other commands on',
  examples: [
    { line: 'lab --list', says: 'every fault, and the finding that it raises' },
    { line: 'lab', says: 'a healthy network on free ports; says how to point doctor at it' },
    { line: 'lab --fault cert-expired --fault tcp-refused', says: 'with two faults' },
    { line: 'lab --dns-port 5353 --port 5060 --for 60', says: 'on fixed ports (TLS: 5061), for a minute' },
  ],
  exits: { 0: 'it has ended: Ctrl-C, or the time of --for', 2: 'wrong usage, or a port that is taken' },
  declare(command, settle) {
    command
      .option('--list', 'list the faults, one line each')
      .option('--fault <fault>', 'break this, repeatable', collect(String))
      .option('--domain <name>', 'the SIP domain; default: fuzzybunny.local')
      .option('--port <port>', 'port of SIP over UDP and TCP, TLS one above; default: free ports', portOf('--port'))
      .option('--tls-port <port>', 'port of SIP over TLS', portOf('--tls-port'))
      .option('--dns-port <port>', 'port of the DNS server; default: a free one', portOf('--dns-port'))
      .option('--folder <dir>', 'folder for root.pem and password, which stay; default: one that is removed at the end')
      .option('--for <seconds>', 'end after this time; default: at Ctrl-C', parseSeconds)
      .option('--json', 'list the faults, or tell the addresses, for a script')
      .action(async (options: LabCommandOptions) => {
        const { labCommand } = await import('../lab-command.ts');
        settle(await labCommand(options));
      });
  },
};
