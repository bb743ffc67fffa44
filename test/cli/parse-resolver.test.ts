import { describe, expect, test } from 'vitest';
import { parseResolver } from '../../src/cli/parse-values.ts';
import { showResolver } from '../../src/probe/ask-session.ts';
import type { ResolverChoice } from '../../src/probe/ask-dns.ts';

const shown = (choice: ResolverChoice): string => (choice === 'system' ? choice : showResolver(choice));
const labelOf = (choice: ResolverChoice): string => (choice === 'system' ? choice : choice.label);

describe('--resolver', () => {
  test.each<[string, string]>([
    ['192.0.2.53', '192.0.2.53:53'],
    ['192.0.2.53:5353', '192.0.2.53:5353'],
    ['2001:DB8:0::53', '[2001:db8::53]:53'],
    ['[2001:db8::53]:5353', '[2001:db8::53]:5353'],
    ['tls://192.0.2.53', 'tls://192.0.2.53:853'],
    ['tls://[2001:db8::53]:8853', 'tls://[2001:db8::53]:8853'],
    ['https://dns.example/dns-query', 'https://dns.example/dns-query'],
    ['https://dns.example', 'https://dns.example/dns-query'],
    ['https://192.0.2.53:8443/q', 'https://192.0.2.53:8443/q'],
    ['https://[2001:db8::53]/q', 'https://[2001:db8::53]/q'],
    ['https://dns.example/q{?dns}', 'https://dns.example/q'],
    ['system', 'system'],
  ])('%s is %s', (text, expected) => {
    const choice = parseResolver(text);
    expect(shown(choice)).toBe(expected);
  });

  test.each<[string, string]>([
    ['internal=10.0.0.53', 'internal'],
    ['secure=tls://10.0.0.53#dns.example', 'secure'],
    ['web=https://dns.example/dns-query', 'web'],
    ['10.0.0.53', '10.0.0.53:53'],
    ['tls://10.0.0.53', 'tls://10.0.0.53:853'],
    ['https://dns.example/dns-query', 'https://dns.example/dns-query'],
  ])('%s has the label %s', (text, label) => {
    expect(labelOf(parseResolver(text))).toBe(label);
  });

  test('takes the name to verify from behind the #', () => {
    expect(parseResolver('tls://192.0.2.53#DNS.example')).toMatchObject({ over: { verifyName: 'dns.example' } });
  });

  test.each([
    'dns.example',
    '192.0.2.256',
    '192.0.2.53:0',
    '192.0.2.53:65536',
    'tls://dns.example',
    'tls://192.0.2.53#',
    'tls://192.0.2.53#a#b',
    'https://',
    'https://user:secret@dns.example/dns-query',
    '',
  ])('refuses %j', (text) => {
    expect(() => parseResolver(text)).toThrow(expect.objectContaining({ name: 'UsageError' }));
  });
});
