import { rm, writeFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULTS } from '../lab/faults.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import type { RunOptions } from './common-options.ts';
import { UsageError } from './usage-error.ts';

type LabOptions = RunOptions & { lab?: string | true };

function faultOf(name: string | true | undefined): (keyof typeof FAULTS)[] {
  if (name === true || name === undefined) return [];
  const known = Object.keys(FAULTS);
  if (!Object.hasOwn(FAULTS, name))
    throw new UsageError(`--lab '${name}' is not a fault; expected ${known.join(', ')}`);
  return [name as keyof typeof FAULTS]; // tested in the line above
}

/** Starts the lab on loopback, diagnoses it as a user of its domain would, and stops it. */
export async function withLab(
  target: string | undefined,
  options: LabOptions,
  diagnose: (input: string, options: LabOptions, account: Pick<Lab, 'user' | 'password'>) => Promise<number>,
): Promise<number> {
  const faults = faultOf(options.lab);
  const lab = await startLab({ faults });
  const folder = await mkdtemp(join(tmpdir(), 'sipdiag-lab-'));
  try {
    const root = join(folder, 'root.pem');
    await writeFile(root, lab.rootPem);
    const resolver = [{ label: 'lab', endpoint: lab.dns }];
    const input = target ?? `sip:${lab.user}@${lab.domain}`;
    const given = { ...options, resolver: options.resolver ?? resolver, ca: [...(options.ca ?? []), root] };
    return await diagnose(input, given, lab);
  } finally {
    await lab.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
