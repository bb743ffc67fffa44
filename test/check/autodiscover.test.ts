import { describe, expect, test } from 'vitest';
import { autodiscover } from '../../src/check/autodiscover.ts';
import type { AutodiscoverObservation, AutodiscoverSeen } from '../../src/model/dns.ts';
import { attemptOn, discovered, idsOf, judged, serverOn } from './server-seen.ts';

const URL_ASKED = 'https://lyncdiscover.example.org/';

function asked(came: Partial<AutodiscoverSeen> | string, sentBy?: string): AutodiscoverObservation {
  const seen = { httpStatus: 200, contentType: 'text/html', links: [], servers: [] };
  const about = { url: URL_ASKED, host: 'lyncdiscover.example.org', address: '192.0.2.5' };
  return {
    kind: 'autodiscover',
    subject: URL_ASKED,
    at: 4,
    about: { ...about, ...(sentBy === undefined ? {} : { sentBy }) },
    outcome:
      typeof came === 'string'
        ? { ok: false, reason: 'refused', detail: came, ms: 2 }
        : { ok: true, ms: 5, value: { ...seen, ...came } },
  };
}

const look = (...seen: AutodiscoverObservation[]) =>
  judged(autodiscover, [...seen, discovered([serverOn(attemptOn('tls'), 10)], 'lync')]).findings;

describe('the autodiscover service of a domain', () => {
  test('that names a server is answered, and its certificate is looked at', () => {
    const servers = [{ token: 'SipServerExternalAccess', fqdn: 'sip.example.org', port: 443 }];
    const findings = look(asked({ servers, doubt: 'it expired' }));
    expect(idsOf(findings)).toEqual(['autodiscover.answered info']);
    expect(findings[0]?.text).toContain('SipServerExternalAccess sip.example.org:443');
    expect(findings[0]?.text).toContain('Its certificate does not hold: it expired.');
  });

  test.each([
    ['autodiscover.unanswered', asked('connection refused'), 'connection refused'],
    ['autodiscover.not-understood', asked({ httpStatus: 404 }), 'HTTP status 404, text/html'],
    ['autodiscover.redirect-dead', asked('no address', 'https://first.example.org/'), 'no address'],
  ])('is %s, a warning while other names are left', (id, one, words) => {
    const findings = look(one);
    expect(idsOf(findings)).toEqual([`${id} warning`]);
    expect(findings[0]?.text).toContain(words);
  });

  test('is told by what answered, also where the last attempt was refused', () => {
    const last = { ...asked('connect to 192.0.2.5:80: ECONNREFUSED') };
    const findings = look(asked({ httpStatus: 404 }), {
      ...last,
      about: { ...last.about, url: 'http://x.example.org/?a' },
    });
    expect(idsOf(findings)).toEqual(['autodiscover.not-understood warning']);
    expect(findings[0]?.text).toContain('service: https://lyncdiscover.example.org/ (HTTP status 404, text/html). The');
  });

  test('that nobody answers is told with every attempt', () => {
    const last = asked('connect to 192.0.2.5:80: ECONNREFUSED');
    const findings = look(asked('no answer'), { ...last, about: { ...last.about, url: 'http://x.example.org/?a' } });
    expect(findings[0]?.text).toContain(
      'https://lyncdiscover.example.org/ (no answer), http://x.example.org/ (192.0.2.5:80 refuses the connection, ECONNREFUSED)',
    );
  });

  test('is an error where no other name leads anywhere', () => {
    const { findings } = judged(autodiscover, [asked('connection refused'), discovered([], 'lync')]);
    expect(idsOf(findings)).toEqual(['autodiscover.unanswered error']);
  });
});
