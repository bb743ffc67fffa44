import type { DnsRecord } from '../model/dns.ts';
import { EDNS_SIZE } from './dns-message.ts';
import type { DnsMessage } from './dns-types.ts';
import { writeMessage } from './dns-writer.ts';

/** What our own servers answer. Id, question, the RD bit and the wish for EDNS are taken from the query. */
export interface ResponseContent {
  query: DnsMessage;
  /** 0 to 4095, default 0; above 15 only to a query with EDNS. */
  rcode?: number;
  flags?: readonly ('aa' | 'tc' | 'ra')[];
  /** `text` matters for SOA only, whose data it holds; the other types are written from their fields. */
  answers?: readonly DnsRecord[];
  authority?: readonly DnsRecord[];
  additional?: readonly DnsRecord[];
}

/**
 * A response without compression; it has an OPT record when the query had one (RFC 6891 section 7). Cutting it to the
 * size that the client takes is the server's part. Throws WireError as writeMessage.
 */
export function encodeResponse(content: ResponseContent): Uint8Array {
  const { query, rcode = 0, flags = [], answers = [], authority = [], additional = [] } = content;
  return writeMessage({
    id: query.id,
    flags: query.rd ? ['qr', 'rd', ...flags] : ['qr', ...flags],
    rcode,
    questions: query.questions,
    sections: { answers, authority, additional },
    ...(query.edns ? { ednsSize: EDNS_SIZE } : {}),
  });
}
