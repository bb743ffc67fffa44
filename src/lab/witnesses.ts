import { randomBytes } from 'node:crypto';
import { startAgent } from '../agent/agent.ts';
import { createRealWorld } from '../net/real-world.ts';
import type { Endpoint } from '../world.ts';
import { startCannedPort } from './canned-ports.ts';
import { behindFirewall, type Detours, type Firewall } from './firewall.ts';
import { listenUdp, type Listener } from './listener.ts';
import { closedPort, closedUdpPort, type Rack } from './rack.ts';
import { startStunServer, type StunPlan } from './stun-server.ts';

/** The agent on the far side: none; one that serves everybody, or only those with a token; or one that does not run. */
export type AgentTrait = 'none' | 'serves' | 'wants-token' | 'closed';

/** Who on the far side can be asked to reach the client; each may be absent. */
export interface Witnesses {
  agent: Endpoint | undefined;
  stun: Endpoint | undefined;
}

export interface WitnessPlan extends Pick<Firewall, 'inboundTcp' | 'inboundUdp' | 'alg'> {
  agent: AgentTrait;
  stun: StunPlan;
}

const ANSWER = new TextEncoder().encode('another machine');

async function startDetours(rack: Rack, at: Endpoint): Promise<Detours> {
  return {
    tcp: {
      refused: await rack.add(closedPort(at)),
      redirected: await rack.add(startCannedPort(at, 'web-server')),
    },
    udp: {
      refused: await rack.add(closedUdpPort(at)),
      redirected: await rack.add(listenUdp(at, (_bytes, from, send) => send(ANSWER, from))),
      dropped: await rack.add(listenUdp(at, () => undefined)),
    },
  };
}

/** The agent of `sipdiag agent`, with a network that has the firewall in it. */
async function startBehind(
  listen: Endpoint,
  trait: 'serves' | 'wants-token',
  { firewall, detours }: { firewall: Omit<Firewall, 'isSipPort'>; detours: Detours },
): Promise<Listener> {
  const world = createRealWorld();
  const token = randomBytes(16).toString('hex');
  let sipPort: number | undefined;
  const net = behindFirewall(world.net, { ...firewall, isSipPort: (port) => port === sipPort }, detours);
  const { local, mirror, stop } = await startAgent({
    world: { ...world, net },
    listen,
    token: trait === 'wants-token' ? () => token : undefined,
    ports: undefined,
    private: 'refused',
    mirrorPorts: [0, 0],
    sipPort: 'first',
    software: 'sipdiag-lab',
    log: () => undefined,
  });
  sipPort = mirror.find(({ way }) => way === 'sip-port')?.port;
  return { endpoint: local, stop };
}

async function startAgentFor(rack: Rack, at: Endpoint, plan: WitnessPlan): Promise<Endpoint | undefined> {
  const { agent, inboundTcp, inboundUdp, alg } = plan;
  if (agent === 'none') return undefined;
  if (agent === 'closed') return rack.add(closedPort(at));
  const detours = await startDetours(rack, at);
  return rack.add(startBehind(at, agent, { firewall: { inboundTcp, inboundUdp, alg }, detours }));
}

/** Starts those that the plan has. Throws NetError. */
export async function startWitnesses(rack: Rack, at: Endpoint, plan: WitnessPlan): Promise<Witnesses> {
  return { agent: await startAgentFor(rack, at, plan), stun: await startStunServer(rack, at.address, plan.stun) };
}
