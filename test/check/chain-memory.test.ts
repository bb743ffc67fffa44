import { describe, expect, test } from 'vitest';
import { createChainMemory } from '../../src/check/chain-memory.ts';
import { judgeChain, type JudgedChain } from '../../src/check/sent-chain.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import { makeChain, observed } from './tls-observation.ts';

const chain = makeChain();
const seen = (about: Partial<TlsObservation['about']> = {}): TlsObservation => observed(chain, { about });

/** How often a memory has asked for each of the observations to be judged, one after the other. */
function askedFor(observations: readonly TlsObservation[], limit = 8): number {
  const memory = createChainMemory(limit);
  let asked = 0;
  const judge = (one: TlsObservation): JudgedChain | undefined => {
    asked += 1;
    return judgeChain(one);
  };
  for (const one of observations) expect(memory.recall(one, judge)).toEqual(judgeChain(one));
  return asked;
}

const at = (judgeAt: string): TlsObservation => seen({ judgeAt });
const FIRST = at('2026-06-01T00:00:00.000Z');

describe('a memory of chains', () => {
  test('judges the same certificates once in a second, whichever server has sent them', () => {
    const others = [
      seen({ address: '192.0.2.7', judgeAt: '2026-06-01T00:00:00.000Z' }),
      at('2026-06-01T00:00:00.999Z'),
    ];
    expect(askedFor([FIRST, ...others])).toBe(1);
  });

  const differing: [string, TlsObservation][] = [
    ['another second', at('2026-06-01T00:00:01.000Z')],
    ['a time at which a certificate has expired', at('2050-06-01T00:00:00.000Z')],
    ['another purpose', seen({ peer: 'client' })],
    ['another chain', observed(makeChain())],
    ['one certificate less', observed(chain.slice(0, 1))],
    ['other roots', withoutRoots(FIRST)],
  ];

  test.each(differing)('judges anew for %s', (_what, other) => {
    expect(askedFor([FIRST, other])).toBe(2);
  });

  test('forgets the oldest when it is full', () => {
    const seconds = [1, 2, 3, 1].map((second) => at(`2026-06-01T00:00:0${second}.000Z`));
    expect(askedFor(seconds, 2)).toBe(4);
    expect(askedFor(seconds, 3)).toBe(3);
  });

  test('has nothing to say of a handshake that failed', () => {
    const failed: TlsObservation = { ...FIRST, outcome: { ok: false, reason: 'timeout', detail: 'silence', ms: 1 } };
    expect(createChainMemory(8).recall(failed, judgeChain)).toBeUndefined();
  });
});

function withoutRoots(one: TlsObservation): TlsObservation {
  if (!one.outcome.ok) return one;
  return { ...one, outcome: { ...one.outcome, value: { ...one.outcome.value, trustAnchors: [] } } };
}
