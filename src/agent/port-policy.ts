/** HTTPS, which softphones use behind strict firewalls; no other port below 1024 is one of a SIP client (5060 and 5061 are above). */
const LOW_PORTS: readonly number[] = [443];
const FIRST_HIGH_PORT = 1024;

/** A range of ports, both ends included. */
export interface PortRange {
  first: number;
  last: number;
}

/** Which ports the agent connects to; absent: 1024 and above, and 443. */
export type PortPolicy = readonly PortRange[] | undefined;

/** Whether the agent may connect to a port. */
export function mayConnectTo(port: number, policy: PortPolicy): boolean {
  if (policy === undefined) return port >= FIRST_HIGH_PORT || LOW_PORTS.includes(port);
  return policy.some(({ first, last }) => port >= first && port <= last);
}

/** The policy as its owner reads it. */
export function describePorts(policy: PortPolicy): string {
  if (policy === undefined) return 'ports 443 and 1024-65535';
  const ranges = policy.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
  return `ports ${ranges.join(', ')}`;
}
