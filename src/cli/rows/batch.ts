import { Option, type Command } from 'commander';
import type { BatchOptions } from '../batch.ts';
import { declareRunOptions } from '../batch/options.ts';
import { UsageError } from '../usage-error.ts';
import { tlsRow } from './certificates.ts';
import type { CommandRow } from './command-row.ts';
import { dnsRow, doctorRow, signinRow } from './ladder.ts';

/** Many in flight hide the round trips; more would only fill the queues of the machine and of the servers. */
const CONCURRENCY = 64;
/** Each target has some twenty questions under way: a resolver's socket holds about two hundred. */
const DNS_CONCURRENCY = 12;
/** As many as one sign-in matrix opens to one server. */
const PER_SERVER = 8;
const MAX_AT_ONCE = 1024;

function parseCountOf(option: string, least: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,5}$/.test(text) ? Number(text) : -1;
    if (number >= least && number <= MAX_AT_ONCE) return number;
    throw new UsageError(`${option} '${text}' is out of range; expected a number from ${least} to ${MAX_AT_ONCE}`);
  };
}

function parseRate(text: string): number {
  const rate = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (rate > 0) return rate;
  throw new UsageError(`--rate '${text}' is not a rate; expected targets a second, such as 20 or 0.5`);
}

function declareOne(parent: Command, row: CommandRow, settle: (code: number) => void): void {
  const command = parent.command(row.name).argument('<file>', 'one target a line, - for standard input');
  command
    .description(`sipdiag ${row.name} over many targets`)
    .addOption(
      new Option('--concurrency <n>', 'targets at the same time')
        .default(row === dnsRow ? DNS_CONCURRENCY : CONCURRENCY)
        .argParser(parseCountOf('--concurrency', 1)),
    )
    .addOption(
      new Option('--per-server <n>', 'connections to one address at the same time')
        .default(PER_SERVER)
        .argParser(parseCountOf('--per-server', 1)),
    )
    .addOption(new Option('--rate <n>', 'targets started in a second, at the most').argParser(parseRate))
    .addOption(
      new Option(
        '--workers <n>',
        'threads that run a long list; default: one for each core; 0: this one alone',
      ).argParser(parseCountOf('--workers', 0)),
    )
    .option('--unordered', 'write each result as soon as it is there, not in the order of the input')
    .option('--full', 'write the whole report of each target')
    .option('--output <file>', 'write the results to a file')
    .option('--resume <file>', 'go on with the results in this file: targets that stand there are left out')
    .option('-q, --quiet', 'no progress, no summary and no unusable lines on standard error');
  declareRunOptions(command, row).action(async (file: string, options: BatchOptions) => {
    const { batchCommand } = await import('../batch.ts');
    settle(await batchCommand(row, file, options));
  });
}

export const batchRow: CommandRow = {
  name: 'batch',
  description: 'one command over many targets, a line of JSON each',
  examples: [
    { line: 'batch dns domains.txt > results.ndjson', says: 'a domain a line; docs/batch.md tells of CSV and JSON' },
    {
      line: 'batch tls servers.csv --output results.ndjson --per-server 2',
      says: 'options of their own in its columns',
    },
    { line: 'batch doctor domains.txt --resume results.ndjson', says: 'go on where an earlier run was ended' },
  ],
  exits: {
    0: 'every target is healthy or degraded',
    1: 'one is broken (or degraded, with --fail-on warning)',
    2: 'wrong usage, or lines that cannot be used',
    3: 'one could not be tested, there was none, or the batch was ended',
  },
  declare(command, settle) {
    for (const row of [dnsRow, tlsRow, signinRow, doctorRow]) declareOne(command, row, settle);
  },
};
