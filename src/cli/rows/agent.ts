import { Option } from 'commander';
import type { AgentOptions } from '../agent.ts';
import { parseListen } from '../parse-listen.ts';
import { parseMirrorPorts, parsePortRanges } from '../port-ranges.ts';
import type { CommandRow } from './command-row.ts';

const MANNERS = `
It connects to nobody but the one who asks, and only to the address that the question
comes from. The log on standard output is a line of JSON for each question: who, which
ports, what came of it.
`;

export const agentRow: CommandRow = {
  name: 'agent',
  description: 'the witness on the far side: tries the ports of whoever asks it, and nobody else',
  examples: [
    { line: 'agent --token-file token', says: 'on the side of the SIP server; openssl rand -hex 16 > token' },
    { line: 'agent --token-file token --tls-cert agent.pem', says: 'the same over TLS' },
    { line: 'agent --open --once', says: 'serve the next one who asks, whoever it is' },
  ],
  exits: { 0: 'it was ended, or has served once with --once', 2: 'wrong usage, or a port that is not free' },
  declare(command, settle) {
    command
      .addOption(
        new Option('--listen <[ip:]port>', 'where it is asked')
          .argParser(parseListen)
          .default({ address: '0.0.0.0', port: 7199 }, '7199, on all addresses of IPv4'),
      )
      .option('--token-file <file>', 'file with the token that those who ask must know')
      .option('--open', 'serve anybody, with tighter limits; instead of a token')
      .option('--tls-cert <file>', 'speak TLS with this certificate and its chain; default: plain TCP')
      .option('--tls-key <file>', 'its private key; default: in the same file')
      .option(
        '--allow-ports <list>',
        'connect to these ports only, such as 5060,7100-7103; default: 443, 1024-65535',
        parsePortRanges,
      )
      .option('--allow-private', 'connect to private addresses too; default with a token')
      .option('--no-allow-private', 'never connect to private addresses; default with --open')
      .option(
        '--mirror-ports <list>',
        "where SIP messages are mirrored, or 'none'; default: 5060 if it is free, and one more",
        parseMirrorPorts,
      )
      .option('--once', 'end after the first question that was served')
      .addHelpText('after', MANNERS)
      .action(async (options: AgentOptions) => {
        const { agentCommand } = await import('../agent.ts');
        settle(await agentCommand(options));
      });
  },
};
