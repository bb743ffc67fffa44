/** Addresses that are put on the loopback interface for a server that listens only on addresses that an interface has. */
import { execFileSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { onProcessExit, type Stoppable } from './clean-up.ts';
import { isAlive, pathWithSbin } from './server-process.ts';

/** An address is labelled with the id of the process that has added it: what a killed process has left can be told by it. */
const LABEL = 'lo:sd';

function ipAddress(args: string[]): string {
  const env = { ...process.env, PATH: pathWithSbin() };
  return execFileSync('ip', ['-o', '-4', 'address', ...args], { env, encoding: 'utf8', stdio: 'pipe' });
}

function deleteAddress(address: string): void {
  ipAddress(['del', `${address}/32`, 'dev', 'lo']);
}

/** Removes what test processes that no longer live have left. */
function sweep(): void {
  const labelled = ipAddress(['show', 'dev', 'lo']).matchAll(/inet (\S+)\/32 .*lo:sd(\d+)/g);
  for (const [, address, pid] of labelled) {
    if (address === undefined || isAlive(Number(pid))) continue;
    try {
      deleteAddress(address);
    } catch {
      // A test process beside this one sweeps too and was faster.
    }
  }
}

/**
 * Puts a loopback address on the interface unless it is there already; `stop` takes it off again. Needs root. The system
 * answers on all of 127.0.0.0/8 without this; named is the one that asks the interfaces.
 */
export function addLoopbackAddress(address: string): Stoppable {
  const isPresent = Object.values(networkInterfaces()).some((list) => list?.some((entry) => entry.address === address));
  if (isPresent || !address.startsWith('127.')) return { stop: () => Promise.resolve() };
  sweep();
  ipAddress(['add', `${address}/32`, 'dev', 'lo', 'scope', 'host', 'label', `${LABEL}${process.pid}`]);
  let isAdded = true;
  const remove = () => {
    if (isAdded) deleteAddress(address);
    isAdded = false;
  };
  const callOff = onProcessExit(remove);
  return {
    stop: () => {
      callOff();
      remove();
      return Promise.resolve();
    },
  };
}
