import type { Question } from '../probe/ask-dns.ts';
import { diagnose, type DoctorOptions, type RunKind } from './doctor.ts';
import { isAddress } from './ip-address.ts';
import { isServiceName } from './parse-domain.ts';
import { parseTarget } from './parse-target.ts';
import { UsageError } from './usage-error.ts';

const EXPECTED = 'expected a domain, sip:user@domain, or an SRV name such as _sip._tls.example.com';

/** A service name is one question; any other name is a domain that all profiles are put to. */
function questionIn(domain: string | undefined): Question | undefined {
  return domain !== undefined && isServiceName(domain) ? { name: domain, type: 'SRV' } : undefined;
}

/** All profiles, or one question. Throws UsageError for an address. */
export function dnsKindOf(input: string): RunKind {
  const { domain, server } = parseTarget(input);
  if (server !== undefined && isAddress(server.host)) {
    throw new UsageError(`'${input}' is an address, and has no names to look up; ${EXPECTED}`);
  }
  const question = questionIn(domain);
  return { command: 'dns', ...(question === undefined ? {} : { question }) };
}

/** `sipdiag dns`: where every client generation would connect, and what DNS hides from it. Throws UsageError. */
export async function dnsCommand(target: string | undefined, options: DoctorOptions): Promise<number> {
  if (options.lab !== undefined) {
    const { withLab } = await import('./lab.ts');
    return withLab(target, options, (input, given) => diagnose(input, given, dnsKindOf(input)));
  }
  if (target === undefined) throw new UsageError(`the target is missing; ${EXPECTED}`);
  return diagnose(target, options, dnsKindOf(target));
}
