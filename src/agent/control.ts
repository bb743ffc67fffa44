import {
  AGENT_VERSION,
  createLineReader,
  isProven,
  MAX_ASK_OCTETS,
  type AgentAsk,
  type AgentErrorCode,
} from '../wire/agent-protocol.ts';
import { parseAsk } from '../wire/agent-messages.ts';
import { WireError } from '../wire/wire-error.ts';
import { refusalOf } from './address-policy.ts';
import { mostPorts, refuse, tell, type Desk, type Refusal } from './desk.ts';
import type { Guest } from './guests.ts';
import { serveAsk } from './serve-ask.ts';

/** Why an ask is not served; the cheapest questions come first, and nothing has been done for it until all are answered. */
function objectionTo(
  desk: Desk,
  { address, source }: Guest,
  { ask, challenge }: { ask: AgentAsk; challenge: string },
): Refusal | undefined {
  const now = desk.world.now();
  if (!desk.perSource.take(source, now))
    return { code: 'rate', detail: 'too many asks from your address; wait a minute' };
  if (desk.token !== undefined && !isProven(desk.token(), challenge, ask))
    return { code: 'token', detail: 'this agent serves those who know its token' };
  const most = mostPorts(desk);
  if (ask.ports.length > most) return { code: 'policy', detail: `at most ${most} ports in one ask` };
  const refused = refusalOf(address, desk.addresses);
  if (refused !== undefined) return { code: 'policy', detail: refused };
  const served = [...desk.guests.all()].filter(({ phase }) => phase === 'served').length;
  if (served >= desk.mostServed || !desk.together.take('', now))
    return { code: 'busy', detail: 'the agent serves others just now; try again in a moment' };
  return undefined;
}

function hear(desk: Desk, guest: Guest, { line, challenge }: { line: string; challenge: string }): void {
  const ask = parseAsk(line);
  const objection = objectionTo(desk, guest, { ask, challenge });
  if (objection !== undefined) return refuse(desk, guest, objection);
  desk.guests.enter(guest, 'served', desk.world.now());
  void serveAsk(desk, guest, ask);
}

const CODES: Readonly<Record<string, AgentErrorCode>> = { version: 'version', 'too-long': 'too-long' };

/** Speaks with a guest whose stream is open: the challenge, one ask, its answers. */
export function receive(desk: Desk, guest: Guest): void {
  const challenge = desk.world.randomHex('agent/challenge', 16);
  const reader = createLineReader(MAX_ASK_OCTETS);
  guest.stream?.on('data', (bytes: Uint8Array) => {
    // Whatever comes after the ask is read, so that the end is orderly, and not looked at.
    if (guest.phase !== 'asking') return;
    try {
      const [line] = reader.push(bytes);
      if (line !== undefined) hear(desk, guest, { line, challenge });
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      refuse(desk, guest, { code: CODES[error.code] ?? 'malformed', detail: error.message });
    }
  });
  const token = desk.token === undefined ? 'none' : 'required';
  tell(guest, { type: 'hello', versions: [AGENT_VERSION], challenge, token, ports: mostPorts(desk) });
}
