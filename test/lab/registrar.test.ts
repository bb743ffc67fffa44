import { describe, expect, test } from 'vitest';
import { createRegistrar } from '../../src/lab/registrar.ts';
import { headerValue, headerValues, parseSip, type SipRequest, type SipResponse } from '../../src/wire/sip-message.ts';
import { replyAddress } from '../../src/lab/sip-reply.ts';
import { authorize } from './lab-client.ts';

const account = { domain: 'fuzzybunny.local', user: 'alice', password: 'secret' };
const from = { address: '127.0.0.1', port: 40_000 };

const registrar = () => createRegistrar({ ...account, registration: 'served', pool: '', now: () => 1_000_000 });

function parsed(lines: readonly string[]): SipRequest {
  const message = parseSip(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  if (message.kind === 'response') throw new Error('not a request');
  return message;
}

interface Change {
  start?: string;
  to?: string;
  via?: string;
  more?: readonly string[];
}

function written({ start = 'REGISTER sip:fuzzybunny.local SIP/2.0', to, via, more = [] }: Change = {}): SipRequest {
  return parsed([
    start,
    `Via: ${via ?? 'SIP/2.0/TCP 127.0.0.1:40000;branch=z9hG4bKa;rport'}`,
    'Max-Forwards: 70',
    'From: <sip:alice@fuzzybunny.local>;tag=f',
    `To: ${to ?? '<sip:alice@fuzzybunny.local>'}`,
    'Call-ID: c',
    `CSeq: 1 ${start.split(' ')[0] ?? ''}`,
    ...more,
    'Content-Length: 0',
  ]);
}

/** Fetches a challenge and sends the request again with its answer. */
function signedIn(lab: ReturnType<typeof registrar>, change: Change = {}): SipResponse | undefined {
  const challenged = lab.answer(written(), from);
  if (challenged === undefined) throw new Error('no challenge');
  const authorization = authorize(account, challenged, 'MD5');
  return lab.answer(written({ ...change, more: [...(change.more ?? []), `Authorization: ${authorization}`] }), from);
}

describe('the registrar answers', () => {
  test.each<[string, number, Change]>([
    ['OPTIONS to an address', 200, { start: 'OPTIONS sip:127.0.0.1:5060 SIP/2.0' }],
    ['OPTIONS to its host', 200, { start: 'OPTIONS sip:sip.FuzzyBunny.local SIP/2.0' }],
    ['OPTIONS to another domain', 404, { start: 'OPTIONS sip:example.com SIP/2.0' }],
    ['REGISTER to another domain', 404, { start: 'REGISTER sip:example.com SIP/2.0' }],
    ['REGISTER to its address', 404, { start: 'REGISTER sip:127.0.0.1 SIP/2.0' }],
    ['REGISTER without credentials', 401, {}],
    ['INVITE', 405, { start: 'INVITE sip:bob@fuzzybunny.local SIP/2.0' }],
    ['a method that nobody knows', 405, { start: 'DANCE sip:fuzzybunny.local SIP/2.0' }],
    ['BYE', 481, { start: 'BYE sip:bob@fuzzybunny.local SIP/2.0' }],
    ['CANCEL', 481, { start: 'CANCEL sip:bob@fuzzybunny.local SIP/2.0' }],
    ['a required extension', 420, { more: ['Require: path, gruu'] }],
    ['a telephone number', 416, { start: 'OPTIONS tel:+1234 SIP/2.0' }],
    ['a header that is no header', 400, { more: ['nonsense'] }],
  ])('%s with %i', (_title, status, change) => {
    expect(registrar().answer(written(change), from)?.status).toBe(status);
  });

  test('no ACK', () => {
    expect(registrar().answer(written({ start: 'ACK sip:fuzzybunny.local SIP/2.0' }), from)).toBeUndefined();
  });

  test('with the extensions that it does not support', () => {
    const answer = registrar().answer(written({ more: ['Require: path, gruu'] }), from);
    expect(answer && headerValues(answer, 'unsupported')).toEqual(['path', 'gruu']);
  });

  test.each([
    ['<sip:alice@fuzzybunny.local>', /^<sip:alice@fuzzybunny\.local>;tag=[0-9a-f]{16}$/],
    ['<sip:alice@fuzzybunny.local>;tag=t', /^<sip:alice@fuzzybunny\.local>;tag=t$/],
  ])('with a tag for %s', (to, pattern) => {
    const answers = [1, 2].map(() => registrar().answer(written({ to }), from));
    const tags = answers.map((answer) => answer && headerValue(answer, 'to'));
    expect(tags[0]).toMatch(pattern);
    expect(tags[1]).toBe(tags[0]);
  });

  test.each([
    ['SIP/2.0/UDP h.test:7;branch=z9hG4bKa', ';received=127.0.0.1'],
    ['SIP/2.0/UDP 127.0.0.1:7;branch=z9hG4bKa', ''],
    ['SIP/2.0/UDP 127.0.0.1:7;rport;branch=z9hG4bKa', ';received=127.0.0.1'],
  ])('with the Via %s and %j', (via, end) => {
    const answer = registrar().answer(written({ via }), from);
    expect(answer && headerValue(answer, 'via')).toBe(`${via.replace('rport', 'rport=40000')}${end}`);
  });
});

test.each([
  ['SIP/2.0/UDP 127.0.0.1:7;branch=z9hG4bKa', 7],
  ['SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKa', 5060],
  ['SIP/2.0/UDP 127.0.0.1:7;branch=z9hG4bKa;rport', 40_000],
  ['nonsense', 40_000],
])('an answer to %s goes to port %i', (via, port) => {
  expect(replyAddress(written({ via }), from)).toEqual({ address: '127.0.0.1', port });
});

describe('a registration', () => {
  const contacts = (lab: ReturnType<typeof registrar>) => lab.bindings().map(({ contact }) => contact);

  test('keeps several contacts and shows them without being given one', () => {
    const lab = registrar();
    signedIn(lab, { more: ['Contact: <sip:a@127.0.0.1>;expires=60, <sip:b@127.0.0.1>'] });
    const answer = signedIn(lab);
    expect(answer && headerValues(answer, 'contact')).toEqual([
      '<sip:a@127.0.0.1>;expires=60',
      '<sip:b@127.0.0.1>;expires=3600',
    ]);
  });

  test('is removed by the wildcard', () => {
    const lab = registrar();
    signedIn(lab, { more: ['Contact: <sip:a@127.0.0.1>'] });
    expect(signedIn(lab, { more: ['Contact: *', 'Expires: 0'] })?.status).toBe(200);
    expect(contacts(lab)).toEqual([]);
  });

  test.each<[number, readonly string[]]>([
    [400, ['Contact: *']],
    [400, ['Contact: *, <sip:a@127.0.0.1>', 'Expires: 0']],
    [403, [`Contact: ${Array.from({ length: 17 }, (_, n) => `<sip:a${n}@127.0.0.1>`).join(', ')}`]],
  ])('is refused with %i for %j, and nothing changes', (status, more) => {
    const lab = registrar();
    signedIn(lab, { more: ['Contact: <sip:a@127.0.0.1>'] });
    expect(signedIn(lab, { more })?.status).toBe(status);
    expect(contacts(lab)).toEqual(['sip:a@127.0.0.1']);
  });

  test.each([
    ['<sip:bob@fuzzybunny.local>', 403],
    ['<sip:alice@example.com>', 404],
    ['<sip:%61lice@FUZZYBUNNY.local>', 200],
  ])('for %s is answered with %i', (to, status) => {
    expect(signedIn(registrar(), { to })?.status).toBe(status);
  });
});
