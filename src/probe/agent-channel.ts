import {
  createLineReader,
  formatLine,
  MAX_ANSWER_OCTETS,
  type AgentAnswer,
  type AgentAsk,
} from '../wire/agent-protocol.ts';
import { parseAnswer } from '../wire/agent-messages.ts';
import type { ByteStream, Endpoint, Wait } from '../world.ts';
import { checkPeer } from './check-peer.ts';
import { failureOf, leftOf, waitOf, type ProbeContext } from './context.ts';
import { isAddress } from './endpoint-text.ts';

const LINE_END = 0x0a;

/** Where an agent is asked. */
export interface AgentServer {
  server: Endpoint;
  /** As the user named it; the name that its certificate has to prove. */
  host: string;
  tls: 'tls' | 'tcp';
}

/** A control connection. */
export interface AgentChannel {
  local: Endpoint;
  /** Why it is not proven who answers; absent: the certificate proves it. */
  doubt?: string;
  /** Both by a time of the world's clock. Throws NetError. */
  say(ask: AgentAsk, until: number): Promise<void>;
  /** The next line. Throws NetError and WireError. */
  next(until: number): Promise<AgentAnswer>;
  close(): void;
}

function channelOver(context: ProbeContext, stream: ByteStream, doubt: string | undefined): AgentChannel {
  const { world, signal } = context;
  const reader = createLineReader(MAX_ANSWER_OCTETS);
  const lines: string[] = [];
  /** Octets since the last whole line. */
  let unended = 0;
  const waitUntil = (until: number): Wait => ({ timeoutMs: Math.max(0, until - world.now()), signal });
  const receive = async (until: number): Promise<Uint8Array> => {
    try {
      return await stream.receive(waitUntil(until));
    } catch (error) {
      if (unended === 0 || failureOf(error).reason !== 'timeout') throw error;
      const detail = `no whole line came in time, only ${unended} octets of one`;
      throw Object.assign(new Error(detail), { name: 'NetError', code: 'timeout' });
    }
  };
  return {
    local: stream.local,
    ...(doubt === undefined ? {} : { doubt }),
    say: (ask, until) => stream.send(formatLine(ask), waitUntil(until)),
    async next(until) {
      for (;;) {
        const line = lines.shift();
        if (line !== undefined) return parseAnswer(line);
        const bytes = await receive(until);
        lines.push(...reader.push(bytes));
        unended = bytes.includes(LINE_END) ? bytes.length - 1 - bytes.lastIndexOf(LINE_END) : unended + bytes.length;
      }
    },
    close: () => stream.close(),
  };
}

/** Opens the control connection within one step. Throws NetError. */
export async function openChannel(context: ProbeContext, { server, host, tls }: AgentServer): Promise<AgentChannel> {
  const { net } = context.world;
  const from = context.world.now();
  const stream = await net.connect(server, waitOf(context));
  if (tls === 'tcp') return channelOver(context, stream, 'it speaks plain TCP');
  const serverName = isAddress(host) ? undefined : host;
  const secure = await net.startTls(stream, { serverName }, waitOf(leftOf(context, from)));
  const doubt = await checkPeer(context, secure.facts, host);
  return channelOver(
    context,
    secure,
    doubt === undefined ? undefined : `its certificate does not prove that it is ${host}: ${doubt}`,
  );
}
