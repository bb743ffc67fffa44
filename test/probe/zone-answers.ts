import { lookUp } from '../../src/lab/zone.ts';
import type { Reason, Target } from '../../src/model.ts';
import type { DiscoveryObservation, DnsObservation, DnsRecord, RecordType } from '../../src/model/dns.ts';
import type { Question } from '../../src/probe/ask-dns.ts';
import { chooseServers } from '../../src/probe/choose-servers.ts';
import { createFollowUps, plannedQuestions } from '../../src/probe/discover.ts';

const RESOLVER = '192.0.2.53:53';
const bare = (name: string): string => (name === '.' ? name : name.toLowerCase().replace(/\.$/, ''));

function dataOf(type: string, data: string): Partial<DnsRecord> {
  const [a = '', b = '', c = '', ...rest] = data.split(' ');
  switch (type) {
    case 'A':
    case 'AAAA':
      return { address: data };
    case 'SRV':
      return { srv: { priority: Number(a), weight: Number(b), port: Number(c), target: bare(rest[0] ?? '') } };
    case 'NAPTR': {
      const [services = '', regexp = '', replacement = ''] = rest;
      const [flags = '', service = '', pattern = ''] = [c, services, regexp].map((one) => one.replaceAll('"', ''));
      const order = { order: Number(a), preference: Number(b) };
      return { naptr: { ...order, flags, services: service, regexp: pattern, replacement: bare(replacement) } };
    }
    default:
      return { host: bare(data) };
  }
}

/** Zone file lines `owner [ttl] type data`, names absolute; the TTL is 3600 where none is given. */
export function parseZone(text: string): DnsRecord[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', ttl, type = '', data = ''] = /^(\S+)(?: (\d+))? ([A-Z]+) (.*)$/.exec(line) ?? [];
      // The lines are written by the tests themselves.
      const read = { name: bare(name), type: type as RecordType, ttl: Number(ttl ?? 3600), text: data };
      return { ...read, ...dataOf(type, data) };
    });
}

export interface ZoneOptions {
  /** 'name TYPE' of questions that get no answer, and why. */
  failing?: Readonly<Record<string, Reason>>;
  /** 'whole': the server follows aliases itself. 'one-hop': it gives the first alias only. */
  aliases?: 'whole' | 'one-hop';
}

const subjectOf = ({ name, type }: Question): string => `${name} ${type}`;

function answer(zone: readonly DnsRecord[], question: Question, options: ZoneOptions): DnsObservation {
  const base = {
    kind: 'dns' as const,
    subject: subjectOf(question),
    at: 0,
    about: { ...question, resolver: RESOLVER, resolverLabel: 'test' },
  };
  const reason = options.failing?.[subjectOf(question)];
  if (reason !== undefined) return { ...base, outcome: { ok: false, reason, detail: `${reason} by the test`, ms: 2 } };
  const found = lookUp(zone, question);
  const [first] = found.answers;
  const cut = options.aliases === 'one-hop' && first?.type === 'CNAME';
  const value = {
    status: cut ? ('answer' as const) : found.status,
    records: cut ? [first] : found.answers,
    via: 'udp' as const,
    tries: 1,
  };
  return { ...base, outcome: { ok: true, value, ms: 2 } };
}

/** What a resolver that knows only this zone says to the questions, and to all that its answers lead to. */
export function answersTo(questions: readonly Question[], zone: string, options: ZoneOptions = {}): DnsObservation[] {
  const records = parseZone(zone);
  const followUps = createFollowUps();
  const done = new Map<string, DnsObservation>();
  const queue = [...questions];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (done.has(subjectOf(next))) continue;
    const observation = answer(records, next, options);
    done.set(subjectOf(next), observation);
    queue.push(...followUps(observation));
  }
  return [...done.values()];
}

export const DOMAIN = 'fuzzybunny.example';

export function targetOf(rest: Partial<Target> = {}): Target {
  return { input: DOMAIN, domain: DOMAIN, scheme: 'sip', transports: [], profile: 'auto', ...rest };
}

/** A whole run of discovery on a zone: the answers, and what was worked out from them. The draw gives 0 throughout. */
export function discoverIn(
  zone: string,
  target: Target = targetOf(),
  options: ZoneOptions = {},
): { dns: DnsObservation[]; discovery: DiscoveryObservation } {
  const domain = target.domain ?? DOMAIN;
  const dns = answersTo(plannedQuestions({ target, domain }), zone, options);
  const value = chooseServers({ target, domain, dns, draw: () => 0 });
  const discovery: DiscoveryObservation = {
    kind: 'discovery',
    subject: domain,
    at: 0,
    about: { domain },
    outcome: { ok: true, value, ms: 0 },
  };
  return { dns, discovery };
}
