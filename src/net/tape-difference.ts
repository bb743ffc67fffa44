import { showEndpoint } from './endpoint.ts';
import { readBytes, readSending } from './tape-values.ts';
import type { TapeEvent } from './tape.ts';

/** What a program asks of a replay; `ch` is absent for what opens a channel or needs none. */
export type Call = Pick<TapeEvent, 'op' | 'args'> & { ch?: number };

/** Octets around a difference that are shown. */
const SHOWN_BYTES = 40;

const ON_CHANNEL: ReadonlySet<string> = new Set(['send', 'receive', 'sendTo', 'receiveFrom', 'post', 'close']);

/** 'send on channel 3', 'connect "192.0.2.1:5060"'. */
export function showCall({ ch, op, args }: Call): string {
  if (ON_CHANNEL.has(op)) return `${op} on channel ${ch}`;
  return args === undefined ? op : `${op} ${JSON.stringify(args)}`;
}

/** Says how a call differs from the event that it should be; undefined: it does not. */
export function differenceOf(event: TapeEvent, call: Call): string | undefined {
  if (JSON.stringify(event.args) === JSON.stringify(call.args)) return undefined;
  const { op } = event;
  const where = showCall(event);
  if (op !== 'send' && op !== 'sendTo') return `${where}, the program asks ${JSON.stringify(call.args)}`;
  const held = sendingOf(event);
  const asked = sendingOf(call);
  if (held.to !== asked.to) return `${where} to ${held.to}, the program sends to ${asked.to}`;
  const at = firstDifference(held.bytes, asked.bytes);
  if (at === undefined) return undefined;
  return `${where} of ${held.bytes.length} octets, the program sends ${asked.bytes.length}; they differ at octet ${at}: the tape has ${show(held.bytes, at)}, the program ${show(asked.bytes, at)}`;
}

function sendingOf({ op, args }: Call): { to: string; bytes: Uint8Array } {
  if (op === 'send') return { to: '', bytes: readBytes(args) };
  const { to, bytes } = readSending(args);
  return { to: showEndpoint(to), bytes };
}

function firstDifference(one: Uint8Array, other: Uint8Array): number | undefined {
  const at = one.findIndex((octet, index) => octet !== other[index]);
  if (at >= 0) return at;
  return other.length > one.length ? one.length : undefined;
}

function show(bytes: Uint8Array, at: number): string {
  const part = Buffer.from(bytes.subarray(at, at + SHOWN_BYTES)).toString('latin1');
  return at >= bytes.length ? 'its end' : JSON.stringify(part);
}
