import { describe, expect, test } from 'vitest';
import { CUSTOMARY_PORTS, PROFILE_NAMES, PROFILES, profileTitle, stepName, type Profile } from '../src/profiles.ts';
import { NAPTR_SERVICES } from '../src/profiles/naptr-services.ts';

const profile = (name: string): Profile | undefined => PROFILES.find((one) => one.name === name);

/** 'srv _sip._tls tls 443' for each step, `{d}` left out. */
const told = (name: string): string[] =>
  (profile(name)?.steps ?? []).map((step) => {
    const label = step.name === '{d}' ? '@' : step.name.replace('.{d}', '');
    return [step.kind, label, step.transport, step.port, step.when ?? ''].join(' ').trim();
  });

describe('the profiles', () => {
  test('have titles that fit into brackets: which client it is stands apart', () => {
    expect(PROFILES.filter(({ title, detail = '' }) => /[()]/.test(title + detail))).toEqual([]);
    expect(PROFILES.map(profileTitle)).toContain('Teams Direct Routing (the domain is the FQDN of the SBC)');
    expect(PROFILES.map(profileTitle)).toContain('Office Communicator 2007');
  });

  test.each<[string, string[]]>([
    [
      'rfc3263',
      [
        'naptr @ any 0',
        'srv _sips._tcp tls 5061',
        'srv _sip._tcp tcp 5060',
        'srv _sip._udp udp 5060',
        'host @ udp 5060',
        'host @ tcp 5060',
        'host @ tls 5061',
      ],
    ],
    [
      'lync',
      [
        'http lyncdiscoverinternal https 443',
        'http lyncdiscover https 443',
        'srv _sipinternaltls._tcp tls 5061',
        'srv _sipinternal._tcp tcp 5060 tcp-allowed',
        'srv _sip._tls tls 443',
        'host sipinternal tls 5061',
        'host sip tls 5061',
        'host sipexternal tls 443',
      ],
    ],
    [
      'communicator2007',
      [
        'srv _sipinternaltls._tcp tls 5061',
        'srv _sipinternal._tcp tcp 5060 tcp-allowed',
        'srv _sip._tls tls 443',
        'srv _sip._tcp tcp 5060 tcp-allowed',
        'host sipinternal tls 5061',
        'host sip tls 5061',
        'host sipexternal tls 443',
      ],
    ],
    [
      'communicator2007r2',
      [
        'srv _sipinternaltls._tcp tls 5061',
        'srv _sipinternal._tcp tcp 5060 tcp-allowed',
        'srv _sip._tls tls 443',
        'host sipinternal tls 5061',
        'host sip tls 5061',
        'host sipexternal tls 443',
      ],
    ],
    [
      'phone-edition',
      [
        'srv _sipinternaltls._tcp tls 5061',
        'srv _sip._tls tls 443',
        'srv _sipinternal._tcp tcp 5060 tcp-allowed',
        'host sipinternal tls 5061',
        'host sipinternal tls 443',
        'host sip tls 5061',
        'host sip tls 443',
        'host sipexternal tls 5061',
        'host sipexternal tls 443',
      ],
    ],
    ['lcs2003', ['srv _sip._tls tls 5061', 'srv _sip._tcp tcp 5060']],
    ['federation', ['srv _sipfederationtls._tcp tls 5061']],
    [
      'office365',
      [
        'http lyncdiscover https 443',
        'srv _sip._tls tls 443',
        'host sip tls 443',
        'srv _sipfederationtls._tcp tls 5061 partners-only',
      ],
    ],
    [
      'teams-direct-routing',
      [
        'host @ tls 5061',
        'host sip.pstnhub.microsoft.com tls 5061 profile-named',
        'host sip2.pstnhub.microsoft.com tls 5061 profile-named',
        'host sip3.pstnhub.microsoft.com tls 5061 profile-named',
      ],
    ],
  ])('%s asks for its names in its order', (name, steps) => {
    expect(told(name)).toEqual(steps);
  });

  test('are all known by the tests above, and offered for --profile', () => {
    expect(PROFILE_NAMES).toEqual(['auto', ...PROFILES.map(({ name }) => name)]);
    expect(new Set(PROFILE_NAMES).size).toBe(PROFILE_NAMES.length);
    expect(PROFILES).toHaveLength(9);
  });

  test('expect the names of the provider where Office 365 serves the domain', () => {
    const expected = profile('office365')?.steps.map(({ expect }) => expect);
    const hosts = ['webdir', 'sipdir', 'sipdir', 'sipfed'].map((one) => `${one}.online.lync.com`);
    expect(expected).toEqual(hosts);
  });

  test('say where a step is not backed by the vendor', () => {
    const noted = PROFILES.flatMap(({ name, steps }) => steps.flatMap(({ note }) => (note === undefined ? [] : name)));
    expect([...new Set(noted)]).toEqual(['lync', 'communicator2007r2', 'communicator2007', 'lcs2003']);
  });

  test('put the domain in place of {d}', () => {
    const step = profile('lync')?.steps[2];
    expect(step && stepName(step, 'contoso.example')).toBe('_sipinternaltls._tcp.contoso.example');
  });
});

describe('the tables beside them', () => {
  test('name a customary port for every service name that only Microsoft uses', () => {
    const asked = PROFILES.flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'srv').map(({ name }) => name));
    const labels = new Set(asked.map((name) => name.replace('.{d}', '')));
    for (const service of ['_sips._tcp', '_sip._tcp', '_sip._udp']) labels.delete(service);
    expect(Object.keys(CUSTOMARY_PORTS).toSorted()).toEqual([...labels].toSorted());
  });

  test('give a way in or a reason against it to every NAPTR service', () => {
    expect(
      NAPTR_SERVICES.filter(({ transport, passedOver }) => (transport === null) !== (passedOver !== undefined)),
    ).toEqual([]);
    const ways = NAPTR_SERVICES.flatMap(({ service, transport }) =>
      transport === null ? [] : `${service} ${transport}`,
    );
    expect(ways).toEqual(['SIPS+D2T tls', 'SIP+D2T tcp', 'SIP+D2U udp']);
  });
});
