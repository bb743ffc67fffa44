// The records of one SIP domain, and a DNS server on loopback (UDP) that counts in how many serial rounds it is asked for them.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from 'dns-packet';

export const DOMAIN = 'bench.example';

/** Longer than any two questions of one round are apart. */
const QUIET_MS = 150;
const POOL = `pool01.${DOMAIN}`;
const EDGE = `edge01.${DOMAIN}`;
const srv = (name, port, target) => ({
  name: `${name}.${DOMAIN}`,
  type: 'SRV',
  ttl: 60,
  data: { priority: 0, weight: 0, port, target },
});

const host = (name, data) => ({ name, type: 'A', ttl: 60, data });

const ZONES = {
  /** What a domain publishes that serves both standard and Microsoft clients. */
  everybody: () => [
    srv('_sips._tcp', 5061, POOL),
    srv('_sip._tcp', 5060, POOL),
    srv('_sip._udp', 5060, POOL),
    srv('_sipinternaltls._tcp', 5061, POOL),
    srv('_sip._tls', 443, EDGE),
    srv('_sipfederationtls._tcp', 5061, EDGE),
    ...[POOL, EDGE, `sip.${DOMAIN}`, `lyncdiscover.${DOMAIN}`].map((name, index) =>
      host(name, `192.0.2.${10 + index}`),
    ),
  ],
  /** What leads to one server on the usual ports, by a name that nobody can guess. */
  'one-server': (address) => [
    srv('_sips._tcp', 5061, POOL),
    srv('_sip._tcp', 5060, POOL),
    srv('_sip._udp', 5060, POOL),
    host(POOL, address),
  ],
};

const dataOf = ({ type, data }) =>
  type === 'SRV' ? `${data.priority} ${data.weight} ${data.port} ${data.target}.` : data;

/** The records as lines of a zone file. */
export const zoneLines = (zone, address) =>
  ZONES[zone](address).map((one) => `${one.name}. ${one.ttl} ${one.type} ${dataOf(one)}`);

function answer(records, bytes) {
  const { id, questions } = decode(bytes);
  const [question] = questions;
  const name = question.name.toLowerCase();
  const answers = records.filter((one) => one.name === name && one.type === question.type);
  const exists = records.some((one) => one.name === name || one.name.endsWith(`.${name}`));
  const flags = 0x0580 | (exists ? 0 : 3);
  return encode({ id, type: 'response', flags, questions, answers });
}

/**
 * Withholds all answers until nothing more was asked for a while: a question that comes after that can only be one that waited for
 * an answer, so the batches are the serial rounds.
 */
export async function startCountingDns() {
  const records = ZONES.everybody();
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
    held.push({ bytes: answer(records, query), from });
    clearTimeout(timer);
    timer = setTimeout(release, QUIET_MS);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { address, port } = socket.address();
  return { address, port, rounds, stop: () => socket.close() };
}
