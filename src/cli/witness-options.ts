import { Option, type Command } from 'commander';
import type { Witness } from '../model/far-side.ts';
import type { NamedWitnesses } from '../probe/other-witnesses.ts';
import { readToken } from './agent-token.ts';
import { readSecret } from './credentials.ts';
import { parseAgent, parseStunServer, parseTurnServer, type StunServer, type TurnServer } from './parse-relay.ts';
import { UsageError } from './usage-error.ts';

/** Who on the far side is asked, besides the SIP server. */
export interface WitnessOptions {
  via?: Witness[];
  agent?: StunServer;
  agentTls?: true;
  tokenFile?: string;
  stun?: StunServer;
  turn?: TurnServer;
  turnUser?: string;
  turnPasswordFile?: string;
}

const WITNESSES: readonly Witness[] = ['sip', 'agent', 'turn', 'stun', 'manual'];

function parseVia(text: string): Witness[] {
  return text.split(',').map((one) => {
    const name = WITNESSES.find((witness) => witness === one.trim().toLowerCase());
    if (name === undefined)
      throw new UsageError(`--via '${one}' is not a witness; expected ${WITNESSES.join(', ')}, separated by commas`);
    return name;
  });
}

/** Options that name the witnesses on the far side. */
export function addWitnessOptions(command: Command): Command {
  return command
    .option('--via <list>', `who is asked to reach us: ${WITNESSES.join(', ')}; default: whoever can be`, parseVia)
    .addOption(
      new Option('--agent <host[:port]>', 'sipdiag agent on the far side; port 7199 unless it is named').argParser(
        parseAgent,
      ),
    )
    .option('--agent-tls', 'speak TLS with the agent; it has to prove its name')
    .option('--token-file <file>', 'file with the token of the agent')
    .addOption(
      new Option('--turn <uri>', 'TURN server (turn:host, turns:host): reaches our ports from outside').argParser(
        parseTurnServer,
      ),
    )
    .option('--turn-user <name>', 'user of the TURN server; default: the SIP account')
    .option('--turn-password-file <file>', "file with the TURN user's password")
    .addOption(
      new Option('--stun <host[:port]>', 'STUN server: how the NAT maps and filters').argParser(parseStunServer),
    );
}

function checkTogether({ via, agent, agentTls, tokenFile, turnUser, turnPasswordFile, turn }: WitnessOptions): void {
  if (agent === undefined && via?.includes('agent') === true)
    throw new UsageError('--via agent names no agent; expected --agent HOST[:PORT] as well');
  if (agent === undefined && (agentTls === true || tokenFile !== undefined))
    throw new UsageError(
      `${agentTls === true ? '--agent-tls' : '--token-file'} is of no use alone; expected --agent HOST[:PORT] as well`,
    );
  if ((turnUser === undefined) !== (turnPasswordFile === undefined))
    throw new UsageError('--turn-user and --turn-password-file belong together; expected both, or neither');
  if (turnUser !== undefined && turn === undefined)
    throw new UsageError('--turn-user is of no use alone; expected --turn URI as well');
}

/** The witnesses that the options name; their secrets are in closures from here on. Throws UsageError. */
export async function namedWitnesses(
  options: WitnessOptions & { passwordFile?: string },
): Promise<Pick<NamedWitnesses, 'agent' | 'stun' | 'turn' | 'turnCredentials'>> {
  checkTogether(options);
  const { agent, agentTls, tokenFile, stun, turn, turnUser, turnPasswordFile, passwordFile } = options;
  if (turnPasswordFile === '-' && passwordFile === '-')
    throw new UsageError('standard input holds one password; expected --turn-password-file FILE');
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  const password = turnPasswordFile === undefined ? undefined : await readSecret(turnPasswordFile);
  return {
    agent: agent && { ...agent, tls: agentTls === true ? 'tls' : 'tcp', token },
    stun,
    turn,
    ...(turnUser === undefined || password === undefined
      ? {}
      : { turnCredentials: { user: turnUser, password: () => password } }),
  };
}
