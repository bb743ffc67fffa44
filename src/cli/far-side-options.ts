import { Option, type Command } from 'commander';
import type { RunRequest } from '../run.ts';
import { readPortRangePolicy, type PortRangePolicy } from '../wire/port-range-policy.ts';
import { readBinaryFile } from './files.ts';
import { announceByHand } from './by-hand.ts';
import { UsageError } from './usage-error.ts';
import { addWitnessOptions, namedWitnesses, type WitnessOptions } from './witness-options.ts';

/** First and last port, both included. */
interface PortRangeOption {
  first: number;
  last: number;
}

/** What the user says about the rungs callback and media. */
export interface FarSideOptions extends WitnessOptions {
  ports?: PortRangeOption;
  mediaPorts?: PortRangeOption;
  idle?: number;
}

const MAX_PORT = 65_535;
/** An hour: beyond it every registration has been refreshed. */
const MAX_IDLE_SECONDS = 3600;
const MAX_POLICY_OCTETS = 16 * 1024 * 1024;
const POLICY_FORMS = 'a registry export (.reg) or the output of reg query';

function parsePortRange(option: string): (text: string) => PortRangeOption {
  return (text) => {
    const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from !== '' && first >= 1 && last >= first && last <= MAX_PORT) return { first, last };
    throw new UsageError(`${option} '${text}' is not a range of ports; expected FIRST-LAST, for example 7100-7103`);
  };
}

function parseIdle(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_IDLE_SECONDS) return seconds;
  throw new UsageError(`--idle '${text}' is not a time; expected seconds, from 1 to ${MAX_IDLE_SECONDS}`);
}

/** Options of the commands that climb the rungs callback and media. */
export function addFarSideOptions(command: Command): Command {
  return addWitnessOptions(command)
    .addOption(
      new Option('--ports <first-last>', 'SIP ports (TCP) that the client listens on; default: 7100-7103').argParser(
        parsePortRange('--ports'),
      ),
    )
    .addOption(
      new Option(
        '--media-ports <first-last>',
        'media ports (UDP) of the client; default: 5350-5353, or of the profile',
      ).argParser(parsePortRange('--media-ports')),
    )
    .addOption(
      new Option('--idle <seconds>', 'leave the connection silent, then ask the server again to reach us').argParser(
        parseIdle,
      ),
    );
}

async function readPolicy(file: string): Promise<PortRangePolicy> {
  const bytes = await readBinaryFile(file, POLICY_FORMS, MAX_POLICY_OCTETS);
  try {
    return readPortRangePolicy(bytes);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WireError') throw error;
    throw new UsageError(`cannot read ${file}: ${error.message}; expected ${POLICY_FORMS}`);
  }
}

type Given = RunRequest['farSide'];

/** What the options say about the far side. Throws UsageError. */
export async function farSideOf(
  options: FarSideOptions & { policy?: string; passwordFile?: string; deadline: number },
  listen: NonNullable<Given>['listen'],
): Promise<{ farSide: NonNullable<Given> }> {
  const { via, ports, mediaPorts, idle, policy } = options;
  const set = policy === undefined ? {} : await readPolicy(policy);
  const from = policy === undefined ? {} : { from: policy };
  const sip = ports
    ? { ...ports, source: 'option' as const }
    : set.sip && { ...set.sip, source: 'policy' as const, ...from };
  const media = mediaPorts
    ? { ...mediaPorts, source: 'option' as const }
    : set.media && { ...set.media, source: 'policy' as const, ...from };
  return {
    farSide: {
      via,
      named: { ...(await namedWitnesses(options)), announce: announceByHand(options.deadline) },
      idleSeconds: idle,
      listen,
      ports: { ...(sip === undefined ? {} : { sip }), ...(media === undefined ? {} : { media }) },
    },
  };
}
