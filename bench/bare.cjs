// What Node itself takes for the exchanges of a benchmark: a bare script for each, unhardened, that reads, judges and prints nothing.
// node bench/bare.cjs dns|tls|register|register-tls ADDRESS PORT NAME
'use strict';
const [, , what, address, port, name] = process.argv;

/** A question for one record, type in numbers (RFC 1035 section 4.1). */
function question(id, owner, type) {
  const labels = owner.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'));
  const [head, tail] = [Buffer.alloc(12), Buffer.from([0, 0, type, 0, 1])];
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(0x0100, 2);
  head.writeUInt16BE(1, 4);
  return Buffer.concat([head, ...labels, tail]);
}

/** Twenty questions, and four more when all are answered: as many as sipdiag asks. */
function dns() {
  const socket = require('node:dgram').createSocket('udp4');
  const ask = (from, to) => {
    for (let id = from; id < to; id += 1) socket.send(question(id, `n${id}.${name}`, 33), Number(port), address);
  };
  let answers = 0;
  socket.on('message', () => {
    answers += 1;
    if (answers === 20) ask(20, 24);
    if (answers === 24) socket.close();
  });
  ask(0, 20);
}

const openTls = () =>
  require('node:tls').connect({
    host: address,
    port: Number(port),
    servername: name,
    ca: [],
    rejectUnauthorized: false,
  });

/** One handshake, and the chain of it. */
function tls() {
  const socket = openTls();
  socket.on('secureConnect', () => {
    socket.getPeerX509Certificate();
    socket.destroy();
  });
}

/** Three requests, each when the one before is answered: as often as a cell of sipdiag asks. */
function register(socket, ready) {
  let sent = 0;
  const send = () => {
    sent += 1;
    const lines = [
      `REGISTER sip:${name} SIP/2.0`,
      `Via: SIP/2.0/TCP ${socket.localAddress}:${socket.localPort};branch=z9hG4bK${sent}`,
      `From: <sip:alice@${name}>;tag=1`,
      `To: <sip:alice@${name}>`,
      'Call-ID: bare',
      `CSeq: ${sent} REGISTER`,
      'Max-Forwards: 70',
      'Content-Length: 0',
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  };
  socket.on(ready, send);
  socket.on('data', () => (sent < 3 ? send() : socket.destroy()));
}

const EXCHANGES = {
  dns,
  tls,
  register: () => register(require('node:net').connect(Number(port), address), 'connect'),
  'register-tls': () => register(openTls(), 'secureConnect'),
};
EXCHANGES[what]();
