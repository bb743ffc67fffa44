import { parseNameAddr } from '../wire/sip-fields.ts';
import { headerValue, headerValues, type SipRequest } from '../wire/sip-message.ts';
import { paramValue } from '../wire/sip-params.ts';
import { parseDigits } from '../wire/sip-text.ts';

/** RFC 3261 section 10.3, step 7: what a registrar grants when it is not asked for anything. */
const DEFAULT_EXPIRES_SECONDS = 3600;
/** Endpoints of one person; more is a client that forgets to remove its old ones. */
const MAX_BINDINGS = 16;

/** One Contact that is registered. */
export interface Binding {
  /** The address of record, `sip:user@domain`. */
  addressOfRecord: string;
  contact: string;
  callId: string;
  /** Which device it is (RFC 5626 section 4.1), as the client has written it; '': it does not say. */
  instance: string;
  /** Milliseconds since the Unix epoch. */
  expiresAt: number;
}

/** The bindings of a registrar with one account. */
export interface BindingStore {
  /** What is registered now, oldest first. */
  list(): Binding[];
  /**
   * Carries a REGISTER out, whole or not at all: 'done', 'bad-request' (`*` with anything else, or without Expires: 0) or
   * 'too-many'. Throws WireError for a Contact that cannot be read. RFC 3261 section 10.3.
   */
  update(request: SipRequest, addressOfRecord: string): 'done' | 'bad-request' | 'too-many';
}

function secondsOf(text: string | null | undefined): number | undefined {
  // RFC 3261 section 20.19: up to 2^32-1; what is malformed counts as not said.
  return typeof text === 'string' ? parseDigits(text, 4_294_967_295) : undefined;
}

/** An empty store; `now` is its clock in milliseconds since the Unix epoch. */
export function createBindingStore(now: () => number): BindingStore {
  const stored = new Map<string, Binding>();
  const list = (): Binding[] => [...stored.values()].filter(({ expiresAt }) => expiresAt > now());
  const keep = (bindings: Iterable<Binding>): void => {
    const kept = new Map([...bindings].map((binding) => [binding.contact, binding]));
    stored.clear();
    for (const [contact, binding] of kept) stored.set(contact, binding);
  };
  return {
    list,
    update(request, addressOfRecord) {
      const contacts = headerValues(request, 'contact').map(parseNameAddr);
      const general = secondsOf(headerValue(request, 'expires'));
      if (contacts.some(({ uri }) => uri === '*')) {
        if (contacts.length > 1 || general !== 0) return 'bad-request';
        stored.clear();
        return 'done';
      }
      const next = new Map(list().map((binding) => [binding.contact, binding]));
      for (const { uri, params } of contacts) {
        const seconds = secondsOf(paramValue(params, 'expires')) ?? general ?? DEFAULT_EXPIRES_SECONDS;
        const callId = headerValue(request, 'call-id') ?? '';
        const instance = paramValue(params, '+sip.instance') ?? '';
        next.delete(uri);
        if (seconds > 0) {
          next.set(uri, { addressOfRecord, contact: uri, callId, instance, expiresAt: now() + seconds * 1000 });
        }
      }
      if (next.size > MAX_BINDINGS) return 'too-many';
      keep(next.values());
      return 'done';
    },
  };
}
