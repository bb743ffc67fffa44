import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { createRealWorld } from '../net/real-world.ts';
import type { Transport } from '../model.ts';
import type { Endpoint } from '../world.ts';
import type { Binding } from './bindings.ts';
import { createLabCertificates, type LabCertificates } from './certificates.ts';
import { startDnsServer } from './dns-server.ts';
import { planFor, type FaultName, type LabPlan } from './faults.ts';
import { listenTcp, type Listener } from './listener.ts';
import { createRegistrar, type Registrar } from './registrar.ts';
import { startMutePort, startSipTcp, startSipTls, startSipUdp, type SipService } from './sip-listeners.ts';
import { sipZone } from './zone.ts';

const DEFAULT_DOMAIN = 'fuzzybunny.local';
const DEFAULT_ADDRESS = '127.0.0.1';
const DEFAULT_USER = 'alice';

/** Port numbers; what is absent gets a free one. */
export type LabPorts = Partial<Record<'dns' | Transport, number>>;

export interface LabOptions {
  /** Which things are broken; absent or empty: none. */
  faults?: readonly FaultName[];
  domain?: string;
  /** A loopback address. */
  address?: string;
  ports?: 'free' | LabPorts;
  /** Milliseconds since the Unix epoch, for certificates and registrations; absent: this machine's clock. */
  now?: () => number;
}

/** A SIP network that runs in this process. */
export interface Lab {
  domain: string;
  /** UDP and TCP. */
  dns: Endpoint;
  /** Where DNS says that each transport is served; with a fault, nothing may listen there. */
  sip: Record<Transport, Endpoint>;
  /** What a client should trust, PEM. */
  rootPem: string;
  /** The account that may register. The password is drawn anew for every lab. */
  user: string;
  password: string;
  faults: readonly FaultName[];
  /** What is registered now. */
  bindings(): Binding[];
  /** Closes every port and connection; safe to call twice. */
  stop(): Promise<void>;
}

interface Site {
  plan: LabPlan;
  address: string;
  ports: LabPorts;
  service: SipService;
  certificates: LabCertificates;
}

/** A TCP port where nothing listens: one that was just given back. */
async function closedPort(at: Endpoint): Promise<Listener> {
  const { endpoint, stop } = await listenTcp(createServer(), at);
  await stop();
  return { endpoint, stop: async () => undefined };
}

async function startTransport(transport: Transport, site: Site): Promise<Listener> {
  const { plan, service, certificates } = site;
  const at = { address: site.address, port: site.ports[transport] ?? 0 };
  if (transport === 'udp') return startSipUdp(at, service);
  if (transport === 'tcp') return plan.tcp === 'refused' ? closedPort(at) : startSipTcp(at, service);
  switch (plan.tls) {
    case 'refused':
      return closedPort(at);
    case 'plaintext':
      return startSipTcp(at, service);
    case 'silent':
    case 'closes':
      return startMutePort(at, plan.tls);
    default:
      return startSipTls(at, service, certificates);
  }
}

/** Starts one server after the other; when one of them cannot start, those before it are stopped. */
function createRack() {
  const running: Listener[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(async (listener) => listener.stop()));
  };
  return {
    stop,
    async add(starting: Promise<Listener>): Promise<Endpoint> {
      try {
        const listener = await starting;
        running.push(listener);
        return listener.endpoint;
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}

function checkDomain(domain: string): string {
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  if (domain.length > 200 || !new RegExp(`^${label}(?:\\.${label})*$`).test(domain)) {
    throw new RangeError(`the lab cannot serve the domain '${domain}'`);
  }
  return domain;
}

async function startServers(site: Site, domain: string): Promise<Pick<Lab, 'dns' | 'sip' | 'stop'>> {
  const { plan, address, ports } = site;
  const rack = createRack();
  const sip = {
    udp: await rack.add(startTransport('udp', site)),
    tcp: await rack.add(startTransport('tcp', site)),
    tls: await rack.add(startTransport('tls', site)),
  };
  const zone = plan.zone === 'empty' ? [] : sipZone(domain, sip, plan.zone === 'complete' ? 'with-address' : 'missing');
  const at = { address, port: ports.dns ?? 0 };
  const dns = await rack.add(startDnsServer({ zone, at, behaviour: plan.dns }));
  return { dns, sip, stop: rack.stop };
}

/**
 * Starts DNS, and a SIP registrar over UDP, TCP and TLS, on loopback, with the faults that are asked for. Throws RangeError
 * for faults that contradict each other and for a domain that is no host name, NetError 'address' when a port
 * cannot be used.
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { faults = [], address = DEFAULT_ADDRESS, ports = 'free', now = createRealWorld().now } = options;
  const plan = planFor(faults);
  const domain = checkDomain((options.domain ?? DEFAULT_DOMAIN).toLowerCase());
  const account = { user: DEFAULT_USER, password: randomBytes(9).toString('base64url') };
  const registrar: Registrar = createRegistrar({ domain, ...account, registration: plan.registration, now });
  const certificates = await createLabCertificates({ domain, now: now(), flaw: plan.certificate });
  const site: Site = {
    plan,
    address,
    ports: ports === 'free' ? {} : ports,
    service: { registrar, behaviour: plan.sip },
    certificates,
  };
  const servers = await startServers(site, domain);
  return { domain, ...servers, rootPem: certificates.rootPem, ...account, faults, bindings: registrar.bindings };
}
