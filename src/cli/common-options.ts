import { Option, type Command } from 'commander';
import { PROFILE_NAMES } from '../profiles.ts';
import type { ResolverChoice } from '../probe/ask-dns.ts';
import type { Endpoint } from '../world.ts';
import {
  parseChoice,
  parseMilliseconds,
  parsePin,
  parseProfile,
  parseResolver,
  parseServer,
  parseTime,
  parseTransports,
} from './parse-values.ts';

const FORMATS = ['human', 'json', 'ndjson', 'junit', 'nagios', 'markdown', 'html'] as const;
export type Format = (typeof FORMATS)[number];

/** How a report is drawn and where it goes: the same for every command that makes one. */
export interface OutputOptions {
  format: Format;
  json?: boolean;
  output?: string;
  failOn: 'error' | 'warning';
  color: boolean;
  quiet?: boolean;
  verbose?: boolean;
  redact?: boolean;
}

/** What the user asked of a run, parsed. */
export interface RunOptions extends OutputOptions {
  resolver?: ResolverChoice[];
  resolve?: [string, Endpoint][];
  server?: { host: string; port?: number };
  transport?: ReturnType<typeof parseTransports>;
  profile: string;
  ca?: string[];
  verifyName?: string;
  sni?: string;
  ipv4?: boolean;
  ipv6?: boolean;
  authority?: boolean;
  timeout: number;
  deadline: number;
  at?: string;
  policy?: string;
  revocation?: boolean;
  save?: string;
}

/** One step: three seconds is longer than any healthy answer takes, and short enough that a runbook waits for it. */
const DEFAULT_STEP_MS = 3000;
/** The whole run, whatever happens. */
const DEFAULT_DEADLINE_MS = 30_000;

/** Gathers the values of an option that may be given more than once. */
export const collect =
  <T>(parse: (text: string) => T) =>
  (text: string, before: T[] | undefined): T[] => [...(before ?? []), parse(text)];

export function addOutputOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--format <name>', 'human, json, ndjson, junit, nagios (with its exit codes), markdown or html')
        .default('human')
        .argParser(parseChoice('--format', FORMATS)),
    )
    .option('--json', 'short for --format json')
    .option('--output <file>', 'write the report to a file')
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 on this severity: error or warning')
        .default('error')
        .argParser(parseChoice('--fail-on', ['error', 'warning'] as const)),
    )
    .option('--no-color', 'no colours (NO_COLOR does the same; FORCE_COLOR: also into a pipe)')
    .option('-q, --quiet', 'only the verdict')
    .option('-v, --verbose', 'every attempt, every check and the evidence')
    .option('--redact', 'replace users, domains, hosts and addresses, for sharing');
}

export function addRunOptions(command: Command): Command {
  addOutputOptions(command)
    .option(
      '--resolver <[label=]IP[:port]>',
      "DNS server to ask, also tls://IP[#name], https://host/dns-query or system; repeatable; default: the system's",
      collect(parseResolver),
    )
    .option('--resolve <host:port:ip>', 'use this address (or ip:port) for host:port, repeatable', collect(parsePin))
    .option('--server <host[:port]>', 'this server, without service discovery', parseServer)
    .option('--transport <list>', 'udp, tcp, tls; default: what DNS publishes', parseTransports)
    .addOption(
      new Option('--profile <name>', `whose rules apply: ${PROFILE_NAMES.join(', ')}`)
        .default('auto')
        .argParser(parseProfile),
    )
    .option('--ca <file>', 'PEM file with further trusted roots, repeatable', collect(String))
    .option('--verify-name <name>', 'name that the certificate must carry')
    .option('--sni <name>', 'server name to send in the TLS handshake')
    .option('-4, --ipv4', 'IPv4 only')
    .option('-6, --ipv6', 'IPv6 only')
    .addOption(
      new Option('--timeout <ms>', 'limit of one step')
        .default(DEFAULT_STEP_MS)
        .argParser(parseMilliseconds('--timeout')),
    )
    .addOption(
      new Option('--deadline <ms>', 'limit of the whole run')
        .default(DEFAULT_DEADLINE_MS)
        .argParser(parseMilliseconds('--deadline')),
    )
    .option('--at <time>', 'judge certificate dates at this ISO time', parseTime)
    .option('--revocation', 'ask the OCSP responders and fetch the revocation lists of the certificates')
    .option('--policy <file>', 'registry export of the clients: strict naming, port ranges')
    .option('--save <file>', 'save what was seen, for sipdiag judge');
  return command;
}

/** For the commands that look at DNS closely. */
export function addAuthorityOption(command: Command): Command {
  return command.option('--authority', 'also ask the name servers of the zones themselves, and compare them');
}
