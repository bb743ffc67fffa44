import { findRegistryValue, readRegistryFile, type RegistryValue } from './reg-file.ts';

/** First and last port, both included. */
export interface PolicyRange {
  first: number;
  last: number;
}

/** What a Windows policy says about the ports of RTC clients; absent: nothing. */
export interface PortRangePolicy {
  sip?: PolicyRange;
  media?: PolicyRange;
}

/** Windows Messenger and its heirs, by machine or by user; the 32-bit branch of a 64-bit machine too. */
const KEYS = /\\Microsoft\\(?:Windows\\)?RTC\\PortRange$/i;
const MAX_PORT = 65_535;

const asPort = (value: RegistryValue | undefined): number | undefined => {
  if (value === undefined) return undefined;
  const port = typeof value.data === 'number' ? value.data : Number.parseInt(value.data, 10);
  return Number.isInteger(port) && port >= 1 && port <= MAX_PORT ? port : undefined;
};

function rangeOf(values: readonly RegistryValue[], names: readonly [string, string]): PolicyRange | undefined {
  const [first, last] = names.map((name) => asPort(findRegistryValue(values, name, KEYS)));
  return first === undefined || last === undefined || last < first ? undefined : { first, last };
}

/** Reads `MinSipDynamicPort` … `MaxMediaPort` from a registry export or the output of `reg query`. Throws WireError. */
export function readPortRangePolicy(bytes: Uint8Array): PortRangePolicy {
  const values = readRegistryFile(bytes);
  const sip = rangeOf(values, ['MinSipDynamicPort', 'MaxSipDynamicPort']);
  const media = rangeOf(values, ['MinMediaPort', 'MaxMediaPort']);
  return { ...(sip === undefined ? {} : { sip }), ...(media === undefined ? {} : { media }) };
}
