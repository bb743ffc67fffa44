import { describe, expect, test } from 'vitest';
import { readLyncRoot } from '../../src/wire/lync-discover.ts';

const XML = `<?xml version="1.0" encoding="utf-8"?>
<AutodiscoverResponse xmlns="http://schemas.microsoft.com/rtc/2012/03/hybridconfig" AccessLocation="External">
  <Root>
    <Link token="User" href="https://pool.example.org/Autodiscover/User?a=1&amp;b=2" />
    <Link token="Redirect" href="javascript:alert(1)" />
    <SipServerExternalAccess fqdn="sip.example.org" port="443" />
    <SipClientExternalAccess fqdn="sip.example.org" port="none" />
  </Root>
</AutodiscoverResponse>`;

describe('an autodiscover document', () => {
  test('is read from XML, without what leads nowhere', () => {
    expect(readLyncRoot(XML)).toEqual({
      links: [{ token: 'User', href: 'https://pool.example.org/Autodiscover/User?a=1&b=2' }],
      servers: [{ token: 'SipServerExternalAccess', fqdn: 'sip.example.org', port: 443 }],
    });
  });

  test.each([
    ['{"_links":{"redirect":{"href":"https://other.example.org/"}}}', 'redirect'],
    ['{"Root":{"Links":[{"token":"Redirect","href":"https://other.example.org/"}]}}', 'Redirect'],
  ])('is read from JSON: %s', (text, token) => {
    expect(readLyncRoot(text)?.links).toEqual([{ token, href: 'https://other.example.org/' }]);
  });

  test.each(['', '{', '[]', '{"a":1}', '<html><body><a href="https://x.example/">x</a></body></html>', '<Link'])(
    'is not found in %s',
    (text) => {
      expect(readLyncRoot(text)).toBeUndefined();
    },
  );

  test('of any length keeps sixteen links', () => {
    const link = '<Link token="User" href="https://pool.example.org/"/>';
    expect(readLyncRoot(link.repeat(5000))?.links).toHaveLength(16);
  });
});
