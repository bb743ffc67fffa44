import type { Observation, Rung, Target } from '../model.ts';
import type { Witness } from '../model/far-side.ts';
import { isAddress } from './endpoint-text.ts';
import type { Credentials } from './sign-in.ts';

/** The commands that climb the ladder, or a part of it. */
export type Command = 'doctor' | 'dns' | 'tls' | 'signin' | 'firewall';

interface Scoped {
  command: Command;
  target: Target;
  credentials?: Credentials;
}

/** A command is a choice of rungs, not a program of its own: so no two commands can disagree about one. */
export const SCOPES: Readonly<Record<Command, readonly Rung[]>> = {
  dns: ['dns'],
  tls: ['dns', 'connect', 'tls', 'certificate'],
  signin: ['dns', 'connect', 'tls', 'certificate', 'sip', 'auth'],
  firewall: ['dns', 'connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media'],
  doctor: ['dns', 'connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media'],
};

export const RUNGS: readonly Rung[] = SCOPES.doctor;

/** Who can say something of the ports of the rung. */
const WITNESSES: Partial<Record<Rung, readonly Witness[]>> = {
  callback: ['sip', 'agent', 'turn', 'manual'],
  media: ['agent', 'turn', 'manual'],
};

/** Somebody was asked about the ports of the rung, in vain or not. */
const isWitnessed = (rung: Rung, seen: readonly Observation[]): boolean =>
  seen.some((one) =>
    one.kind === 'reach'
      ? one.about.use === (rung === 'media' ? 'media' : 'sip')
      : one.kind === 'nat'
        ? rung === 'media'
        : one.kind === 'witness' && WITNESSES[rung]?.includes(one.about.witness) === true,
  );

/** How to get a witness, for the rungs that need one. */
const NO_WITNESS: Partial<Record<Rung, string>> = {
  callback: 'no witness on the far side (give --password-file or --agent)',
  media: 'no witness on the far side (give --agent or --turn)',
};

/** Why a rung is left out of this run, or null. */
export function leftOut(
  rung: Rung,
  { command, target, credentials }: Scoped,
  seen: readonly Observation[],
): string | null {
  if (!SCOPES[command].includes(rung)) return `not part of sipdiag ${command}`;
  if (rung === 'dns' && target.server !== undefined && isAddress(target.server.host)) return 'the target is an address';
  if (rung === 'auth' && credentials === undefined) return 'no password (give --password-file)';
  return NO_WITNESS[rung] !== undefined && !isWitnessed(rung, seen) ? NO_WITNESS[rung] : null;
}
