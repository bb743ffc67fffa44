/** Replacements that stay the same for the whole report, given in the order of appearance. */
export interface NameBook {
  domain(name: string): string;
  address(text: string): string;
  user(name: string): string;
  /** Organisations, machines without a domain, files: whatever else tells who it was. */
  other(kind: 'name' | 'host' | 'id' | 'file', text: string): string;
}

/** Labels that say what a name is for, not whose it is. */
const SERVICE_LABELS: ReadonlySet<string> = new Set([
  'access',
  'edge',
  'lyncdiscover',
  'lyncdiscoverinternal',
  'mail',
  'ns',
  'proxy',
  'registrar',
  'sbc',
  'sip',
  'sipdir',
  'sipexternal',
  'sipfed',
  'sipinternal',
  'sips',
  'stun',
  'turn',
  'www',
]);
/** Services that everybody shares: their names tell nothing about the user, and much about the cause. */
const SHARED_SERVICES = ['online.lync.com', 'infra.lync.com', 'pstnhub.microsoft.com'];

/** The addresses that RFC 5737 sets aside for documents, then those of RFC 2544: more than a report can hold. */
function ipv4Substitute(number: number): string {
  const block = ['192.0.2', '198.51.100', '203.0.113'][Math.floor((number - 1) / 254)];
  if (block !== undefined) return `${block}.${((number - 1) % 254) + 1}`;
  const rest = number - 3 * 254;
  return `198.${18 + (Math.floor(rest / 65_536) % 2)}.${Math.floor(rest / 256) % 256}.${rest % 256}`;
}

/** Loopback and "any" say something about the cause and nothing about the user. */
const isAnonymous = (address: string): boolean =>
  /^(127\.|0\.0\.0\.0$|255\.255\.255\.255$)/.test(address) || /^::1?$/.test(address);

/** Under which part of a name everything belongs to one owner, roughly: the list of public suffixes is not at hand. */
function ownersPart(labels: readonly string[]): number {
  const [last = '', second = ''] = labels.toReversed();
  return labels.length > 2 && last.length === 2 && second.length <= 3 ? 3 : 2;
}

function createCounter(): (kind: string, key: string, make: (number: number) => string) => string {
  const given = new Map<string, string>();
  const counts = new Map<string, number>();
  return (kind, key, make) => {
    const known = given.get(`${kind} ${key}`);
    if (known !== undefined) return known;
    const number = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, number);
    const made = make(number);
    given.set(`${kind} ${key}`, made);
    return made;
  };
}

/** An empty book. `domains` come first, so that they get the first numbers; names below one of them stay below it. */
export function createNameBook(domains: readonly string[]): NameBook {
  const once = createCounter();
  const roots = new Set<string>();
  const rootName = (root: string): string => {
    roots.add(root);
    return once('domain', root, (number) => `domain${number}.example`);
  };
  const label = (text: string): string =>
    text === '*' || text.startsWith('_') || SERVICE_LABELS.has(text) ? text : once('host', text, (n) => `host${n}`);
  const domain = (name: string): string => {
    const lower = name.toLowerCase();
    if (SHARED_SERVICES.some((one) => lower === one || lower.endsWith(`.${one}`))) return lower;
    const labels = lower.split('.');
    const owned = labels.filter((one) => one !== '*' && !one.startsWith('_'));
    const suffixes = labels.map((_, from) => labels.slice(from).join('.'));
    const root = suffixes.find((one) => roots.has(one)) ?? owned.slice(-ownersPart(owned)).join('.');
    const hosts = labels.slice(0, labels.length - root.split('.').length);
    return [...hosts.map(label), rootName(root)].join('.');
  };
  for (const one of domains) rootName(one.toLowerCase());
  return {
    domain,
    address: (text) => {
      const lower = text.toLowerCase();
      if (isAnonymous(lower)) return text;
      return lower.includes(':')
        ? once('ipv6', lower, (number) => `2001:db8::${number.toString(16)}`)
        : once('ipv4', lower, ipv4Substitute);
    },
    user: (name) => once('user', name.toLowerCase(), (number) => `user${number}`),
    other: (kind, text) => once(kind, text.toLowerCase(), (number) => `${kind}${number}`),
  };
}
