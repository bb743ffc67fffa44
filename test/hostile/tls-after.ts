/** What a server writes once the handshake is over: a real one makes the keys, and the records are sealed by hand. */
import { createCipheriv, createHmac } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Identity, StreamBehaviour } from './hostile-server.ts';
import { APPLICATION_DATA } from './tls-wire.ts';

export type Version = 'TLSv1.2' | 'TLSv1.3';

/** Seals the next record of the server. */
export type Seal = (type: number, body: Uint8Array) => Buffer;

export interface AfterHandshake {
  seal: Seal;
  /** Goes over to the next key, as behind a KeyUpdate. RFC 8446 section 7.2. */
  nextKey(): void;
}

const big = (value: number, octets: number): Buffer => {
  const bytes = Buffer.alloc(octets);
  bytes.writeUIntBE(value, octets - 6 < 0 ? 0 : octets - 6, Math.min(6, octets));
  return bytes;
};
const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Buffer =>
  createHmac('sha256', key).update(Buffer.concat(parts)).digest();

/** RFC 8446 section 7.1, for one block of SHA-256. */
function expandLabel(secret: Uint8Array, label: string, length: number): Buffer {
  const full = Buffer.from(`tls13 ${label}`);
  return hmac(secret, Buffer.from([0, length, full.length]), full, Buffer.from([0, 1])).subarray(0, length);
}

/** RFC 5246 section 5. */
function prf(secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let a = hmac(secret, seed); blocks.length * 32 < length; a = hmac(secret, a)) blocks.push(hmac(secret, a, seed));
  return Buffer.concat(blocks).subarray(0, length);
}

function gcm(key: Uint8Array, nonce: Uint8Array, { aad, plain }: { aad: Uint8Array; plain: Uint8Array }): Buffer {
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** RFC 8446 sections 5.2 and 5.3. */
function seal13(start: Buffer, sent: number): AfterHandshake {
  let secret = start;
  let sequence = sent;
  return {
    seal(type, body) {
      const nonce = expandLabel(secret, 'iv', 12);
      nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
      sequence += 1;
      const aad = Buffer.concat([Buffer.from([APPLICATION_DATA, 3, 3]), big(body.length + 17, 2)]);
      const plain = Buffer.concat([body, Buffer.from([type])]);
      return Buffer.concat([aad, gcm(expandLabel(secret, 'key', 16), nonce, { aad, plain })]);
    },
    nextKey() {
      secret = expandLabel(secret, 'traffic upd', 32);
      sequence = 0;
    },
  };
}

/** RFC 5288 section 3; the Finished was the first. */
function seal12(master: Buffer, randoms: { client: Buffer; server: Buffer }): AfterHandshake {
  const block = prf(master, Buffer.concat([Buffer.from('key expansion'), randoms.server, randoms.client]), 40);
  let sequence = 1;
  return {
    seal(type, body) {
      const explicit = big(sequence, 8);
      sequence += 1;
      const aad = Buffer.concat([explicit, Buffer.from([type, 3, 3]), big(body.length, 2)]);
      const sealed = gcm(block.subarray(16, 32), Buffer.concat([block.subarray(36, 40), explicit]), {
        aad,
        plain: body,
      });
      return Buffer.concat([Buffer.from([type, 3, 3]), big(body.length + 24, 2), explicit, sealed]);
    },
    nextKey: () => undefined,
  };
}

/** Records of application data in what a server has written; each write of Node holds whole records. */
function countSealed(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
    if (bytes[at] === APPLICATION_DATA) count += 1;
  return count;
}

const SUITES = { 'TLSv1.2': 'ECDHE-ECDSA-AES128-GCM-SHA256', 'TLSv1.3': 'TLS_AES_128_GCM_SHA256' } as const;

/** Shakes hands with whoever connects, and hands over the raw connection then; what the client sends is dropped. */
export function afterHandshake(
  version: Version,
  { chainPem, keyPem }: Identity,
  act: (socket: Socket, after: AfterHandshake) => void,
): StreamBehaviour {
  return (socket) => {
    const lines = new Map<string, string[]>();
    let hello: Buffer | undefined;
    let isAnswered = false;
    let isOver = false;
    let sent = 0;
    const carrier = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        hello ??= chunk;
        if (isAnswered) sent += countSealed(chunk);
        if (!isOver) socket.write(chunk);
        done();
      },
    });
    carrier.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      // What is sealed by the client first is its Finished: from then on the server writes with its last key.
      isAnswered ||= countSealed(bytes) > 0;
      if (!isOver) carrier.push(bytes);
    });
    const tls = new TLSSocket(carrier, {
      isServer: true,
      cert: chainPem,
      key: keyPem,
      minVersion: version,
      maxVersion: version,
      ciphers: SUITES[version],
    });
    tls.on('error', () => undefined);
    tls.on('keylog', (line: Buffer) => {
      const [label = '', ...values] = line.toString('latin1').trim().split(' ');
      lines.set(label, values);
    });
    tls.once('secure', () =>
      setImmediate(() => {
        isOver = true;
        if (version === 'TLSv1.3') {
          act(socket, seal13(Buffer.from(lines.get('SERVER_TRAFFIC_SECRET_0')?.[1] ?? '', 'hex'), sent));
          return;
        }
        const [client = '', master = ''] = lines.get('CLIENT_RANDOM') ?? [];
        const randoms = { client: Buffer.from(client, 'hex'), server: hello?.subarray(11, 43) ?? Buffer.alloc(0) };
        act(socket, seal12(Buffer.from(master, 'hex'), randoms));
      }),
    );
  };
}

/** Octets that are made in one turn: who serves in the process of the test leaves it time for its clients. */
const SLICE = 2048;

/** Writes what `make` gives for as long as the client takes it. */
export function endlessly(socket: Socket, make: () => Buffer): void {
  const pump = (): void => {
    if (socket.destroyed) return;
    const pieces: Buffer[] = [];
    for (let octets = 0; octets < SLICE; octets += pieces.at(-1)?.length ?? SLICE) pieces.push(make());
    if (socket.write(Buffer.concat(pieces))) setImmediate(pump);
    else socket.once('drain', pump);
  };
  pump();
}
