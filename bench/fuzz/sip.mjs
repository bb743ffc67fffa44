// Hostile octets for everything that reads SIP: nothing but WireError may be thrown, and no input may take over 50 ms.
// node bench/fuzz/sip.mjs [1000000] [seed]
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';

const ROOT = resolve(import.meta.dirname, '../..');
const COUNT = Number(process.argv[2] ?? 1_000_000);
const SEED = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const LIMIT_MS = 50;
/** What fast-check makes from grammars; the others are mutations, which reach deeper and cost less. */
const GENERATED_SHARE = 0.1;

const ENTRY = `
export { parseSip, formatSip, headerValues } from './src/wire/sip-message.ts';
export { createSipFramer } from './src/wire/sip-stream.ts';
export { parseNameAddr, parseVia, parseCSeq } from './src/wire/sip-fields.ts';
export { parseSipUri } from './src/wire/sip-uri.ts';
export { parseChallenge } from './src/wire/sip-challenge.ts';
export { readOffers } from './src/wire/sip-offers.ts';
export { readAdvice } from './src/wire/sip-diagnostics.ts';
export { maskSip } from './src/wire/mask.ts';
export { answerRequest } from './src/probe/answer-request.ts';
export { answerAll, takeAcceptance, takeChallenges, takeRechallenge } from './src/probe/digest-login.ts';
`;

async function load() {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const wire = await load();
const isExpected = (error) => error instanceof Error && error.name === 'WireError';

function orWireError(work) {
  try {
    return work();
  } catch (error) {
    if (!isExpected(error)) throw error;
    return undefined;
  }
}

const credentials = { user: 'alice', password: 'x' };

/** What a sign-in does with an answer. */
function signInWith(response) {
  const login = { realms: new Map() };
  orWireError(() => wire.takeChallenges(login, response));
  orWireError(() => wire.answerAll(login, { credentials, method: 'REGISTER', uri: 'sip:a', cnonce: () => 'c' }));
  orWireError(() => wire.takeRechallenge(login, response));
  orWireError(() => wire.takeAcceptance(login, response));
}

function readMessage(message) {
  for (const name of ['via', 'from', 'to', 'contact', 'cseq', 'route'])
    for (const value of wire.headerValues(message, name).slice(0, 4)) {
      orWireError(() => wire.parseNameAddr(value));
      orWireError(() => wire.parseVia(value));
      orWireError(() => wire.parseCSeq(value));
    }
  const headers = {};
  for (const { name, value } of message.headers) (headers[`${name}`] ??= []).push(value);
  wire.readAdvice(headers);
  wire.readOffers(message);
  if (message.kind === 'request') {
    orWireError(() => wire.parseSipUri(message.uri));
    wire.answerRequest(message, 'tag');
  } else signInWith(message);
  orWireError(() => wire.formatSip(message));
}

function readAll(bytes, pieces) {
  const datagram = orWireError(() => wire.parseSip(bytes));
  if (datagram !== undefined) readMessage(datagram);
  orWireError(() => {
    const framer = wire.createSipFramer();
    const step = Math.max(1, Math.ceil(bytes.length / pieces));
    for (let at = 0; at < bytes.length; at += step) framer.push(bytes.subarray(at, at + step));
  });
  wire.maskSip(bytes);
}

/** A generator of its own: the seed alone decides, and the state is one number. */
function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function seeds() {
  const folder = join(ROOT, 'fixtures/conformance/sip-torture');
  const torture = ['rfc4475', 'rfc5118'].flatMap((name) =>
    readdirSync(join(folder, name)).map((file) => readFileSync(join(folder, name, file))),
  );
  const own = [
    'SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nTo: <sip:a@b>;tag=1\r\nFrom: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth,auth-int", algorithm=SHA-256, stale=true, opaque="o"\r\nProxy-Authenticate: NTLM realm="SIP Communications Service", targetname="x", version=4\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\nContent-Length: 0\r\n\r\n',
    'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCSeq: 2 REGISTER\r\nContact: "A, B" <sip:a@b;transport=tcp>;expires=60;+sip.instance="<urn:uuid:1>", <sip:[2001:db8::1]>;q=0.5\r\nAuthentication-Info: nextnonce="n", rspauth="00", cnonce="c", nc=00000001, qop=auth\r\nms-diagnostics: 1009;reason="x";source="y"\r\nContent-Length: 0\r\n\r\n',
  ];
  return [...torture, ...own.map((text) => Buffer.from(text))];
}

const TOKENS = [
  '\r\n',
  '\n',
  ' ',
  '"',
  '\\',
  '<',
  '>',
  ';',
  ',',
  '=',
  ':',
  '%00',
  '\0',
  '\u00ff',
  '(',
  'Digest ',
  '@',
  '[',
  '::',
];

/** A few small injuries: octets changed, cut, doubled, moved, and pieces of the grammar in the wrong place. */
function mutate(bytes, pick, all) {
  let now = bytes;
  for (let left = 1 + pick(6); left > 0; left -= 1) {
    const at = pick(now.length + 1);
    const end = Math.min(now.length, at + pick(40));
    const other = all[pick(all.length)];
    const from = pick(other.length);
    const ways = [
      () => Buffer.concat([now.subarray(0, at), now.subarray(end)]),
      () => Buffer.concat([now.subarray(0, at), Buffer.from(TOKENS[pick(TOKENS.length)], 'latin1'), now.subarray(at)]),
      () => Buffer.concat([now.subarray(0, end), now.subarray(at, end), now.subarray(at)]),
      () => Buffer.concat([now.subarray(0, at), other.subarray(from, from + pick(200))]),
      () => Buffer.concat([now.subarray(0, at), Buffer.from([pick(256)]), now.subarray(at + 1)]),
    ];
    now = ways[pick(ways.length)]();
  }
  return now;
}

const state = { inputs: 0, slowest: 0, failures: 0 };

function tryOut(bytes, pieces) {
  const startedAt = performance.now();
  let fault;
  try {
    readAll(bytes, pieces);
  } catch (error) {
    fault = error;
  }
  const ms = performance.now() - startedAt;
  state.inputs += 1;
  state.slowest = Math.max(state.slowest, ms);
  // A pause of the machine is no property of the input: what was slow once is measured again.
  const isSlow = ms > LIMIT_MS && again(bytes, pieces) > LIMIT_MS;
  if (fault === undefined && !isSlow) return;
  state.failures += 1;
  if (state.failures > 5) return;
  console.log(fault instanceof Error ? (fault.stack ?? fault.message) : `took ${ms.toFixed(1)} ms`);
  console.log(`input, base64: ${bytes.toString('base64').slice(0, 4000)}`);
}

function again(bytes, pieces) {
  const startedAt = performance.now();
  readAll(bytes, pieces);
  return performance.now() - startedAt;
}

const name = fc.constantFrom(
  'Via',
  'v',
  'From',
  'To',
  'Contact',
  'CSeq',
  'WWW-Authenticate',
  'Warning',
  'Reason',
  'Date',
  'X',
);
const value = fc.oneof(
  fc.string({ maxLength: 80, unit: 'binary' }),
  fc.string({ maxLength: 80 }),
  fc.constantFrom(...TOKENS),
);
const start = fc.constantFrom(
  'REGISTER sip:a SIP/2.0',
  'SIP/2.0 401 No',
  'SIP/2.0 200 OK',
  'OPTIONS sips:[::1]:5061 SIP/2.0',
  '',
);
const message = fc
  .record({ start, headers: fc.array(fc.tuple(name, value), { maxLength: 12 }), body: fc.string({ maxLength: 60 }) })
  .map(({ start, headers, body }) =>
    Buffer.from([start, ...headers.map((pair) => pair.join(': ')), '', body].join('\r\n'), 'utf8'),
  );

const startedAt = performance.now();
const generated = Math.floor(COUNT * GENERATED_SHARE);
for (const [at, bytes] of fc.sample(message, { numRuns: Math.min(generated, 100_000), seed: SEED }).entries())
  tryOut(bytes, 1 + (at % 5));
const pick = random(SEED);
const all = seeds();
while (state.inputs < COUNT) tryOut(mutate(all[pick(all.length)], pick, all), 1 + pick(5));

const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `${state.inputs} inputs, seed ${SEED}: ${state.failures} failures, slowest ${state.slowest.toFixed(1)} ms, ${seconds.toFixed(0)} s`,
);
process.exitCode = state.failures === 0 ? 0 : 1;
