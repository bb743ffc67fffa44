import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/model.ts';
import type { SipSeen } from '../../src/model/sip.ts';
import { NetError } from '../../src/net/net-error.ts';
import { datagramChannel, streamChannel } from '../../src/probe/sip-channel.ts';
import { exchangeSip } from '../../src/probe/sip-exchange.ts';
import { nextRequest, startSeries } from '../../src/probe/sip-requests.ts';
import {
  answerTo,
  attemptOver,
  contextOf,
  scriptWorld,
  SERVER,
  type Arrival,
  type Reaction,
  type ScriptedWorld,
} from './scripted-world.ts';
import { formatEndpoint } from '../../src/probe/endpoint-text.ts';

const identity = { requestUri: 'sip:example.org', aor: 'sip:alice@example.org' };
const octets = (text: string): Uint8Array => Buffer.from(text);
const isRegister = (bytes: Uint8Array): boolean => Buffer.from(bytes).toString().startsWith('REGISTER');
const stranger = { address: '203.0.113.66', port: 5060 };

interface Talk {
  script: ScriptedWorld;
  outcomes: Outcome<SipSeen>[];
}

async function talk(transport: 'udp' | 'tcp', react: Reaction, signal?: AbortSignal): Promise<Talk> {
  // What the probe answers to requests is no request to the server.
  const script = scriptWorld((sent) => (Buffer.from(sent.bytes).toString().startsWith('SIP/2.0') ? [] : react(sent)));
  const context = contextOf(script, { signal });
  const channel =
    transport === 'udp'
      ? datagramChannel(context, script.datagrams(), SERVER)
      : streamChannel(context, 'tcp', script.stream());
  const plan = { about: attemptOver(transport), identity, local: channel.local };
  const asks = (['OPTIONS', 'REGISTER'] as const).map((method) =>
    nextRequest(context, startSeries(context, { ...plan, method })),
  );
  const results = await exchangeSip(context, channel, asks);
  return { script, outcomes: results.map(({ outcome }) => outcome) };
}

/** 'status reason', or the reason of the failure. */
const fates = ({ outcomes }: Talk): string[] =>
  outcomes.map((one) => (one.ok ? `${one.value.status} ${one.value.reason}` : one.reason));

/** A healthy server, 10 ms away. */
const healthy: Reaction = ({ bytes, at }) => [
  { at: at + 10, bytes: answerTo(bytes, isRegister(bytes) ? [401, 'Unauthorized'] : [200, 'OK']) },
];
const sentAt = ({ script }: Talk): number[] => script.sent.map(({ at }) => at);

describe('an exchange over UDP', () => {
  test('asks both at once and takes both answers, in the order of the requests', async () => {
    const seen = await talk('udp', healthy);
    expect(fates(seen)).toEqual(['200 OK', '401 Unauthorized']);
    expect(sentAt(seen)).toEqual([0, 0]);
    expect(seen.outcomes[1]).toMatchObject({
      ms: 10,
      value: { tries: 1, from: '192.0.2.1:5060', local: '192.0.2.9:40000' },
    });
  });

  test('repeats to a silent server after 500, 1500 and not beyond 3000 ms, and ends inside the limit', async () => {
    const seen = await talk('udp', () => []);
    expect(fates(seen)).toEqual(['timeout', 'timeout']);
    expect(sentAt(seen)).toEqual([0, 0, 500, 500, 1500, 1500]);
    expect(seen.script.elapsed()).toBe(3000);
    expect(seen.outcomes[0]?.ms).toBe(3000);
  });

  test('repeats the very same octets, and only the request that is open', async () => {
    const seen = await talk('udp', (sent) => (isRegister(sent.bytes) && sent.nth < 3 ? [] : healthy(sent)));
    expect(fates(seen)).toEqual(['200 OK', '401 Unauthorized']);
    expect(seen.script.sent).toHaveLength(3);
    expect(seen.script.sent[2]?.text).toBe(seen.script.sent[1]?.text);
    expect(seen.outcomes[1]).toMatchObject({ value: { tries: 2 } });
  });

  test.each<[string, (bytes: Uint8Array, at: number) => Arrival]>([
    ['a provisional answer', (bytes, at) => ({ at, bytes: answerTo(bytes, [100, 'Trying']) })],
    [
      'an answer of another branch',
      (bytes, at) => ({
        at,
        bytes: answerTo(bytes, [500, 'Wrong'], { change: (value) => value.replace('z9hG4bK', 'z9hG4bKx') }),
      }),
    ],
    [
      'an answer to another method',
      (bytes, at) => ({
        at,
        bytes: answerTo(bytes, [500, 'Wrong'], { change: (value) => value.replace(/^1 \w+/, '1 INVITE') }),
      }),
    ],
    [
      'an answer without a Via',
      (_bytes, at) => ({ at, bytes: octets('SIP/2.0 500 Wrong\r\nCSeq: 1 OPTIONS\r\n\r\n') }),
    ],
    ['a keep-alive', (_bytes, at) => ({ at, bytes: octets('\r\n\r\n') })],
    ['an empty datagram', (_bytes, at) => ({ at, bytes: new Uint8Array() })],
    ['garbage of a stranger', (_bytes, at) => ({ at, bytes: octets('rubbish\x00\xff'), from: stranger })],
  ])('passes over %s', async (_what, stray) => {
    const seen = await talk('udp', (sent) => [stray(sent.bytes, sent.at + 1), ...healthy(sent)]);
    expect(fates(seen)).toEqual(['200 OK', '401 Unauthorized']);
  });

  test('repeats rarely once the server has said that it tries', async () => {
    const seen = await talk('udp', ({ bytes, at }) => [{ at: at + 5, bytes: answerTo(bytes, [100, 'Trying']) }]);
    expect(fates(seen)).toEqual(['timeout', 'timeout']);
    expect(sentAt(seen)).toEqual([0, 0]);
  });

  test('a provisional answer to one request leaves the other its own timer', async () => {
    const seen = await talk('udp', (sent) => {
      if (isRegister(sent.bytes)) return sent.nth < 3 ? [] : healthy(sent);
      return [
        { at: sent.at + 5, bytes: answerTo(sent.bytes, [100, 'Trying']) },
        { at: sent.at + 900, bytes: answerTo(sent.bytes, [200, 'OK']) },
      ];
    });
    expect(fates(seen)).toEqual(['200 OK', '401 Unauthorized']);
    expect(sentAt(seen)).toEqual([0, 0, 500]);
    expect(seen.outcomes.map((one) => one.ok && one.value.tries)).toEqual([1, 2]);
  });

  test('answers requests of the other side meanwhile, a few and no more', async () => {
    const notify = (index: number): Uint8Array =>
      octets(
        `NOTIFY sip:sipdiag@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKn${index}\r\nFrom: <sip:a@example.org>;tag=1\r\n` +
          `To: <sip:b@example.org>\r\nCall-ID: n${index}\r\nCSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n`,
      );
    const seen = await talk('udp', (sent) => [
      ...(isRegister(sent.bytes) ? [] : Array.from({ length: 40 }, (_, index) => ({ at: 1, bytes: notify(index) }))),
      ...healthy(sent),
    ]);
    expect(fates(seen)).toEqual(['200 OK', '401 Unauthorized']);
    const answers = seen.script.sent.filter(({ text }) => text.startsWith('SIP/2.0 481 '));
    expect(answers).toHaveLength(16);
  });

  test('takes the first final answer, not a later one', async () => {
    const seen = await talk('udp', (sent) => [
      ...healthy(sent).map((one) => (isRegister(sent.bytes) ? { ...one, at: 50 } : one)),
      { at: isRegister(sent.bytes) ? 60 : 20, bytes: answerTo(sent.bytes, [500, 'Late']) },
    ]);
    expect(fates(seen)).toEqual(['200 OK', '401 Unauthorized']);
  });

  test('takes an answer from another address, and says from where it came', async () => {
    const seen = await talk('udp', (sent) => healthy(sent).map((one) => ({ ...one, from: stranger })));
    expect(seen.outcomes[0]).toMatchObject({ ok: true, value: { from: '203.0.113.66:5060' } });
  });

  test('is not held open by a server that keeps saying that it tries', async () => {
    const seen = await talk('udp', ({ bytes, nth }) =>
      Array.from({ length: nth === 1 ? 4500 : 0 }, (_, at) => ({ at, bytes: answerTo(bytes, [100, 'Trying']) })),
    );
    expect(fates(seen)).toEqual(['timeout', 'timeout']);
    expect(seen.script.elapsed()).toBe(3000);
  });

  test('ends at once when the port is refused', async () => {
    const error = new NetError('refused', 'port unreachable');
    const seen = await talk('udp', ({ at }) => [{ at: at + 2, error }]);
    expect(fates(seen)).toEqual(['refused', 'refused']);
    expect(seen.script.elapsed()).toBe(2);
  });

  test('calls garbage of the server malformed', async () => {
    const seen = await talk('udp', ({ at }) => [{ at: at + 2, bytes: octets('\x01\x02garbage') }]);
    expect(fates(seen)).toEqual(['malformed', 'malformed']);
  });

  test('ends when the run is cancelled', async () => {
    const seen = await talk('udp', () => [], AbortSignal.abort());
    expect(fates(seen)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('an exchange over a stream', () => {
  test('takes answers that arrive in pieces, behind keep-alives', async () => {
    const seen = await talk('tcp', ({ bytes, at }) => {
      const answer = Buffer.concat([octets('\r\n\r\n'), answerTo(bytes, [200, 'OK'])]);
      return [
        { at: at + 1, bytes: answer.subarray(0, 20) },
        { at: at + 1.5, bytes: answer.subarray(20) },
      ].map((one) => (isRegister(bytes) ? { ...one, at: one.at + 10 } : one));
    });
    expect(fates(seen)).toEqual(['200 OK', '200 OK']);
  });

  test('takes both answers out of one piece', async () => {
    let first: Uint8Array | undefined;
    const seen = await talk('tcp', ({ bytes, at }) => {
      if (first === undefined) {
        first = bytes;
        return [];
      }
      const both = Buffer.concat([answerTo(bytes, [401, 'Unauthorized']), answerTo(first, [200, 'OK'])]);
      return [{ at: at + 5, bytes: both }];
    });
    expect(fates(seen)).toEqual(['200 OK', '401 Unauthorized']);
  });

  test('repeats nothing, the stream does', async () => {
    const seen = await talk('tcp', () => []);
    expect(fates(seen)).toEqual(['timeout', 'timeout']);
    expect(sentAt(seen)).toEqual([0, 0]);
    expect(seen.script.elapsed()).toBe(3000);
  });

  test.each<[string, string]>([
    ['an HTTP answer', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
    ['a TLS alert', '\x15\x03\x01\x00\x02\x02\x28'],
    ['a greeting', '220 mail.example.org ESMTP\r\n'],
  ])('%s is malformed', async (_what, text) => {
    const seen = await talk('tcp', ({ at }) => [{ at: at + 1, bytes: Buffer.from(text, 'latin1') }]);
    expect(fates(seen)).toEqual(['malformed', 'malformed']);
  });

  test('an end of the stream is closed, and what was answered before stays', async () => {
    const closed = new NetError('closed', 'the peer closed the connection');
    const seen = await talk('tcp', (sent) =>
      isRegister(sent.bytes) ? [{ at: sent.at + 20, error: closed }] : healthy(sent),
    );
    expect(fates(seen)).toEqual(['200 OK', 'closed']);
  });

  test('what the network layer did wrong by itself is no outcome', async () => {
    const broken = new TypeError('a bug');
    await expect(
      talk('tcp', ({ at }) => [{ at: at + 1, error: broken as NetError }]), // stands for a fault of our own
    ).rejects.toBe(broken);
  });
});

describe('what is kept of an answer', () => {
  const keptOf = async (extra: [string, string][]): Promise<SipSeen['headers']> => {
    const { outcomes } = await talk('tcp', ({ bytes, at }) => [
      { at: at + 1, bytes: answerTo(bytes, [200, 'OK'], { extra }) },
    ]);
    const [options] = outcomes;
    return options?.ok === true ? options.value.headers : {};
  };

  test('headers by lower-case name, values in order', async () => {
    const headers = await keptOf([
      ['X-One', 'a'],
      ['Server', 'test'],
      ['x-one', 'b'],
    ]);
    expect(headers['x-one']).toEqual(['a', 'b']);
    expect(headers['server']).toEqual(['test']);
  });

  test('64 headers and 512 characters of each value at most', async () => {
    const many = Array.from({ length: 80 }, (_, index): [string, string] => [`X-${index}`, 'v'.repeat(600)]);
    const values = Object.values(await keptOf(many)).flat();
    expect(values).toHaveLength(64);
    expect(Math.max(...values.map((value) => value.length))).toBe(512);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'a header named %s is a header like others',
    async (name) => {
      const headers = await keptOf([
        [name, 'first'],
        [name, 'second'],
      ]);
      const key = name.toLowerCase();
      expect(Object.getOwnPropertyDescriptor(headers, key)?.value).toEqual(['first', 'second']);
      expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
      expect(Object.hasOwn(Object(JSON.parse(JSON.stringify(headers))), key)).toBe(true);
      expect(({} as Record<string, unknown>)['first']).toBeUndefined(); // any object would show a polluted prototype
    },
  );
});

test.each([
  [{ address: '192.0.2.1', port: 5060 }, '192.0.2.1:5060'],
  [{ address: '2001:db8::1', port: 5061 }, '[2001:db8::1]:5061'],
])('%o is written %s', (endpoint, text) => {
  expect(formatEndpoint(endpoint)).toBe(text);
});
