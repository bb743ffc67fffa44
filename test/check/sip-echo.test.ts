import { describe, expect, test } from 'vitest';
import { sipEcho } from '../../src/check/sip-echo.ts';
import { idsOf, judged } from './server-seen.ts';
import { CONTACT, credentialed, INSTANCE } from './sign-in-seen.ts';

const LOCAL = '192.0.2.9:40000';

/** The answer to a REGISTER, with this Via and this Contact of ours. */
const registered = (sentBy: string, contact: string) =>
  credentialed(
    '200 OK',
    {},
    {
      local: LOCAL,
      headers: {
        via: [`SIP/2.0/TCP ${sentBy};branch=z9hG4bK1;rport=61000;received=198.51.100.7`],
        contact: [
          '<sip:alice@192.0.2.77:5060>;+sip.instance="<urn:uuid:another>"',
          `<${contact}>;expires=60;+sip.instance="<${INSTANCE}>"`,
        ],
      },
    },
  );

describe('sip-echo', () => {
  test('passes when Via and Contact come back as they were sent, whatever the server adds', () => {
    const { findings, status } = judged(sipEcho, [registered(LOCAL, CONTACT)]);
    expect({ findings, status }).toEqual({ findings: [], status: 'passed' });
  });

  test('a Via that names another address is the work of something on the way', () => {
    const { findings } = judged(sipEcho, [registered('198.51.100.7:61000', CONTACT)]);
    expect(idsOf(findings)).toEqual(['sip-echo.via-changed warning']);
    expect(findings[0]?.text).toContain('the Via says 198.51.100.7:61000 in the answer and said 192.0.2.9:40000');
  });

  test('over TLS no SIP ALG is blamed, which could not read it', () => {
    const one = registered('198.51.100.7:61000', CONTACT);
    const { findings } = judged(sipEcho, [{ ...one, about: { ...one.about, transport: 'tls' } }]);
    expect(findings[0]?.text).toContain('rewrites SIP over TLS');
    expect(findings[0]?.remedy).not.toContain('ALG');
  });

  test('a Contact that is another may be help or harm', () => {
    const { findings } = judged(sipEcho, [registered(LOCAL, 'sip:alice@198.51.100.7:61000;transport=tcp')]);
    expect(idsOf(findings)).toEqual(['sip-echo.contact-changed info']);
    expect(findings[0]?.text).toContain(`has the Contact sip:alice@198.51.100.7:61000;transport=tcp, where`);
  });

  test.each([
    ['nothing was registered', []],
    ['the password was refused', [credentialed('401 Unauthorized')]],
    ['nobody answered', [credentialed('timeout')]],
  ])('does not apply when %s', (_name, seen) => {
    const { findings, status } = judged(sipEcho, seen);
    expect({ findings, status }).toEqual({ findings: [], status: 'not-applicable' });
  });

  test('a Via that cannot be read is no evidence', () => {
    expect(judged(sipEcho, [registered('[', CONTACT)]).findings).toEqual([]);
  });
});
