import { describe, expect, test } from 'vitest';
import type { Certificate } from '../../src/pki/certificate.ts';
import { coverHost } from '../../src/pki/host-name.ts';
import type { NameReason, NameRule, NameTarget } from '../../src/pki/name-verdict.ts';
import { matchNames } from '../../src/pki/names.ts';
import { altNames, makeCertificate, makeKey, type TestName } from './make-certificate.ts';

const key = makeKey('ed25519');

/** A certificate from 'CN | type:value type:value'. */
function certificateOf(shape: string): Certificate {
  const [subject = '', names = ''] = shape.split('|').map((part) => part.trim());
  const list = names.split(' ').flatMap((entry): TestName[] => {
    const [type, value] = [entry.slice(0, entry.indexOf(':')), entry.slice(entry.indexOf(':') + 1)];
    if (type === 'ip') return [['ip', value.split('.').map(Number)]];
    return type === 'dns' || type === 'uri' || type === 'email' ? [[type, value]] : [];
  });
  return makeCertificate({ subject, key, extensions: list.length === 0 ? [] : [altNames(...list)] });
}

type Row = [shape: string, target: NameTarget, result: string, reason: NameReason];

function table(rule: NameRule, rows: Row[]): void {
  describe(`the rule ${rule}`, () => {
    test.each(rows)('%s against %o: %s, %s', (...[shape, target, result, reason]) => {
      expect(matchNames(rule, certificateOf(shape), target)).toMatchObject({ rule, result, reason });
    });
  });
}

const domain = 'example.com';

table('rfc5922', [
  ['x | uri:sip:example.com', { domain }, 'match', 'exact'],
  ['x | uri:SIP:Example.COM', { domain: 'EXAMPLE.com.' }, 'match', 'exact'],
  ['x | uri:sip:example.com:5061;transport=tls', { domain }, 'match', 'exact'],
  ['x | uri:sip:example.net dns:example.com', { domain }, 'mismatch', 'other-names'],
  ['x | uri:sip:alice@example.com dns:example.com', { domain }, 'match', 'exact'],
  ['x | uri:sips:example.com dns:example.net', { domain }, 'mismatch', 'other-names'],
  ['x | uri:sip:alice@example.com', { domain }, 'mismatch', 'no-name'],
  ['x | dns:example.com', { domain }, 'match', 'exact'],
  ['x | dns:sip.example.com', { domain }, 'mismatch', 'other-names'],
  ['x | dns:*.example.com', { domain: 'sip.example.com' }, 'mismatch', 'wildcard-not-allowed'],
  ['example.com', { domain }, 'match', 'exact'],
  ['example.com | dns:other.example', { domain }, 'mismatch', 'common-name-only'],
  ['example.com | email:a@example.com', { domain }, 'mismatch', 'common-name-only'],
  ['x | dns:badexample.com', { domain }, 'mismatch', 'other-names'],
  ['x | dns:example.com', { host: 'sip.example.com' }, 'not-applicable', 'nothing-to-compare'],
]);

table('rfc9525', [
  ['x | dns:sip.example.com', { host: 'SIP.example.com.' }, 'match', 'exact'],
  ['x | dns:*.example.com', { host: 'sip.example.com' }, 'match', 'wildcard'],
  ['x | dns:*.example.com', { host: 'a.sip.example.com' }, 'mismatch', 'other-names'],
  ['x | dns:*.example.com', { host: domain }, 'mismatch', 'other-names'],
  ['x | dns:s*.example.com', { host: 'sip.example.com' }, 'mismatch', 'other-names'],
  ['x | dns:sip.*.com', { host: 'sip.example.com' }, 'mismatch', 'other-names'],
  ['x | dns:*.com', { host: domain }, 'mismatch', 'other-names'],
  ['sip.example.com', { host: 'sip.example.com' }, 'mismatch', 'common-name-only'],
  ['x | uri:sip:sip.example.com', { host: 'sip.example.com' }, 'mismatch', 'no-name'],
  ['x | ip:192.0.2.10', { address: '192.0.2.10' }, 'match', 'exact'],
  ['x | ip:192.0.2.10', { host: '192.0.2.10' }, 'match', 'exact'],
  ['x | ip:192.0.2.10', { address: '192.0.2.11' }, 'mismatch', 'address-not-listed'],
  ['192.0.2.10 | dns:192.0.2.10', { address: '192.0.2.10' }, 'mismatch', 'address-not-listed'],
  ['x | dns:sip.example.com', { domain }, 'not-applicable', 'nothing-to-compare'],
]);

table('microsoft-strict', [
  ['x | dns:pool.example.com', { domain, host: 'pool.example.com' }, 'match', 'exact'],
  ['x | dns:sip.example.com', { domain }, 'match', 'exact'],
  ['sip.example.com', { domain }, 'match', 'exact'],
  ['sip.example.com | dns:other.example.com', { domain }, 'mismatch', 'common-name-only'],
  ['x | dns:*.example.com', { domain, host: 'pool.example.com' }, 'mismatch', 'wildcard-not-allowed'],
  ['x | dns:pool.example.net', { domain, host: 'pool.example.net' }, 'mismatch', 'host-outside-domain'],
  ['x | dns:a.b.example.com', { domain, host: 'a.b.example.com' }, 'mismatch', 'host-outside-domain'],
  ['x | dns:pool.example.com', { host: 'pool.example.com' }, 'match', 'exact'],
  ['x', {}, 'not-applicable', 'nothing-to-compare'],
]);

table('microsoft-relaxed', [
  ['x | dns:a.b.example.com', { domain, host: 'a.b.example.com' }, 'match', 'exact'],
  ['x | dns:other.example.com', { domain, host: 'pool.example.com' }, 'match', 'inside-domain'],
  ['x | dns:pool.badexample.com', { domain, host: 'pool.example.com' }, 'mismatch', 'other-names'],
  ['x | dns:pool.example.net', { domain, host: 'pool.example.net' }, 'mismatch', 'host-outside-domain'],
  ['x', { host: 'pool.example.com' }, 'not-applicable', 'nothing-to-compare'],
]);

table('microsoft-sip-name', [
  ['x | dns:sip.example.com', { domain, host: 'pool.example.com' }, 'match', 'exact'],
  ['x | dns:pool.example.com', { domain, host: 'pool.example.com' }, 'mismatch', 'other-names'],
]);

table('microsoft-common-name', [
  ['pool.example.com | dns:other.example.com', { host: 'pool.example.com' }, 'match', 'exact'],
  ['other.example.com | dns:pool.example.com', { host: 'pool.example.com' }, 'mismatch', 'other-names'],
]);

table('teams-direct-routing', [
  ['sbc1.example.com | dns:other.example.com', { host: 'sbc1.example.com' }, 'match', 'exact'],
  ['x | dns:*.example.com', { host: 'sbc1.example.com' }, 'match', 'wildcard'],
  ['*.example.com', { host: 'sbc1.example.com' }, 'match', 'wildcard'],
  ['x | dns:*.example.com', { host: 'sbc.test.example.com' }, 'mismatch', 'other-names'],
  ['x | dns:sbc.contoso.onmicrosoft.com', { host: 'sbc.contoso.onmicrosoft.com' }, 'mismatch', 'host-not-usable'],
]);

test('a verdict lists the identities that were compared, matches first, each with its reason', () => {
  const verdict = matchNames(
    'rfc5922',
    certificateOf('x | uri:sip:bob@example.com uri:sips:a.example dns:a.example dns:example.com'),
    { domain },
  );
  expect(verdict.wanted).toEqual(['example.com']);
  expect(verdict.identities).toEqual([
    { source: 'san-dns', value: 'example.com', result: 'match', why: 'a name of the certificate is the wanted name' },
    { source: 'san-dns', value: 'a.example', result: 'mismatch', why: 'another name' },
    { source: 'san-uri', value: 'sip:bob@example.com', result: 'ignored', why: 'names a user, not a domain' },
    { source: 'san-uri', value: 'sips:a.example', result: 'ignored', why: 'not a sip: URI' },
    { source: 'common-name', value: 'x', result: 'ignored', why: 'the certificate has alternative names' },
  ]);
});

test('a verdict lists at most 64 identities and counts them all', () => {
  const names = Array.from({ length: 200 }, (_, i): TestName => ['dns', `h${i}.example.net`]);
  const certificate = makeCertificate({ subject: 'x', key, extensions: [altNames(...names, ['dns', 'example.com'])] });
  const verdict = matchNames('rfc5922', certificate, { domain });
  expect(verdict.identities).toHaveLength(64);
  expect(verdict.identities[0]?.value).toBe('example.com');
  expect(verdict.total).toBe(202);
});

test.each([
  ['example.com\0.evil.example', 'example.com', 'none'],
  ['sip.example.com.', 'sip.example.com', 'none'],
  ['\u212Aexample.com', 'kexample.com', 'none'],
  ['*', 'com', 'none'],
  ['*.*.com', 'a.b.com', 'none'],
  ['*.xn--bcher-kva.example', 'sip.xn--bcher-kva.example', 'wildcard'],
  ['', '', 'none'],
])('%j covers %j: %s', (presented, host, coverage) => {
  expect(coverHost(presented, host)).toBe(coverage);
});
