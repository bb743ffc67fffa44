/** Reads the lines of docs/agent-protocol.md, and takes nothing that is not documented there. */
import {
  AGENT_ERRORS,
  AGENT_VERSION,
  MAX_PORTS,
  PORT_RESULTS,
  PORT_WAIT,
  type AgentAnswer,
  type AgentAsk,
  type AskedPort,
  type MirrorPort,
} from './agent-protocol.ts';
import { WireError } from './wire-error.ts';

type Fields = Readonly<Record<string, unknown>>;

const malformed = (message: string): WireError => new WireError('malformed', message);
const HEX_32 = /^[0-9a-f]{32}$/;

function fieldsOf(value: unknown, what: string, names: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is no object`);
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  // The remote's own word may be long and hold anything.
  if (unknown !== undefined) throw malformed(`${what} holds the unknown field ${JSON.stringify(unknown.slice(0, 32))}`);
  return value as Fields; // an object that is no array has its fields by name
}

function text(fields: Fields, name: string, pattern: RegExp): string {
  const value = fields[name];
  if (typeof value !== 'string' || !pattern.test(value)) throw malformed(`'${name}' is not what it has to be`);
  return value;
}

function whole(fields: Fields, name: string, { from, to }: { from: number; to: number }): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to)
    throw malformed(`'${name}' is no whole number from ${from} to ${to}`);
  return value;
}

function oneOf<T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === fields[name]);
  if (choice === undefined) throw malformed(`'${name}' is none of ${choices.join(', ')}`);
  return choice;
}

function list(fields: Fields, name: string, most: number): unknown[] {
  const value = fields[name];
  if (!Array.isArray(value)) throw malformed(`'${name}' is no list`);
  if (value.length > most) throw malformed(`'${name}' holds more than ${most}`);
  return value;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw malformed('the line is no JSON');
  }
}

const TRANSPORTS = ['tcp', 'udp'] as const;
const PORT = { from: 1, to: 65_535 };
const WORDS = /^[^\u0000-\u001f\u007f]{0,256}$/;

function askedPort(value: unknown): AskedPort {
  const fields = fieldsOf(value, 'a port', ['transport', 'port', 'nonce']);
  return {
    transport: oneOf(fields, 'transport', TRANSPORTS),
    port: whole(fields, 'port', PORT),
    nonce: text(fields, 'nonce', HEX_32),
  };
}

/**
 * Reads the line of whoever asks. Throws WireError 'version' when it is of another version (looked at first: what else it holds is
 * then not known) and 'malformed' for everything else that is not exactly as documented.
 */
export function parseAsk(line: string): AgentAsk {
  const json = jsonOf(line);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed('the ask is no object');
  const { version } = json as Fields; // an object that is no array has its fields by name
  if (typeof version !== 'number') throw malformed("'version' is no number");
  if (version !== AGENT_VERSION) throw new WireError('version', `this agent speaks version ${AGENT_VERSION}`);
  const fields = fieldsOf(json, 'the ask', ['type', 'version', 'waitMs', 'ports', 'mirror', 'proof']);
  const ports = list(fields, 'ports', MAX_PORTS).map(askedPort);
  if (new Set(ports.map(({ transport, port }) => `${transport} ${port}`)).size < ports.length)
    throw malformed('a port is asked for twice');
  return {
    type: oneOf(fields, 'type', ['ask']),
    version,
    waitMs: whole(fields, 'waitMs', { from: PORT_WAIT.shortest, to: PORT_WAIT.longest }),
    ports,
    mirror: oneOf(fields, 'mirror', ['asked', 'left-out']),
    ...(fields['proof'] === undefined ? {} : { proof: text(fields, 'proof', /^[0-9a-f]{64}$/) }),
  };
}

function mirrorPort(value: unknown): MirrorPort {
  const fields = fieldsOf(value, 'a mirror port', ['transport', 'port', 'way']);
  return {
    transport: oneOf(fields, 'transport', TRANSPORTS),
    port: whole(fields, 'port', PORT),
    way: oneOf(fields, 'way', ['sip-port', 'control-port']),
  };
}

const versionsOf = (fields: Fields): number[] =>
  list(fields, 'versions', 16).filter((one): one is number => typeof one === 'number');

type Parsers = { readonly [A in AgentAnswer as A['type']]: { fields: readonly string[]; read(fields: Fields): A } };

const ANSWERS: Parsers = {
  hello: {
    fields: ['versions', 'challenge', 'token', 'ports'],
    read: (fields) => ({
      type: 'hello',
      versions: versionsOf(fields),
      challenge: text(fields, 'challenge', HEX_32),
      token: oneOf(fields, 'token', ['required', 'none']),
      ports: whole(fields, 'ports', { from: 1, to: MAX_PORTS }),
    }),
  },
  accepted: {
    fields: ['software', 'address', 'port', 'session', 'mirror'],
    read: (fields) => ({
      type: 'accepted',
      software: text(fields, 'software', WORDS),
      address: text(fields, 'address', /^[0-9a-f.:]{2,45}$/i),
      port: whole(fields, 'port', PORT),
      session: text(fields, 'session', HEX_32),
      mirror: list(fields, 'mirror', 16).map(mirrorPort),
    }),
  },
  result: {
    fields: ['transport', 'port', 'result', 'detail'],
    read: (fields) => ({
      type: 'result',
      transport: oneOf(fields, 'transport', TRANSPORTS),
      port: whole(fields, 'port', PORT),
      result: oneOf(fields, 'result', PORT_RESULTS),
      detail: text(fields, 'detail', WORDS),
    }),
  },
  mirrored: {
    fields: ['transport', 'port', 'message'],
    read: (fields) => ({
      type: 'mirrored',
      transport: oneOf(fields, 'transport', TRANSPORTS),
      port: whole(fields, 'port', PORT),
      message: text(fields, 'message', /^[A-Za-z0-9+/]{0,5464}={0,2}$/),
    }),
  },
  done: { fields: [], read: () => ({ type: 'done' }) },
  error: {
    fields: ['code', 'detail', 'versions'],
    read: (fields) => ({
      type: 'error',
      code: oneOf(fields, 'code', AGENT_ERRORS),
      detail: text(fields, 'detail', WORDS),
      versions: versionsOf(fields),
    }),
  },
};

const isAnswerType = (type: unknown): type is AgentAnswer['type'] =>
  typeof type === 'string' && Object.hasOwn(ANSWERS, type);

/** Reads a line of the agent. Throws WireError 'malformed'. */
export function parseAnswer(line: string): AgentAnswer {
  const json = jsonOf(line);
  const type = typeof json === 'object' && json !== null && 'type' in json ? json.type : undefined;
  if (!isAnswerType(type)) throw malformed('the line is no answer of an agent');
  const { fields, read } = ANSWERS[type];
  return read(fieldsOf(json, `'${type}'`, ['type', ...fields]));
}
