/** What may stand in a zone: each is a scene of `sipdiag dns` and one of `sipdiag doctor`. */
import type { Kamailio } from '../real/kamailio.ts';
import { DOMAIN } from '../real/stage.ts';
import { APEX, a, naptr } from '../real/zone-records.ts';
import { COMMANDS, dnsRow, type DnsTale } from './dns-row.ts';
import { RUNG_STATUS, type Ending, type Row } from './row.ts';

export interface ZoneWorld {
  /** Lines of the zone fuzzybunny.local. */
  records: (server: Kamailio) => string[];
  /** Further zones. */
  zones?: (server: Kamailio) => Record<string, string>;
}

export type ZoneScene = Row<'zone', ZoneWorld>;

export interface Zone extends ZoneWorld, Pick<DnsTale, 'id' | 'name' | 'findings'> {
  args?: string;
  dns: Ending;
  /** Absent: the same as `dns`. */
  doctor?: Ending;
  /** Words that the texts of the findings must hold, or the summary where there is none. */
  says: string[];
}

/** A host of another domain, which the certificate of the server covers as well. */
export const FOREIGN_HOST = 'sip.hoster.example';

export const hosting = (server: Kamailio): Record<string, string> => ({ 'hoster.example': a('sip', server.address) });

interface Rule {
  service: string;
  replacement: string;
  order?: number;
  flags?: string;
  regexp?: string;
}
export const rule = ({ order = 10, ...rest }: Rule): string => naptr(APEX, { order, preference: 10, ...rest });

/** The two commands are given the same world, so that one name server serves both. */
export function zoneRows({ id, name, args, dns, doctor = dns, findings, says, ...world }: Zone): ZoneScene[] {
  const words = findings.length === 0 ? { says } : { explains: says };
  const tale = { id, name, findings, rungs: { dns: RUNG_STATUS[dns.status] }, ...words };
  const typed = [`sip:toml@${DOMAIN} --resolver {dns} --ca {root}`, ...(args === undefined ? [] : [args])].join(' ');
  const endings = { dns, doctor };
  return COMMANDS.map((command) =>
    dnsRow({ stage: 'zone', command, typed, world }, { ...tale, ending: endings[command] }),
  );
}
