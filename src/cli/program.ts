import { Command, CommanderError, Option } from 'commander';
import { escapeTerminal } from '../report/escape.ts';
import {
  addAuthorityOption,
  addOutputOptions,
  addRunOptions,
  collect,
  type OutputOptions,
  type RunOptions,
} from './common-options.ts';
import type { CsrOptions } from './csr.ts';
import type { DoctorOptions } from './doctor.ts';
import { EXIT_UNKNOWN, EXIT_USAGE } from './exit-code.ts';
import type { ExplainOptions } from './explain.ts';
import { parseChoice, parseProfile } from './parse-values.ts';
import { addClientCertificateOptions, addTlsOptions, type TlsOptions } from './tls-options.ts';
import { addCountOption, addSipOptions } from './sip-options.ts';
import { UsageError } from './usage-error.ts';
import { VERSION } from './version.ts';

const EXAMPLES = `
Examples:
  sipdiag doctor sip:toml@fuzzybunny.local        why can this user not sign in?
  sipdiag doctor fuzzybunny.local --json          the same for a script
  sipdiag doctor sip.example.com:5061 --ca root.pem
  sipdiag dns fuzzybunny.local                    where would each kind of client connect?
  sipdiag dns _sip._tls.fuzzybunny.local          just this one question
  sipdiag doctor --lab cert-expired               learn on a fault of your choice, on loopback
  sipdiag tls sip.example.com                     certificate, chain and versions of the TLS port 5061
  sipdiag tls --file sip.pem --name sip.example.com
  sipdiag judge run.json                          judge a run that was saved with --save

Exit codes: 0 healthy or degraded, 1 broken, 2 wrong usage, 3 could not be decided.
`;

/** Commander's own words, without its prefix and quotes of another style. */
function usageText(error: CommanderError): string {
  const text = error.message.replace(/^error: /, '');
  if (error.code === 'commander.unknownOption') return `${text}; expected an option that sipdiag COMMAND --help lists`;
  if (error.code === 'commander.unknownCommand') return `${text}; expected a command that sipdiag --help lists`;
  if (error.code === 'commander.missingArgument')
    return `${text.replace('required argument ', '')}; see sipdiag --help`;
  return text;
}

const addDoctorOptions = (command: Command): Command =>
  addSipOptions(addClientCertificateOptions(addAuthorityOption(addRunOptions(command)))).option(
    '--thorough',
    'everything that takes longer, --authority included',
  );

function addDnsCommand(program: Command, settle: (code: number) => void): void {
  addAuthorityOption(
    addRunOptions(
      program
        .command('dns')
        .description('where every kind of SIP client would connect by DNS, and what DNS hides from it')
        .argument('[target]', 'a domain, sip:user@domain, or one SRV name such as _sip._tls.example.com')
        .option('--lab [fault]', 'look at the embedded lab instead, healthy or with a fault'),
    ),
  ).action(async (target: string | undefined, options: RunOptions & { lab?: string | true }) => {
    const { dnsCommand } = await import('./dns.ts');
    settle(await dnsCommand(target, options));
  });
}

function addSigninCommand(program: Command, settle: (code: number) => void): void {
  addCountOption(
    addSipOptions(
      addClientCertificateOptions(
        addRunOptions(
          program
            .command('signin')
            .description('every transport by address and by name: OPTIONS, REGISTER without and with credentials')
            .argument('[target]', 'sip:user@domain, a domain, host:port or an address')
            .option('--lab [fault]', 'sign in at the embedded lab instead, healthy or with a fault'),
        ),
      ),
    ),
  ).action(async (target: string | undefined, options: DoctorOptions) => {
    const { signinCommand } = await import('./signin.ts');
    settle(await signinCommand(target, options));
  });
}

function addTlsCommand(program: Command, settle: (code: number) => void): void {
  addTlsOptions(
    program
      .command('tls')
      .description('what a TLS server, a certificate file or a peer that connects presents, judged by the rules of SIP')
      .argument('[target]', 'host, host:port, a domain or a SIP URI'),
  ).action(async (target: string | undefined, options: TlsOptions) => {
    const { tlsCommand } = await import('./tls.ts');
    settle(await tlsCommand(target, options));
  });
}

function addCsrCommand(program: Command, settle: (code: number) => void): void {
  program
    .command('csr')
    .description('a new key and a certificate request with the right names and both usages')
    .option('--name <host>', 'name that clients look for, repeatable; the first is the common name', collect(String))
    .option('--pool <name>', 'name of a pool; the common name')
    .option('--member <host>', 'server of the pool, repeatable', collect(String))
    .option('--sip-domain <domain>', 'SIP domain that is served, repeatable: adds sip.<domain>', collect(String))
    .addOption(
      new Option('--key-type <type>', 'rsa2048, rsa3072, rsa4096, p256 or p384')
        .default('rsa2048')
        .argParser(parseChoice('--key-type', ['rsa2048', 'rsa3072', 'rsa4096', 'p256', 'p384'] as const)),
    )
    .addOption(
      new Option('--profile <name>', 'for which system: lcs2003, lync, federation, teams-direct-routing, …')
        .default('rfc3263')
        .argParser(parseProfile),
    )
    .option('--key <file>', 'new file for the private key; default: <common name>.key')
    .option('--output <file>', 'write the request to a file')
    .option('-q, --quiet', 'only the request')
    .action(async (options: CsrOptions) => {
      const { csrCommand } = await import('./csr.ts');
      settle(await csrCommand(options));
    });
}

function addExplainCommand(program: Command, settle: (code: number) => void): void {
  program
    .command('explain')
    .description('what a finding or a code means and what to do; without an id, the list')
    .argument('[id...]', 'cert-dates.expired, 403, 1009 (ms-diagnostics), 0x80EE0042, alert 116, Q.850 17')
    .option('--json', 'for a script')
    .action(async (words: string[], options: ExplainOptions) => {
      const { explainCommand } = await import('./explain.ts');
      settle(explainCommand(words, options));
    });
}

function buildProgram(settle: (code: number) => void): Command {
  const program = new Command('sipdiag');
  program
    .description('Finds out why a SIP client cannot sign in: the first broken rung, its cause, and what to do next.')
    .version(VERSION, '-V, --version')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .showSuggestionAfterError(false)
    .addHelpText('after', EXAMPLES);

  addDoctorOptions(
    program
      .command('doctor')
      .description('climb the whole ladder: DNS, TCP, TLS, certificate, SIP, sign-in, callback, media')
      .argument('[target]', 'sip:user@domain, a domain, host:port or an address')
      .option('--lab [fault]', 'diagnose the embedded lab instead, healthy or with a fault'),
  ).action(async (target: string | undefined, options: DoctorOptions) => {
    const { doctorCommand } = await import('./doctor.ts');
    settle(await doctorCommand(target, options));
  });

  addDnsCommand(program, settle);
  addSigninCommand(program, settle);

  addTlsCommand(program, settle);

  addCsrCommand(program, settle);

  addOutputOptions(
    program
      .command('judge')
      .description('judge and draw a saved run again, without a network')
      .argument('<run.json>', 'file written by --save'),
  ).action(async (file: string, options: OutputOptions) => {
    const { judgeCommand } = await import('./judge.ts');
    settle(await judgeCommand(file, options));
  });
  addExplainCommand(program, settle);
  return program;
}

/** Runs one command line; gives the exit code. Never throws for what the user or a remote did. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = buildProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (error.code === 'commander.help') {
        process.stderr.write(program.helpInformation());
        return EXIT_USAGE;
      }
      process.stderr.write(`sipdiag: ${escapeTerminal(usageText(error))}\n`);
      return EXIT_USAGE;
    }
    if (error instanceof UsageError) {
      // What was typed, and what stands in a file, may hold line ends and terminal controls.
      process.stderr.write(`sipdiag: ${escapeTerminal(error.message)}\n`);
      return EXIT_USAGE;
    }
    // Not the user and not a remote: our own fault, named as such.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`sipdiag: this is a bug in sipdiag, please report it\n${text}\n`);
    return EXIT_UNKNOWN;
  }
}
