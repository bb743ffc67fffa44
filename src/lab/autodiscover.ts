import { createServer } from 'node:http';
import type { Endpoint } from '../world.ts';
import { listenTcp } from './listener.ts';
import type { Published } from './name-servers.ts';
import { closedPort, type Rack } from './rack.ts';
import { addressRecord } from './zone.ts';

/** The autodiscover name of Lync: not in DNS; in DNS with nobody there; a web site; or a service that sends its clients to a host without an address, or to the pool. */
export type Autodiscover = 'unpublished' | 'closed' | 'web-site' | 'dead-end' | 'answers';

/** [MS-OCDISCWS] section 2.2. */
const rootOf = (token: string, href: string) => ({
  type: 'application/vnd.microsoft.rtc.autodiscover+xml',
  body: `<AutodiscoverResponse AccessLocation="External"><Root><Link token="${token}" href="${href}"/></Root></AutodiscoverResponse>`,
});

const PAGES: Record<
  Exclude<Autodiscover, 'unpublished' | 'closed'>,
  (domain: string) => { type: string; body: string }
> = {
  'web-site': () => ({ type: 'text/html', body: '<title>Welcome</title>' }),
  'dead-end': (domain) => rootOf('Redirect', `http://lyncweb.${domain}/`),
  answers: (domain) => rootOf('User', `https://sip.${domain}/Autodiscover/AutodiscoverService.svc/root/user`),
};

/** Publishes the name and starts what answers there: over HTTP, for over HTTPS nobody does. Throws NetError. */
export async function startAutodiscover(
  rack: Rack,
  at: Endpoint,
  { autodiscover, domain }: { autodiscover: Autodiscover; domain: string },
): Promise<Published> {
  if (autodiscover === 'unpublished') return { records: [], pins: [] };
  const host = `lyncdiscover.${domain}`;
  const closed = await rack.add(closedPort(at));
  const pins = [{ host, port: 443, endpoint: closed }];
  const records = [addressRecord(host, at.address)];
  if (autodiscover === 'closed') return { records, pins: [...pins, { host, port: 80, endpoint: closed }] };
  const { type, body } = PAGES[autodiscover](domain);
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Type': type }).end(body);
  });
  return { records, pins: [...pins, { host, port: 80, endpoint: await rack.add(listenTcp(server, at)) }] };
}
