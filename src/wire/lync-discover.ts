/** What a Lync or Skype for Business autodiscover service answers: XML, or JSON of the same shape. [MS-OCDISCWS] section 2.2. */
export interface LyncRoot {
  /** 'Redirect', 'User', 'Xframe', … to where they lead. */
  links: { token: string; href: string }[];
  /** 'SipServerExternalAccess' and its like: where SIP is spoken. */
  servers: { token: string; fqdn: string; port: number }[];
}

const MAX_ITEMS = 16;
const MAX_HREF = 512;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decoded = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_all, name: string) => ENTITIES[name] ?? '');

function attribute(tag: string, name: string): string {
  const [, double, single] =
    new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]{0,1024})"|'([^']{0,1024})')`, 'i').exec(tag) ?? [];
  return decoded(double ?? single ?? '').slice(0, MAX_HREF);
}

const SIP_ACCESS = /^Sip(?:Server|Client)(?:Internal|External)Access$/;

function readXml(text: string): LyncRoot {
  const tags = text.match(/<[A-Za-z][^<>]{0,4096}>/g) ?? [];
  const root: LyncRoot = { links: [], servers: [] };
  for (const tag of tags) {
    const name = /^<(?:\w+:)?(\w+)/.exec(tag)?.[1] ?? '';
    if (name === 'Link') root.links.push({ token: attribute(tag, 'token'), href: attribute(tag, 'href') });
    const fqdn = attribute(tag, 'fqdn');
    if (SIP_ACCESS.test(name) && fqdn !== '')
      root.servers.push({ token: name, fqdn, port: Number(attribute(tag, 'port')) });
  }
  return root;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, MAX_HREF) : '');

/** {"_links": {"user": {"href": …}}} */
function linksByName(value: unknown): LyncRoot['links'] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([token, link]) => ({ token, href: isObject(link) ? textOf(link['href']) : '' }));
}

/** {"Root": {"Links": [{"token": …, "href": …}]}} */
function linksInList(value: unknown): LyncRoot['links'] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((link) => ({ token: textOf(link['token']), href: textOf(link['href']) }));
}

function readJson(text: string): LyncRoot {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // No JSON, so no autodiscover document either.
    return { links: [], servers: [] };
  }
  if (!isObject(parsed)) return { links: [], servers: [] };
  const inner = [parsed, parsed['Root'], parsed['User']].filter(isObject);
  const links = inner.flatMap((one) => [...linksByName(one['_links']), ...linksInList(one['Links'])]);
  const servers = inner.flatMap((one) =>
    Object.entries(one).flatMap(([token, value]) =>
      SIP_ACCESS.test(token) && isObject(value)
        ? [{ token, fqdn: textOf(value['fqdn']), port: Number(value['port']) }]
        : [],
    ),
  );
  return { links, servers };
}

/** Reads the document; undefined when it is none. Never throws for what it holds. */
export function readLyncRoot(text: string): LyncRoot | undefined {
  const { links, servers } = text.trimStart().startsWith('{') ? readJson(text) : readXml(text);
  const whole = links.filter(({ token, href }) => token !== '' && /^https?:\/\//i.test(href));
  const sound = servers.filter(({ port }) => Number.isInteger(port) && port > 0 && port < 65_536);
  if (whole.length === 0 && sound.length === 0) return undefined;
  return { links: whole.slice(0, MAX_ITEMS), servers: sound.slice(0, MAX_ITEMS) };
}
