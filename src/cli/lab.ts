import { rm, writeFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULTS, isFaultName, type FaultName } from '../lab/faults.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import type { Endpoint } from '../world.ts';
import type { ClientCertificateOptions } from './client-certificate.ts';
import type { RunOptions } from './common-options.ts';
import type { FarSideOptions } from './far-side-options.ts';
import { freeClientPorts } from './lab-ports.ts';
import { nearMatches } from './near-match.ts';
import { UsageError } from './usage-error.ts';

type LabOptions = RunOptions &
  FarSideOptions &
  Pick<ClientCertificateOptions, 'clientCert' | 'clientKey'> & { lab?: string | true; knownPassword?: () => string };

/** Throws UsageError for a name that is no fault; `option` is what the user typed before it. */
export function faultsOf(names: readonly string[], option: '--lab' | '--fault'): FaultName[] {
  return names.map((name) => {
    if (isFaultName(name)) return name;
    const near = nearMatches(name, Object.keys(FAULTS));
    const help = near.length > 0 ? `did you mean ${near.join(' or ')}? ` : '';
    throw new UsageError(`${option} '${name}' is not a fault; ${help}expected one that sipdiag lab --list shows`);
  });
}

/** What would do, where this machine has not what the lab asked for. */
const EXPECTED: Readonly<Record<string, string>> = {
  address: 'the addresses of 127.0.0.0/8 on the loopback interface (macOS: sudo ifconfig lo0 alias 127.0.0.2)',
};

/** Starts the lab. Throws UsageError where this machine does not let it, and RangeError as it does itself. */
export async function startLabHere(options: Parameters<typeof startLab>[0]): Promise<Lab> {
  try {
    return await startLab(options);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NetError' || !('code' in error)) throw error;
    const expected = EXPECTED[String(error.code)] ?? 'ports that are free, or none at all';
    throw new UsageError(`the lab cannot start: ${error.message}; expected ${expected}`);
  }
}

/** The client certificate of the user of the lab and its key, as files; undefined: the user has none. */
export async function writeClient({ client }: Pick<Lab, 'client'>, folder: string) {
  if (client === undefined) return undefined;
  const [certificate, key] = [join(folder, 'client.pem'), join(folder, 'client.key')];
  await writeFile(certificate, client.certPem);
  await writeFile(key, client.keyPem, { mode: 0o600 });
  return { certificate, key };
}

/** The policy of the clients of the lab, as a file; undefined: they have none. */
export async function writePolicy({ machine }: Pick<Lab, 'machine'>, folder: string): Promise<string | undefined> {
  if (machine.policy === undefined) return undefined;
  const policy = join(folder, 'policy.reg');
  await writeFile(policy, machine.policy);
  return policy;
}

/** Ports of the client: those of its policy, those of its machine, or any. */
async function portsOf({ policy, sipPorts }: Lab['machine']): Promise<Pick<FarSideOptions, 'ports' | 'mediaPorts'>> {
  if (policy !== undefined) return {};
  return { ...(await freeClientPorts()), ...(sipPorts === undefined ? {} : { ports: sipPorts }) };
}

function witnessesOf({ witnesses: { agent, stun } }: Lab): Pick<FarSideOptions, 'agent' | 'stun'> {
  const named = ({ address, port }: Endpoint) => ({ host: address, port });
  return {
    ...(agent === undefined ? {} : { agent: named(agent) }),
    ...(stun === undefined ? {} : { stun: named(stun) }),
  };
}

const pinsOf = ({ pins }: Lab): [string, Endpoint][] =>
  pins.map(({ host, port, endpoint }) => [`${host}:${port}`, endpoint]);

/** Starts the lab on loopback, diagnoses it as a user of its domain would, and stops it. */
export async function withLab(
  target: string | undefined,
  options: LabOptions,
  diagnose: (input: string, options: LabOptions, account: Pick<Lab, 'user' | 'password'>) => Promise<number>,
): Promise<number> {
  const faults = typeof options.lab === 'string' ? faultsOf([options.lab], '--lab') : [];
  const lab = await startLabHere({ faults });
  const folder = await mkdtemp(join(tmpdir(), 'sipdiag-lab-'));
  try {
    const root = join(folder, 'root.pem');
    await writeFile(root, lab.rootPem);
    const shown = options.clientCert === undefined ? await writeClient(lab, folder) : undefined;
    const input = target ?? `sip:${lab.user}@${lab.domain}`;
    const [look = {}] = faults.map((name) => FAULTS[name].look ?? {});
    const policy = await writePolicy(lab, folder);
    const given = {
      ...(await portsOf(lab.machine)),
      ...witnessesOf(lab),
      ...(policy === undefined ? {} : { policy }),
      ...options,
      resolver: options.resolver ?? [...lab.resolvers],
      resolve: [...pinsOf(lab), ...(options.resolve ?? [])],
      ca: [...(options.ca ?? []), root],
      ...(look.profile === undefined || options.profile !== 'auto' ? {} : { profile: look.profile }),
      ...(shown === undefined ? {} : { clientCert: shown.certificate, clientKey: shown.key }),
      ...(look.account === 'given' ? { knownPassword: () => lab.password } : {}),
    };
    return await diagnose(input, given, lab);
  } finally {
    await lab.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
