/** The autodiscover service of a Lync domain, asked over HTTP as its client asks it. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBind } from './real/bind.ts';
import { createAuthority, issue, type Authority, type Issued } from './real/certificates.ts';
import { stopAfterAll, temporaryFolder, type Stoppable } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { a } from './real/zone-records.ts';

const DOMAIN = 'fuzzybunny.local';

interface Page {
  status?: number;
  type: string;
  body: string;
}

/** A web server that gives one page, on port 80, or on 443 with a certificate; keeps what was asked for. */
async function startWeb(address: string, page: Page, leaf?: Issued): Promise<Stoppable & { asked: string[] }> {
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.headers.host ?? ''}${request.url ?? ''}`);
    response.writeHead(page.status ?? 200, { 'content-type': page.type }).end(page.body);
  };
  const secrets = leaf && { cert: readFileSync(leaf.chainFile), key: readFileSync(leaf.keyFile) };
  const server = secrets === undefined ? createServer(listener) : createSecureServer(secrets, listener);
  server.listen(secrets === undefined ? 80 : 443, address);
  await once(server, 'listening');
  return {
    asked,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const rootOf = (token: string, href: string): Page => ({
  type: 'application/vnd.microsoft.rtc.autodiscover+xml',
  body: `<AutodiscoverResponse AccessLocation="External"><Root><Link token="${token}" href="${href}"/></Root></AutodiscoverResponse>`,
});

describeWith(['bind', 'openssl'], 'sipdiag doctor where lyncdiscover is published', () => {
  const keep = stopAfterAll();
  const [web, pool] = [loopbackAddress(7), loopbackAddress(8)];
  const records = [a('lyncdiscover', web), a('pool', pool)].join('\n');

  let root: Authority;
  beforeAll(async () => {
    root = await createAuthority(keep(temporaryFolder('autodiscover')).path, { name: 'root' });
  });

  /** Diagnoses the domain while the web servers stand. */
  async function diagnose(command = 'doctor') {
    const bind = await startBind({ address: loopbackAddress(5), port: 53, zones: { [DOMAIN]: records } });
    try {
      const resolver = `${bind.endpoint.address}:${bind.endpoint.port}`;
      const line = [command, `sip:toml@${DOMAIN}`, '--profile', 'lync', '--resolver', resolver, '--timeout', '900'];
      const { report } = await runForReport([...line, '--ca', root.rootFile]);
      return report.findings.find(({ id }) => id.startsWith('autodiscover.'));
    } finally {
      await bind.stop();
    }
  }

  test('and nobody answers there', async () => {
    const found = await diagnose();
    expect([found?.id, found?.severity]).toEqual(['autodiscover.unanswered', 'error']);
    expect(found?.text).toContain('The client has no other name to go on to.');
  });

  test('dns alone opens no connection', async () => {
    expect(await diagnose('dns')).toBeUndefined();
  });

  describe('and an autodiscover service answers over HTTPS', () => {
    test.each([
      ['with a certificate for its name', `lyncdiscover.${DOMAIN}`, undefined],
      ['with a certificate for another name', `www.${DOMAIN}`, 'Its certificate does not hold'],
    ])('%s', async (_what, name, doubt) => {
      const leaf = await issue({ issuer: root, name: name.slice(0, 3), dns: [name] });
      const site = keep(await startWeb(web, rootOf('User', `https://pool.${DOMAIN}/User`), leaf));
      const found = await diagnose();
      await site.stop();
      expect([found?.id, found?.severity]).toEqual(['autodiscover.answered', 'info']);
      expect(found?.text).toContain(`https://lyncdiscover.${DOMAIN}/?sipuri=sip%3Atoml%40${DOMAIN} answers clients`);
      expect(found?.text).toContain(doubt ?? `User https://pool.${DOMAIN}/User.`);
      expect(site.asked).toEqual([`lyncdiscover.${DOMAIN}/?sipuri=sip%3Atoml%40${DOMAIN}`]);
    });
  });

  describe('and a web site answers', () => {
    test('that is no autodiscover service', async () => {
      const site = keep(await startWeb(web, { status: 404, type: 'text/html', body: '<html>Not found</html>' }));
      const found = await diagnose();
      await site.stop();
      expect(found?.id).toBe('autodiscover.not-understood');
      expect(found?.text).toContain('HTTP status 404, text/html');
      expect(site.asked).toEqual([`lyncdiscover.${DOMAIN}/?sipuri=sip%3Atoml%40${DOMAIN}`]);
    });

    test('that redirects to a pool, which names where the user is', async () => {
      const first = keep(await startWeb(web, rootOf('Redirect', `http://pool.${DOMAIN}/Autodiscover`)));
      const second = keep(await startWeb(pool, rootOf('User', `https://pool.${DOMAIN}/User`)));
      const found = await diagnose();
      await Promise.all([first.stop(), second.stop()]);
      expect([found?.id, found?.severity]).toEqual(['autodiscover.answered', 'info']);
      expect(found?.text).toContain(`User https://pool.${DOMAIN}/User`);
      expect(second.asked).toHaveLength(1);
    });

    test('that redirects to a pool which is not there', async () => {
      const first = keep(await startWeb(web, rootOf('Redirect', `http://pool.${DOMAIN}/Autodiscover`)));
      const found = await diagnose();
      await first.stop();
      expect(found?.id).toBe('autodiscover.redirect-dead');
      expect(found?.text).toContain(`http://pool.${DOMAIN}/Autodiscover`);
    });
  });
});
