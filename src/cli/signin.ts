import { diagnose, type DoctorOptions } from './doctor.ts';
import { UsageError } from './usage-error.ts';

const EXPECTED = 'expected sipdiag signin sip:user@domain (or a domain with --user, host:port, an address)';

/** `sipdiag signin`: every transport by address and by name, without and with credentials. Throws UsageError. */
export async function signinCommand(target: string | undefined, options: DoctorOptions): Promise<number> {
  if (options.lab !== undefined) {
    const { withLab } = await import('./lab.ts');
    return withLab(target, options, (input, given, { password }) =>
      diagnose(input, { ...options, ...given, knownPassword: () => password }, { command: 'signin' }),
    );
  }
  if (target === undefined) throw new UsageError(`the target is missing; ${EXPECTED}`);
  return diagnose(target, options, { command: 'signin' });
}
