import type { Endpoint, NetReason } from '../world.ts';
import { showEndpoint } from './endpoint.ts';
import { NetError } from './net-error.ts';
import { codeOf } from './system-error.ts';

const REFUSALS: Readonly<Record<string, readonly [NetReason, string]>> = {
  EADDRINUSE: ['in-use', 'another program listens there'],
  EACCES: ['privileged', 'ports below 1024 need the rights of an administrator'],
  EADDRNOTAVAIL: ['address', 'this machine does not have that address'],
};

/** Why a port cannot be listened on. */
export function explainBindError(error: unknown, on: Endpoint): NetError {
  const text = error instanceof Error ? error.message : String(error);
  const [reason, why] = REFUSALS[codeOf(error)] ?? ['address' as const, text];
  return new NetError(reason, `cannot listen on ${showEndpoint(on)}: ${why}`, { cause: error });
}
