import { Option } from 'commander';
import { collect } from '../common-options.ts';
import type { CsrOptions } from '../csr.ts';
import { parseChoice, parseProfile } from '../parse-values.ts';
import { addTlsOptions, type TlsOptions } from '../tls-options.ts';
import { VERDICT_EXITS } from '../exit-code.ts';
import type { CommandRow } from './command-row.ts';

export const tlsRow: CommandRow = {
  name: 'tls',
  description: 'what a TLS server, a certificate file or a peer that connects presents, judged by the rules of SIP',
  examples: [
    { line: 'tls sip.fuzzybunny.local', says: 'port 5061: handshake, names, chain, key usage' },
    { line: 'tls sip.fuzzybunny.local:443 --versions', says: 'which versions of TLS are spoken?' },
    { line: 'tls --file sip.pem --name sip.fuzzybunny.local', says: 'a certificate that is not installed yet' },
    { line: 'tls --listen 5061', says: 'what does a peer present when it connects to us?' },
  ],
  exits: VERDICT_EXITS,
  declare(command, settle) {
    addTlsOptions(command.argument('[target]', 'host, host:port, a domain or a SIP URI')).action(
      async (target: string | undefined, options: TlsOptions) => {
        const { tlsCommand } = await import('../tls.ts');
        settle(await tlsCommand(target, options));
      },
    );
  },
};

const KEY_TYPES = ['rsa2048', 'rsa3072', 'rsa4096', 'p256', 'p384'] as const;

export const csrRow: CommandRow = {
  name: 'csr',
  description: 'a new key and a certificate request with the right names and both usages',
  examples: [
    { line: 'csr --name sip.fuzzybunny.local', says: 'a new key in a file, the request on standard output' },
    {
      line: 'csr --pool pool.fuzzybunny.local --member fe1.fuzzybunny.local',
      says: 'for a pool of servers',
    },
    {
      line: 'csr --name sbc.fuzzybunny.local --profile teams-direct-routing --output sbc.csr',
      says: 'for an SBC at Teams',
    },
  ],
  exits: { 0: 'the request is made', 2: 'wrong usage, or a file that exists already or cannot be written' },
  declare(command, settle) {
    command
      .option('--name <host>', 'name that clients look for, repeatable; the first is the common name', collect(String))
      .option('--pool <name>', 'name of a pool; the common name')
      .option('--member <host>', 'server of the pool, repeatable', collect(String))
      .option('--sip-domain <domain>', 'SIP domain that is served, repeatable: adds sip.<domain>', collect(String))
      .addOption(
        new Option('--key-type <type>', 'rsa2048, rsa3072, rsa4096, p256 or p384')
          .default('rsa2048')
          .argParser(parseChoice('--key-type', KEY_TYPES)),
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
        const { csrCommand } = await import('../csr.ts');
        settle(await csrCommand(options));
      });
  },
};
