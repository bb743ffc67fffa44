import type { PortRange } from '../agent/port-policy.ts';
import { UsageError } from './usage-error.ts';

const LAST_PORT = 65_535;
const MAX_RANGES = 64;
const MAX_MIRROR_PORTS = 4;

function rangeOf(text: string): PortRange | undefined {
  const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const [first, last] = [Number(from), Number(to)];
  return first >= 1 && first <= last && last <= LAST_PORT ? { first, last } : undefined;
}

function rangesIn(option: string, text: string): PortRange[] {
  const ranges = text.split(',').map(rangeOf);
  const good = ranges.filter((one) => one !== undefined);
  if (good.length < ranges.length || good.length > MAX_RANGES)
    throw new UsageError(
      `${option} '${text}' is no list of ports; expected numbers and ranges, for example 5060,7100-7103`,
    );
  return good;
}

/** '5060,7100-7103'. Throws UsageError. */
export const parsePortRanges = (text: string): PortRange[] => rangesIn('--allow-ports', text);

/** A few single ports, or 'none'. Throws UsageError. */
export function parseMirrorPorts(text: string): number[] {
  if (text === 'none') return [];
  const ports = rangesIn('--mirror-ports', text).map(({ first, last }) => (first === last ? first : Number.NaN));
  if (ports.some((port) => Number.isNaN(port)) || new Set(ports).size < ports.length || ports.length > MAX_MIRROR_PORTS)
    throw new UsageError(
      `--mirror-ports '${text}' is not understood; expected up to ${MAX_MIRROR_PORTS} different ports, or none`,
    );
  return ports;
}
