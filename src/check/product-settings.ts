import type { SipObservation } from '../model.ts';

export type Product = 'kamailio' | 'asterisk' | 'lync';

const TITLES: Record<Product, string> = {
  kamailio: 'Kamailio',
  asterisk: 'Asterisk',
  lync: 'Lync, Skype for Business',
};

/** What one product calls the setting that a remedy is about. */
export interface Setting {
  finding: string;
  product: Product;
  /** `{aor}`, `{domain}`, `{account}`, `{wanted}`: from the evidence. */
  setting: string;
  /** The page of the manual. */
  source: string;
}

const CORE = 'https://www.kamailio.org/wikidocs/cookbooks/devel/core/';
const REGISTRAR = 'https://www.kamailio.org/docs/modules/stable/modules/registrar.html';
const KAMCTL = 'https://www.kamailio.org/wikidocs/tutorials/getting-started/main/';
const PJSIP =
  'https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/';
const CMDLETS = 'https://learn.microsoft.com/en-us/powershell/module/skypeforbusiness';

export const SETTINGS: readonly Setting[] = [
  { finding: 'domain-not-served', product: 'kamailio', setting: 'alias="{domain}" in kamailio.cfg', source: CORE },
  {
    finding: 'domain-not-served',
    product: 'lync',
    setting: 'New-CsSipDomain -Identity {domain}',
    source: `${CMDLETS}/new-cssipdomain`,
  },
  { finding: 'unknown-user', product: 'kamailio', setting: 'kamctl add USER PASSWORD', source: KAMCTL },
  { finding: 'unknown-user', product: 'asterisk', setting: 'pjsip show endpoints', source: PJSIP },
  {
    finding: 'unknown-user',
    product: 'lync',
    setting: 'Enable-CsUser -Identity NAME -RegistrarPool POOL -SipAddress {aor}',
    source: `${CMDLETS}/enable-csuser`,
  },
  {
    finding: 'forbidden',
    product: 'lync',
    setting: 'Set-CsExternalAccessPolicy with -EnableOutsideAccess $true',
    source: `${CMDLETS}/set-csexternalaccesspolicy`,
  },
  {
    finding: 'not-challenged',
    product: 'kamailio',
    setting: '#!define WITH_AUTH in kamailio.cfg',
    source: KAMCTL,
  },
  { finding: 'not-challenged', product: 'asterisk', setting: 'auth= of the endpoint in pjsip.conf', source: PJSIP },
  {
    finding: 'account-forbidden',
    product: 'kamailio',
    setting: 'max_contacts of the module registrar',
    source: REGISTRAR,
  },
  {
    finding: 'account-forbidden',
    product: 'asterisk',
    setting: 'max_contacts= of the AOR in pjsip.conf',
    source: PJSIP,
  },
  {
    finding: 'interval-too-brief',
    product: 'kamailio',
    setting: 'min_expires of the module registrar',
    source: REGISTRAR,
  },
  {
    finding: 'interval-too-brief',
    product: 'asterisk',
    setting: 'minimum_expiration= of the AOR in pjsip.conf',
    source: PJSIP,
  },
  {
    finding: 'kerberos-trap',
    product: 'lync',
    setting: 'Set-CsProxyConfiguration -UseNtlmForClientToProxyAuth $true',
    source: `${CMDLETS}/set-csproxyconfiguration`,
  },
];

/** Lync 2010 is the first that calls itself RTC/4. */
const SIGNS: readonly [RegExp, Product][] = [
  [/kamailio/i, 'kamailio'],
  [/asterisk|FPBX/i, 'asterisk'],
  [/^RTC\/[4-7]\./, 'lync'],
];

const namesOf = ({ outcome }: SipObservation): string[] => {
  if (!outcome.ok) return [];
  const { headers } = outcome.value;
  return ['server', 'user-agent'].flatMap((name) => (Object.hasOwn(headers, name) ? (headers[name] ?? []) : []));
};

/** What the servers are, by their own words, or else by the clients that they are for; undefined: they do not agree, or do not say. */
export function productOf(sip: readonly SipObservation[], profile: string): Product | undefined {
  const said = sip.flatMap(namesOf);
  const told = new Set(said.map((text) => SIGNS.find(([sign]) => sign.test(text))?.[1]));
  if (said.length === 0) return profile === 'lync' ? 'lync' : undefined;
  return told.size === 1 ? [...told][0] : undefined;
}

/** Columns of the settings of all products, for a server that does not say what it is. */
const MAX_ALL = 130;

/** ' (Kamailio: alias="example.com" in kamailio.cfg)', for the end of what is to be set; '' where nothing is known for sure. */
export function settingText(finding: string, evidence: { product?: Product } & object): string {
  const rows = SETTINGS.filter((one) => one.finding === finding);
  const { product } = evidence;
  const mine = product === undefined ? rows : rows.filter((one) => one.product === product);
  const values = new Map(
    Object.entries(evidence).map(([name, value]) => [name, typeof value === 'string' ? value : name]),
  );
  const texts = mine.map(({ product: name, setting }) => {
    const filled = setting.replaceAll(/\{(\w+)\}/g, (_, key: string) => values.get(key) ?? key);
    return `${TITLES[name]}: ${filled}`;
  });
  const text = texts.join('; ');
  return text === '' || (product === undefined && (mine.length < 2 || text.length > MAX_ALL)) ? '' : ` (${text})`;
}
