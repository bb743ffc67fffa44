import { describe, expect, test } from 'vitest';
import { certName } from '../../src/check/cert-name.ts';
import type { TlsObservation } from '../../src/model/tls.ts';
import { altNames, extendedKeyUsage, keyUsage, type TestExtension, type TestName } from '../pki/make-certificate.ts';
import { askCheck, CLIENT_AUTH, DOMAIN, failed, HOST, idsOf, seen, SERVER_AUTH, standIn } from './tls-observation.ts';

const uses = [extendedKeyUsage(SERVER_AUTH, CLIENT_AUTH), keyUsage(0x80)];
const named = (...names: TestName[]): TestExtension[] => (names.length === 0 ? uses : [altNames(...names), ...uses]);

interface Case {
  names?: TestName[];
  commonName?: string;
  about?: Partial<TlsObservation['about']>;
}
const observe = ({ names = [], commonName = HOST, about = {} }: Case) =>
  seen({ extensions: named(...names), leaf: { subject: commonName }, about });
const ask = (given: Case) => askCheck(certName, [observe(given)]).findings;
/** The findings but for the matrix, which every certificate has. */
const ids = (given: Case): string[] => idsOf(ask(given)).filter((id) => id !== 'cert-name.matrix info');
const host: TestName = ['dns', HOST];
const wildcard: TestName = ['dns', `*.${DOMAIN}`];

describe('a SIP client of today', () => {
  test.each<[string, Case, string[]]>([
    ['host and domain are named', { names: [host, ['dns', DOMAIN]] }, []],
    ['the domain is named as URI', { names: [['uri', `sip:${DOMAIN}`]] }, []],
    ['the domain beside a wildcard for the host', { names: [wildcard, ['dns', DOMAIN]] }, []],
    ['the host alone', { names: [host] }, ['cert-name.host-only info']],
    ['a wildcard alone', { names: [wildcard] }, ['cert-name.wildcard warning']],
    ['the common name alone', {}, ['cert-name.cn-only warning']],
    ['the domain in the common name alone', { commonName: DOMAIN }, ['cert-name.cn-only warning']],
    ['other names', { names: [['dns', 'sip.other.example']] }, ['cert-name.mismatch error']],
    ['no name at all', { commonName: '' }, ['cert-name.mismatch error']],
    ['the common name beside other names', { names: [['dns', 'a.b']] }, ['cert-name.mismatch error']],
    ['a target without a domain', { names: [host], about: { domain: HOST } }, []],
    [
      'a server reached by its address',
      { names: [host], about: { host: '192.0.2.1', verifyName: '192.0.2.1', domain: 'other.example' } },
      ['cert-name.ip-expected info'],
    ],
    [
      'an address that the certificate lists',
      { names: [['ip', [192, 0, 2, 1]]], about: { verifyName: '192.0.2.1', domain: DOMAIN } },
      ['cert-name.host-only info'],
    ],
  ])('%s', (_, given, expected) => {
    expect(ids(given)).toEqual(expected);
  });

  test('another server of the set with the right name makes a mismatch a warning', () => {
    const { findings } = askCheck(certName, [observe({ names: [['dns', 'a.b']], commonName: 'a.b' }), standIn()]);
    expect(idsOf(findings)).toContain('cert-name.mismatch warning');
  });

  test('the text names what the certificate carries and what clients look for', () => {
    const [finding] = ask({ names: [['dns', 'sip.other.example']], commonName: 'sip.other.example' });
    expect(finding?.text).toContain('is for sip.other.example; a SIP client looks for example.com or sip.example.com');
    expect(finding?.remedy).toContain('DNS:example.com and DNS:sip.example.com');
  });

  test('no certificate was seen: nothing is said', () => {
    expect(askCheck(certName, [failed()])).toEqual({ findings: [], status: 'inconclusive' });
  });

  test('no name was given to look for: the question does not arise', () => {
    const { domain: _, ...about } = observe({ names: [host] }).about;
    const one: TlsObservation = { ...observe({ names: [host] }), about: { ...about, verifyName: '' } };
    expect(askCheck(certName, [one])).toEqual({ findings: [], status: 'not-applicable' });
  });
});

describe('the profile decides', () => {
  const at = (profile: string, more: Partial<TlsObservation['about']> = {}) => ({ about: { profile, ...more } });

  test.each<[string, Case, string[]]>([
    ['Lync takes the host', { names: [host], ...at('lync') }, []],
    ['Lync takes no wildcard', { names: [wildcard], commonName: 'x', ...at('lync') }, ['cert-name.wildcard error']],
    ['Lync reads the common name where there is no DNS name', { ...at('lync') }, []],
    ['Lync does not take the bare domain', { names: [['dns', DOMAIN]], ...at('lync') }, ['cert-name.cn-only error']],
    ['LCS 2003 reads the common name', { ...at('lcs2003') }, []],
    [
      'LCS 2003 does not read alternative names',
      { names: [host], commonName: 'x', ...at('lcs2003') },
      ['cert-name.mismatch error'],
    ],
    ['Direct Routing takes a wildcard', { names: [wildcard], ...at('teams-direct-routing') }, []],
    [
      'Direct Routing takes it for one label only',
      { names: [wildcard], commonName: 'x', ...at('teams-direct-routing', { verifyName: 'sbc.test.example.com' }) },
      ['cert-name.mismatch error'],
    ],
    [
      'a host outside of the domain is no fault of the certificate',
      { names: [['dns', 'pool.fabrikam.com']], ...at('lync', { verifyName: 'pool.fabrikam.com' }) },
      [],
    ],
    ['an unknown profile is a SIP client', { names: [host], ...at('future') }, ['cert-name.host-only info']],
  ])('%s', (_, given, expected) => {
    expect(ids(given)).toEqual(expected);
  });

  test('the text says whose rules were broken', () => {
    const [finding] = ask({ names: [wildcard], commonName: 'x', ...at('lync') });
    expect(finding?.text).toContain('a Communicator or Lync client takes no wildcards');
  });
});

describe('a policy that disables strict naming', () => {
  const setting = String.raw`HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Communicator\DisableStrictDNSNaming = 1`;
  const policy = { file: 'client.reg', setting, strictNaming: 'off' as const };
  const given: Case = { names: [['dns', 'front.eu.example.com']], commonName: 'x' };

  test('lets a Lync client take what it would refuse, and is named as the reason', () => {
    expect(ids({ ...given, about: { profile: 'lync' } })).toEqual(['cert-name.mismatch error']);
    const findings = ask({ ...given, about: { profile: 'lync', namePolicy: policy } });
    expect(idsOf(findings)).toContain('cert-name.relaxed info');
    expect(findings[0]?.text).toContain(`${setting} in client.reg`);
  });

  test('changes nothing for a SIP client', () => {
    expect(ids({ ...given, about: { namePolicy: policy } })).toEqual(['cert-name.mismatch error']);
  });

  test('that leaves strict naming on changes nothing', () => {
    const strict = { ...policy, strictNaming: 'on' as const };
    expect(ids({ ...given, about: { profile: 'lync', namePolicy: strict } })).toEqual(['cert-name.mismatch error']);
  });
});

describe('the matrix', () => {
  test('holds every rule side by side and marks those that decide', () => {
    const matrix = ask({ names: [wildcard] }).find(({ id }) => id === 'cert-name.matrix');
    const answers = new Map(Object(matrix?.evidence)['matrix'].map((row: { rule: string }) => [row.rule, row]));
    expect(answers.get('rfc5922')).toMatchObject({ wanted: [DOMAIN], result: 'mismatch', decides: true });
    expect(answers.get('rfc9525')).toMatchObject({
      wanted: [HOST],
      result: 'match',
      matched: `*.${DOMAIN}`,
      decides: true,
    });
    expect(answers.get('microsoft-strict')).toMatchObject({ result: 'mismatch', decides: false });
    expect(answers.get('teams-direct-routing')).toMatchObject({ result: 'match', decides: false });
  });

  test('is told once for servers that show the same certificate', () => {
    const one = standIn();
    const { findings } = askCheck(certName, [one, { ...one, about: { ...one.about, address: '192.0.2.2' } }]);
    expect(idsOf(findings)).toEqual(['cert-name.matrix info']);
  });
});
