import { setMaxListeners } from 'node:events';
import type { AgentAsk, AgentResult, AskedPort } from '../wire/agent-protocol.ts';
import { callBack } from './connect-back.ts';
import { guestText, partFrom, tell, type Desk } from './desk.ts';
import type { Guest } from './guests.ts';
import { mayConnectTo } from './port-policy.ts';

/** All ports of one ask, connections and answers included, in milliseconds. */
const ASK_LIMIT_MS = 10_000;

async function tryPort(desk: Desk, address: string, call: { asked: AskedPort; waitMs: number; signal: AbortSignal }) {
  const { asked, waitMs, signal } = call;
  const { transport, port } = asked;
  if (!mayConnectTo(port, desk.ports)) {
    const detail = 'this agent does not connect to that port';
    return { type: 'result', transport, port, result: 'refused-by-policy', detail } satisfies AgentResult;
  }
  const called = await callBack({ net: desk.world.net, address, asked, wait: { timeoutMs: waitMs, signal } });
  return { type: 'result', transport, port, ...called } satisfies AgentResult;
}

/** Ends what is under way when the guest leaves, as it does when the agent ends, or when the time is over. */
function limitOf({ socket }: Guest): { signal: AbortSignal; gone: Promise<void>; callOff(): void } {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), ASK_LIMIT_MS);
  // Every port listens to the one signal: many listeners are no leak.
  setMaxListeners(0, ending.signal);
  const gone = new Promise<void>((resolve) => {
    socket.once('close', () => {
      ending.abort();
      resolve();
    });
  });
  return { signal: ending.signal, gone, callOff: () => clearTimeout(timer) };
}

async function tryPorts(desk: Desk, guest: Guest, { ask, signal }: { ask: AgentAsk; signal: AbortSignal }) {
  const call = { waitMs: ask.waitMs, signal };
  return Promise.all(
    ask.ports.map(async (asked) => {
      const result = await tryPort(desk, guest.address, { ...call, asked });
      tell(guest, result);
      return result;
    }),
  );
}

/** Tries all ports side by side, and tells each result as soon as it is there. */
export async function serveAsk(desk: Desk, guest: Guest, ask: AgentAsk): Promise<void> {
  const { address, port } = guest;
  const from = desk.world.now();
  const { signal, gone, callOff } = limitOf(guest);
  const session = desk.world.randomHex('agent/session', 16);
  const mirror = ask.mirror === 'asked' ? desk.mirror : undefined;
  const endMirror = mirror?.open(session, { address, tell: (mirrored) => tell(guest, mirrored) });
  const { software } = desk;
  // A zone says on which link of the agent the guest is.
  const seen = address.replace(/%.*$/, '');
  tell(guest, { type: 'accepted', software, address: seen, port, session, mirror: [...(mirror?.ports ?? [])] });
  const results = await tryPorts(desk, guest, { ask, signal });
  callOff();
  if (endMirror === undefined) partFrom(desk, guest, { type: 'done' });
  else tell(guest, { type: 'done' });
  // Who wants messages mirrored ends the connection when it has them.
  if (endMirror !== undefined) await gone;
  desk.log.served({
    event: 'served',
    from: guestText(guest),
    token: desk.token === undefined ? 'none' : 'proven',
    results: results.map(({ transport, port: tried, result }) => ({ transport, port: tried, result })),
    mirrored: endMirror?.() ?? 0,
    ms: Math.round(desk.world.now() - from),
  });
  desk.onServed();
}
