/** What the scenes play on: a certificate authority, and a Kamailio for each certificate and each way to be misconfigured. */
import { createAuthority, daysFromNow, issue, type Authority, type LeafSettings } from './certificates.ts';
import { temporaryFolder, type Stoppable } from './clean-up.ts';
import type { KamailioSettings } from './kamailio-config.ts';
import { startKamailio, type Kamailio, type KamailioOptions } from './kamailio.ts';
import { freePort, loopbackAddress } from './ports.ts';

export const DOMAIN = 'fuzzybunny.local';
export const HOST = `sip.${DOMAIN}`;
export const USER = { user: 'toml', password: 'tangerine' };
/** The names that RFC 5922 and clients of the host name look for. */
const NAMES = [DOMAIN, HOST];

export interface Stage extends Stoppable {
  folder: string;
  rootFile: string;
  /** On ports 5060 and 5061 of an address of its own, without any fault. */
  good: Kamailio;
  /** The same, on ::1 and free ports. */
  ipv6: Kamailio;
  /** Its certificate expired two days ago. */
  expired: Kamailio;
  /** Its certificate is for another host and another domain. */
  misnamed: Kamailio;
  /** It serves another domain, though its certificate is right. */
  foreign: Kamailio;
  /** It listens on UDP port 5060 of an address of its own, and on nothing else. */
  udpOnly: Kamailio;
  /** A port of the good one's address where nothing listens. */
  deadPort: number;
}

type Keep = <T extends Stoppable>(started: T) => T;

interface Troupe {
  root: Authority;
  keep: Keep;
}

/** Starts a Kamailio with a certificate of its own. */
async function startServerWith(
  { root, keep }: Troupe,
  leaf: Omit<LeafSettings, 'issuer'>,
  settings: Partial<KamailioOptions> & Pick<KamailioOptions, 'address'>,
): Promise<Kamailio> {
  const { certFile, keyFile } = await issue({ issuer: root, ...leaf });
  const transports: KamailioSettings['transports'] = ['udp', 'tcp', 'tls'];
  return keep(
    await startKamailio({ domain: DOMAIN, users: [USER], transports, tls: { certFile, keyFile }, ...settings }),
  );
}

async function startAll(troupe: Troupe): Promise<Omit<Stage, 'folder' | 'rootFile' | 'stop'>> {
  const start = (leaf: Omit<LeafSettings, 'issuer'>, settings: Partial<KamailioOptions> & { address: string }) =>
    startServerWith(troupe, leaf, settings);
  const address = loopbackAddress(1);
  const old = { notBefore: daysFromNow(-90), notAfter: daysFromNow(-2) };
  return {
    good: await start({ name: 'good', dns: NAMES }, { address, ports: { udp: 5060, tcp: 5060, tls: 5061 } }),
    ipv6: await start({ name: 'ipv6', dns: NAMES }, { address: '::1' }),
    expired: await start({ name: 'expired', dns: NAMES, ...old }, { address: loopbackAddress(2) }),
    misnamed: await start(
      { name: 'misnamed', dns: ['sip.example.net', 'example.net'] },
      { address: loopbackAddress(3) },
    ),
    foreign: await start({ name: 'foreign', dns: NAMES }, { address: loopbackAddress(4), domain: 'elsewhere.example' }),
    udpOnly: await start(
      { name: 'udp-only', dns: NAMES },
      { address: loopbackAddress(5), ports: { udp: 5060 }, transports: ['udp'] },
    ),
    deadPort: await freePort(address),
  };
}

/** Sets the stage; what fails half-way leaves nothing behind. */
export async function setStage(): Promise<Stage> {
  const kept: Stoppable[] = [];
  const keep: Keep = (started) => {
    kept.push(started);
    return started;
  };
  const stop = async () => {
    for (const started of kept.toReversed()) await started.stop();
  };
  try {
    const { path: folder } = keep(temporaryFolder('stage'));
    const root = await createAuthority(folder, { name: 'root' });
    return { folder, rootFile: root.rootFile, ...(await startAll({ root, keep })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
