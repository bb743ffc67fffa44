import { defineCheck } from './define-check.ts';
import { profileSeen } from './product-settings.ts';
import { judgeRange, RANGE_CASES, type RangeCases } from './range-cases.ts';

export const mediaRange = defineCheck<'range', RangeCases, 'discovery' | 'tls'>({
  id: 'media-range',
  rung: 'media',
  question: 'Are the media ports that a client would advertise fit for use on this machine?',
  source: 'RFC 3550 section 11; RFC 6056 section 2.1',
  reads: ['range'],
  uses: ['discovery', 'tls'],
  cases: RANGE_CASES,
  notApplicable: ({ range }) => (range.some(({ about }) => about.use === 'media') ? null : 'no port was listened on'),
  run({ range, discovery, tls }, found) {
    const profile = profileSeen({ discovery, tls });
    for (const one of range) if (one.about.use === 'media') judgeRange(one, profile, found);
  },
});
