/** The views of one domain inside and outside, each from a name server of its own, compared by `--resolver`. */
import { DOMAIN, HOST } from '../real/stage.ts';
import { broken, degraded, HEALTHY, RUNG_STATUS, type Ending, type Row, type Told } from './row.ts';

/** The view inside, the same again, one with a record more, one without SIP, and one that refuses every question. */
export type View = 'inside' | 'same' | 'more' | 'empty' | 'closed';

export type ViewScene = Row<'views', object>;

interface Tale {
  id: string;
  name: string;
  /** In the order of the command line. */
  views: readonly [View, View];
  ending: Ending;
  /** All findings of the rung dns. */
  findings: Told[];
  says?: string[];
  explains?: string[];
}

const resolver = (view: View): string => ` --resolver ${view === 'inside' ? 'internal' : 'external'}={${view}}`;

function rowsOf({ id, name, views, ending, findings, says = [], explains = [] }: Tale): ViewScene[] {
  return (['dns', 'doctor'] as const).map((command) => ({
    id: `views-${id}-${command}`,
    stage: 'views',
    name: `${command}, ${name}`,
    servers: ['Kamailio', 'BIND'],
    command: `${command} sip:toml@${DOMAIN} --ca {root}${views.map(resolver).join('')}`,
    world: {},
    expected: {
      ...ending,
      rungs: { dns: RUNG_STATUS[ending.status] },
      only: { rungs: ['dns'], findings },
      says,
      explains,
    },
  }));
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
