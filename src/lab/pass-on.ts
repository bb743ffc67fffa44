import { randomBytes } from 'node:crypto';
import { connect, isIPv4, type Socket } from 'node:net';
import { formatHostPort } from '../wire/sip-host.ts';
import { formatSip, headerValue, sipHeader, type SipRequest, type SipResponse } from '../wire/sip-message.ts';
import { createSipFramer } from '../wire/sip-stream.ts';
import { parseSipUri, uriParam } from '../wire/sip-uri.ts';
import { WireError } from '../wire/wire-error.ts';
import type { Endpoint } from '../world.ts';
import type { Binding } from './bindings.ts';
import { replyTo } from './sip-reply.ts';

/** How a server passes requests for an account on to the clients that have registered. RFC 3261 section 16.6. */
export interface PassOn {
  /** Notes on which connection a client registers: over TLS that is the way back to it. */
  note(request: SipRequest, socket: Socket): void;
  /** Takes the answer of a client; those that nobody waits for are dropped. */
  take(response: SipResponse): void;
  /** The answer of the first client that gives one, else the server's own. */
  toClients(request: SipRequest, from: Endpoint, bindings: readonly Binding[]): Promise<SipResponse>;
}

/** To every Contact; to none that it has to open a connection for, as through a firewall; to the first Contact alone; on the connection that the client has opened; or only where it can open one, which over TLS is nowhere. */
export type Delivery = 'whole' | 'blocked' | 'first-only' | 'kept' | 'opened';

/** Shorter than the patience of whoever has asked. */
const LIMIT_MS = 1000;

interface Target {
  uri: string;
  callId: string;
  at: Endpoint;
  transport: 'TCP' | 'TLS';
  way: 'opened' | 'kept';
}

interface Passing {
  target: Target;
  branch: string;
}

/** Loopback only: a Contact may name anybody. */
const isOwn = (address: string): boolean => address === '::1' || (isIPv4(address) && address.startsWith('127.'));

function targetOf({ contact, callId }: Binding, delivery: Delivery): Target[] {
  try {
    const uri = parseSipUri(contact);
    const { scheme, host, port = 5060 } = uri;
    const address = host.replace(/^\[|\]$/g, '');
    const isTls = scheme === 'sips' || uriParam(uri, 'transport')?.toLowerCase() === 'tls';
    const way = isTls || delivery === 'kept' ? 'kept' : 'opened';
    return isOwn(address)
      ? [{ uri: contact, callId, at: { address, port }, transport: isTls ? 'TLS' : 'TCP', way }]
      : [];
  } catch (error) {
    if (error instanceof WireError) return [];
    throw error;
  }
}

const branchOf = (via: string | undefined): string => /;\s*branch=([^;,\s]+)/i.exec(via ?? '')?.[1] ?? '';

/** The request as it goes on: with a Via of the server on top. */
function onward(
  request: SipRequest,
  { uri, transport }: Target,
  { branch, local }: { branch: string; local: Endpoint },
) {
  const via = `SIP/2.0/${transport} ${formatHostPort({ host: local.address, port: local.port })};branch=${branch}`;
  return formatSip({ ...request, uri, headers: [sipHeader('Via', via), ...request.headers] });
}

/** Reads what the client answers on a connection that the server has opened. */
function listen(socket: Socket, take: (response: SipResponse) => void): void {
  const framer = createSipFramer();
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    try {
      for (const one of framer.push(bytes)) if (one !== 'keep-alive' && one.kind === 'response') take(one);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      socket.destroy();
    }
  });
}

/** Answers that are waited for, by the branch of the Via that they come back with. */
function createWaiting() {
  const waiting = new Map<string, (response: SipResponse) => void>();
  return {
    take: (response: SipResponse): void => waiting.get(branchOf(headerValue(response, 'via')))?.(response),
    /** Sends under a new branch; undefined: no answer has come in time. What `send` gives lets go of the connection. */
    answerTo: (send: (branch: string) => () => void): Promise<SipResponse | undefined> =>
      new Promise((resolve) => {
        const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
        let letGo = (): void => undefined;
        const end = (response?: SipResponse): void => {
          clearTimeout(timer);
          waiting.delete(branch);
          letGo();
          resolve(response);
        };
        const timer = setTimeout(end, LIMIT_MS);
        waiting.set(branch, end);
        letGo = send(branch);
      }),
  };
}

const localOf = ({ localAddress, localPort }: Socket, { at }: Target): Endpoint => ({
  address: localAddress ?? at.address,
  port: localPort ?? 0,
});

function sendKept(kept: Socket | undefined, request: SipRequest, { target, branch }: Passing): () => void {
  if (kept?.writable === true) kept.write(onward(request, target, { branch, local: localOf(kept, target) }));
  return () => undefined;
}

function sendOpened(take: PassOn['take'], request: SipRequest, { target, branch }: Passing): () => void {
  const opened = connect({ host: target.at.address, port: target.at.port });
  listen(opened, take);
  opened.once('connect', () => opened.write(onward(request, target, { branch, local: localOf(opened, target) })));
  return () => void opened.destroy();
}

/** A server that passes requests on to clients on loopback, and to nobody else. */
export function createPassOn(delivery: Delivery): PassOn {
  const connections = new Map<string, Socket>();
  const { take, answerTo } = createWaiting();
  const ask = (request: SipRequest, target: Target): Promise<SipResponse | undefined> =>
    answerTo((branch) =>
      target.way === 'kept'
        ? sendKept(connections.get(target.callId), request, { target, branch })
        : sendOpened(take, request, { target, branch }),
    );
  return {
    note(request, socket) {
      const callId = headerValue(request, 'call-id');
      if (callId === undefined || connections.get(callId) === socket) return;
      connections.set(callId, socket);
      socket.once('close', () => {
        if (connections.get(callId) === socket) connections.delete(callId);
      });
    },
    take,
    async toClients(request, from, bindings) {
      const targets = bindings.flatMap((binding) => targetOf(binding, delivery));
      const kept = targets.filter(({ way }) => way === 'kept');
      const opened = targets.filter(({ way }) => way === 'opened');
      const reached = { whole: targets, kept: targets, 'first-only': targets.slice(0, 1), blocked: kept, opened }[
        delivery
      ];
      const answers = await Promise.all(reached.map((target) => ask(request, target)));
      const first = answers.find((one) => one !== undefined);
      if (first === undefined) return replyTo(request, from, { status: 408, reason: 'Request Timeout' });
      return replyTo(request, from, { status: first.status, reason: first.reason });
    },
  };
}
