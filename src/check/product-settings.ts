import type { DiscoveryObservation } from '../model/dns.ts';
import type { SipObservation } from '../model/sip.ts';
import type { TlsObservation } from '../model/tls.ts';
import { SETTINGS, type Product } from './product-setting-rows.ts';

const TITLES: Record<Product, string> = {
  kamailio: 'Kamailio',
  asterisk: 'Asterisk',
  mediant: 'AudioCodes Mediant',
  cube: 'Cisco CUBE',
  lync: 'Lync, Skype for Business',
  ocs: 'Office Communications Server',
  lcs: 'Live Communications Server',
};

/** Office Communications Server 2007 is the first that calls itself RTC/3, Lync 2010 the first RTC/4. */
const SIGNS: readonly [RegExp, Product][] = [
  [/kamailio/i, 'kamailio'],
  [/asterisk|FPBX/i, 'asterisk'],
  [/^(Audiocodes-Sip-Gateway-)?Mediant\b/i, 'mediant'],
  [/^Cisco-SIPGateway\/IOS/i, 'cube'],
  [/^RTC\/[4-7]\./, 'lync'],
  [/^RTC\/3\./, 'ocs'],
  [/^RTC\/[12]\./, 'lcs'],
];

/** What the clients of a profile sign in to. */
const SERVES: ReadonlyMap<string, Product> = new Map([
  ['lync', 'lync'],
  ['communicator2007r2', 'ocs'],
  ['communicator2007', 'ocs'],
  ['phone-edition', 'ocs'],
  ['lcs2003', 'lcs'],
]);

const MICROSOFT: ReadonlySet<Product> = new Set(SERVES.values());

/** For the evidence of a finding that is about the clients. */
export function productFor(profile: string | undefined): { product?: Product } {
  const product = SERVES.get(profile ?? '');
  return product === undefined ? {} : { product };
}

/** Without discovery the profile that was asked for stands at the handshakes: whoever speaks of one uses TLS. */
export function profileSeen(seen: {
  discovery: readonly DiscoveryObservation[];
  tls?: readonly TlsObservation[];
}): string {
  const [discovered] = seen.discovery;
  if (discovered?.outcome.ok === true) return discovered.outcome.value.profile;
  return seen.tls?.find(({ about }) => about.profile !== undefined)?.about.profile ?? 'rfc3263';
}

const namesOf = ({ outcome }: SipObservation): string[] => {
  if (!outcome.ok) return [];
  const { headers } = outcome.value;
  return ['server', 'user-agent'].flatMap((name) => (Object.hasOwn(headers, name) ? (headers[name] ?? []) : []));
};

/** What the servers are, by their own words, or else by the clients that they are for; undefined: they do not agree, or do not say. */
export function productOf(sip: readonly SipObservation[], profile: string): Product | undefined {
  const said = sip.flatMap(namesOf);
  const told = new Set(said.map((text) => SIGNS.find(([sign]) => sign.test(text))?.[1]));
  if (said.length === 0) return SERVES.get(profile);
  return told.size === 1 ? [...told][0] : undefined;
}

/** For the evidence of a finding about what a server was given to present. */
export function installedOn(sip: readonly SipObservation[], profile = 'rfc3263'): { product?: Product } {
  const product = productOf(sip, profile);
  return product === undefined ? {} : { product };
}

/** Columns of the settings of all products, for a server that does not say what it is. */
const MAX_ALL = 130;
/** Whoever runs one of these is told by its profile or its Server header; anybody else has no use for its settings. */
const TOLD_BY_NAME: ReadonlySet<Product> = new Set(['mediant', 'cube', 'ocs', 'lcs']);

/** 'Kamailio: alias="example.com" in kamailio.cfg'; '' where nothing is known for sure. */
export function settingWords(finding: string, evidence: { product?: Product } & object): string {
  const rows = SETTINGS.filter((one) => one.finding === finding);
  const { product } = evidence;
  const mine = rows.filter((one) => (product === undefined ? !TOLD_BY_NAME.has(one.product) : one.product === product));
  const facts: [string, unknown][] = Object.entries(evidence);
  const values = new Map(
    facts.map(([name, value]) => [name, typeof value === 'string' || typeof value === 'number' ? `${value}` : name]),
  );
  const texts = mine.map(({ product: name, setting }) => {
    const filled = setting.replaceAll(/\{(\w+)\}/g, (_, key: string) => values.get(key) ?? key);
    return `${TITLES[name]}: ${filled}`;
  });
  const text = texts.join('; ');
  return product === undefined && (mine.length < 2 || text.length > MAX_ALL) ? '' : text;
}

/** The same in brackets, for the end of what is to be set. */
export function settingText(finding: string, evidence: { product?: Product } & object): string {
  const words = settingWords(finding, evidence);
  return words === '' ? '' : ` (${words})`;
}

/** ', or set the policy …', where it would help; only clients of Microsoft's know it. */
export function relaxText(evidence: { relaxing: 'helps' | 'no-use'; product?: Product }): string {
  if (evidence.product === undefined || !MICROSOFT.has(evidence.product) || evidence.relaxing === 'no-use') return '';
  return `, or set the policy DisableStrictDNSNaming to 1 on the clients${settingText('srv-target.foreign-domain', evidence)}`;
}
