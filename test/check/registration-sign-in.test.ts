import { describe, expect, test } from 'vitest';
import { registration } from '../../src/check/registration.ts';
import type { Observation } from '../../src/model.ts';
import { idsOf, judged, sipSeen } from './server-seen.ts';
import {
  challenged,
  CONTACT,
  credentialed,
  DIGEST,
  INSTANCE,
  KERBEROS,
  kdcSeen,
  NTLM,
  withAnswer,
  withheldSeen,
} from './sign-in-seen.ts';

const look = (...observations: Observation[]) => judged(registration, observations).findings;
const bindings = (...contacts: string[]) => ({ headers: { contact: contacts } });
const own = `<${CONTACT}>;expires=60;+sip.instance="<${INSTANCE}>"`;

describe('a REGISTER without credentials', () => {
  test.each([
    ['404 User Not Found', 'registration.unknown-user error', 'does not know the user sip:alice@example.org'],
    ['404 Domain Not Served', 'registration.domain-not-served error', 'does not serve the domain example.org'],
    ['403 Domain not served here', 'registration.domain-not-served error', 'does not serve the domain example.org'],
    [
      '302 Moved Temporarily',
      'registration.redirected error',
      'elsewhere with 302 Moved Temporarily, without saying where',
    ],
    ['480 Temporarily Unavailable', 'registration.refused error', 'with 480 Temporarily Unavailable'],
  ] as const)('that is answered with %s is %s', (status, id, words) => {
    const findings = look(sipSeen('OPTIONS', '200 OK'), sipSeen('REGISTER', status));
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain(words);
  });

  test('that is redirected names the target and how to look at it', () => {
    const answer = { headers: { contact: ['<sip:home.example.org:5061;transport=tls>;q=1'] } };
    const findings = look(sipSeen('OPTIONS', '200 OK'), withAnswer(sipSeen('REGISTER', '301 Moved'), answer));
    expect(findings[0]?.text).toContain('sip:home.example.org:5061;transport=tls');
    expect(findings[0]?.remedy).toContain('sipdiag signin sip:alice@example.org --server HOST');
  });
});

describe('a password that is refused after SHA-512-256', () => {
  const refused = (answered: string[]) =>
    look(...challenged([DIGEST]), credentialed('401 Unauthorized', {}, { answered })).find(
      ({ id }) => id === 'registration.credentials-rejected',
    );

  test('may be right at a server that cuts SHA-512 short, and the option is offered', () => {
    const finding = refused(['SHA-512-256']);
    expect(finding?.text).toContain('erratum 4897');
    expect(finding?.remedy).toContain('once more with --digest-sha512t');
  });

  test('may be right at a server of the standard where the option was given', () => {
    expect(refused(['SHA-512-256-sess (truncated)'])?.remedy).toContain('once more without --digest-sha512t');
  });

  test('is wrong where another algorithm was used', () => {
    expect(refused(['MD5'])?.remedy).not.toContain('sha512t');
  });
});

describe('a REGISTER with credentials', () => {
  test.each([
    ['401 Unauthorized', 'registration.credentials-rejected error', 'refuses the password of alice (realm example.org'],
    ['403 Bad auth', 'registration.credentials-rejected error', '403 Bad auth'],
    ['403 Forbidden', 'registration.account-forbidden error', 'to the account alice: 403 Forbidden'],
    ['404 Not Found', 'registration.account-unknown error', 'sip:alice@example.org is unknown there: 404'],
    ['423 Interval Too Brief', 'registration.interval-too-brief error', 'does not say what it wants'],
    ['503 Service Unavailable', 'registration.sign-in-refused error', '503 Service Unavailable once the password'],
    [
      'timeout',
      'registration.sign-in-unanswered error',
      'the REGISTER of sip:alice@example.org that carries it gets no answer (nothing within 3 s)',
    ],
  ] as const)('that ends with %s is %s', (fate, id, words) => {
    const findings = look(...challenged([DIGEST]), credentialed(fate));
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain(words);
  });

  test.each([
    ['no challenge', []],
    ['what is none', ['"", ,=,']],
  ])('with %s is registration.challenge-missing', (_what, offers) => {
    const findings = look(...challenged(offers), withheldSeen('no-scheme'));
    expect(idsOf(findings)).toEqual(['registration.challenge-missing error']);
    expect(findings[0]?.text).toContain('no challenge that can be read comes with it');
  });

  test('that is asked for again and again is registration.challenge-loop', () => {
    const findings = look(...challenged([DIGEST]), credentialed('401 Unauthorized', {}, { refusal: 'endless' }));
    expect(idsOf(findings)).toEqual(['registration.challenge-loop error']);
    expect(findings[0]?.text).toContain('again after each answer');
  });

  test('that is accepted is nothing to tell', () => {
    expect(look(...challenged([DIGEST]), credentialed('200 OK', {}, bindings(own)))).toEqual([]);
  });

  test('that was asked again for longer tells what the registrar grants', () => {
    const findings = look(...challenged([DIGEST]), credentialed('200 OK', { raisedTo: 120 }));
    expect(idsOf(findings)).toEqual(['registration.interval-too-brief info']);
    expect(findings[0]?.text).toContain('grants registrations of 120 s at the least');
  });

  test('whose server proves the wrong password is registration.server-unproven', () => {
    const findings = look(...challenged([DIGEST]), credentialed('200 OK', {}, { serverProof: 'wrong' }));
    expect(idsOf(findings)).toEqual(['registration.server-unproven warning']);
  });

  test('that ends alike over several ways is told once', () => {
    const first = credentialed('423 Interval Too Brief', {}, { headers: { 'min-expires': ['86400'] } });
    const other = { ...first, about: { ...first.about, transport: 'tls' as const, port: 5061 } };
    const findings = look(...challenged([DIGEST]), first, other);
    expect(idsOf(findings)).toEqual(['registration.interval-too-brief error']);
    expect(findings[0]?.text).toContain('sip.example.org (192.0.2.1, tcp 5060, tls 5061) refuses');
    const apart = look(...challenged([DIGEST]), first, { ...other, outcome: credentialed('503 Busy').outcome });
    expect(apart).toHaveLength(2);
  });

  test('that lists other endpoints counts them without its own, the longest first', () => {
    const others = [
      '<sip:alice@192.0.2.7:5060>;expires=30, <sips:alice@192.0.2.8>;expires=3500;received="sip:203.0.113.9:4444"',
      own,
    ];
    const findings = look(...challenged([DIGEST]), credentialed('200 OK', {}, bindings(...others)));
    expect(idsOf(findings)).toEqual(['registration.elsewhere info']);
    expect(findings[0]?.text).toContain('signed in at 2 other endpoints');
    expect(findings[0]?.text).toContain('sips:alice@192.0.2.8 over TLS, seen as sip:203.0.113.9:4444, 3500 s left');
  });

  test.each([
    ['the parameters', ['<sip:alice@192.0.2.9:40000;transport=TCP;x-ast-orig-host=192.0.2.9:40000>;expires=59'], []],
    ['the address behind a NAT', ['<sip:alice@203.0.113.5:61000;transport=tcp>;expires=59'], []],
    ['nothing, and another endpoint behind the same NAT', ['<sip:alice@203.0.113.5:61001>;expires=59'], ['elsewhere']],
    ['nothing, and another user there', ['<sip:bob@203.0.113.5:61000>;expires=59'], ['elsewhere']],
  ])('knows its own Contact when the registrar has rewritten %s', (_what, contact, told) => {
    const via = ['SIP/2.0/TCP 192.0.2.9:40000;branch=z9hG4bKx;rport=61000;received=203.0.113.5'];
    const findings = look(...challenged([DIGEST]), credentialed('200 OK', {}, { headers: { via, contact } }));
    expect(findings.map(({ id }) => id)).toEqual(told.map((name) => `registration.${name}`));
  });

  test('whose answer says only once how long the bindings last takes that for each that does not say', () => {
    const contact = ['<sip:alice@192.0.2.7>, <sip:alice@192.0.2.8>;expires=30'];
    const headers = { contact, expires: ['1800'] };
    const [finding] = look(...challenged([DIGEST]), credentialed('200 OK', {}, { headers }));
    expect(finding?.text).toContain('sip:alice@192.0.2.7 over UDP, 1800 s left');
  });

  test('whose Contact could not be taken back is registration.left-behind', () => {
    const findings = look(
      ...challenged([DIGEST]),
      credentialed('200 OK'),
      credentialed('closed', { step: 'sign-out' }),
    );
    expect(idsOf(findings)).toEqual(['registration.left-behind warning']);
    expect(findings[0]?.text).toContain('it lapses within 60 s');
  });

  test('that was never sent says why: registration.password-withheld', () => {
    const findings = look(...challenged([DIGEST]), withheldSeen('unverified'));
    expect(idsOf(findings)).toEqual(['registration.password-withheld info']);
    expect(findings[0]?.text).toContain('it is unverified');
    expect(findings[0]?.remedy).toContain('--insecure-credentials');
  });
});

describe('what a server offers', () => {
  test.each([
    [
      [NTLM],
      'registration.scheme-unsupported warning',
      'offers NTLM only, no Digest: Microsoft clients can sign in, other SIP clients cannot',
    ],
    [['Digest realm="a", nonce="b", algorithm=AKAv1-MD5'], 'registration.scheme-unsupported error', 'AKAv1-MD5'],
  ])('without Digest that is common practice (%j) is %s', (challenges, id, words) => {
    const findings = look(...challenged(challenges));
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain(words);
  });

  test.each([
    ['account', 'registration.kerberos-trap error'],
    ['address', 'registration.kerberos-trap warning'],
  ] as const)('with Kerberos and no centre is a trap for an account that is known by its %s', (given, id) => {
    const findings = look(...challenged([DIGEST, NTLM, KERBEROS]), kdcSeen(given, 'timeout'));
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain('dc1.example.org:88 timeout');
    expect(findings[0]?.remedy).toContain(String.raw`DOMAIN\user`);
  });

  test('with Kerberos and a centre that is reached is no trap', () => {
    expect(look(...challenged([DIGEST, KERBEROS]), kdcSeen('account', 'open'))).toEqual([]);
  });

  test('with Kerberos and no centre is told once: the trap stands for scheme-unsupported', () => {
    expect(idsOf(look(...challenged([NTLM, KERBEROS]), kdcSeen('account', 'timeout')))).toEqual([
      'registration.kerberos-trap error',
    ]);
    expect(idsOf(look(...challenged([NTLM, KERBEROS]), kdcSeen('account', 'open')))).toEqual([
      'registration.scheme-unsupported warning',
    ]);
  });

  test.each([
    [DIGEST, 6, 'registration.clock-skew warning'],
    [KERBEROS, -6, 'registration.clock-skew error'],
    [NTLM, 16, 'registration.clock-skew error'],
  ])('%s and a clock that is off by %i minutes is %s', (offer, minutes, id) => {
    const [options, register] = challenged([DIGEST, offer]).map((one) =>
      withAnswer(one, { aheadMs: minutes * 60_000 }),
    );
    const findings = options && register ? look(options, register) : [];
    expect(idsOf(findings)).toEqual([id]);
    expect(findings[0]?.text).toContain(`${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'}`);
  });

  test('a clock that is off by four minutes is in order', () => {
    const seen = challenged([KERBEROS, DIGEST]).map((one) => withAnswer(one, { aheadMs: 240_000 }));
    expect(look(...seen)).toEqual([]);
  });
});
