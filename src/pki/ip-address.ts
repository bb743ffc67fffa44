const IPV4_OCTETS = 4;
const IPV6_OCTETS = 16;

function formatIpv6(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: number[]): string => part.map((word) => word.toString(16)).join(':');
  if (best.start < 0) return hex(words);
  return `${hex(words.slice(0, best.start))}::${hex(words.slice(best.start + best.length))}`;
}

/** 4 or 16 octets in text (dotted decimal, RFC 5952); undefined for any other count. */
export function formatAddress(bytes: Uint8Array): string | undefined {
  if (bytes.length === IPV4_OCTETS) return bytes.join('.');
  return bytes.length === IPV6_OCTETS ? formatIpv6(bytes) : undefined;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  const good =
    parts.length === IPV4_OCTETS && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return good ? parts.map(Number) : undefined;
}

/** The 16-bit words of one side of '::'; an IPv4 tail counts as two. */
function parseWords(text: string): number[] | undefined {
  if (text === '') return [];
  const words: number[] = [];
  for (const [i, part] of text.split(':').entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      words.push(Number.parseInt(part, 16));
      continue;
    }
    const tail = i === text.split(':').length - 1 ? parseIpv4(part) : undefined;
    if (tail === undefined) return undefined;
    words.push((tail[0] ?? 0) * 256 + (tail[1] ?? 0), (tail[2] ?? 0) * 256 + (tail[3] ?? 0));
  }
  return words;
}

function parseIpv6(text: string): number[] | undefined {
  const sides = text.split('::');
  if (sides.length > 2 || text.length > 45) return undefined;
  const head = parseWords(sides[0] ?? '');
  const tail = parseWords(sides[1] ?? '');
  if (head === undefined || tail === undefined || (sides.length === 2 && (sides[0] ?? '').includes('.')))
    return undefined;
  const missing = 8 - head.length - tail.length;
  if (sides.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const words = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return words.flatMap((word) => [word >> 8, word & 0xff]);
}

/** The octets of an IPv4 or IPv6 address (4 or 16); undefined when the text is not one. No brackets, no zone, no leading zeros in IPv4. */
export function parseAddress(text: string): Uint8Array | undefined {
  const octets = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return octets === undefined ? undefined : Uint8Array.from(octets);
}
