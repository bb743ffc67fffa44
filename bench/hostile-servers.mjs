// Servers on loopback that mean it ill, and how sipdiag is sent to each.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const GIB = 1024 ** 3;
const DRIP_MS = 40;
const MANY = 10_000;
const LOCAL = '127.0.0.1';

/** Sends `head`, and then `piece` again and again, as fast as it is taken, up to 1 GiB. */
function flood(socket, head, piece) {
  const chunk = Buffer.alloc(65_536, piece);
  let left = GIB;
  const pump = () => {
    while (left > 0 && !socket.destroyed) {
      left -= chunk.length;
      if (!socket.write(chunk)) return void socket.once('drain', pump);
    }
  };
  socket.write(head);
  pump();
}

function drip(socket, text) {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length]), DRIP_MS);
  socket.once('close', () => clearInterval(timer));
}

const OK = 'SIP/2.0 200 OK\r\n';
/** ServerHello of TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 and no extensions (RFC 5246 section 7.4.1.3). */
const SERVER_HELLO = Buffer.concat([
  Buffer.from('160303002a020000260303', 'hex'),
  Buffer.alloc(32, 7),
  Buffer.from('00c02f00', 'hex'),
]);
/** A Certificate message of 16 MiB - 1 begins, in records of 16,384 octets. */
const CERTIFICATE_HEAD = Buffer.from('16030340000bffffff', 'hex');

const TCP = {
  'TCP, never answers': () => undefined,
  'TCP, an octet at a time': (socket) => drip(socket, `${OK}X-Endless: `),
  'TCP, a header without end': (socket) => flood(socket, `${OK}Subject: `, 'a'),
  'TCP, a body of 1 GiB': (socket) => flood(socket, `${OK}Content-Length: ${GIB}\r\n\r\n`, 'b'),
  'TCP, garbage': (socket) => socket.end(Buffer.alloc(4_096, 0xff)),
  'TCP, closes': (socket) => socket.end(),
  'TCP, 10,000 answers to others': (socket) =>
    socket.write(`${OK}Call-ID: another\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`.repeat(MANY)),
};
const TLS = {
  'TLS, never answers': () => undefined,
  'TLS, an octet at a time': (socket) =>
    drip(
      socket,
      [...SERVER_HELLO].map((octet) => Buffer.from([octet])),
    ),
  'TLS, a certificate without end': (socket) => flood(socket, Buffer.concat([SERVER_HELLO, CERTIFICATE_HEAD]), 0x16),
  'TLS, garbage': (socket) => socket.end(Buffer.alloc(4_096, 0xff)),
};
const header = (query, counts) =>
  Buffer.concat([query.subarray(0, 2), Buffer.from('8180', 'hex'), Buffer.from(counts, 'hex')]);
const DNS = {
  'DNS, never answers': () => [],
  'DNS, 10,000 answers with forged ids': (query) =>
    Array.from({ length: MANY / 100 }, (_, at) => Buffer.concat([Buffer.from([at, at]), query.subarray(2)])),
  'DNS, pointers in a loop': (query) => [
    Buffer.concat([
      header(query, '0001000100000000'),
      query.subarray(12, query.length - 11),
      Buffer.from('c00cc00c', 'hex'),
    ]),
  ],
  'DNS, another question': (query) => [
    Buffer.concat([header(query, '0001000000000000'), Buffer.from('016100', 'hex'), Buffer.from('00010001', 'hex')]),
  ],
};

async function startTcp(behaviour, stops) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    socket.resume();
    behaviour(socket);
  });
  server.listen(0, LOCAL);
  await once(server, 'listening');
  stops.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return server.address().port;
}

async function startDns(answersTo, stops) {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.on('message', (query, { port }) => {
    for (const answer of answersTo(query)) socket.send(answer, port, LOCAL);
  });
  socket.bind(0, LOCAL);
  await once(socket, 'listening');
  stops.push(() => socket.close());
  return socket.address().port;
}

/** Each with its name and the arguments that send sipdiag there; `stop` ends them all. */
export async function startHostileServers() {
  const [list, stops] = [[], []];
  for (const [name, behaviour] of Object.entries(TCP)) {
    const port = await startTcp(behaviour, stops);
    list.push({ name, args: ['signin', 'sip:alice@a.example', '--server', `${LOCAL}:${port}`, '--transport', 'tcp'] });
  }
  for (const [name, behaviour] of Object.entries(TLS)) {
    list.push({ name, args: ['tls', `${LOCAL}:${await startTcp(behaviour, stops)}`] });
  }
  for (const [name, answersTo] of Object.entries(DNS)) {
    list.push({ name, args: ['dns', 'a.example', '--resolver', `${LOCAL}:${await startDns(answersTo, stops)}`] });
  }
  return { list, stop: () => stops.forEach((stop) => stop()) };
}
