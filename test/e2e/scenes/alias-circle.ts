/** Aliases in a circle, behind a BIND that resolves for its clients and says SERVFAIL where the zone itself would show them. */
import { DOMAIN } from '../real/stage.ts';
import { cname, srv } from '../real/zone-records.ts';
import { dnsRow, type DnsCommand, type DnsTale } from './dns-row.ts';
import { broken, type Row } from './row.ts';

export type AliasCircleScene = Row<'alias-circle', object>;

export const CIRCLES: readonly string[] = [
  cname('_sips._tcp', '_moved._tcp'),
  cname('_moved._tcp', '_sips._tcp'),
  srv('_sip._tcp', { target: 'one', port: 5060 }),
  cname('one', 'two'),
  cname('two', 'one'),
];

const circle = (
  command: DnsCommand,
  { target, ...tale }: Pick<DnsTale, 'id' | 'name' | 'findings'> & { target: string },
): AliasCircleScene =>
  dnsRow(
    { stage: 'alias-circle', command, typed: `${target} --resolver {recursive}`, world: {} },
    { ...tale, servers: ['BIND'], ending: broken('dns', 'cname.loop'), rungs: { connect: 'not-tested' } },
  );

const DOMAIN_OF_CIRCLES = {
  id: 'domain',
  name: 'of a domain whose names all run in a circle',
  target: DOMAIN,
  findings: ['cname.loop error', 'cname.loop error'],
} as const;

export const ALIAS_CIRCLE: readonly AliasCircleScene[] = [
  circle('dns', {
    id: 'service',
    name: 'of a service name that runs in a circle',
    target: `_sips._tcp.${DOMAIN}`,
    findings: ['cname.loop error'],
  }),
  circle('dns', DOMAIN_OF_CIRCLES),
  circle('doctor', DOMAIN_OF_CIRCLES),
];
