/** Where autodiscover answers and certificates of strangers must not lead: this machine and its link. */
import { describe, expect, test } from 'vitest';
import { createRealWorld } from '../../src/net/real-world.ts';
import { probeAutodiscover } from '../../src/probe/autodiscover.ts';
import { probeRevocation } from '../../src/probe/revocation.ts';
import type { Endpoint, World } from '../../src/world.ts';
import { addressRecord, seenBy } from '../check/dns-seen.ts';
import { discovered } from '../check/server-seen.ts';
import { healthyExtensions, seen } from '../check/tls-observation.ts';
import { revocationUrls } from '../pki/make-certificate.ts';
import { PATIENT_MS, STEP_MS } from './hostile-run.ts';
import { httpHead, says, silent, startHostile } from './hostile-server.ts';

const HTTP_HOST = 'lyncdiscoverinternal.example.org';
const contextOf = (world: World, limitMs: number) => ({ world, startedAt: world.now(), timeoutMs: limitMs });

/** How a stranger may write an address of this machine, or of its link. */
const HERE = [
  '[::ffff:127.0.0.1]',
  '[::127.0.0.1]',
  '[::1]',
  '127.0.0.1',
  '2130706433',
  '[fe90::1]',
  '169.254.169.254',
  '0.0.0.0',
];

/** A world in which every connection is noted; those to the server lead to it, all others fail. */
function noting(server: Endpoint, asked: string[]): World {
  const world = createRealWorld();
  const connect: World['net']['connect'] = (to, wait) => {
    asked.push(to.address);
    return world.net.connect(to.address === '192.0.2.7' ? server : { address: '127.0.0.1', port: 1 }, wait);
  };
  return { ...world, net: { ...world.net, connect } };
}

describe.concurrent.each(HERE)('%s', (host) => {
  test('is not asked because an autodiscover service elsewhere says so', async ({ onTestFinished }) => {
    const behaviour = says(httpHead('302 Found', `Location: http://${host}/`, 'Content-Length: 0'));
    const server = await startHostile(behaviour, undefined, onTestFinished);
    const asked: string[] = [];
    const seenBefore = [
      discovered([], 'lync'),
      seenBy('192.0.2.53').answers(`${HTTP_HOST} A`, [addressRecord(HTTP_HOST, '192.0.2.7')]),
    ];
    const plan = {
      seen: seenBefore,
      resolversOf: () => Promise.resolve([]),
      families: [4 as const, 6 as const],
      pinned: new Map(),
      aor: undefined,
    };
    await probeAutodiscover(contextOf(noting(server.endpoint, asked), PATIENT_MS), plan);
    expect(new Set(asked)).toEqual(new Set(['192.0.2.7']));
  });

  test('is not asked because a certificate from elsewhere says so', async ({ onTestFinished }) => {
    const server = await startHostile(silent, undefined, onTestFinished);
    const asked: string[] = [];
    const extensions = [
      ...healthyExtensions(),
      ...revocationUrls({ crl: `http://${host}/a.crl`, ocsp: `http://${host}/` }),
    ];
    const shown = seen({ extensions, about: { address: '192.0.2.7' }, root: 'public' });
    const observations = await probeRevocation(contextOf(noting(server.endpoint, asked), STEP_MS), [shown]);
    expect([observations.length, asked]).toEqual([2, []]);
  });
});
