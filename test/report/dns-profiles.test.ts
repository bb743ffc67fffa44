import { describe, expect, test } from 'vitest';
import type { Observation, Report } from '../../src/model.ts';
import { renderAnswers } from '../../src/report/dns-answers.ts';
import { renderProfiles } from '../../src/report/dns-profiles.ts';
import { renderHuman } from '../../src/report/human.ts';
import { columnsOf } from '../../src/report/layout.ts';
import { plainPaint, type Tone } from '../../src/report/paint.ts';
import { assembleReport } from '../../src/judge.ts';
import { answersTo, DOMAIN as D, discoverIn, targetOf } from '../probe/zone-answers.ts';
import { assertValidReport } from './valid-report.ts';

const ZONE = `
  ${D} NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.gone.example.
  ${D} NAPTR 20 10 "s" "SIP+D2T" "" _sip._tcp.${D}.
  _sip._tcp.${D} SRV 10 75 5060 a.${D}.
  _sip._tcp.${D} SRV 10 25 5060 gone.${D}.
  a.${D} A 192.0.2.1
  a.${D} AAAA 2001:db8::1
  _sipinternaltls._tcp.${D} SRV 0 0 5061 pool.internal.example.
  _sip._tls.${D} SRV 0 0 443 a.${D}.`;

const head = { version: '0.0.0', command: 'dns', startedAt: '2026-11-23T10:00:00.000Z', ms: 9 };

function reportOf(observations: Observation[], command = 'dns'): Report {
  return assembleReport(observations, { ...head, command, target: targetOf() });
}

function reportIn(zone: string): Report {
  const { dns, discovery } = discoverIn(zone);
  return reportOf([...dns, discovery]);
}

const sheet = { paint: plainPaint, width: 100 };
const drawn = (zone: string): string => renderProfiles(reportIn(zone), sheet).join('\n');
/** Without the places where lines were broken. */
const flat = (zone: string): string => drawn(zone).replace(/\s+/g, ' ');

describe('the tables of the profiles', () => {
  test('put the deciding profile first, marked, with the reason', () => {
    const lines = renderProfiles(reportIn(ZONE), sheet);
    expect(lines.slice(0, 4)).toEqual([
      `Where clients of ${D} would connect`,
      '',
      '> rfc3263: RFC 3263 client (any SIP phone or server of today)',
      `    decides here: NAPTR of ${D} exists`,
    ]);
    expect(lines.filter((line) => line.startsWith('>'))).toHaveLength(1);
  });

  test('show the winner, the losers and why, with the time of each question', () => {
    const text = flat(ZONE);
    expect(text).toContain(`broken: 10 10 "s" "SIPS+D2T" "" _sips._tcp.gone.example. (_sips._tcp.gone.example:`);
    expect(text).toContain(`10 75 5060 a.${D}. -> 2001:db8::1, 192.0.2.1 (priority 10, tried first by`);
    expect(text).toContain(`broken: 10 25 5060 gone.${D}. (gone.${D} does not exist)`);
    expect(drawn(ZONE)).toMatch(/absent {7}_sip\._udp\.fuzzybunny\.example SRV: the name does not exist +2 ms$/m);
  });

  test('show a name that is hidden by a dead one', () => {
    const text = drawn(ZONE);
    expect(text).toContain('does not connect: _sipinternaltls._tcp.fuzzybunny.example SRV: found first, so that');
    expect(text).toMatch(/ignored {6}_sip\._tls\.fuzzybunny\.example SRV: _sipinternaltls/);
  });

  test('give a profile that finds nothing one line', () => {
    const lines = renderProfiles(reportIn(ZONE), sheet);
    expect(lines.filter((line) => line.startsWith('  federation'))).toEqual([
      '  federation: finds nothing (Federation partner (the Edge server of another organisation))',
    ]);
  });

  test('tell a profile that nobody answered for from one that finds nothing', () => {
    const names = discoverIn('').dns.map(({ subject }) => [subject, 'timeout' as const] as const);
    const { dns, discovery } = discoverIn('', targetOf(), { failing: Object.fromEntries(names) });
    const lines = renderProfiles(reportOf([...dns, discovery]), sheet);
    expect(lines).toContain('  lync: cannot be told, no answer came (Lync 2010 and 2013, Skype for Business client)');
  });

  test('show one line for a host that is tried on several ports', () => {
    const text = drawn(`${D} A 192.0.2.1`);
    expect(text.match(/used +fuzzybunny\.example A\/AAAA: 192\.0\.2\.1/g)).toHaveLength(2);
  });

  test('show a domain of another script both ways', () => {
    const { dns, discovery } = discoverIn('', targetOf({ domain: 'xn--bcher-kva.example' }));
    const about = { domain: 'xn--bcher-kva.example', unicode: 'bücher.example' };
    const [title] = renderProfiles(reportOf([...dns, { ...discovery, about }]), sheet);
    expect(title).toBe('Where clients of bücher.example (xn--bcher-kva.example) would connect');
  });

  test('are nothing without a discovery', () => {
    expect(renderProfiles(reportOf([]), sheet)).toEqual([]);
  });

  test.each([40, 72, 100])('fit %i columns, and end without blanks', (width) => {
    const lines = renderProfiles(reportIn(ZONE), { paint: plainPaint, width });
    expect(lines.filter((line) => columnsOf(line) > width || line !== line.trimEnd())).toEqual([]);
  });

  test('escape what a stranger put into a name', () => {
    const { dns, discovery } = discoverIn(ZONE);
    const hostile: unknown = JSON.parse(JSON.stringify(discovery).replaceAll('gone', String.raw`go\u001b[2J`));
    // The shape is that of the observation it was made from.
    const text = renderProfiles(reportOf([...dns, hostile as Observation]), sheet).join('\n');
    expect(text).toContain(String.raw`go\x1b[2J`);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('are part of a report that its schema accepts', () => {
    expect(() => assertValidReport(reportIn(ZONE))).not.toThrow();
  });
});

describe('the answers', () => {
  const question = [{ name: `_sip._tcp.${D}`, type: 'SRV' as const }];

  test('look as dig prints them, with time and server', () => {
    const report = reportOf(answersTo(question, ZONE));
    expect(renderAnswers(report, sheet).slice(0, 9)).toEqual([
      'Answers',
      '',
      `;_sip._tcp.${D}. IN SRV`,
      ';; status: NOERROR, 2 ms, SERVER: test 192.0.2.53:53 (UDP)',
      `_sip._tcp.${D}.           3600   IN  SRV   10 75 5060 a.${D}.`,
      `_sip._tcp.${D}.           3600   IN  SRV   10 25 5060 gone.${D}.`,
      '',
      `;a.${D}. IN A`,
      ';; status: NOERROR, 2 ms, SERVER: test 192.0.2.53:53 (UDP)',
    ]);
  });

  test.each([
    ['a name that does not exist', '', {}, 'status: NXDOMAIN'],
    ['a name without such a record', `x._sip._tcp.${D} A 192.0.2.1`, {}, 'status: NOERROR (no data)'],
    [
      'no answer',
      '',
      { failing: { [`_sip._tcp.${D} SRV`]: 'timeout' as const } },
      'status: timeout: timeout by the test',
    ],
  ])('tell %s', (...[, zone, options, expected]) => {
    expect(renderAnswers(reportOf(answersTo(question, zone, options)), sheet).join('\n')).toContain(expected);
  });

  test('go on in the next line where they are too long, and lose nothing', () => {
    const lines = renderAnswers(reportOf(answersTo(question, ZONE)), { paint: plainPaint, width: 60 });
    expect(lines.filter((line) => columnsOf(line) > 60)).toEqual([]);
    const whole = renderAnswers(reportOf(answersTo(question, ZONE)), sheet);
    expect(lines.join('').replaceAll(' ', '')).toBe(whole.join('').replaceAll(' ', ''));
  });

  test('are nothing where no question was asked', () => {
    expect(renderAnswers(reportOf([]), sheet)).toEqual([]);
  });
});

describe('the whole report of sipdiag dns', () => {
  const options = { paint: plainPaint, verbosity: 'normal' as const, width: 100 };

  test('shows the profiles, and no rung that it does not climb', () => {
    const text = renderHuman(reportIn(ZONE), options);
    expect(text).toContain(`Where clients of ${D} would connect`);
    expect(text).not.toMatch(/^ {2}- {5}(connect|tls|media)/m);
    expect(text).not.toContain('Answers');
  });

  test('adds the answers with --verbose, and leaves all out with --quiet', () => {
    expect(renderHuman(reportIn(ZONE), { ...options, verbosity: 'verbose' })).toContain('\nAnswers\n');
    expect(renderHuman(reportIn(ZONE), { ...options, verbosity: 'quiet' })).not.toContain('Where clients');
  });

  test('answers the one question that was asked', () => {
    const text = renderHuman(reportOf(answersTo([{ name: `_sip._tcp.${D}`, type: 'SRV' }], ZONE)), options);
    expect(text).toContain(`;_sip._tcp.${D}. IN SRV`);
  });

  test('belongs to this command alone', () => {
    const { dns, discovery } = discoverIn(ZONE);
    expect(renderHuman(reportOf([...dns, discovery], 'doctor'), options)).not.toContain('Where clients');
  });

  test('paints good and bad fates unlike', () => {
    const tones: Tone[] = [];
    const paint = (tone: Tone, text: string): string => {
      tones.push(tone);
      return text;
    };
    renderProfiles(reportIn(ZONE), { paint, width: 100 });
    expect([...new Set(tones)].toSorted((a, b) => a.localeCompare(b))).toEqual([
      'bad',
      'caution',
      'faint',
      'good',
      'strong',
    ]);
  });
});
