// What Node itself takes for the exchanges of a benchmark: a bare script for each, unhardened, that reads, judges and prints nothing.
// node bench/bare.cjs dns|tls|register|register-tls|ladder ADDRESS PORT NAME: of ladder the port is that of DNS, and SIP is on 5060 and 5061.
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
function dns(done = () => undefined) {
  const socket = require('node:dgram').createSocket('udp4');
  const ask = (from, to) => {
    for (let id = from; id < to; id += 1) socket.send(question(id, `n${id}.${name}`, 33), Number(port), address);
  };
  let answers = 0;
  socket.on('message', () => {
    answers += 1;
    if (answers === 20) ask(20, 24);
    if (answers < 24) return;
    socket.close();
    done();
  });
  ask(0, 20);
}

const openTls = (at = Number(port)) =>
  require('node:tls').connect({
    host: address,
    port: at,
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

function registerOver(transport, { from, sequence }) {
  const lines = [
    `REGISTER sip:${name} SIP/2.0`,
    `Via: SIP/2.0/${transport} ${from.address}:${from.port};branch=z9hG4bK${sequence}`,
    `From: <sip:alice@${name}>;tag=1`,
    `To: <sip:alice@${name}>`,
    'Call-ID: bare',
    `CSeq: ${sequence} REGISTER`,
    'Max-Forwards: 70',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Three requests, each when the one before is answered: as often as a cell of sipdiag asks. */
function register(socket, ready, times = 3) {
  let sent = 0;
  const send = () => {
    sent += 1;
    const from = { address: socket.localAddress, port: socket.localPort };
    socket.write(registerOver('TCP', { from, sequence: sent }));
  };
  socket.on(ready, send);
  socket.on('data', () => (sent < times ? send() : socket.destroy()));
}

function registerByDatagram() {
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', () => socket.close());
  socket.bind(0, () => {
    const from = { address, port: socket.address().port };
    socket.send(registerOver('UDP', { from, sequence: 1 }), 5060, address);
  });
}

/** Names, addresses, and then one request over each transport. */
const ladder = () =>
  dns(() => {
    register(openTls(5061), 'secureConnect', 1);
    register(require('node:net').connect(5060, address), 'connect', 1);
    registerByDatagram();
  });

const EXCHANGES = {
  dns: () => dns(),
  tls,
  register: () => register(require('node:net').connect(Number(port), address), 'connect'),
  'register-tls': () => register(openTls(), 'secureConnect'),
  ladder,
};
EXCHANGES[what]();
