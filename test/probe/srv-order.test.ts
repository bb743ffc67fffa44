import { describe, expect, test } from 'vitest';
import { orderSrv, type Draw } from '../../src/probe/srv-order.ts';
import { parseZone } from './zone-answers.ts';

const zone = (...data: string[]) => parseZone(data.map((one) => `_sip._tcp.example SRV ${one}`).join('\n'));

/** Gives the numbers one after another, and remembers what was asked. */
function drawOf(...numbers: number[]): { draw: Draw; asked: [string, number][] } {
  const asked: [string, number][] = [];
  const left = [...numbers];
  return {
    asked,
    draw: (label, most) => {
      asked.push([label, most]);
      return left.shift() ?? 0;
    },
  };
}

const targets = (records: ReturnType<typeof zone>, draw: Draw): string[] =>
  orderSrv(records, 'set', draw).map(({ target }) => target);

describe('the order of SRV records', () => {
  test('goes by priority first, whatever the weights', () => {
    const records = zone('20 100 5060 late.', '10 1 5060 early.', '0 0 5060 first.');
    expect(targets(records, drawOf().draw)).toEqual(['first', 'early', 'late']);
  });

  test.each([
    ['the smallest number', 0, 'a'],
    ['the last number of the first', 60, 'a'],
    ['the first number of the second', 61, 'b'],
    ['the largest number', 100, 'b'],
  ])('takes by weight within one priority: %s', (_name, number, first) => {
    expect(targets(zone('0 60 1 a.', '0 40 1 b.'), drawOf(number).draw)[0]).toBe(first);
  });

  test('draws from zero to the sum of the weights that are left', () => {
    const { draw, asked } = drawOf(100, 61);
    expect(targets(zone('0 60 1 a.', '0 30 1 b.', '0 10 1 c.'), draw)).toEqual(['c', 'b', 'a']);
    expect(asked).toEqual([
      ['srv-order/set/0', 100],
      ['srv-order/set/0', 90],
    ]);
  });

  test('gives a record of weight 0 the one chance of the number zero', () => {
    const records = zone('0 10 1 heavy.', '0 0 1 zero.');
    expect(targets(records, drawOf(0).draw)).toEqual(['zero', 'heavy']);
    expect(targets(records, drawOf(1).draw)).toEqual(['heavy', 'zero']);
  });

  test('does not depend on the order in which the server sent the records', () => {
    const records = zone('0 0 1 b.', '0 0 1 a.', '0 0 2 a.');
    const order = (all: typeof records): string[] =>
      orderSrv(all, 'set', () => 0).map(({ target, port }) => `${target}:${port}`);
    expect(order(records)).toEqual(['a:1', 'a:2', 'b:1']);
    expect(order(records.toReversed())).toEqual(order(records));
  });

  test('passes over a record without SRV data', () => {
    expect(targets([...zone('0 0 1 a.'), ...parseZone('x.example A 192.0.2.1')], () => 0)).toEqual(['a']);
  });
});

describe('the shares', () => {
  test.each<[string, string[], [string, number][]]>([
    ['follow the weights', ['0 60 1 a.', '0 40 1 b.'], [['a', 60], ['b', 40]]], // prettier-ignore
    ['are counted within each priority', ['0 1 1 a.', '1 3 1 b.', '1 1 1 c.'], [['a', 100], ['b', 75], ['c', 25]]], // prettier-ignore
    ['are equal where no record has a weight', ['0 0 1 a.', '0 0 1 b.', '0 0 1 c.'], [['a', 33.3], ['b', 33.3], ['c', 33.3]]], // prettier-ignore
    ['are nothing for weight 0 beside a weight', ['0 0 1 a.', '0 9 1 b.'], [['a', 0], ['b', 100]]], // prettier-ignore
  ])('%s', (_name, data, expected) => {
    const shares = orderSrv(zone(...data), 'set', () => 0).map(
      ({ target, sharePercent }) => [target, sharePercent] as const,
    );
    expect(new Map(shares)).toEqual(new Map(expected));
  });
});
