import type { Attempt, Observation } from '../../src/model.ts';

/** A registration that was sent on, and an autodiscover service that answers. */
export const sentElsewhere = (attempt: Attempt): Observation[] => [
  {
    kind: 'redirect',
    subject: 'REGISTER of sip:toml@fuzzybunny.local sent on to sip:home.fuzzybunny.local:5061;transport=tls',
    at: 41,
    about: {
      ...attempt,
      aor: 'sip:toml@fuzzybunny.local',
      sender: 'tls 192.0.2.10:5061',
      status: 302,
      reason: 'Moved Temporarily',
      target: 'sip:home.fuzzybunny.local:5061;transport=tls',
      first: 'sip:home.fuzzybunny.local:5061;transport=tls',
      hop: 1,
      server: 'tls 192.0.2.11:5061',
    },
    outcome: { ok: true, ms: 6, value: { status: 401, reason: 'Unauthorized', headers: {}, from: '192.0.2.11:5061' } },
  },
  {
    kind: 'autodiscover',
    subject: 'https://lyncdiscover.fuzzybunny.local/',
    at: 8,
    about: {
      url: 'https://lyncdiscover.fuzzybunny.local/',
      host: 'lyncdiscover.fuzzybunny.local',
      address: '192.0.2.12',
    },
    outcome: {
      ok: true,
      ms: 9,
      value: {
        httpStatus: 200,
        contentType: 'application/json',
        links: [{ token: 'User', href: 'https://pool01.fuzzybunny.local/Autodiscover/User' }],
        servers: [{ token: 'SipServerExternalAccess', fqdn: 'sip.fuzzybunny.local', port: 443 }],
      },
    },
  },
];
