// A relay on loopback that delays each datagram and each piece of a stream: half of the round trip each way.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Timers fire up to a millisecond late; the rest of the wait is spun away, so that the delay is what it says. */
function after(delayMs, act) {
  const due = performance.now() + delayMs;
  setTimeout(
    () => {
      while (performance.now() < due);
      act();
    },
    Math.max(0, delayMs - 1),
  );
}

function relayStream(client, to, halfMs) {
  const server = connect(to.port, to.address);
  client.setNoDelay(true);
  server.setNoDelay(true);
  for (const [from, into] of [
    [client, server],
    [server, client],
  ]) {
    from.on('data', (bytes) => after(halfMs, () => into.writable && into.write(bytes)));
    from.on('end', () => after(halfMs, () => into.end()));
    from.on('error', () => into.destroy());
  }
}

async function relayDatagrams(to, halfMs) {
  const face = createSocket('udp4');
  const backs = new Map();
  face.on('message', (bytes, from) => {
    const key = `${from.address}:${from.port}`;
    let back = backs.get(key);
    if (back === undefined) {
      back = createSocket('udp4');
      back.on('message', (answer) => after(halfMs, () => face.send(answer, from.port, from.address)));
      backs.set(key, back);
    }
    after(halfMs, () => back.send(bytes, to.port, to.address));
  });
  face.bind(0, '127.0.0.1');
  await once(face, 'listening');
  const stop = () => {
    face.close();
    for (const back of backs.values()) back.close();
  };
  return { port: face.address().port, stop };
}

/** Relays UDP and TCP from one port of 127.0.0.1 to `to`; the TCP handshake itself is not delayed, only what follows. */
export async function startRelay(to, roundTripMs) {
  const halfMs = roundTripMs / 2;
  const udp = await relayDatagrams(to, halfMs);
  const tcp = createServer((client) => relayStream(client, to, halfMs));
  tcp.listen(udp.port, '127.0.0.1');
  await once(tcp, 'listening');
  return {
    address: '127.0.0.1',
    port: udp.port,
    stop() {
      udp.stop();
      tcp.close();
    },
  };
}
