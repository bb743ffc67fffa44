import { describe, expect, test } from 'vitest';
import { parseTarget } from '../../src/cli/parse-target.ts';
import { complaintOf } from './usage.ts';

const plain = { scheme: 'sip', transports: [] };

describe('a target', () => {
  test.each<[string, object]>([
    ['sip:toml@fuzzybunny.local', { domain: 'fuzzybunny.local', user: 'toml' }],
    ['toml@fuzzybunny.local', { domain: 'fuzzybunny.local', user: 'toml' }],
    ['sip:fuzzybunny.local', { domain: 'fuzzybunny.local' }],
    ['fuzzybunny.local', { domain: 'fuzzybunny.local' }],
    ['FuzzyBunny.LOCAL.', { domain: 'fuzzybunny.local' }],
    ['SIP:toml@FuzzyBunny.local', { domain: 'fuzzybunny.local', user: 'toml' }],
    ['localhost', { domain: 'localhost' }],
    ['bücher.example', { domain: 'xn--bcher-kva.example' }],
    ['_sip._tls.example.com', { domain: '_sip._tls.example.com' }],
    ['sips:toml@example.com', { domain: 'example.com', user: 'toml', scheme: 'sips' }],
    ['sip:toml@example.com;transport=TLS', { domain: 'example.com', user: 'toml', transports: ['tls'] }],
    ['sip:+15551234@example.com', { domain: 'example.com', user: '+15551234' }],
    ['example.com:5061', { domain: 'example.com', server: { host: 'example.com', port: 5061 } }],
    ['sip:toml@example.com:5070', { domain: 'example.com', user: 'toml', server: { host: 'example.com', port: 5070 } }],
    ['192.0.2.1', { server: { host: '192.0.2.1' } }],
    ['192.0.2.1:5061', { server: { host: '192.0.2.1', port: 5061 } }],
    ['sip:192.0.2.1', { server: { host: '192.0.2.1' } }],
    ['2001:db8::1', { server: { host: '2001:db8::1' } }],
    ['[2001:db8::1]', { server: { host: '2001:db8::1' } }],
    ['[2001:db8::1]:5061', { server: { host: '2001:db8::1', port: 5061 } }],
    ['sip:toml@[2001:db8::1]:5061', { user: 'toml', server: { host: '2001:db8::1', port: 5061 } }],
  ])('%s', (input, expected) => {
    expect(parseTarget(input)).toEqual({ input, ...plain, ...expected });
  });

  test('is taken without the blanks around it', () => {
    expect(parseTarget('  example.com ')).toEqual({ ...plain, input: 'example.com', domain: 'example.com' });
  });

  test('an address has no domain, so that nobody looks names up for it', () => {
    expect(parseTarget('192.0.2.1')).not.toHaveProperty('domain');
  });
});

describe('a target that cannot be is refused in one line that says what is expected', () => {
  test.each<[string, string]>([
    ['', 'the target is empty'],
    ['   ', 'the target is empty'],
    ['example.com:70000', "port '70000' in 'example.com:70000' is not a port; expected a number from 1 to 65535"],
    ['example.com:0', "port '0'"],
    ['example.com:-1', "port '-1'"],
    ['example.com:abc', "port 'abc'"],
    ['example.com:', "port ''"],
    ['sip:toml@example.com:70000', "port '70000'"],
    ['[2001:db8::1]:99999', "port '99999'"],
    ['a:b:c', "'a:b:c' is not a valid target"],
    ['999.1.1.1', "'999.1.1.1' is not a valid address"],
    ['1.2.3', "'1.2.3' is not a valid address"],
    ['[::zz]', "'::zz' in '[::zz]' is not an IPv6 address"],
    ['[192.0.2.1]', "'192.0.2.1' in '[192.0.2.1]' is not an IPv6 address"],
    ['example..com', "'example..com' is not a valid target"],
    ['example.com,', "'example.com,' is not a valid target"],
    [`${'a'.repeat(64)}.com`, 'is not a valid target'],
    ['exa mple.com', 'is not'],
    ['http://example.com', 'is an address for http'],
    ['sip:', "'sip:' is not a SIP URI"],
    ['sip:toml@', "'sip:toml@' is not a SIP URI"],
    ['sip:a@b@c', 'is not a SIP URI'],
    ['@example.com', 'is not a SIP URI'],
    ['sip:toml@example.com;transport=sctp', "transport 'sctp' in"],
  ])('%s', (input, told) => {
    const complaint = complaintOf(() => parseTarget(input));
    expect(complaint).toContain(told);
    expect(complaint).toContain('expected');
  });
});
