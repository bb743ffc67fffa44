// A registrar over TCP, TLS and UDP that challenges once and takes any answer: the time of a sign-in, and nothing of a server's.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const CHALLENGE = 'WWW-Authenticate: Digest realm="bench.example", nonce="6e6f6e6365", qop="auth"';

function answerTo(request) {
  const line = (name) => new RegExp(`^${name}: .*$`, 'im').exec(request)?.[0] ?? `${name}: `;
  const asks = request.startsWith('REGISTER') && !/^Authorization: /im.test(request);
  const contact = /^Contact: (<[^>]*>)/im.exec(request)?.[1];
  return [
    asks ? 'SIP/2.0 401 Unauthorized' : 'SIP/2.0 200 OK',
    ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => line(name) + (name === 'To' ? ';tag=bench' : '')),
    ...(asks ? [CHALLENGE] : contact === undefined ? [] : [`Contact: ${contact};expires=60`]),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

function serve(socket) {
  let text = '';
  socket.setNoDelay?.(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      socket.write(answerTo(text.slice(0, end)));
      text = text.slice(end + 4);
    }
  });
}

async function listenStream(server, port, address) {
  server.listen(port, address);
  await once(server, 'listening');
  return { address, port: server.address().port };
}

/** Starts all three, UDP and TCP on the port `sip` and TLS on `sips`; `identity` is { cert, key } in PEM. */
export async function startRegistrar(address, { sip = 0, sips = 0, identity }) {
  // A port that is free for UDP may still be held by a TCP connection that has ended.
  const tcp = await listenStream(createServer(serve), sip, address);
  const udp = createSocket('udp4');
  udp.on('message', (bytes, from) => udp.send(answerTo(bytes.toString('latin1')), from.port, from.address));
  udp.bind(tcp.port, address);
  await once(udp, 'listening');
  return {
    udp: { address, port: tcp.port },
    tcp,
    tls: await listenStream(createTlsServer(identity, serve), sips, address),
  };
}
