import { describe, expect, test } from 'vitest';
import { registration } from '../../src/check/registration.ts';
import type { RedirectObservation, RedirectSeen } from '../../src/model/sip.ts';
import { attemptOn, bothSeen, discovered, idsOf, judged } from './server-seen.ts';
import { challenged, credentialed, DIGEST, withAnswer } from './sign-in-seen.ts';

const TARGET = 'sip:home.example.org:5061;transport=tls';
const sent = bothSeen(['200 OK', '302 Moved Temporarily']).map((one) =>
  one.about.method === 'REGISTER' ? withAnswer(one, { headers: { contact: [`<${TARGET}>`] } }) : one,
);

/** One step, and what came of it: an answer, or why there is none. */
function step(
  came: Partial<RedirectSeen> | string,
  about: Partial<RedirectObservation['about']> = {},
): RedirectObservation {
  const seen = { status: 401, reason: 'Unauthorized', headers: {}, from: '192.0.2.7:5061' };
  return {
    kind: 'redirect',
    subject: TARGET,
    at: 9,
    about: {
      ...attemptOn('tcp'),
      aor: 'sip:alice@example.org',
      sender: 'tcp 192.0.2.1:5060',
      status: 302,
      reason: 'Moved Temporarily',
      target: TARGET,
      first: TARGET,
      hop: 1,
      server: 'tls 192.0.2.7:5061',
      ...about,
    },
    outcome:
      typeof came === 'string'
        ? { ok: false, reason: 'refused', detail: came, ms: 2 }
        : { ok: true, ms: 5, value: { ...seen, ...came } },
  };
}

const look = (...steps: RedirectObservation[]) => judged(registration, [...sent, ...steps]).findings;

describe('a registration that is sent elsewhere', () => {
  test('once the password was taken is told in the same words', () => {
    const headers = { contact: [`<${TARGET}>`] };
    const asked = [...challenged([DIGEST]), credentialed('302 Moved Temporarily', {}, { headers })];
    const { findings } = judged(registration, [...asked, step({})]);
    expect(idsOf(findings)).toEqual(['registration.redirected warning']);
    expect(findings[0]?.text).toContain('(302 Moved Temporarily)');
    const dead = judged(registration, [...asked, step('connection refused')]).findings;
    expect(idsOf(dead)).toEqual(['registration.redirect-dead error']);
  });

  test('and taken there is registration.redirected: clients that do not follow are shut out', () => {
    const findings = look(step({}));
    expect(idsOf(findings)).toEqual(['registration.redirected warning']);
    expect(findings[0]?.text).toContain('tls 192.0.2.7:5061 takes it there: 401 Unauthorized.');
  });

  test('and taken there is the way of Microsoft clients to their home pool', () => {
    const { findings } = judged(registration, [...sent, step({}), discovered([], 'lync')]);
    expect(idsOf(findings)).toEqual(['registration.redirected info']);
    expect(findings[0]?.text).toContain('sends a user to the home pool');
  });

  test.each([
    ['registration.redirect-dead', step('connection refused'), 'tls 192.0.2.7:5061: connection refused'],
    ['registration.redirect-dead', step({ doubt: 'it expired' }), 'it does not prove who it is: it expired'],
    [
      'registration.redirect-refused',
      step({ status: 404, reason: 'Not Found' }),
      'by tls 192.0.2.7:5061: 404 Not Found',
    ],
    ['registration.redirect-loop', step('it was there already', { ended: 'loop' }), 'and so on without end'],
  ])('is %s when it ends there', (id, ended, words) => {
    const findings = look(ended);
    expect(idsOf(findings)).toEqual([`${id} error`]);
    expect(findings[0]?.text).toContain(words);
    expect(findings[0]?.text).toContain(TARGET);
  });

  test('is told by where the last step ended', () => {
    expect(idsOf(look(step({ status: 302, reason: 'Moved' }), step({}, { hop: 2 })))).toEqual([
      'registration.redirected warning',
    ]);
  });
});
