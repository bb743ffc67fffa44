/** The views of one domain inside and outside, each from a name server of its own, compared by `--resolver`. */
import { DOMAIN, HOST } from '../real/stage.ts';
import { COMMANDS, dnsRow, type DnsTale } from './dns-row.ts';
import { broken, degraded, HEALTHY, type Row } from './row.ts';

/** The view inside, the same again, one with a record more, one without SIP, and one that refuses every question. */
export type View = 'inside' | 'same' | 'more' | 'empty' | 'closed';

export type ViewScene = Row<'views', object>;

interface Tale extends DnsTale {
  /** In the order of the command line. */
  views: readonly [View, View];
}

const resolver = (view: View): string => ` --resolver ${view === 'inside' ? 'internal' : 'external'}={${view}}`;

function rowsOf({ views, ...tale }: Tale): ViewScene[] {
  const typed = `sip:toml@${DOMAIN} --ca {root}${views.map(resolver).join('')}`;
  return COMMANDS.map((command) => dnsRow({ stage: 'views', command, typed, world: {} }, tale));
}

const TALES: readonly Tale[] = [
  { id: 'same', name: 'both are alike', views: ['inside', 'same'], ending: HEALTHY, findings: [] },
  {
    id: 'more',
    name: 'they differ, and both lead to a server',
    views: ['inside', 'more'],
    ending: HEALTHY,
    findings: ['split-view.differs info'],
    explains: [`_sip._tls.${DOMAIN} SRV (internal: NXDOMAIN, external: 0 0 5061 ${HOST}.)`],
  },
  {
    id: 'empty',
    name: 'only the view inside leads anywhere',
    views: ['inside', 'empty'],
    ending: degraded('dns', 'split-view.differs'),
    findings: ['split-view.differs warning'],
    says: ['Only internal leads clients to a server.'],
  },
  {
    id: 'empty-first',
    name: 'the resolver that was named first decides, even if another knows more',
    views: ['empty', 'inside'],
    ending: broken('dns', 'domain.no-address'),
    findings: ['domain.no-address error', 'split-view.differs warning'],
    explains: ['Only internal leads clients to a server.'],
  },
  {
    id: 'closed',
    name: 'a resolver that refuses is no other view',
    views: ['inside', 'closed'],
    ending: degraded('dns', 'resolver.failure'),
    findings: ['resolver.failure warning'],
    says: ['external ({closed}:53) answers every question with REFUSED'],
  },
];

export const VIEWS: readonly ViewScene[] = TALES.flatMap(rowsOf);
