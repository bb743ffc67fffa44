import { Option, type Command } from 'commander';
import { UsageError } from './usage-error.ts';

/** What the user says about the account, and how the password may travel. The password itself is never an option. */
export interface CredentialOptions {
  user?: string;
  authUser?: string;
  passwordFile?: string;
  insecureCredentials?: boolean;
  digestSha512t?: boolean;
  /** That of the embedded lab, which its user has nowhere to read. */
  knownPassword?: () => string;
}

/** Options of the commands that speak SIP. */
export type SipOptions = CredentialOptions & { trace?: string; tracePcap?: string; count?: number };

/** A thousand answers over a slow line are a minute: more is a load test, and the server is not asked whether it minds. */
const MAX_COUNT = 1000;

function parseCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_COUNT) return count;
  throw new UsageError(`--count '${text}' is not a count; expected a number from 1 to ${MAX_COUNT}`);
}

export function addSipOptions(command: Command): Command {
  return command
    .option('--user <name>', 'user part of the sign-in address, where the target has none')
    .option('--auth-user <name>', 'name that the password belongs to: user, user@domain or DOMAIN\\user')
    .option('--password-file <file>', 'file with the password, - for standard input; or SIPDIAG_PASSWORD')
    .option('--insecure-credentials', 'answer challenges over TLS even when the server cannot prove who it is')
    .option(
      '--digest-sha512t',
      'compute SHA-512-256 as SHA-512 cut short, as the example of RFC 7616 and some servers do',
    )
    .option('--trace <file>', 'write every SIP message to a file, secrets masked')
    .option('--trace-pcap <file>', 'the same as a capture file for Wireshark or sngrep; TLS content is in clear');
}

export function addCountOption(command: Command): Command {
  return command.addOption(
    new Option('--count <n>', 'repeat OPTIONS: times, jitter and loss of each transport').argParser(parseCount),
  );
}
