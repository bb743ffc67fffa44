import type { ByteStream, DatagramSocket, HttpsConnection, Net, TlsStream, World } from '../world.ts';
import { createRandomHex } from './real-world.ts';
import { createPlayer, type Player } from './replay-player.ts';
import * as form from './tape-values.ts';
import { parseTape, TapeError, type Operation, type TapeEvent } from './tape.ts';

/** Long enough for a program to load a module, short enough for a test. */
const STALL_MS = 2_000;

export interface ReplayOptions {
  /** How long the program may wait without asking for what the tape goes on with. */
  stallMs?: number | undefined;
}

/** A world in which a recorded run happens again. */
export interface ReplayedWorld extends World {
  /** Throws TapeError when something else was asked than the tape holds, or when a part of it was not asked for. */
  finish(): void;
}

/**
 * Lets a recorded run happen again, without a network: ends come in the recorded order, each in a turn of the event loop of its
 * own, and the clock shows the recorded times. Limits and signals of a wait are not looked at: the tape knows how it ended.
 * What the tape does not hold is refused with a TapeError, and so is everything after it. Throws TapeError for a damaged tape.
 */
export function replayWorld(tapeText: string, { stallMs = STALL_MS }: ReplayOptions = {}): ReplayedWorld {
  const tape = parseTape(tapeText);
  for (const [index, event] of tape.events.entries()) checkValues(event, index + 2);
  const player = createPlayer(tape, stallMs);
  return {
    net: replayNet(player),
    now: player.now,
    randomHex: createRandomHex(tape.header.seed),
    finish: player.finish,
  };
}

const RESULTS: Readonly<Record<Operation, (value: unknown) => unknown>> = {
  connect: form.readEnds,
  startTls: readTls,
  openHttps: form.readFacts,
  post: form.readHttpsAnswer,
  openUdp: form.readEndpoint,
  systemLookup: form.readStrings,
  systemResolvers: form.readEndpoints,
  send: form.readNothing,
  receive: form.readBytes,
  sendTo: form.readNothing,
  receiveFrom: form.readDatagram,
  close: form.readNothing,
};

/** A damaged value is refused before the run begins, not in the middle of it. */
function checkValues({ op, args, ok, error }: TapeEvent, line: number): void {
  try {
    if (error === undefined) RESULTS[op](ok);
    else form.readError(error);
    if (op === 'send') form.readBytes(args);
    if (op === 'sendTo') form.readSending(args);
  } catch (cause) {
    throw new TapeError(`tape line ${line}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function replayNet(player: Player): Net {
  const channels = new WeakMap<ByteStream, number>();
  const streamOn = (ch: number, ends: Pick<ByteStream, 'local' | 'remote'>): ByteStream => {
    const stream = replayStream(player, ch, ends);
    channels.set(stream, ch);
    return stream;
  };
  return {
    async connect(to) {
      const { ch, value } = await player.play({ op: 'connect', args: form.writeEndpoint(to) }, form.readEnds);
      return streamOn(ch, value);
    },
    async startTls(stream, settings) {
      const over = channels.get(stream);
      if (over === undefined) throw new TapeError('TLS over a stream that this replay did not open');
      const args = { over, ...form.writeSettings(settings) };
      const { ch, value } = await player.play({ op: 'startTls', args }, readTls);
      return Object.assign(streamOn(ch, value), { facts: value.facts });
    },
    async openUdp(towards) {
      const { ch, value } = await player.play({ op: 'openUdp', args: form.writeEndpoint(towards) }, form.readEndpoint);
      return replaySocket(player, ch, value);
    },
    async openHttps(to, host) {
      const args = { to: form.writeEndpoint(to), host };
      const { ch, value } = await player.play({ op: 'openHttps', args }, form.readFacts);
      return replayHttps(player, ch, value);
    },
    listen: () => Promise.reject(new TapeError('a tape holds no listening')),
    bindUdp: () => Promise.reject(new TapeError('a tape holds no listening')),
    ephemeralPorts: () => Promise.reject(new TapeError('a tape holds no listening')),
    answerTls: () => Promise.reject(new TapeError('a tape holds no TLS server')),
    systemLookup: async (host) => (await player.play({ op: 'systemLookup', args: host }, form.readStrings)).value,
    systemResolvers: async () => (await player.play({ op: 'systemResolvers' }, form.readEndpoints)).value,
  };
}

function readTls(value: unknown): Pick<TlsStream, 'local' | 'remote' | 'facts'> {
  return { ...form.readEnds(value), facts: form.readFacts(value) };
}

function replayStream(player: Player, ch: number, ends: Pick<ByteStream, 'local' | 'remote'>): ByteStream {
  const { local, remote } = ends;
  return {
    local,
    remote,
    async send(bytes) {
      await player.play({ ch, op: 'send', args: form.writeBytes(bytes) }, form.readNothing);
    },
    receive: async () => (await player.play({ ch, op: 'receive' }, form.readBytes)).value,
    close: createClose(player, ch),
  };
}

function replaySocket(player: Player, ch: number, local: DatagramSocket['local']): DatagramSocket {
  return {
    local,
    async send(to, bytes) {
      const args = { to: form.writeEndpoint(to), bytes: form.writeBytes(bytes) };
      await player.play({ ch, op: 'sendTo', args }, form.readNothing);
    },
    receive: async () => (await player.play({ ch, op: 'receiveFrom' }, form.readDatagram)).value,
    close: createClose(player, ch),
  };
}

function replayHttps(player: Player, ch: number, facts: HttpsConnection['facts']): HttpsConnection {
  return {
    facts,
    post: async (request) =>
      (await player.play({ ch, op: 'post', args: form.writePost(request) }, form.readHttpsAnswer)).value,
    close: createClose(player, ch),
  };
}

function createClose(player: Player, ch: number): () => void {
  let state: 'open' | 'closed' = 'open';
  return () => {
    if (state === 'open') player.close(ch);
    state = 'closed';
  };
}
