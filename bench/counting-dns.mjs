// A DNS server on loopback (UDP) with the records of one SIP domain, that counts what it is asked and in how many serial rounds.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from 'dns-packet';

export const DOMAIN = 'bench.example';

const POOL = `pool01.${DOMAIN}`;
const EDGE = `edge01.${DOMAIN}`;
const srv = (name, port, target) => ({
  name: `${name}.${DOMAIN}`,
  type: 'SRV',
  ttl: 60,
  data: { priority: 0, weight: 0, port, target },
});

/** What a domain publishes that serves both standard and Microsoft clients. */
const RECORDS = [
  srv('_sips._tcp', 5061, POOL),
  srv('_sip._tcp', 5060, POOL),
  srv('_sip._udp', 5060, POOL),
  srv('_sipinternaltls._tcp', 5061, POOL),
  srv('_sip._tls', 443, EDGE),
  srv('_sipfederationtls._tcp', 5061, EDGE),
  ...[POOL, EDGE, `sip.${DOMAIN}`, `lyncdiscover.${DOMAIN}`].map((name, index) => ({
    name,
    type: 'A',
    ttl: 60,
    data: `192.0.2.${10 + index}`,
  })),
];

function answer(bytes) {
  const { id, questions } = decode(bytes);
  const [question] = questions;
  const name = question.name.toLowerCase();
  const answers = RECORDS.filter((one) => one.name === name && one.type === question.type);
  const exists = RECORDS.some((one) => one.name === name || one.name.endsWith(`.${name}`));
  const flags = 0x0580 | (exists ? 0 : 3);
  return encode({ id, type: 'response', flags, questions, answers });
}

/**
 * 'at-once' answers each question as it comes. 'in-rounds' withholds all answers until nothing more was asked for a while: a
 * question that comes after that can only be one that waited for an answer, so the batches are the serial rounds.
 */
export async function startCountingDns(mode, quietMs = 150) {
  const socket = createSocket('udp4');
  const rounds = [];
  let held = [];
  let timer;
  const release = () => {
    rounds.push(held.length);
    for (const { bytes, from } of held.splice(0)) socket.send(bytes, from.port, from.address);
    held = [];
  };
  socket.on('message', (query, from) => {
    const bytes = answer(query);
    if (mode === 'at-once') socket.send(bytes, from.port, from.address);
    else {
      held.push({ bytes, from });
      clearTimeout(timer);
      timer = setTimeout(release, quietMs);
    }
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: '127.0.0.1', port: socket.address().port, rounds, stop: () => socket.close() };
}
