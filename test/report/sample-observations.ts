import { sentElsewhere } from './sample-elsewhere.ts';
import type { Observation } from '../../src/model.ts';
import { FAR_SIDE } from './sample-far-side.ts';

/** What all attempts of the samples were made on. */
export const attempt = {
  transport: 'tls' as const,
  host: 'pool01.fuzzybunny.local',
  address: '192.0.2.10',
  port: 5061,
  published: true,
  set: '_sipinternaltls._tcp.fuzzybunny.local',
};

/** One of every kind, as probes write them. */
export const observations: Observation[] = [
  {
    kind: 'dns',
    subject: 'SRV _sipinternaltls._tcp.fuzzybunny.local',
    at: 1,
    about: {
      name: '_sipinternaltls._tcp.fuzzybunny.local',
      type: 'SRV',
      resolver: '192.0.2.53:53',
      resolverLabel: 'system',
    },
    outcome: {
      ok: true,
      ms: 4,
      value: {
        status: 'answer',
        via: 'udp',
        tries: 1,
        records: [
          {
            name: '_sipinternaltls._tcp.fuzzybunny.local',
            type: 'SRV',
            ttl: 3600,
            text: '0 0 5061 pool01.fuzzybunny.local.',
            srv: { priority: 0, weight: 0, port: 5061, target: 'pool01.fuzzybunny.local' },
          },
        ],
      },
    },
  },
  {
    kind: 'dns',
    subject: 'SRV _sip._tls.fuzzybunny.local',
    at: 1,
    about: { name: '_sip._tls.fuzzybunny.local', type: 'SRV', resolver: '192.0.2.53:53', resolverLabel: 'system' },
    outcome: { ok: true, ms: 3, value: { status: 'nxdomain', via: 'udp', tries: 1, records: [] } },
  },
  {
    kind: 'discovery',
    subject: 'fuzzybunny.local',
    at: 6,
    about: { domain: 'fuzzybunny.local' },
    outcome: {
      ok: true,
      ms: 0,
      value: {
        profile: 'ocs2007',
        profileWhy: '_sipinternaltls._tcp.fuzzybunny.local answers',
        steps: [
          { step: '1', question: 'SRV _sipinternaltls._tcp.fuzzybunny.local', fate: 'used', why: 'first to answer' },
        ],
        servers: [
          {
            transport: 'tls',
            host: 'pool01.fuzzybunny.local',
            port: 5061,
            addresses: ['192.0.2.10'],
            via: '_sipinternaltls._tcp.fuzzybunny.local',
            published: true,
            set: '_sipinternaltls._tcp.fuzzybunny.local',
            priority: 0,
            weight: 0,
          },
        ],
      },
    },
  },
  {
    kind: 'tcp',
    subject: '192.0.2.10:5061',
    at: 7,
    about: attempt,
    outcome: { ok: true, ms: 2, value: { localAddress: '192.0.2.99', localPort: 49152 } },
  },
  {
    kind: 'tls',
    subject: 'pool01.fuzzybunny.local:5061 (192.0.2.10)',
    at: 9,
    about: {
      ...attempt,
      sni: 'pool01.fuzzybunny.local',
      verifyName: 'pool01.fuzzybunny.local',
      domain: 'fuzzybunny.local',
      judgeAt: '2026-11-22T03:04:05.000Z',
    },
    outcome: {
      ok: true,
      ms: 31,
      value: {
        version: 'TLSv1.2',
        cipher: 'ECDHE-RSA-AES256-GCM-SHA384',
        chain: ['MIIB', 'MIIC'],
        trustAnchors: ['MIID'],
        clientCertRequest: { authorities: ['CN=Fuzzybunny CA'], total: 1 },
      },
    },
  },
  {
    kind: 'sip',
    subject: 'REGISTER sip:fuzzybunny.local over tls to 192.0.2.10:5061',
    at: 41,
    about: { ...attempt, method: 'REGISTER', requestUri: 'sip:fuzzybunny.local', aor: 'sip:toml@fuzzybunny.local' },
    outcome: {
      ok: true,
      ms: 12,
      value: {
        status: 401,
        reason: 'Unauthorized',
        headers: { 'www-authenticate': ['Digest realm="fuzzybunny.local", nonce="6e6f6e6365"'] },
        from: '192.0.2.10:5061',
        local: '192.0.2.99:49152',
        tries: 1,
      },
    },
  },
  {
    kind: 'skipped',
    subject: 'auth',
    at: 53,
    about: { rung: 'auth' },
    outcome: { ok: true, ms: 0, value: { why: 'no credentials were given' } },
  },
  ...sentElsewhere(attempt),
  {
    kind: 'withheld',
    subject: 'tls 192.0.2.10:5061',
    at: 42,
    about: { ...attempt, aor: 'sip:toml@fuzzybunny.local', account: 'toml' },
    outcome: { ok: true, ms: 0, value: { why: 'unverified', detail: 'the server has not proved who it is' } },
  },
  {
    kind: 'path',
    subject: 'tls pool01.fuzzybunny.local:5061',
    at: 3,
    about: {
      transport: 'tls',
      host: 'pool01.fuzzybunny.local',
      port: 5061,
      published: true,
      set: '_sips._tcp.fuzzybunny.local',
      source: 'system',
      expected: ['192.0.2.10'],
    },
    outcome: { ok: true, ms: 2, value: { addresses: ['192.0.2.10'] } },
  },
  {
    kind: 'latency',
    subject: 'OPTIONS over tls 192.0.2.10:5061, 3 times',
    at: 44,
    about: { ...attempt, count: 3 },
    outcome: { ok: true, ms: 31, value: { samples: [10, 11, 10], sent: 3, lost: 0, retransmissions: 0 } },
  },
  {
    kind: 'kdc',
    subject: 'Kerberos of fuzzybunny.local',
    at: 46,
    about: { realm: 'fuzzybunny.local', account: 'toml@fuzzybunny.local', given: 'account' },
    outcome: {
      ok: true,
      ms: 5,
      value: {
        centres: [{ host: 'dc1.fuzzybunny.local', port: 88, address: '192.0.2.88', reached: 'timeout' }],
        detail: '',
      },
    },
  },
  {
    kind: 'authority',
    subject: 'fuzzybunny.local at ns1.fuzzybunny.local',
    at: 6,
    about: { zone: 'fuzzybunny.local', host: 'ns1.fuzzybunny.local', address: '192.0.2.53' },
    outcome: {
      ok: true,
      ms: 3,
      value: {
        answers: [
          {
            name: 'fuzzybunny.local',
            type: 'SOA',
            outcome: {
              ok: true,
              ms: 3,
              value: {
                status: 'answer',
                via: 'udp',
                tries: 1,
                authoritative: true,
                records: [
                  {
                    name: 'fuzzybunny.local',
                    type: 'SOA',
                    ttl: 3600,
                    text: 'ns1.fuzzybunny.local. hostmaster.fuzzybunny.local. 7 3600 600 86400 60',
                    soa: { serial: 7, mname: 'ns1.fuzzybunny.local' },
                  },
                ],
              },
            },
          },
        ],
      },
    },
  },
  {
    kind: 'revocation',
    subject: 'OCSP http://ocsp.example.com',
    at: 6,
    about: {
      method: 'ocsp',
      url: 'http://ocsp.example.com',
      certificate: 'CN=pool01.fuzzybunny.local',
      serial: '11',
      host: 'pool01.fuzzybunny.local',
    },
    outcome: {
      ok: true,
      ms: 7,
      value: {
        httpStatus: 200,
        octets: 471,
        status: 'good',
        detail: 'the responder says good',
        thisUpdate: '2026-11-22T00:00:00Z',
        nextUpdate: '2026-11-29T00:00:00Z',
      },
    },
  },
  {
    kind: 'lookup',
    subject: 'pool01.fuzzybunny.local',
    at: 6,
    about: { host: 'pool01.fuzzybunny.local' },
    outcome: { ok: true, ms: 1, value: { addresses: ['192.0.2.10'] } },
  },
  {
    kind: 'route',
    subject: 'six.fuzzybunny.local 2001:db8::6',
    at: 6,
    about: { host: 'six.fuzzybunny.local', address: '2001:db8::6', set: '_sips._tcp.fuzzybunny.local' },
    outcome: { ok: true, ms: 1, value: { local: '2001:db8::1' } },
  },
  {
    kind: 'variant',
    subject: 'tls 192.0.2.10:5061 by its address',
    at: 9,
    about: { ...attempt, way: 'by-address', sni: null, offered: ['TLSv1.2', 'TLSv1.3'] },
    outcome: {
      ok: true,
      ms: 30,
      value: { version: 'TLSv1.2', cipher: 'ECDHE-RSA-AES256-GCM-SHA384', leaf: 'MIIB' },
    },
  },
  {
    kind: 'cleartext',
    subject: 'SIP in clear to 192.0.2.10:5061',
    at: 40,
    about: attempt,
    outcome: { ok: false, ms: 1, reason: 'closed', detail: '192.0.2.10:5061 ended the connection' },
  },
  {
    kind: 'offer',
    subject: 'the client certificate in client.pem',
    at: 0,
    about: { source: 'client.pem', judgeAt: '2026-11-22T03:04:05.000Z' },
    outcome: { ok: true, ms: 0, value: { chain: ['MIIB'] } },
  },
  ...FAR_SIDE,
];
