import type { Transport } from '../model.ts';
import type { Endpoint } from '../world.ts';
import { startCannedPort, startMutePort } from './canned-ports.ts';
import type { LabCertificates } from './certificates.ts';
import type { LabClientCertificate } from './client-certificates.ts';
import type { Listener } from './listener.ts';
import type { LabPlan } from './plan.ts';
import { closedPort, closedUdpPort } from './rack.ts';
import { stapleFor } from './revocation.ts';
import { startSipTcp, startSipTls, startSipUdp, type SipService } from './sip-listeners.ts';
import { startLeavingTls, startRefusingTls } from './tls-turns.ts';

/** Port numbers; what is absent gets a free one. */
export type LabPorts = Partial<Record<'dns' | Transport, number>>;

/** What the servers of one lab have in common. */
export interface Site {
  plan: LabPlan;
  address: string;
  ports: LabPorts;
  service: SipService;
  /** The second registrar. */
  pool: Endpoint | undefined;
  certificates: LabCertificates;
  /** The one that is shown to a client which sends no server name. */
  nameless: LabCertificates | 'refused' | undefined;
  client: LabClientCertificate | undefined;
  /** When the lab was started, milliseconds since the Unix epoch. */
  now: number;
}

async function startTls(at: Endpoint, { plan, service, certificates, nameless, client, now }: Site): Promise<Listener> {
  switch (plan.tls) {
    case 'refused':
      return closedPort(at);
    case 'plaintext':
      return startSipTcp(at, service);
    case 'silent':
    case 'closes':
    case 'resets':
      return startMutePort(at, plan.tls);
    case 'web-server':
    case 'alert':
    case 'garbled':
    case 'other-version':
    case 'stalls':
      return startCannedPort(at, plan.tls);
    case 'leaves-tls':
      return startLeavingTls(at, certificates);
    default: {
      const { versions, clients } = plan;
      if (clients === 'refused') return startRefusingTls(at, certificates, client?.rootPem);
      const staple = stapleFor(plan.staple, certificates.issued, now);
      const traits = { identity: certificates, versions, clients, clientRoot: client?.rootPem, staple };
      return startSipTls(at, service, nameless === undefined ? traits : { ...traits, nameless });
    }
  }
}

/** What stands where DNS sends the clients of that transport. Throws NetError. */
export async function startTransport(transport: Transport, site: Site): Promise<Listener> {
  const { plan, service } = site;
  const at = { address: site.address, port: site.ports[transport] ?? 0 };
  if (transport === 'tls') return startTls(at, site);
  if (transport === 'tcp') return plan.tcp === 'refused' ? closedPort(at) : startSipTcp(at, service);
  if (plan.udp === 'refused') return closedUdpPort(at);
  return startSipUdp(at, service, plan.udp);
}
