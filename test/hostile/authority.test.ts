import { describe, test } from 'vitest';
import type { RunRequest } from '../../src/run.ts';
import type { Endpoint } from '../../src/world.ts';
import { encodeQuery } from '../../src/wire/dns-message.ts';
import { DOMAIN, holding, referring, sends, stageAuthorities, told, zoneOf } from './authority-servers.ts';
import { answerTo, HOSTILE_ANSWERS, STRAYS } from './dns-octets.ts';
import { answering, startTruncating } from './dns-servers.ts';
import { expectSound, HEARD_MS, PATIENT_MS, runInTime, STEP_MS } from './hostile-run.ts';
import {
  closesAtOnce,
  drip,
  flood,
  MOST_TAKEN,
  resets,
  says,
  silent,
  startHostileUdp,
  type AtEnd,
  type DatagramBehaviour,
  type StreamBehaviour,
} from './hostile-server.ts';

/** Longer ones, sent by the dozen, overrun the buffer of a socket: then it is the loss that is told. */
const LONGEST = 1500;
const SAMPLE = encodeQuery({ id: 1, name: DOMAIN, type: 'SOA', recursion: 'not-desired' });

const NS1 = `ns1.${DOMAIN}`;
const NS2 = `ns2.${DOMAIN}`;
const records = zoneOf(DOMAIN, [NS1, NS2]);

/** The first of two name servers is hostile, the second one serves the zone. */
async function besideGood(first: Endpoint, atEnd: AtEnd): Promise<(timeoutMs: number) => RunRequest> {
  const others = await startHostileUdp(sends(holding(records)), { atEnd });
  return (await stageAuthorities({ records, at: { named: { [NS1]: first }, others } }, atEnd)).request;
}

const LAME = `authority.lame: ${NS1} is named as a name server of ${DOMAIN}, but does not serve it: `;
const SILENT = `authority.silent: ${NS1}, a name server of ${DOMAIN}, gives no answer: `;

const UNREADABLE = /^(?:more records|a count|a name that|names that|zeros|ones)/;
const whyOf = (name: string): string => {
  if (UNREADABLE.test(name)) return `${LAME}its answer cannot be used: `;
  return name.endsWith('of itself') ? `${LAME}there ${DOMAIN} is an alias of ${DOMAIN}.` : `${LAME}it holds no SOA`;
};

const DATAGRAMS: [string, string, DatagramBehaviour][] = [
  ['never answers', `${SILENT}no answer to `, () => undefined],
  ...STRAYS.map(([name, make]): [string, string, DatagramBehaviour] => [
    `sends ${name} 100 times`,
    `${SILENT}no answer to `,
    sends(make, 100),
  ]),
  ['cuts its answers short', `${LAME}its answer cannot be used: `, sends((query) => answerTo(query).subarray(0, 15))],
  [
    'refers back to the zone above',
    `${LAME}it names others instead`,
    sends(referring(() => ({ zone: 'local', hosts: ['ns.local'] }))),
  ],
  ...HOSTILE_ANSWERS.filter(([, make]) => make(SAMPLE).length < LONGEST).map(
    ([name, make]): [string, string, DatagramBehaviour] => [`answers with ${name}`, whyOf(name), sends(make)],
  ),
];

const TRUNCATED = `${LAME}its answer cannot be used: the answer over UDP was truncated, and over TCP: `;
const STREAMS: [string, string, StreamBehaviour][] = [
  ['is silent', TRUNCATED, silent],
  ['sends an octet at a time', TRUNCATED, drip(Buffer.from([0, 12, ...Buffer.alloc(12)]))],
  ['speaks SSH', TRUNCATED, says('SSH-2.0-OpenSSH_9.2\r\n')],
  ['sends 1 GiB of zeros', TRUNCATED, flood(Buffer.alloc(2), Buffer.alloc(1024))],
  ['closes at once', TRUNCATED, closesAtOnce],
  ['resets at once', TRUNCATED, resets],
  ...HOSTILE_ANSWERS.map(([name, make]): [string, string, StreamBehaviour] => [
    `answers with ${name}`,
    whyOf(name),
    answering((query) => [make(query)]),
  ]),
];

const GOOD = new RegExp(` ${NS2} (?:does|answers)\\.$`);

describe.concurrent('a name server beside a good one', () => {
  test.for(DATAGRAMS)(
    'that %s is told as what it is, in time',
    async ([, why, behaviour], { expect, onTestFinished: atEnd }) => {
      const hostile = await startHostileUdp(behaviour, { atEnd });
      const request = await besideGood(hostile, atEnd);
      const limitMs = why.startsWith(SILENT) ? STEP_MS : HEARD_MS;
      const report = await runInTime(() => request(limitMs));
      const [first = '', ...more] = told(report);
      expect([first.slice(0, why.length), more]).toEqual([why, []]);
      expect(first).toMatch(GOOD);
      expectSound(report, { limitMs: 2 * limitMs, codes: [0] });
    },
  );

  test.for(STREAMS)(
    'that truncates its answers, and over TCP %s, is told as what it is, in time',
    async ([, why, behaviour], { expect, onTestFinished: atEnd }) => {
      const hostile = await startTruncating(behaviour, atEnd);
      const request = await besideGood(hostile.endpoint, atEnd);
      const limitMs = why === TRUNCATED ? STEP_MS : PATIENT_MS;
      const report = await runInTime(() => request(limitMs));
      const [first = '', ...more] = told(report);
      expect([first.slice(0, why.length), more]).toEqual([why, []]);
      expect(first).toMatch(GOOD);
      // The answer over TCP is a step of its own, and an observation is of all questions.
      expectSound(report, { limitMs: 2 * limitMs, codes: [0] });
      await hostile.abandoned();
      expect(hostile.sent()).toBeLessThan(MOST_TAKEN);
    },
  );
});
