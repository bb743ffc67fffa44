import type { ByteStream, DatagramSocket, HttpsConnection, Net, TlsStream, World } from '../world.ts';
import { NetError } from './net-error.ts';
import { createRandomHex } from './real-world.ts';
import * as form from './tape-values.ts';
import { createTapeWriter, TapeError, type TapeEvent } from './tape.ts';

/** A world that writes down what happens in it. */
export interface Recording {
  world: World;
  /** The tape so far. Throws TapeError when the run was too long for one. */
  tape(): string;
}

/** What is known of an operation when it is called. */
type Call = Pick<TapeEvent, 'ch' | 'op' | 'args'>;

/** How an operation is carried out, and how its result is put on the tape. */
interface Deed<T> {
  run(): Promise<T>;
  write(value: T): unknown;
}

interface Recorder {
  perform<T>(call: Call, deed: Deed<T>): Promise<T>;
  /** Writes down what is over at once. */
  note(call: Call): void;
  newChannel(): number;
  /** Streams that were handed out, with what is behind them. */
  streams: WeakMap<ByteStream, { ch: number; inner: ByteStream }>;
}

/**
 * Records all that passes between a program and its world. The program learns of each end in a turn of its own, and the clock
 * stands still between two ends: just as in a replay, so that a program that waits for nothing but its world sees no difference.
 * Random values come from a seed of the recording's own. The tape holds what was sent in clear text, but no private key.
 */
export function recordWorld(world: World): Recording {
  const seed = world.randomHex('tape/seed', 32);
  const startedAt = Math.round(world.now());
  const writer = createTapeWriter({ seed, startedAt });
  let at = 0;
  let channels = 0;
  const add = (event: Omit<TapeEvent, 'at'>): void => writer.add({ at, ...event });
  const inTurn = createTurns(() => {
    at = Math.max(at, Math.round(world.now()) - startedAt);
  });
  const recorder: Recorder = {
    streams: new WeakMap(),
    newChannel: () => (channels += 1),
    note: add,
    async perform(call, { run, write }) {
      try {
        const value = await run();
        await inTurn(() => add({ ...call, ok: write(value) }));
        return value;
      } catch (error) {
        // What is no network error is a fault of the program: the tape has no word for it.
        await inTurn(() => (error instanceof NetError ? add({ ...call, error: form.writeError(error) }) : undefined));
        throw error;
      }
    },
  };
  const now = (): number => startedAt + at;
  return { world: { net: recordNet(world.net, recorder), now, randomHex: createRandomHex(seed) }, tape: writer.text };
}

/** Lets callers through one by one, each in a turn of the event loop of its own, in the order in which they came. */
function createTurns(onTurn: () => void): (act: () => void) => Promise<void> {
  const queue: (() => void)[] = [];
  const next = (): void => {
    const act = queue.shift();
    onTurn();
    act?.();
    if (queue.length > 0) setImmediate(next);
  };
  return (act) =>
    new Promise((resolve) => {
      queue.push(() => {
        act();
        resolve();
      });
      if (queue.length === 1) setImmediate(next);
    });
}

function recordNet(net: Net, recorder: Recorder): Net {
  return { ...recordStreams(net, recorder), ...recordOthers(net, recorder) };
}

function recordStreams(net: Net, recorder: Recorder): Pick<Net, 'connect' | 'startTls'> {
  const { perform, newChannel, streams } = recorder;
  return {
    async connect(to, wait) {
      const ch = newChannel();
      const call: Call = { ch, op: 'connect', args: form.writeEndpoint(to) };
      return recordStream(
        await perform(call, { run: () => net.connect(to, wait), write: (opened) => form.writeEnds(opened) }),
        ch,
        recorder,
      );
    },
    async startTls(stream, settings, wait) {
      const under = streams.get(stream);
      if (under === undefined)
        throw new TapeError('TLS over a stream that this recording did not open cannot be recorded');
      const ch = newChannel();
      const call: Call = { ch, op: 'startTls', args: { over: under.ch, ...form.writeSettings(settings) } };
      const write = (opened: TlsStream): unknown => ({ ...form.writeEnds(opened), ...form.writeFacts(opened.facts) });
      const opened = await perform(call, { run: () => net.startTls(under.inner, settings, wait), write });
      return recordTls(opened, ch, recorder);
    },
  };
}

function recordOthers(net: Net, recorder: Recorder): Omit<Net, 'connect' | 'startTls'> {
  const { perform, newChannel } = recorder;
  return {
    async openUdp(towards) {
      const ch = newChannel();
      const call: Call = { ch, op: 'openUdp', args: form.writeEndpoint(towards) };
      const write = (socket: DatagramSocket): unknown => form.writeEndpoint(socket.local);
      return recordSocket(await perform(call, { run: () => net.openUdp(towards), write }), ch, recorder);
    },
    async openHttps(to, host, wait) {
      const ch = newChannel();
      const call: Call = { ch, op: 'openHttps', args: { to: form.writeEndpoint(to), host } };
      const write = ({ facts }: HttpsConnection): unknown => form.writeFacts(facts);
      return recordHttps(await perform(call, { run: () => net.openHttps(to, host, wait), write }), ch, recorder);
    },
    // What strangers send to an open port is no part of a run that can be repeated.
    listen: () => Promise.reject(new TapeError('listening cannot be recorded')),
    bindUdp: () => Promise.reject(new TapeError('listening cannot be recorded')),
    ephemeralPorts: () => Promise.reject(new TapeError('listening cannot be recorded')),
    answerTls: () => Promise.reject(new TapeError('a TLS server cannot be recorded')),
    systemLookup: (host, wait) =>
      perform(
        { ch: 0, op: 'systemLookup', args: host },
        { run: () => net.systemLookup(host, wait), write: (found) => found },
      ),
    systemResolvers: () =>
      perform(
        { ch: newChannel(), op: 'systemResolvers' },
        { run: () => net.systemResolvers(), write: (found) => form.writeEndpoints(found) },
      ),
  };
}

function recordStream(inner: ByteStream, ch: number, { perform, note, streams }: Recorder): ByteStream {
  let state: 'open' | 'closed' = 'open';
  const stream: ByteStream = {
    local: inner.local,
    remote: inner.remote,
    send: (bytes, wait) =>
      perform(
        { ch, op: 'send', args: form.writeBytes(bytes) },
        { run: () => inner.send(bytes, wait), write: form.writeNothing },
      ),
    receive: (wait) => perform({ ch, op: 'receive' }, { run: () => inner.receive(wait), write: form.writeBytes }),
    close() {
      if (state === 'open') note({ ch, op: 'close' });
      state = 'closed';
      inner.close();
    },
  };
  streams.set(stream, { ch, inner });
  return stream;
}

function recordTls(inner: TlsStream, ch: number, recorder: Recorder): TlsStream {
  return Object.assign(recordStream(inner, ch, recorder), { facts: inner.facts });
}

function recordSocket(inner: DatagramSocket, ch: number, { perform, note }: Recorder): DatagramSocket {
  let state: 'open' | 'closed' = 'open';
  return {
    local: inner.local,
    send: (to, bytes) =>
      perform(
        { ch, op: 'sendTo', args: { to: form.writeEndpoint(to), bytes: form.writeBytes(bytes) } },
        { run: () => inner.send(to, bytes), write: form.writeNothing },
      ),
    receive: (wait) =>
      perform({ ch, op: 'receiveFrom' }, { run: () => inner.receive(wait), write: form.writeDatagram }),
    close() {
      if (state === 'open') note({ ch, op: 'close' });
      state = 'closed';
      inner.close();
    },
  };
}

function recordHttps(inner: HttpsConnection, ch: number, { perform, note }: Recorder): HttpsConnection {
  let state: 'open' | 'closed' = 'open';
  return {
    facts: inner.facts,
    post: (request, wait) =>
      perform(
        { ch, op: 'post', args: form.writePost(request) },
        { run: () => inner.post(request, wait), write: form.writeHttpsAnswer },
      ),
    close() {
      if (state === 'open') note({ ch, op: 'close' });
      state = 'closed';
      inner.close();
    },
  };
}
