import { describe, expect, test } from 'vitest';
import { sipAlg } from '../../src/check/sip-alg.ts';
import type { MirrorObservation, MirrorSeen } from '../../src/model/far-side.ts';
import { idsOf, judged, tcpSeen } from './server-seen.ts';

const CONTACT = { field: 'Contact', sent: '<sip:10.0.0.5:7100>', arrived: '<sip:198.51.100.7:7100>' };
const ADDED = { field: 'Record-Route', sent: '', arrived: '<sip:198.51.100.7;lr>' };

type Fate = MirrorSeen['changes'] | 'timeout';

function mirrorSeen(port: number, fate: Fate, transport: 'udp' | 'tcp' = 'udp'): MirrorObservation {
  const outcome: MirrorObservation['outcome'] =
    fate === 'timeout'
      ? { ok: false, reason: 'timeout', detail: 'it did not arrive', ms: 3000 }
      : { ok: true, ms: 10, value: { changes: fate } };
  const way = port === 5060 ? 'sip-port' : 'control-port';
  const about = { witness: 'agent', server: 'agent.example.org:7199', transport, port, way } as const;
  return { kind: 'mirror', subject: `${transport} ${port}`, at: 5, about, outcome };
}

describe('sip-alg', () => {
  test('passes when every message arrives as it was sent', () => {
    const { findings, status } = judged(sipAlg, [mirrorSeen(5060, []), mirrorSeen(40_000, [])]);
    expect(findings).toEqual([]);
    expect(status).toBe('passed');
  });

  test('is an ALG when only port 5060 is rewritten, and names the fields', () => {
    const { findings } = judged(sipAlg, [mirrorSeen(5060, [ADDED, CONTACT]), mirrorSeen(40_000, [])]);
    expect(idsOf(findings)).toEqual(['sip-alg.rewrote warning']);
    expect(findings[0]?.text).toContain('over UDP on port 5060: Record-Route, Contact');
    expect(findings[0]?.text).toContain('"<sip:10.0.0.5:7100>" arrived as "<sip:198.51.100.7:7100>"');
    expect(findings[0]?.text).toContain('to port 40000 arrived as it was sent');
    expect(findings[0]?.remedy).toContain('TLS');
  });

  test('says what is not known when the other port was not seen', () => {
    const { findings } = judged(sipAlg, [mirrorSeen(5060, [CONTACT]), mirrorSeen(40_000, 'timeout')]);
    expect(idsOf(findings)).toEqual(['sip-alg.rewrote warning']);
    expect(findings[0]?.text).toContain('not known');
  });

  test('is no usual ALG when another port is rewritten as well', () => {
    const { findings } = judged(sipAlg, [mirrorSeen(5060, [CONTACT]), mirrorSeen(40_000, [CONTACT])]);
    expect(idsOf(findings)).toEqual(['sip-alg.rewrote-everywhere warning']);
    expect(findings[0]?.text).toContain('on port 5060 and on port 40000: Contact');
  });

  test('names a message that only port 5060 swallows', () => {
    const { findings } = judged(sipAlg, [mirrorSeen(5060, 'timeout'), mirrorSeen(40_000, [])]);
    expect(idsOf(findings)).toEqual(['sip-alg.swallowed warning']);
    expect(findings[0]?.text).toContain('got lost (it did not arrive)');
  });

  test('keeps UDP and TCP apart', () => {
    const { findings } = judged(sipAlg, [
      mirrorSeen(5060, [CONTACT], 'tcp'),
      mirrorSeen(40_000, [], 'tcp'),
      mirrorSeen(5060, [], 'udp'),
      mirrorSeen(40_000, [CONTACT], 'udp'),
    ]);
    expect(findings.map(({ subject }) => subject)).toEqual(['tcp 5060']);
    expect(idsOf(findings)).toEqual(['sip-alg.rewrote warning']);
  });

  test('is inconclusive when no message arrived, and not asked without an agent', () => {
    expect(judged(sipAlg, [mirrorSeen(5060, 'timeout'), mirrorSeen(40_000, 'timeout')]).status).toBe('inconclusive');
    expect(judged(sipAlg, [tcpSeen('open')]).status).toBe('not-applicable');
  });
});
