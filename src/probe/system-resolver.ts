import type { SystemLookupObservation } from '../model/dns.ts';
import { attempt, offsetMs, sideBySide, waitOf, type ProbeContext } from './context.ts';
import { isAddress } from './endpoint-text.ts';

/** Host names that are looked up: as many as one domain has servers in practice. */
const MAX_HOSTS = 16;
/** The system has four threads for lookups by default; more would wait inside it and look slow. */
const SIDE_BY_SIDE = 4;

/** Asks the operating system for the addresses of the hosts, as every other program on this machine does. */
export async function askSystem(context: ProbeContext, hosts: readonly string[]): Promise<SystemLookupObservation[]> {
  const names = [...new Set(hosts)].filter((host) => host !== '' && !isAddress(host)).slice(0, MAX_HOSTS);
  return sideBySide(names, SIDE_BY_SIDE, async (host): Promise<SystemLookupObservation> => {
    const at = offsetMs(context);
    const outcome = await attempt(context, async () => ({
      addresses: await context.world.net.systemLookup(host, waitOf(context)),
    }));
    return { kind: 'lookup', subject: host, at, about: { host }, outcome };
  });
}
