import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/model.ts';
import type { ProfileOutcome } from '../../src/model/dns.ts';
import { discoverIn, targetOf, type ZoneOptions } from './zone-answers.ts';

const D = 'fuzzybunny.example';

/** What one profile makes of the zone, whichever decides. */
function outcomeOf(
  profile: string,
  zone: string,
  rest: { target?: Partial<Target>; options?: ZoneOptions } = {},
): ProfileOutcome {
  const { outcome } = discoverIn(zone, targetOf(rest.target), rest.options).discovery;
  const found = outcome.ok ? outcome.value.profiles?.find((one) => one.profile === profile) : undefined;
  if (found === undefined) throw new Error(`no profile ${profile}`);
  return found;
}

const fates = ({ steps }: ProfileOutcome): string[] =>
  steps.filter(({ fate }) => fate !== 'absent').map(({ fate, question }) => `${fate} ${question.replaceAll(D, '@')}`);
const servers = (outcome: ProfileOutcome): string[] =>
  outcome.servers.map(({ transport, host, port }) => `${transport} ${host.replaceAll(D, '@')}:${port}`);

describe('a client that takes the first answer', () => {
  const INTERNAL = `_sipinternaltls._tcp.${D} SRV 0 0 5061 pool.${D}.`;
  const EXTERNAL = `_sip._tls.${D} SRV 0 0 443 edge.${D}.\nedge.${D} A 192.0.2.2`;

  test('tries nothing after the first SRV name that resolves, even when that is dead', () => {
    const lync = outcomeOf('lync', `${INTERNAL}\n${EXTERNAL}\nsip.${D} A 192.0.2.3`);
    expect(fates(lync)).toEqual([
      'broken _sipinternaltls._tcp.@ SRV',
      'ignored _sip._tls.@ SRV',
      'ignored sip.@ A/AAAA',
    ]);
    expect(lync.status).toBe('fails');
    expect(lync.conclusion).toContain(`found first, so that the client tries nothing else; but pool.${D}`);
  });

  test('goes on where a name does not exist', () => {
    const lync = outcomeOf('lync', EXTERNAL);
    expect(servers(lync)).toEqual(['tls edge.@:443']);
    expect(lync).toMatchObject({ status: 'reaches', conclusion: `tls to edge.${D}:443 by SRV _sip._tls.${D}` });
  });

  test('goes on where an SRV record says that the service is not offered', () => {
    const lync = outcomeOf('lync', `_sipinternaltls._tcp.${D} SRV 0 0 0 .\n${EXTERNAL}`);
    expect(fates(lync)).toEqual(['refused _sipinternaltls._tcp.@ SRV', 'used _sip._tls.@ SRV']);
  });

  test.each<[string, Partial<Target>, string[]]>([
    ['not by default', {}, []],
    ['when TCP is allowed', { transports: ['tcp', 'tls'] }, ['tcp pool.@:5060']],
  ])('takes the name for TCP in the clear %s', (_name, target, expected) => {
    const zone = `_sipinternal._tcp.${D} SRV 0 0 5060 pool.${D}.\npool.${D} A 192.0.2.1`;
    expect(servers(outcomeOf('lync', zone, { target }))).toEqual(expected);
  });

  test('looks autodiscover names up, asks nothing of them and goes on', () => {
    const lync = outcomeOf('lync', `lyncdiscover.${D} CNAME web.${D}.\nweb.${D} A 192.0.2.4\n${EXTERNAL}`);
    expect(lync.steps[1]).toMatchObject({ fate: 'not-checked' });
    expect(lync.steps[1]?.why).toBe(
      `192.0.2.4, through the alias web.${D}; what it answers over HTTP is asked by doctor and signin`,
    );
    expect(servers(lync)).toEqual(['tls edge.@:443']);
  });

  test('that finds only autodiscover names is not checked, rather than without a server', () => {
    expect(outcomeOf('lync', `lyncdiscover.${D} A 192.0.2.4`)).toMatchObject({ status: 'not-checked', servers: [] });
  });

  test('whose questions were not answered cannot be told', () => {
    const options: ZoneOptions = { failing: { [`_sip._tls.${D} SRV`]: 'timeout' } };
    expect(outcomeOf('lcs2003', '', { options }).status).toBe('unknown');
  });

  test('that finds none of its names is told so', () => {
    expect(outcomeOf('federation', EXTERNAL)).toMatchObject({
      status: 'finds-nothing',
      conclusion: 'none of the names that it asks for exists',
    });
  });
});

describe('Phone Edition', () => {
  test('tries one host on both ports, and no later host', () => {
    const phone = outcomeOf('phone-edition', `sip.${D} A 192.0.2.1\nsipexternal.${D} A 192.0.2.2`);
    expect(servers(phone)).toEqual(['tls sip.@:5061', 'tls sip.@:443']);
    expect(fates(phone).slice(2)).toEqual(['ignored sipexternal.@ A/AAAA', 'ignored sipexternal.@ A/AAAA']);
  });
});

describe('Office 365', () => {
  test('is reached where the records lead to its own hosts', () => {
    const office = outcomeOf(
      'office365',
      `_sip._tls.${D} SRV 100 1 443 sipdir.online.lync.com.
       sipdir.online.lync.com A 192.0.2.1
       _sipfederationtls._tcp.${D} SRV 100 1 5061 sipfed.online.lync.com.
       sipfed.online.lync.com A 192.0.2.2`,
    );
    expect(servers(office)).toEqual(['tls sipdir.online.lync.com:443']);
    expect(office.steps[3]).toMatchObject({ fate: 'ignored' });
    expect(office.steps[3]?.why).toContain('only partner organisations ask for it');
  });

  test('takes the alias sip.<domain> where no SRV record exists', () => {
    const zone = `sip.${D} CNAME sipdir.online.lync.com.\nsipdir.online.lync.com A 192.0.2.1`;
    expect(servers(outcomeOf('office365', zone))).toEqual(['tls sip.@:443']);
  });

  test('passes over records that lead to other hosts, and names those', () => {
    const zone = `_sip._tls.${D} SRV 0 0 443 edge.${D}.\nedge.${D} A 192.0.2.1`;
    const office = outcomeOf('office365', zone);
    expect(office.status).toBe('finds-nothing');
    expect(office.conclusion).toContain(`leads to edge.${D}, not to sipdir.online.lync.com: on-premises or hybrid`);
  });
});

describe('Teams Direct Routing', () => {
  const zone = `${D} A 192.0.2.1\nsip.pstnhub.microsoft.com A 192.0.2.9`;
  const hub = (outcome: ProfileOutcome): string | undefined => outcome.steps[1]?.why;

  test('leaves the names of Microsoft alone unless the profile was asked for', () => {
    expect(hub(outcomeOf('teams-direct-routing', zone))).toContain(
      'looked up with --profile teams-direct-routing only',
    );
  });

  test('looks them up when it was, and connects to the SBC alone', () => {
    const outcome = outcomeOf('teams-direct-routing', zone, { target: { profile: 'teams-direct-routing' } });
    expect(hub(outcome)).toBe('192.0.2.9; the SBC connects there, sipdiag does not');
    expect(servers(outcome)).toEqual(['tls @:5061']);
  });
});
