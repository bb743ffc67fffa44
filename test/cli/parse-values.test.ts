import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  parseChoice,
  parseMilliseconds,
  parsePin,
  parsePort,
  parseProfile,
  parseResolver,
  parseServer,
  parseTime,
  parseTransports,
} from '../../src/cli/parse-values.ts';
import { PROFILE_NAMES } from '../../src/profiles.ts';
import { complaintOf } from './usage.ts';

const parseMs = parseMilliseconds('--timeout');
const parseFormat = parseChoice('--format', ['human', 'json'] as const);

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('good values', () => {
  test.each<[(text: string) => unknown, string, unknown]>([
    [(text) => parsePort(text, 'x'), '1', 1],
    [(text) => parsePort(text, 'x'), '65535', 65_535],
    [parseMs, '1', 1],
    [parseMs, '999999999', 999_999_999],
    [parsePin, 'SIP.example.com:5061:192.0.2.1', ['sip.example.com:5061', { address: '192.0.2.1', port: 5061 }]],
    [parsePin, 'h:5061:[2001:db8::1]', ['h:5061', { address: '2001:db8::1', port: 5061 }]],
    [parsePin, 'h:5061:2001:db8::1', ['h:5061', { address: '2001:db8::1', port: 5061 }]],
    [parsePin, 'ns.h:53:192.0.2.1:5353', ['ns.h:53', { address: '192.0.2.1', port: 5353 }]],
    [parsePin, 'ns.h:53:[2001:db8::1]:5353', ['ns.h:53', { address: '2001:db8::1', port: 5353 }]],
    [parseServer, 'Sip.Example.com.', { host: 'sip.example.com' }],
    [parseServer, 'sip.example.com:5061', { host: 'sip.example.com', port: 5061 }],
    [parseServer, '192.0.2.1:5061', { host: '192.0.2.1', port: 5061 }],
    [parseServer, '2001:db8::1', { host: '2001:db8::1' }],
    [parseServer, '[2001:db8::1]:5061', { host: '2001:db8::1', port: 5061 }],
    [parseServer, 'pool_01', { host: 'pool_01' }],
    [parseTransports, 'tls', ['tls']],
    [parseTransports, 'TCP, udp', ['tcp', 'udp']],
    [parseResolver, '192.0.2.53', { label: '192.0.2.53:53', endpoint: { address: '192.0.2.53', port: 53 } }],
    [parseResolver, 'in=192.0.2.53:5353', { label: 'in', endpoint: { address: '192.0.2.53', port: 5353 } }],
    [parseResolver, 'system', 'system'],
    [parseFormat, 'json', 'json'],
  ])('%o %s', (parse, text, value) => {
    expect(parse(text)).toEqual(value);
  });

  test.each(PROFILE_NAMES)('the profile %s', (name) => {
    expect(parseProfile(name)).toBe(name);
  });
});

describe('a time', () => {
  test.each([
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    ['2026-11-23T10:00:00Z', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23T10:00:00.250Z', '2026-11-23T10:00:00.250Z'],
    ['2026-11-23T10:00Z', '2026-11-23T10:00:00.000Z'],
    ['2026-11-23T10:00:00+02:00', '2026-11-23T08:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseTime(text)).toBe(iso);
  });

  test.each(['UTC', 'Asia/Tokyo', 'America/New_York'])('without a zone is UTC on a machine in %s', (zone) => {
    vi.stubEnv('TZ', zone);
    expect(parseTime('2026-11-23T10:00:00')).toBe('2026-11-23T10:00:00.000Z');
    expect(parseTime('2026-11-23')).toBe('2026-11-23T00:00:00.000Z');
  });
});

describe('a bad value is refused in one line that names it and says what is expected', () => {
  test.each<[(text: string) => unknown, string, string]>([
    [(text) => parsePort(text, 'h:0'), '0', "port '0' in 'h:0' is not a port"],
    [(text) => parsePort(text, 'h'), '65536', "port '65536'"],
    [(text) => parsePort(text, 'h'), '5e3', "port '5e3'"],
    [(text) => parsePort(text, 'h'), ' 5061', "port ' 5061'"],
    [(text) => parsePort(text, 'h'), '5061.0', "port '5061.0'"],
    [parseMs, '0', "--timeout '0' is not a time"],
    [parseMs, '-5', "--timeout '-5'"],
    [parseMs, '1.5', "--timeout '1.5'"],
    [parseMs, '3s', "--timeout '3s'"],
    [parseMs, '', "--timeout ''"],
    [parseMs, '9999999999', "--timeout '9999999999'"],
    [parseMs, 'Infinity', "--timeout 'Infinity'"],
    [parsePin, 'h:5061', "--resolve 'h:5061' is not understood"],
    [parsePin, 'h:5061:sip.example.com', '--resolve'],
    [parsePin, 'h:5061:999.1.1.1', '--resolve'],
    [parsePin, 'h:70000:192.0.2.1', "port '70000'"],
    [parsePin, 'h:53:192.0.2.1:70000', "port '70000'"],
    [parsePin, 'h:53:192.0.2.1:', '--resolve'],
    [parsePin, 'h:53:ns:5353', '--resolve'],
    [parsePin, ':5061:192.0.2.1', '--resolve'],
    [parseServer, '', "--server '' is not a server"],
    [parseServer, '999.1.1.1', "--server '999.1.1.1' is not a server"],
    [parseServer, '192.0.2', "--server '192.0.2' is not a server"],
    [parseServer, '-example.com', '--server'],
    [parseServer, 'example..com', '--server'],
    [parseServer, '[example.com]', '--server'],
    [parseServer, 'exam ple', '--server'],
    [parseServer, 'h:', '--server'],
    [parseServer, 'h:70000', "port '70000'"],
    [parseServer, 'sip:h', "port 'h'"],
    [parseTransports, 'sctp', "--transport 'sctp' is not supported"],
    [parseTransports, 'tcp,', "--transport '' is not supported"],
    [parseTransports, '', '--transport'],
    [parseProfile, 'nonsense', "--profile 'nonsense' is not known"],
    [parseProfile, '', "--profile ''"],
    [parseProfile, 'constructor', "--profile 'constructor'"],
    [parseTime, 'yesterday', "--at 'yesterday' is not a time"],
    [parseTime, '2026-13-01', "--at '2026-13-01'"],
    [parseTime, '2026-02-30', "--at '2026-02-30'"],
    [parseTime, '2025-02-29T10:00:00Z', "--at '2025-02-29T10:00:00Z'"],
    [parseTime, '2026-11-23T25:00:00Z', '--at'],
    [parseTime, '2026-11-23 10:00:00', '--at'],
    [parseTime, '23.11.2026', '--at'],
    [parseTime, '', '--at'],
    [parseFormat, 'xml', "--format 'xml' is not known; expected human or json"],
    [parseResolver, 'dns.example.com', "'dns.example.com' is not an IP address"],
    [parseResolver, '192.0.2.53:99999', "port '99999'"],
    [parseResolver, 'https://', '--resolver'],
    [parseResolver, 'https://user:secret@dns.example/dns-query', '--resolver'],
    [parseResolver, 'tls://192.0.2.53#', '--resolver'],
  ])('%o %s', (parse, text, told) => {
    const complaint = complaintOf(() => parse(text));
    expect(complaint).toContain(told);
    expect(complaint).toContain('expected');
  });
});
