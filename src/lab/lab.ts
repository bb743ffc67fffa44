import { randomBytes } from 'node:crypto';
import { createRealWorld } from '../net/real-world.ts';
import type { Transport } from '../model.ts';
import type { DnsRecord } from '../model/dns.ts';
import type { Endpoint } from '../world.ts';
import { startAutodiscover } from './autodiscover.ts';
import type { Binding } from './bindings.ts';
import { createLabCertificates } from './certificates.ts';
import { createClientCertificate, type LabClientCertificate } from './client-certificates.ts';
import { setUpClient, type ClientMachine } from './client-setup.ts';
import { startDnsOverTls, startDnsServer } from './dns-server.ts';
import { planFor, type FaultName } from './faults.ts';
import { HEALTHY_PLAN, type LabPlan } from './plan.ts';
import { firstNameServer, startSecondNameServer, type Pin } from './name-servers.ts';
import { createPassOn } from './pass-on.ts';
import { closedPort, closedUdpPort, createRack, type Rack } from './rack.ts';
import { createRegistrar, type Registrar } from './registrar.ts';
import { startRevocation } from './revocation.ts';
import { startSipTcp, type SipService } from './sip-listeners.ts';
import { startTransport, type LabPorts, type Site } from './transports.ts';
import { startWitnesses, type Witnesses } from './witnesses.ts';
import { zoneOf } from './zone-shapes.ts';

const DEFAULT_DOMAIN = 'fuzzybunny.local';
const DEFAULT_ADDRESS = '127.0.0.1';
const DEFAULT_USER = 'alice';

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
  /** Whom a client asks, the one above first; more than one where two views of DNS are to be compared. */
  resolvers: readonly { label: string; endpoint: Endpoint; over?: { kind: 'tls' } }[];
  /** Ports below 1024 of published hosts, which the lab serves elsewhere. */
  pins: readonly Pin[];
  /** Where DNS says that each transport is served; with a fault, nothing may listen there. */
  sip: Record<Transport, Endpoint>;
  /** What a client should trust, PEM. */
  rootPem: string;
  /** The account that may register. The password is drawn anew for every lab. */
  user: string;
  password: string;
  /** What the user shows to servers that ask for a client certificate. */
  client: Pick<LabClientCertificate, 'certPem' | 'keyPem'> | undefined;
  /** Whom the user may ask to reach the client. */
  witnesses: Witnesses;
  /** What the user has to give along, so that the client is set up as its machine is. */
  machine: ClientMachine;
  faults: readonly FaultName[];
  /** What is registered now. */
  bindings(): Binding[];
  /** Closes every port and connection; safe to call twice. */
  stop(): Promise<void>;
}

function checkDomain(domain: string): string {
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  if (domain.length > 200 || !new RegExp(`^${label}(?:\\.${label})*$`).test(domain)) {
    throw new RangeError(`the lab cannot serve the domain '${domain}'`);
  }
  return domain;
}

/** For which a client that is alive has no need. */
const SILENCE_MS = 1000;

/** Beyond what `resolver.slow` calls slow, and well below the limit of a step. */
const SLOW_MS = 700;

async function startDns(
  rack: Rack,
  { plan, address, ports, certificates }: Site,
  { zone, lost }: { zone: DnsRecord[]; lost: string | undefined },
): Promise<Pick<Lab, 'dns' | 'resolvers'>> {
  const at = { address, port: ports.dns ?? 0 };
  const free = { address, port: 0 };
  const starting =
    plan.dns === 'closed'
      ? closedUdpPort(at)
      : startDnsServer({ zone, at, lost, behaviour: plan.dns, delayMs: plan.dns === 'slow' ? SLOW_MS : 0 });
  const dns = await rack.add(starting);
  if (plan.resolverOver === 'tls') {
    const endpoint = await rack.add(startDnsOverTls({ zone, at: free, behaviour: 'healthy' }, certificates));
    return { dns, resolvers: [{ label: 'lab', endpoint, over: { kind: 'tls' } }] };
  }
  if (plan.outside === 'none') return { dns, resolvers: [{ label: 'lab', endpoint: dns }] };
  const outside = await rack.add(startDnsServer({ zone: [], at: free, behaviour: 'healthy' }));
  const resolvers = [
    { label: 'inside', endpoint: dns },
    { label: 'outside', endpoint: outside },
  ];
  return { dns, resolvers };
}

interface Service extends Pick<Lab, 'domain' | 'user' | 'password'> {
  now: () => number;
  plan: LabPlan;
}

function serviceOf({ plan, ...options }: Service, pool: Endpoint | undefined) {
  const uri = pool === undefined ? '' : `sip:${options.domain}:${pool.port};transport=tcp`;
  const registrar: Registrar = createRegistrar({ ...options, registration: plan.registration, pool: uri });
  const { sip: behaviour, habit, delivery, silence } = plan;
  const passOn = createPassOn(delivery);
  const service: SipService = {
    registrar,
    behaviour,
    habit,
    passOn,
    ...(silence === 'ended' ? { silenceMs: SILENCE_MS } : {}),
  };
  return { registrar, service };
}

/** The second registrar, in which nothing is broken but what makes it a fault. */
async function startPool(rack: Rack, at: Endpoint, service: Service): Promise<Endpoint | undefined> {
  if (service.plan.pool === 'none') return undefined;
  const plan: LabPlan = {
    ...HEALTHY_PLAN,
    registration: service.plan.pool === 'serves' ? 'served' : 'domain-not-served',
  };
  const own = { ...service, plan };
  return rack.add(startSipTcp(at, serviceOf(own, undefined).service));
}

/** What the TLS server shows, and who tells whether it was revoked. */
async function certify(
  rack: Rack,
  at: Endpoint,
  { domain, plan, now }: { domain: string; plan: LabPlan; now: number },
): Promise<Pick<Site, 'certificates' | 'nameless' | 'client' | 'now'>> {
  const { places, speakOf } = await startRevocation(rack, at, { ...plan, now });
  const certificates = await createLabCertificates({ domain, now, flaw: plan.certificate, places });
  speakOf(certificates.issued);
  const nameless =
    plan.nameless === 'other-certificate'
      ? await createLabCertificates({ domain: 'other.example', now, flaw: 'none' })
      : { served: undefined, refused: 'refused' as const }[plan.nameless];
  return { certificates, nameless, client: await createClientCertificate(plan.client, domain, now), now };
}

async function startServers(
  rack: Rack,
  site: Site,
  domain: string,
): Promise<Pick<Lab, 'dns' | 'resolvers' | 'pins' | 'sip' | 'stop'>> {
  const sip = {
    udp: await rack.add(startTransport('udp', site)),
    tcp: await rack.add(startTransport('tcp', site)),
    tls: await rack.add(startTransport('tls', site)),
  };
  const free = { address: site.address, port: 0 };
  const { autodiscover, secondNameServer: second, zone: shape } = site.plan;
  const dead = await rack.add(closedPort(free));
  const records = zoneOf(shape, { domain, services: sip, deadPort: dead.port, poolPort: site.pool?.port });
  const web = await startAutodiscover(rack, free, { autodiscover, domain });
  const ns2 = await startSecondNameServer(rack, free, { second, domain, zone: records });
  const zone = [...records, ...web.records, ...ns2.records];
  const { dns, resolvers } = await startDns(rack, site, { zone, lost: ns2.lost });
  const pins = [firstNameServer(domain, dns), ...ns2.pins, ...web.pins];
  return { dns, resolvers, pins, sip, stop: rack.stop };
}

/**
 * Starts DNS, and a SIP registrar over UDP, TCP and TLS, on loopback, with the faults that are asked for. Throws RangeError
 * for faults that contradict each other and for a domain that is no host name, NetError when a port
 * cannot be used.
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { faults = [], address = DEFAULT_ADDRESS, ports = 'free', now = createRealWorld().now } = options;
  const plan = planFor(faults);
  const domain = checkDomain((options.domain ?? DEFAULT_DOMAIN).toLowerCase());
  const account = { user: DEFAULT_USER, password: randomBytes(9).toString('base64url') };
  const rack = createRack();
  const free = { address, port: 0 };
  const certified = await certify(rack, free, { domain, plan, now: now() });
  const serve: Service = { domain, ...account, now, plan };
  const pool = await startPool(rack, free, serve);
  const { registrar, service } = serviceOf(serve, pool);
  const site: Site = {
    plan,
    address,
    ports: ports === 'free' ? {} : ports,
    service,
    pool,
    ...certified,
  };
  const witnesses = await startWitnesses(rack, free, plan);
  const servers = await startServers(rack, site, domain);
  // The last of all, for the ports of the client are not held: a server could be given one of them.
  const machine = await setUpClient(rack, free, plan.setup);
  return {
    domain,
    ...servers,
    witnesses,
    machine,
    rootPem: certified.certificates.rootPem,
    ...account,
    client: certified.client,
    faults,
    bindings: registrar.bindings,
  };
}
