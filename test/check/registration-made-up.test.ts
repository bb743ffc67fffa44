import { describe, expect, test } from 'vitest';
import { registration } from '../../src/check/registration.ts';
import type { SipObservation } from '../../src/model/sip.ts';
import { bothSeen, idsOf, judged } from './server-seen.ts';

type MadeUp = NonNullable<SipObservation['about']['madeUp']>;
type Fates = Parameters<typeof bothSeen>[0];

/** What a server said to an account that the user has not given. */
const seenFor = (madeUp: MadeUp, fates: Fates): SipObservation[] =>
  bothSeen(fates).map((one) => ({ ...one, about: { ...one.about, madeUp } }));

describe('registration of a made-up account', () => {
  test.each<[Fates, string]>([
    [['200 OK', '404 Not Found'], 'registration.domain-not-served info'],
    [['200 OK', '403 Forbidden'], 'registration.forbidden info'],
    [['200 OK', 'timeout'], 'registration.unanswered info'],
  ])('says nothing about real accounts when the answers are %j', (fates, id) => {
    const { findings } = judged(registration, seenFor('user', fates));
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain('an address that sipdiag made up because none was given');
    expect(findings[0]?.remedy).toBe('To learn about a real account, give its sign-in address: sip:user@example.org.');
  });

  test('shows that a given domain is not served when OPTIONS is refused alike', () => {
    const { findings } = judged(registration, seenFor('user', ['404 Not Found', '404 Not Found']));
    expect(idsOf(findings)).toEqual(['registration.domain-not-served error']);
    expect(findings[0]?.text).toContain('the server does not serve the domain example.org.');
    expect(findings[0]?.remedy).toContain('Add example.org to the SIP domains of the server');
  });

  test('shows nothing when the domain is a guess as well', () => {
    const { findings } = judged(registration, seenFor('user-and-domain', ['404 Not Found', '404 Not Found']));
    expect(idsOf(findings)).toEqual(['registration.domain-not-served info']);
    expect(findings[0]?.remedy).toContain('sip:user@domain --server example.org');
  });
});
