import { addAuthorityOption, addRunOptions, type RunOptions } from '../common-options.ts';
import type { DoctorOptions } from '../doctor.ts';
import { addFarSideOptions } from '../far-side-options.ts';
import { addCountOption, addSipOptions } from '../sip-options.ts';
import { addClientCertificateOptions } from '../tls-options.ts';
import { VERDICT_EXITS } from '../exit-code.ts';
import type { CommandRow } from './command-row.ts';

export const doctorRow: CommandRow = {
  name: 'doctor',
  description: 'climb the whole ladder: DNS, TCP, TLS, certificate, SIP, sign-in, callback, media',
  examples: [
    { line: 'doctor sip:toml@fuzzybunny.local', says: 'why can this user not sign in?' },
    {
      line: 'doctor sip:toml@fuzzybunny.local --auth-user toml',
      says: 'the same with the password, which is asked for',
    },
    { line: 'doctor fuzzybunny.local --json', says: 'for a script; the exit code says as much' },
    { line: 'doctor --lab cert-expired', says: 'learn on a fault of your choice, on loopback' },
  ],
  exits: VERDICT_EXITS,
  declare(command, settle) {
    command
      .argument('[target]', 'sip:user@domain, a domain, host:port or an address')
      .option('--lab [fault]', 'diagnose the embedded lab instead, healthy or with a fault');
    addFarSideOptions(addSipOptions(addClientCertificateOptions(addAuthorityOption(addRunOptions(command)))))
      .option('--thorough', 'everything that takes longer, --authority included')
      .action(async (target: string | undefined, options: DoctorOptions) => {
        const { doctorCommand } = await import('../doctor.ts');
        settle(await doctorCommand(target, options));
      });
  },
};

export const dnsRow: CommandRow = {
  name: 'dns',
  description: 'where every kind of SIP client would connect by DNS, and what DNS hides from it',
  examples: [
    { line: 'dns fuzzybunny.local', says: 'where would each kind of client connect?' },
    { line: 'dns _sip._tls.fuzzybunny.local', says: 'just this one question' },
    {
      line: 'dns fuzzybunny.local --resolver in=10.0.0.53 --resolver out=192.0.2.53',
      says: 'two views of DNS side by side',
    },
    { line: 'dns fuzzybunny.local --authority', says: 'ask the name servers of the zone as well' },
  ],
  exits: VERDICT_EXITS,
  declare(command, settle) {
    command
      .argument('[target]', 'a domain, sip:user@domain, or one SRV name such as _sip._tls.example.com')
      .option('--lab [fault]', 'look at the embedded lab instead, healthy or with a fault');
    addAuthorityOption(addRunOptions(command)).action(
      async (target: string | undefined, options: RunOptions & { lab?: string | true }) => {
        const { dnsCommand } = await import('../dns.ts');
        settle(await dnsCommand(target, options));
      },
    );
  },
};

export const signinRow: CommandRow = {
  name: 'signin',
  description: 'every transport by address and by name: OPTIONS, REGISTER without and with credentials',
  examples: [
    { line: 'signin sip:toml@fuzzybunny.local', says: 'which ways lead to a server that answers?' },
    { line: 'signin sip:toml@fuzzybunny.local --password-file pw', says: 'sign in as well, and take the Contact back' },
    { line: 'signin sip:toml@fuzzybunny.local --count 20', says: 'times, jitter and loss of each way' },
    { line: 'signin --lab', says: 'on the embedded lab' },
  ],
  exits: VERDICT_EXITS,
  declare(command, settle) {
    command
      .argument('[target]', 'sip:user@domain, a domain, host:port or an address')
      .option('--lab [fault]', 'sign in at the embedded lab instead, healthy or with a fault');
    addCountOption(addSipOptions(addClientCertificateOptions(addRunOptions(command)))).action(
      async (target: string | undefined, options: DoctorOptions) => {
        const { signinCommand } = await import('../signin.ts');
        settle(await signinCommand(target, options));
      },
    );
  },
};

export const firewallRow: CommandRow = {
  name: 'firewall',
  description: 'can the far side reach the port in the Contact, and the media ports?',
  examples: [
    {
      line: 'firewall sip:toml@fuzzybunny.local --password-file pw',
      says: 'does the SIP server itself reach the ports 7100-7103 of this machine?',
    },
    {
      line: 'firewall sip:toml@fuzzybunny.local --agent 203.0.113.9 --token-file token',
      says: 'does sipdiag agent beside the server reach SIP and media ports? NAT? SIP ALG?',
    },
    {
      line: 'firewall fuzzybunny.local --via manual --deadline 300000',
      says: 'nobody to ask: what to type on the far side, and what of it arrived',
    },
    {
      line: 'firewall sip:toml@fuzzybunny.local --password-file pw --idle 130',
      says: 'and again after 130 s of silence: who forgets the connection?',
    },
  ],
  exits: VERDICT_EXITS,
  declare(command, settle) {
    command
      .argument('[target]', 'sip:user@domain, a domain, host:port or an address')
      .option('--lab [fault]', 'ask the embedded lab instead, healthy or with a fault');
    addFarSideOptions(addSipOptions(addClientCertificateOptions(addRunOptions(command)))).action(
      async (target: string | undefined, options: DoctorOptions) => {
        const { firewallCommand } = await import('../firewall.ts');
        settle(await firewallCommand(target, options));
      },
    );
  },
};
