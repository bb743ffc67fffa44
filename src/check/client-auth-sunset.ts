/** One announcement about the end of clientAuth in certificates of public authorities. Dates move: this list is all there is to change. */
export interface SunsetEvent {
  who: string;
  /** Matches the organisation names of the issuers that it concerns; absent: all public authorities. */
  issuers?: RegExp;
  /** ISO date. */
  date: string;
  /** Continues "<who>, <date>: ". */
  what: string;
  source: string;
}

/** When this list was last compared with what the authorities publish. */
export const SUNSET_LIST_DATE = '2026-07-01';

/** In the order of their dates. */
const SUNSET_EVENTS: readonly SunsetEvent[] = [
  {
    who: 'DigiCert',
    issuers: /digicert|geotrust|thawte|rapidssl|quovadis/i,
    date: '2025-10-01',
    what: 'new certificates no longer hold it by default',
    source: 'DigiCert ALERT53',
  },
  {
    who: "Let's Encrypt",
    issuers: /let's encrypt|isrg|internet security research group/i,
    date: '2026-02-11',
    what: 'the classic profile no longer holds it',
    source: "Let's Encrypt, Ending TLS Client Authentication Certificate Support in 2026",
  },
  {
    who: "Let's Encrypt",
    issuers: /let's encrypt|isrg|internet security research group/i,
    date: '2026-07-08',
    what: 'the tlsclient profile ends',
    source: "Let's Encrypt, Ending TLS Client Authentication Certificate Support in 2026",
  },
  {
    who: 'Sectigo',
    issuers: /sectigo|comodo|usertrust/i,
    date: '2027-02-10',
    what: 'no more certificates with it',
    source: 'Sectigo, deprecation of the client authentication EKU',
  },
  {
    who: 'DigiCert',
    issuers: /digicert|geotrust|thawte|rapidssl|quovadis/i,
    date: '2027-03-01',
    what: 'no more certificates with it',
    source: 'DigiCert ALERT53',
  },
  {
    who: 'Chrome Root Program',
    date: '2027-03-15',
    what: 'new server certificates must hold serverAuth alone',
    source: 'Chrome Root Program Policy 1.8',
  },
];

/** The announcements that concern a chain, by the texts of its issuers' names. */
export function sunsetEventsFor(issuers: readonly string[]): SunsetEvent[] {
  return SUNSET_EVENTS.filter(
    ({ issuers: pattern }) => pattern === undefined || issuers.some((issuer) => pattern.test(issuer)),
  );
}

/** "DigiCert, since 2025-10-01: …; Chrome Root Program, from 2027-03-15 on: …", seen from the time given. */
export function sunsetText(events: readonly SunsetEvent[], at: string): string {
  const today = at.slice(0, 10);
  return events
    .map(({ who, date, what }) => `${who}, ${date <= today ? `since ${date}` : `from ${date} on`}: ${what}`)
    .join('; ');
}
