import type { DnsAnswer } from '../model/dns.ts';
import { isRead, type DnsMessage } from '../wire/dns-types.ts';

/** Answers of DNS that several runs share, each as long as it may be kept. */
export interface AnswerCache {
  /** `resolver` and `question` as texts that name one and no other. Times are milliseconds of one clock. */
  get(key: string, now: number): { answer: DnsAnswer; ageMs: number } | undefined;
  put(key: string, answer: DnsAnswer, life: { now: number; ttl: number }): void;
}

/** Nobody waits longer than this for a record that was mended. */
const MAX_TTL_SECONDS = 300;

interface Entry {
  answer: DnsAnswer;
  storedAt: number;
  endsAt: number;
}

/** Keeps `limit` answers at most: the one that nobody has asked for longest goes first. */
export function createAnswerCache(limit: number): AnswerCache {
  const entries = new Map<string, Entry>();
  return {
    get(key, now) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      if (now >= entry.endsAt) return undefined;
      entries.set(key, entry);
      return { answer: entry.answer, ageMs: Math.max(0, now - entry.storedAt) };
    },
    put(key, answer, { now, ttl }) {
      if (ttl <= 0) return;
      entries.delete(key);
      entries.set(key, { answer, storedAt: now, endsAt: now + Math.min(ttl, MAX_TTL_SECONDS) * 1000 });
      const [oldest] = entries.keys();
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
    },
  };
}

/** The last field of an SOA is how long the absence of a record may be kept. RFC 2308 section 4. */
const minimumOf = (soaText: string): number => Number(/(\d{1,10})$/.exec(soaText)?.[1] ?? 0);

/** Seconds for which an answer, or the absence of one, may be kept; 0: not at all. RFC 2308 section 5. */
export function lifetimeOf(answer: DnsAnswer, { authority }: Pick<DnsMessage, 'authority'>): number {
  if (answer.status === 'answer') return Math.min(...answer.records.map(({ ttl }) => ttl));
  const [soa] = authority.filter(isRead).filter(({ type }) => type === 'SOA');
  return soa === undefined ? 0 : Math.min(soa.ttl, minimumOf(soa.text));
}
