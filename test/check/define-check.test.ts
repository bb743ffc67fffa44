import { describe, expect, test } from 'vitest';
import { defineCheck } from '../../src/check/define-check.ts';
import { sipSeen, tcpSeen } from './server-seen.ts';

const frame = {
  id: 'example',
  rung: 'connect' as const,
  question: 'Does the example hold?',
  source: 'RFC 0',
};
const said = { means: 'It is so.', causes: ['a cause'] as const, fix: 'Mend it.' };
const words = { ...said, text: (e: { count: number }) => `${e.count} seen`, remedy: () => 'nothing' };
const weighs = 'error for several; info for one';

describe('a check', () => {
  const check = defineCheck({
    ...frame,
    reads: ['tcp'],
    uses: ['sip'],
    cases: {
      fixed: { severity: 'warning', ...words },
      weighed: { severity: (e: { count: number }) => (e.count > 1 ? 'error' : 'info'), weighs, ...words },
    },
    notApplicable: ({ tcp }) => (tcp.length === 0 ? 'no TCP' : null),
    run({ tcp, sip }, found) {
      found('fixed', 'subject', { count: tcp.length });
      found('weighed', 'subject', { count: sip.length });
    },
  });

  test('is given the observations of its kinds only, in their order', () => {
    const kinds: string[] = [];
    const curious = defineCheck({
      ...frame,
      reads: ['tcp'],
      uses: ['sip'],
      cases: { one: { severity: 'info', ...words } },
      run(seen) {
        kinds.push(...Object.keys(seen), ...seen.tcp.map((one) => one.subject));
      },
    });
    const [a, b] = [tcpSeen('open'), { ...tcpSeen('open'), subject: 'second' }];
    curious.run([a, { ...sipSeen('OPTIONS', 'timeout') }, b]);
    expect(kinds).toEqual(['tcp', 'sip', a.subject, 'second']);
  });

  test('makes words and severity from the table and the evidence', () => {
    const found = check.run([tcpSeen('open'), sipSeen('OPTIONS', 'timeout'), sipSeen('REGISTER', 'timeout')]);
    expect(found).toEqual([
      {
        name: 'fixed',
        subject: 'subject',
        severity: 'warning',
        text: '1 seen',
        remedy: 'nothing',
        evidence: { count: 1 },
      },
      {
        name: 'weighed',
        subject: 'subject',
        severity: 'error',
        text: '2 seen',
        remedy: 'nothing',
        evidence: { count: 2 },
      },
    ]);
    expect(check.run([tcpSeen('open')])[1]?.severity).toBe('info');
  });

  test('says why it does not apply, or null', () => {
    expect(check.notApplicable([])).toBe('no TCP');
    expect(check.notApplicable([tcpSeen('open')])).toBeNull();
  });

  test('lists its cases', () => {
    expect(check.caseNames).toEqual(['fixed', 'weighed']);
  });

  test('tells what can be said of its cases without evidence', () => {
    const told = defineCheck({
      ...frame,
      reads: ['tcp'],
      cases: {
        fixed: { severity: 'warning', ...words },
        weighed: { severity: (e: { count: number }) => (e.count > 1 ? 'error' : 'info'), weighs, ...words },
      },
      run: () => undefined,
    });
    expect(told.caseFacts).toEqual([
      { name: 'fixed', severity: 'warning', weighs: 'warning', ...said },
      { name: 'weighed', severity: 'depends', weighs, ...said },
    ]);
  });
});

// What tsc refuses is the test here: an unused directive fails the type check.
describe('the compiler', () => {
  const cases = { known: { severity: 'error' as const, ...words } };

  test('refuses a misspelt case', () => {
    const check = defineCheck({
      ...frame,
      reads: ['tcp'],
      cases,
      run(_seen, found) {
        // @ts-expect-error -- the table holds no case of this name
        found('knwon', 'subject', { count: 1 });
      },
    });
    expect(() => check.run([])).toThrow(TypeError);
  });

  test('refuses evidence of the wrong shape', () => {
    const check = defineCheck({
      ...frame,
      reads: ['tcp'],
      cases,
      run(_seen, found) {
        // @ts-expect-error -- the evidence of this case is a number
        found('known', 'subject', { count: '1' });
        // @ts-expect-error -- the evidence of this case is not complete
        found('known', 'subject', {});
      },
    });
    expect(check.run([]).map(({ text }) => text)).toEqual(['1 seen', 'undefined seen']);
  });

  test('refuses a kind that was not declared', () => {
    const check = defineCheck({
      ...frame,
      reads: ['tcp'],
      cases,
      run(seen, found) {
        // @ts-expect-error -- 'sip' is among neither reads nor uses
        const undeclared: unknown = seen.sip;
        found('known', String(undeclared), { count: seen.tcp.length });
      },
    });
    expect(check.run([sipSeen('OPTIONS', 'timeout')])[0]?.subject).toBe('undefined');
  });

  test('refuses a case without words for whoever looks it up, and a severity that depends on something unsaid', () => {
    const { means, causes, fix, ...evidenced } = words;
    const check = defineCheck({
      ...frame,
      reads: ['tcp'],
      cases: {
        // @ts-expect-error -- no fix
        one: { severity: 'error', means, causes, ...evidenced },
        // @ts-expect-error -- no cause
        two: { severity: 'error', means, causes: [], fix, ...evidenced },
        // @ts-expect-error -- nothing says which severity it is when
        three: { severity: () => 'error' as const, means, causes, fix, ...evidenced },
      },
      run: () => undefined,
    });
    expect(check.caseNames).toEqual(['one', 'two', 'three']);
  });

  test('refuses a rung, a kind and a severity that do not exist', () => {
    const check = defineCheck({
      ...frame,
      // @ts-expect-error -- no such rung
      rung: 'cellar',
      // @ts-expect-error -- no such kind of observation
      reads: ['smoke'],
      // @ts-expect-error -- no such severity
      cases: { known: { severity: 'fatal', ...words } },
      run: () => undefined,
    });
    expect(check.id).toBe('example');
  });
});
