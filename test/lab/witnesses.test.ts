import { afterEach, expect, test } from 'vitest';
import { listenUdp } from '../../src/lab/listener.ts';
import { startLab, type Lab } from '../../src/lab/lab.ts';
import type { FaultName } from '../../src/lab/faults.ts';
import { createRealNet } from '../../src/net/real-net.ts';
import { parseStun, buildStun } from '../../src/wire/stun-message.ts';
import { STUN_ATTRIBUTE, STUN_METHOD } from '../../src/wire/stun-registry.ts';
import { changeRequest, plainAddressOf, xorAddressOf, type Change } from '../../src/wire/stun-values.ts';
import type { Endpoint } from '../../src/world.ts';
import { BRIEF, PATIENT } from './lab-client.ts';

const running: Lab[] = [];

async function open(fault: FaultName): Promise<Lab> {
  const lab = await startLab({ faults: [fault] });
  running.push(lab);
  return lab;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (lab) => lab.stop()));
});

/** One Binding request, and from where the answer comes. */
async function bind(to: Endpoint, { change, wait = PATIENT }: { change?: Change; wait?: typeof PATIENT } = {}) {
  const socket = await createRealNet().openUdp(to);
  try {
    const attributes = change === undefined ? [] : [changeRequest(change)];
    const content = { class: 'request', method: STUN_METHOD.BINDING, transactionId: 'ab'.repeat(12) } as const;
    await socket.send(to, buildStun({ ...content, attributes }));
    const { bytes, from } = await socket.receive(wait);
    const message = parseStun(bytes);
    const other = plainAddressOf(message, STUN_ATTRIBUTE.OTHER_ADDRESS);
    return { from, other, local: socket.local, mapped: xorAddressOf(message, STUN_ATTRIBUTE.XOR_MAPPED_ADDRESS) };
  } finally {
    socket.close();
  }
}

test('a lab without such a fault has no witness', async () => {
  const { witnesses } = await open('cert-expired');
  expect(witnesses).toEqual({ agent: undefined, stun: undefined });
});

test('the STUN server answers from each of its four places, as it is asked', async () => {
  const { witnesses } = await open('nat-mapping-by-address');
  const first = witnesses.stun ?? { address: '', port: 0 };
  const plain = await bind(first);
  const other = plain.other ?? { address: '', port: 0 };
  expect([other.address === first.address, other.port === first.port]).toEqual([false, false]);
  expect(plain.from).toEqual(first);
  expect((await bind(first, { change: 'port' })).from).toEqual({ ...first, port: other.port });
  expect((await bind(first, { change: 'address-and-port' })).from).toEqual(other);
  expect((await bind(other)).other).toEqual(first);
});

test('the STUN server behind a firewall sees clients as they are, and is silent where the firewall drops', async () => {
  const { witnesses } = await open('nat-filtering-by-port');
  const first = witnesses.stun ?? { address: '', port: 0 };
  const { local, mapped } = await bind(first);
  expect(mapped).toEqual(local);
  await expect(bind(first, { change: 'port', wait: BRIEF })).rejects.toMatchObject({ code: 'timeout' });
});

test('the STUN server drops what is no Binding request', async () => {
  const { witnesses } = await open('nat-filtering-by-port');
  const first = witnesses.stun ?? { address: '', port: 0 };
  const socket = await createRealNet().openUdp(first);
  await socket.send(first, Buffer.from('no STUN at all'));
  await expect(socket.receive(BRIEF)).rejects.toMatchObject({ code: 'timeout' });
  socket.close();
  expect((await bind(first)).from).toEqual(first);
});

test('the port of the agent is free when the lab has stopped', async () => {
  const lab = await open('media-blocked');
  const agent = lab.witnesses.agent ?? { address: '', port: 0 };
  await lab.stop();
  await expect(createRealNet().connect(agent, PATIENT)).rejects.toMatchObject({ code: 'refused' });
});

test('the ports of the STUN server are free when the lab has stopped', async () => {
  const lab = await open('nat-mapping-by-address');
  const stun = lab.witnesses.stun ?? { address: '', port: 0 };
  const { other = stun } = await bind(stun);
  await lab.stop();
  const taken = await Promise.all([stun, other].map(async (at) => listenUdp(at, () => undefined)));
  expect(taken.map(({ endpoint }) => endpoint)).toEqual([stun, other]);
  await Promise.all(taken.map(async (one) => one.stop()));
});
