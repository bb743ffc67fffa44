import type { NamePolicy } from '../model/tls.ts';
import { findRegistryValue, readRegistryFile } from '../wire/reg-file.ts';
import { readBinaryFile } from './files.ts';
import { UsageError } from './usage-error.ts';

/** Regedit exports of one branch have some kilobytes. */
const MAX_OCTETS = 16 * 1024 * 1024;
const VALUE = 'DisableStrictDNSNaming';
const EXPECTED = 'a registry export (.reg) or the output of reg query';

/** Where the clients look: Windows Messenger, Communicator, Lync and Skype for Business, by machine or by user. */
const POLICY_KEYS = /\\Policies\\Microsoft\\(Messenger\\Client(\\.*)?|Communicator|Office\\\d+\.\d+\\Lync)$/i;

/** Reads what a registry export says about strict naming. Throws UsageError. */
export async function readNamePolicy(file: string): Promise<NamePolicy> {
  return namePolicyIn(await readBinaryFile(file, EXPECTED, MAX_OCTETS), file);
}

/** The same for the octets of a file. Throws UsageError. */
export function namePolicyIn(bytes: Uint8Array, file: string): NamePolicy {
  try {
    const value = findRegistryValue(readRegistryFile(bytes), VALUE, POLICY_KEYS);
    if (value === undefined) return { file, setting: `${VALUE} (not set)`, strictNaming: 'on' };
    const setting = `${value.key}\\${VALUE} = ${value.data}`;
    return { file, setting, strictNaming: value.data === 1 || value.data === '1' ? 'off' : 'on' };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WireError') throw error;
    throw new UsageError(`cannot read ${file}: ${error.message}; expected ${EXPECTED}`);
  }
}
