import type { FarSideObservation } from '../../src/model/far-side.ts';

const agent = { witness: 'agent', server: 'agent.example.com:7199' } as const;

/** One observation of each kind of the rungs callback and media. */
export const FAR_SIDE: readonly FarSideObservation[] = [
  {
    kind: 'range',
    subject: 'TCP ports 7100-7101',
    at: 50,
    about: { use: 'sip', transport: 'tcp', address: '10.0.0.5', first: 7100, last: 7101, needed: 1, source: 'default' },
    outcome: {
      ok: true,
      ms: 2,
      value: {
        ports: [
          { port: 7100, state: 'listening', detail: '' },
          { port: 7101, state: 'in-use', detail: 'another program listens there' },
        ],
        ephemeral: { first: 32_768, last: 60_999 },
      },
    },
  },
  {
    kind: 'witness',
    subject: 'the agent at agent.example.com:7199',
    at: 52,
    about: { ...agent, transport: 'tls' },
    outcome: {
      ok: true,
      ms: 9,
      value: { proves: 'that a machine on its side reaches the ports', cannot: 'say whether the SIP server does' },
    },
  },
  {
    kind: 'reach',
    subject: 'TCP port 7100 from the agent at agent.example.com:7199',
    at: 61,
    about: { ...agent, use: 'sip', transport: 'tcp', address: '198.51.100.7', port: 7100 },
    outcome: {
      ok: true,
      ms: 12,
      value: { result: 'reached', detail: 'the nonce came back', from: '192.0.2.44:40112' },
    },
  },
  {
    kind: 'mapped',
    subject: 'the address of this machine as the agent at agent.example.com:7199 sees it',
    at: 61,
    about: { ...agent, transport: 'tls' },
    outcome: { ok: true, ms: 0, value: { local: '10.0.0.5:50112', seen: '198.51.100.7:50112' } },
  },
  {
    kind: 'nat',
    subject: 'NAT towards stun.example.com:3478',
    at: 70,
    about: { server: 'stun.example.com:3478', alternate: '192.0.2.46:3479' },
    outcome: {
      ok: true,
      ms: 40,
      value: {
        local: '10.0.0.5:50113',
        mapped: '198.51.100.7:50113',
        mapping: 'endpoint-independent',
        filtering: 'unknown',
        detail: 'the server ignores CHANGE-REQUEST',
      },
    },
  },
  {
    kind: 'mirror',
    subject: 'a SIP message over UDP to port 5060 of agent.example.com',
    at: 80,
    about: { ...agent, transport: 'udp', port: 5060, way: 'sip-port' },
    outcome: {
      ok: true,
      ms: 11,
      value: { changes: [{ field: 'Contact', sent: '<sip:10.0.0.5:7100>', arrived: '<sip:198.51.100.7:7100>' }] },
    },
  },
];
