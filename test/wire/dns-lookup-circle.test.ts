import { describe, expect, test } from 'vitest';
import type { DnsObservation, DnsRecord, RecordType } from '../../src/model/dns.ts';
import { readAnswers } from '../../src/wire/dns-lookup.ts';

const about = (name: string, type: RecordType) => {
  return { name, type, resolver: '192.0.2.53:53', resolverLabel: '192.0.2.53:53' };
};
const failed = (name: string, type: RecordType): DnsObservation => {
  const outcome = { ok: false, reason: 'servfail', detail: 'SERVFAIL', ms: 1 } as const;
  return { kind: 'dns', subject: `${name} ${type}`, at: 0, about: about(name, type), outcome };
};
const alias = (name: string, host: string): DnsObservation => {
  const records: DnsRecord[] = [{ name, type: 'CNAME', ttl: 60, text: `${host}.`, host }];
  const value = { status: 'answer', records, via: 'udp', tries: 1 } as const;
  return {
    kind: 'dns',
    subject: `${name} CNAME`,
    at: 0,
    about: about(name, 'CNAME'),
    outcome: { ok: true, value, ms: 1 },
  };
};
const unanswered = [failed('one.example', 'A'), failed('one.example', 'AAAA')];

describe('a name that the resolver answers SERVFAIL for', () => {
  test('is in a circle when its aliases, asked for one by one, come back to it', () => {
    const answers = readAnswers([
      ...unanswered,
      alias('one.example', 'two.example'),
      alias('two.example', 'one.example'),
    ]);
    expect(answers.host('one.example').state).toBe('loop');
    const { chain } = answers.lookUp('one.example', 'A');
    expect(chain.map(({ host }) => host)).toEqual(['two.example', 'one.example']);
  });

  test('is in a circle when it leads into one that it is not part of', () => {
    const circle = [alias('two.example', 'three.example'), alias('three.example', 'two.example')];
    expect(readAnswers([...unanswered, alias('one.example', 'two.example'), ...circle]).host('one.example').state).toBe(
      'loop',
    );
  });

  test('has failed, and nothing more is known, when its aliases come to an end', () => {
    const answers = readAnswers([...unanswered, alias('one.example', 'two.example')]);
    expect(answers.host('one.example').state).toBe('failed');
  });

  test('leads too far after sixteen aliases', () => {
    const chain = Array.from({ length: 16 }, (_, at) =>
      alias(at === 0 ? 'one.example' : `n${at}.example`, `n${at + 1}.example`),
    );
    expect(readAnswers([...unanswered, ...chain]).host('one.example').state).toBe('too-long');
    expect(readAnswers([...unanswered, ...chain.slice(1)]).host('one.example').state).toBe('failed');
  });
});
