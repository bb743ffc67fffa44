import { createHash } from 'node:crypto';
import type { Lab } from '../../src/lab/lab.ts';
import type { Transport } from '../../src/model.ts';
import { createRealNet } from '../../src/net/real-net.ts';
import { authParam, parseChallenge } from '../../src/wire/sip-challenge.ts';
import { decodeMessage, encodeQuery } from '../../src/wire/dns-message.ts';
import { createDnsFramer, frameDnsMessage } from '../../src/wire/dns-stream.ts';
import type { DnsMessage, QueryType } from '../../src/wire/dns-types.ts';
import { headerValues, parseSip, type SipResponse } from '../../src/wire/sip-message.ts';
import { buildRequest, type RequestPlan } from '../../src/wire/sip-request.ts';
import type { ByteStream, Endpoint } from '../../src/world.ts';

/** Generous for a busy machine: only a defect makes a test wait so long. */
export const PATIENT = { timeoutMs: 5000 };
/** To see that nothing comes; a slow machine can only make it pass, never fail. */
export const BRIEF = { timeoutMs: 100 };

/** Either direction of one SIP conversation, whatever carries it. */
export interface Conversation {
  local: Endpoint;
  send(bytes: Uint8Array, wait: { timeoutMs: number }): Promise<void>;
  receive(wait: { timeoutMs: number }): Promise<Uint8Array>;
  close(): void;
}

/** Opens a transport to where the lab publishes it; the certificate is not judged. */
export async function converse(lab: Lab, transport: Transport): Promise<Conversation> {
  const net = createRealNet();
  const to = lab.sip[transport];
  if (transport === 'udp') {
    const socket = await net.openUdp(to);
    return {
      local: socket.local,
      send: async (bytes) => socket.send(to, bytes),
      receive: async (wait) => (await socket.receive(wait)).bytes,
      close: () => socket.close(),
    };
  }
  const stream: ByteStream = await net.connect(to, PATIENT);
  return transport === 'tcp' ? stream : net.startTls(stream, { serverName: `sip.${lab.domain}` }, PATIENT);
}

/** The octets of a request from alice over a conversation, changed as the test wants it. */
export function request(lab: Lab, talk: Conversation, change: Partial<RequestPlan> = {}): Uint8Array {
  const uri = `sip:${lab.user}@${lab.domain}`;
  return buildRequest({
    method: 'OPTIONS',
    uri: `sip:${lab.domain}`,
    transport: 'TCP',
    sentBy: talk.local,
    branch: 'one',
    fromUri: uri,
    fromTag: 'from',
    toUri: uri,
    callId: 'call',
    cseq: 1,
    ...change,
  });
}

function responseOf(bytes: Uint8Array): SipResponse {
  const message = parseSip(bytes);
  if (message.kind === 'request') throw new Error('the lab sent a request');
  return message;
}

/** Sends a request and gives the answer to it. */
export async function ask(lab: Lab, talk: Conversation, change: Partial<RequestPlan> = {}): Promise<SipResponse> {
  await talk.send(request(lab, talk, change), PATIENT);
  return responseOf(await talk.receive(PATIENT));
}

/** Opens a transport, asks once, and closes it. */
export async function askOnce(lab: Lab, transport: Transport, change: Partial<RequestPlan> = {}): Promise<SipResponse> {
  const talk = await converse(lab, transport);
  try {
    return await ask(lab, talk, change);
  } finally {
    talk.close();
  }
}

/** The value of Authorization that answers the challenge of that algorithm in a 401. */
export function authorize(
  lab: Pick<Lab, 'domain' | 'user' | 'password'>,
  challenged: SipResponse,
  algorithm: 'MD5' | 'SHA-256',
): string {
  const challenges = headerValues(challenged, 'www-authenticate').map(parseChallenge);
  const challenge = challenges.find((one) => authParam(one, 'algorithm') === algorithm);
  const nonce = (challenge && authParam(challenge, 'nonce')) ?? 'none';
  const h = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const uri = `sip:${lab.domain}`;
  const a1 = h(`${lab.user}:${lab.domain}:${lab.password}`);
  const response = h(`${a1}:${nonce}:00000001:c:auth:${h(`REGISTER:${uri}`)}`);
  return `Digest username="${lab.user}", realm="${lab.domain}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, response="${response}", qop=auth, nc=00000001, cnonce="c"`;
}

/** Registers over an open conversation and gives the second answer. */
export async function signIn(
  lab: Lab,
  talk: Conversation,
  change: Partial<RequestPlan> & { algorithm?: 'MD5' | 'SHA-256' } = {},
): Promise<SipResponse> {
  const { algorithm = 'SHA-256', ...rest } = change;
  const plan = { method: 'REGISTER', contact: '<sip:alice@127.0.0.1:9>', ...rest };
  const challenged = await ask(lab, talk, plan);
  const extra = [...(plan.extra ?? []), { name: 'Authorization', value: authorize(lab, challenged, algorithm) }];
  return ask(lab, talk, { ...plan, cseq: 2, branch: 'two', extra });
}

const query = (name: string, type: QueryType, ednsSize?: number) =>
  encodeQuery({ id: 7, name, type, recursion: 'desired', ...(ednsSize === undefined ? {} : { ednsSize }) });

/** One question over UDP. Throws NetError 'timeout' when none comes. */
export async function digUdp(
  server: Endpoint,
  [name, type, ednsSize]: [string, QueryType, number?],
  wait = PATIENT,
): Promise<DnsMessage> {
  const socket = await createRealNet().openUdp(server);
  try {
    await socket.send(server, query(name, type, ednsSize));
    return decodeMessage((await socket.receive(wait)).bytes);
  } finally {
    socket.close();
  }
}

/** One question over TCP, sent one octet at a time to the framer's grief. */
export async function digTcp(server: Endpoint, [name, type]: [string, QueryType], wait = PATIENT): Promise<DnsMessage> {
  const stream = await createRealNet().connect(server, PATIENT);
  const framer = createDnsFramer();
  try {
    for (const octet of frameDnsMessage(query(name, type))) await stream.send(Uint8Array.of(octet), PATIENT);
    for (;;) {
      const [message] = framer.push(await stream.receive(wait));
      if (message) return decodeMessage(message);
    }
  } finally {
    stream.close();
  }
}
