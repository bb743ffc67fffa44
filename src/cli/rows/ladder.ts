import { addAuthorityOption, addRunOptions, type RunOptions } from '../common-options.ts';
import type { DoctorOptions } from '../doctor.ts';
import { addCountOption, addSipOptions } from '../sip-options.ts';
import { addClientCertificateOptions } from '../tls-options.ts';
import type { CommandRow } from './command-row.ts';

export const doctorRow: CommandRow = {
  name: 'doctor',
  description: 'climb the whole ladder: DNS, TCP, TLS, certificate, SIP, sign-in, callback, media',
  declare(command, settle) {
    command
      .argument('[target]', 'sip:user@domain, a domain, host:port or an address')
      .option('--lab [fault]', 'diagnose the embedded lab instead, healthy or with a fault');
    addSipOptions(addClientCertificateOptions(addAuthorityOption(addRunOptions(command))))
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
