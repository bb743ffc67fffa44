import { describe, expect, test } from 'vitest';
import type { Transport } from '../../src/model.ts';
import { nextRequest, startSeries } from '../../src/probe/sip-requests.ts';
import { headerValue, parseSip } from '../../src/wire/sip-message.ts';
import { attemptOver, contextOf, scriptWorld } from './scripted-world.ts';

const identity = { requestUri: 'sip:example.org', aor: 'sip:alice@example.org' };

function plan(transport: Transport, local = '192.0.2.9:40000') {
  const context = contextOf(scriptWorld(() => []));
  return (['OPTIONS', 'REGISTER'] as const).map((method) =>
    nextRequest(context, startSeries(context, { about: attemptOver(transport), identity, local, method })),
  );
}

describe('the requests to a server', () => {
  test('are OPTIONS and REGISTER, both without a fault', () => {
    const [options, register] = plan('udp');
    expect(options).toMatchObject({ method: 'OPTIONS', requestUri: 'sip:example.org' });
    expect(register).toMatchObject({ method: 'REGISTER', requestUri: 'sip:example.org' });
    expect(options?.message).toMatchObject({ kind: 'request', uri: 'sip:example.org', faults: [] });
    expect(register?.message).toMatchObject({ kind: 'request', uri: 'sip:example.org', faults: [] });
  });

  test('REGISTER asks for the address of record, OPTIONS for the domain', () => {
    const [options, register] = plan('udp');
    expect(options && headerValue(options.message, 'to')).toBe('<sip:example.org>');
    expect(register && headerValue(register.message, 'to')).toBe('<sip:alice@example.org>');
    expect(register && headerValue(register.message, 'from')).toMatch(/^<sip:alice@example\.org>;tag=[0-9a-f]{16}$/);
  });

  test('change nothing and give nothing away: no Contact, no Expires, no credentials', () => {
    const names = plan('tls').flatMap(({ message }) => message.headers.map(({ name }) => name));
    expect(names.filter((name) => /^(contact|expires|authorization|proxy-authorization)$/.test(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(10);
  });

  test.each([
    ['udp', '192.0.2.9:40000', 'SIP/2.0/UDP 192.0.2.9:40000;'],
    ['tcp', '192.0.2.9:40000', 'SIP/2.0/TCP 192.0.2.9:40000;'],
    ['tls', '[2001:db8::9]:40000', 'SIP/2.0/TLS [2001:db8::9]:40000;'],
  ] as const)('over %s from %s the Via begins with %s and asks for rport', (transport, local, via) => {
    const values = plan(transport, local).map(({ message }) => headerValue(message, 'via') ?? '');
    expect(values.map((value) => value.startsWith(via))).toEqual([true, true]);
    expect(values.every((value) => value.endsWith(';rport'))).toBe(true);
  });

  test('have branches, tags and call ids of their own', () => {
    const [a, b] = plan('udp');
    expect(a?.branch).toMatch(/^z9hG4bK[0-9a-f]{24}$/);
    expect(a?.branch).not.toBe(b?.branch);
    const ids = [a, b].map((one) => one && headerValue(one.message, 'call-id'));
    expect(new Set(ids).size).toBe(2);
  });

  test('are the same in a world of the same seed, and carry what their octets say', () => {
    const [first, again] = [plan('udp'), plan('udp')];
    expect(again).toEqual(first);
    expect(first.map(({ bytes }) => parseSip(bytes))).toEqual(first.map(({ message }) => message));
  });

  test('of one series share Call-ID and tag, count on, and have branches of their own', () => {
    const context = contextOf(scriptWorld(() => []));
    const about = attemptOver('udp');
    const series = startSeries(context, { about, identity, local: '192.0.2.9:40000', method: 'REGISTER' });
    const [first, second] = [nextRequest(context, series), nextRequest(context, series, { contact: '*' })];
    const told = (name: string) => [first, second].map(({ message }) => headerValue(message, name));
    expect(told('cseq')).toEqual(['1 REGISTER', '2 REGISTER']);
    expect(new Set(told('call-id')).size).toBe(1);
    expect(new Set(told('from')).size).toBe(1);
    expect(first.branch).not.toBe(second.branch);
    expect(told('contact')).toEqual([undefined, '*']);
  });

  test('differ from transport to transport', () => {
    const branches = (['udp', 'tcp', 'tls'] as const).flatMap((one) => plan(one).map(({ branch }) => branch));
    expect(new Set(branches).size).toBe(6);
  });
});
