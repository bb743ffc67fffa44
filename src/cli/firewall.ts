import { diagnose, type DoctorOptions } from './doctor.ts';
import { UsageError } from './usage-error.ts';

const EXPECTED = 'expected sipdiag firewall sip:user@domain (or a domain with --user, host:port, an address)';

/** `sipdiag firewall`: can the far side reach the port in the Contact and the media ports? Throws UsageError. */
export async function firewallCommand(target: string | undefined, options: DoctorOptions): Promise<number> {
  if (options.lab !== undefined) {
    const { withLab } = await import('./lab.ts');
    return withLab(target, options, (input, given, { password }) =>
      diagnose(input, { ...options, ...given, knownPassword: () => password }, { command: 'firewall' }),
    );
  }
  if (target === undefined) throw new UsageError(`the target is missing; ${EXPECTED}`);
  return diagnose(target, options, { command: 'firewall' });
}
