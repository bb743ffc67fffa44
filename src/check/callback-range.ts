import { defineCheck } from './define-check.ts';
import { profileSeen } from './product-settings.ts';
import { judgeRange, RANGE_CASES, type RangeCases } from './range-cases.ts';

export const callbackRange = defineCheck<'range', RangeCases, 'discovery' | 'tls'>({
  id: 'callback-range',
  rung: 'callback',
  question: 'Are the SIP ports that a client would advertise fit for use on this machine?',
  source: 'Microsoft RTC Client API, PortRange policy; RFC 6056 section 2.1',
  reads: ['range'],
  uses: ['discovery', 'tls'],
  cases: RANGE_CASES,
  notApplicable: ({ range }) => (range.some(({ about }) => about.use === 'sip') ? null : 'no port was listened on'),
  run({ range, discovery, tls }, found) {
    const profile = profileSeen({ discovery, tls });
    for (const one of range) if (one.about.use === 'sip') judgeRange(one, profile, found);
  },
});
