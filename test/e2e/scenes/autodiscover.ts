/** What answers where `lyncdiscover` of a domain is published: web servers of these tests, on the ports of HTTP and HTTPS. */
import { DOMAIN } from '../real/stage.ts';
import { broken, type Ending, type Expected, type Row } from './row.ts';

export interface Page {
  status?: number;
  type: string;
  body: string;
}

export interface Site {
  page: Page;
  /** The name in its certificate; absent: HTTP alone. */
  certified?: string;
}

/** Absent: nobody listens there. */
export type AutodiscoverScene = Row<'autodiscover', { lyncdiscover?: Site; pool?: Site }>;

const rootOf = (token: string, href: string): Page => ({
  type: 'application/vnd.microsoft.rtc.autodiscover+xml',
  body: `<AutodiscoverResponse AccessLocation="External"><Root><Link token="${token}" href="${href}"/></Root></AutodiscoverResponse>`,
});
const USER: Page = rootOf('User', `https://pool.${DOMAIN}/User`);
const REDIRECT: Page = rootOf('Redirect', `http://pool.${DOMAIN}/Autodiscover`);
const ANSWERS = `https://lyncdiscover.${DOMAIN}/ answers clients`;

interface Tale {
  id: string;
  name: string;
  command?: 'dns';
  world: AutodiscoverScene['world'];
  expected: Expected;
}

const row = ({ id, name, command, world, expected }: Tale): AutodiscoverScene => ({
  id: `autodiscover-${id}`,
  stage: 'autodiscover',
  name,
  servers: ['BIND', 'TCP by Node'],
  command: `${command ?? 'doctor'} sip:toml@${DOMAIN} --profile lync --resolver {dns} --timeout 900 --ca {root}`,
  world,
  expected,
});

const site = (page: Page, certified?: string): Site => (certified === undefined ? { page } : { page, certified });
/** The domain publishes no SIP server, whatever the service answers. */
const NO_SERVER: Ending = broken('dns', 'srv-records.absent');

const TALES: readonly Tale[] = [
  {
    id: 'unanswered',
    name: 'nobody answers',
    world: {},
    expected: {
      ...NO_SERVER,
      tells: ['autodiscover.unanswered error'],
      explains: ['The client has no other name to go on to.'],
    },
  },
  { id: 'dns-alone', name: 'dns alone opens no connection', command: 'dns', world: {}, expected: NO_SERVER },
  {
    id: 'https',
    name: 'a service answers over HTTPS with a certificate for its name',
    world: { lyncdiscover: site(USER, `lyncdiscover.${DOMAIN}`) },
    expected: {
      ...NO_SERVER,
      tells: ['autodiscover.answered info'],
      explains: [ANSWERS, `User https://pool.${DOMAIN}/User.`],
    },
  },
  {
    id: 'https-other-name',
    name: 'a service answers over HTTPS with a certificate for another name',
    world: { lyncdiscover: site(USER, `www.${DOMAIN}`) },
    expected: {
      ...NO_SERVER,
      tells: ['autodiscover.answered info'],
      explains: [ANSWERS, 'Its certificate does not hold'],
    },
  },
  {
    id: 'web-site',
    name: 'a web site answers that is no such service',
    world: { lyncdiscover: site({ status: 404, type: 'text/html', body: '<html>Not found</html>' }) },
    expected: {
      ...NO_SERVER,
      tells: ['autodiscover.not-understood'],
      explains: ['HTTP status 404, text/html'],
    },
  },
  {
    id: 'redirect',
    name: 'a site redirects to a pool, which names where the user is',
    world: { lyncdiscover: site(REDIRECT), pool: site(USER) },
    expected: {
      ...NO_SERVER,
      tells: ['autodiscover.answered info'],
      explains: [`User https://pool.${DOMAIN}/User`],
    },
  },
  {
    id: 'redirect-dead',
    name: 'a site redirects to a pool which is not there',
    world: { lyncdiscover: site(REDIRECT) },
    expected: {
      ...NO_SERVER,
      tells: ['autodiscover.redirect-dead'],
      explains: [`http://pool.${DOMAIN}/Autodiscover`],
    },
  },
];

export const AUTODISCOVER: readonly AutodiscoverScene[] = TALES.map(row);
