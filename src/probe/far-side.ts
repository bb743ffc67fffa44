import type { Attempt, Observation } from '../model.ts';
import type { Server } from '../model/dns.ts';
import type { PortUse, RangeObservation, Witness, WitnessObservation } from '../model/far-side.ts';
import type { Endpoint } from '../world.ts';
import { hostOf } from './climb-ways.ts';
import { attempt, offsetMs, type ProbeContext } from './context.ts';
import { isAddress } from './endpoint-text.ts';
import { openRange, type OpenPort, type OpenRange } from './open-ports.ts';
import { planRange, type GivenPorts } from './port-plan.ts';
import type { ServerPlan } from './probe-server.ts';
import type { Credentials } from './sign-in.ts';
import type { SipWay } from './sip-line.ts';
import { probeSipWitness } from './sip-witness.ts';

/** A witness besides the SIP server: a machine on the far side that is asked to reach our ports. */
export interface OtherWitness {
  witness: Exclude<Witness, 'sip'>;
  /** Which ports it can reach. */
  uses: readonly PortUse[];
  /** Where it is: our ports are opened on the address that this machine uses towards it. Absent: towards the servers. */
  towards?: Endpoint;
  ask(context: ProbeContext, ports: readonly OpenPort[]): Promise<Observation[]>;
}

/** What the user says about the far side; everything may be absent. */
export interface FarSideChoice {
  /** Absent: whoever can be asked with what was given. */
  via?: readonly Witness[] | undefined;
  ports: GivenPorts;
  /** How long the registering connection is left silent before the server is asked again. */
  idleSeconds?: number | undefined;
  /** Ports are opened whether anybody can be asked or not. */
  listen: 'always' | 'for-witnesses';
}

export interface FarSidePlan extends FarSideChoice {
  profile: string;
  /** What was seen on the rungs below: it tells where a client can register. */
  climbed: readonly Observation[];
  planOf: (about: Attempt) => ServerPlan;
  servers: readonly Server[];
  credentials: Credentials | undefined;
  domain: string | undefined;
  verifyName: string | undefined;
  others: readonly OtherWitness[];
}

type Accepted = Extract<Observation, { kind: 'sip' }>;

const isRegistered = (one: Observation): one is Accepted =>
  one.kind === 'sip' && one.about.method === 'REGISTER' && one.outcome.ok && one.outcome.value.status < 300;

function wayOf(plan: FarSidePlan, transport: 'tcp' | 'tls'): SipWay | undefined {
  const registered = plan.climbed.filter(isRegistered).filter(({ about }) => about.transport === transport);
  // A server that takes a REGISTER without a password is asked without one.
  const chosen = registered.find(({ about }) => about.step === 'sign-in') ?? registered[0];
  if (chosen === undefined) return undefined;
  const { host, address, port, published, set } = chosen.about;
  const about = { transport, host, address, port, published, set };
  const { tls, identity, clientCertificate } = plan.planOf(about);
  if (identity.madeUp !== undefined) return undefined;
  const { verifyName = hostOf(about, plan.servers) } = plan;
  const credentials = chosen.about.step === 'sign-in' ? plan.credentials : undefined;
  return { about, identity, tls, clientCertificate, credentials, host: verifyName, domain: plan.domain };
}

/** The connections that a client may register on: the one that is preferred first. */
const waysOf = (plan: FarSidePlan): SipWay[] =>
  (['tls', 'tcp'] as const).flatMap((transport) => wayOf(plan, transport) ?? []);

const isWanted = ({ via }: FarSidePlan, witness: Witness): boolean => via === undefined || via.includes(witness);

/** Why nobody can register, where the user wanted to hear the SIP server. */
function sipInVain(context: ProbeContext, plan: FarSidePlan): WitnessObservation[] {
  if (plan.via?.includes('sip') !== true) return [];
  const speaksSip = plan.climbed.some((one) => one.kind === 'sip' && one.outcome.ok);
  const why = !speaksSip
    ? ({ reason: 'unreachable', detail: 'no SIP server answers over TCP or TLS' } as const)
    : plan.credentials === undefined
      ? ({
          reason: 'denied',
          detail: 'the server lets nobody register without a password, and none was given',
        } as const)
      : ({ reason: 'denied', detail: 'nobody could sign in over TCP or TLS' } as const);
  const outcome = { ok: false as const, ...why, ms: 0 };
  const about = { witness: 'sip' as const, server: plan.domain ?? plan.climbed[0]?.subject ?? '' };
  return [{ kind: 'witness', subject: 'the SIP server', at: offsetMs(context), about, outcome }];
}

interface Asking {
  witness: Witness;
  uses: readonly PortUse[];
  /** The address of this machine that is to be reached. */
  address: string;
  ask(ports: readonly OpenPort[]): Promise<Observation[]>;
}

async function addressTowards(context: ProbeContext, to: Endpoint): Promise<string | undefined> {
  const opened = await attempt(context, () => context.world.net.openUdp(to));
  if (!opened.ok) return undefined;
  opened.value.close();
  return opened.value.local.address;
}

/** Some servers drop OPTIONS on purpose, and register clients all the same. */
function answersOptions({ climbed }: FarSidePlan, { about }: SipWay): 'answered' | 'unanswered' {
  const isMine = (one: Observation): boolean =>
    one.kind === 'sip' &&
    one.about.method === 'OPTIONS' &&
    one.about.transport === about.transport &&
    one.about.address === about.address &&
    one.about.port === about.port;
  return climbed.some((one) => isMine(one) && !one.outcome.ok && one.outcome.reason === 'timeout')
    ? 'unanswered'
    : 'answered';
}

/** One way after the other: both would get the OPTIONS of either. */
async function askServer(
  context: ProbeContext,
  plan: FarSidePlan,
  { ways, ports }: { ways: readonly SipWay[]; ports: readonly OpenPort[] },
): Promise<Observation[]> {
  const seen: Observation[] = [];
  for (const way of ways) {
    if (context.signal?.aborted === true) break;
    const options = answersOptions(plan, way);
    seen.push(...(await probeSipWitness(context, { way, ports, idleSeconds: plan.idleSeconds, options })));
  }
  return seen;
}

async function sipAsking(context: ProbeContext, plan: FarSidePlan): Promise<Asking[]> {
  const ways = isWanted(plan, 'sip') ? waysOf(plan) : [];
  const [first] = ways;
  if (first === undefined) return [];
  const address = await addressTowards(context, first.about);
  if (address === undefined) return [];
  const uses = ways.some(({ about }) => about.transport === 'tcp') ? (['sip'] as const) : [];
  return [{ witness: 'sip', uses, address, ask: (ports) => askServer(context, plan, { ways, ports }) }];
}

/** Where nobody tells where he is, the ports are opened on the address that this machine uses towards the servers. */
async function ownAddress(context: ProbeContext, { servers }: FarSidePlan): Promise<string[]> {
  const [to] = servers.flatMap(({ addresses, port }) => addresses.map((address) => ({ address, port })));
  const address = to === undefined || !isAddress(to.address) ? undefined : await addressTowards(context, to);
  return address === undefined ? [] : [address];
}

async function othersAsking(context: ProbeContext, plan: FarSidePlan): Promise<Asking[]> {
  const wanted = plan.others.filter(({ witness }) => isWanted(plan, witness));
  const askings = wanted.map(async ({ witness, uses, towards, ask }): Promise<Asking[]> => {
    const [address = ''] =
      towards === undefined ? await ownAddress(context, plan) : [await addressTowards(context, towards)];
    return [{ witness, uses, address, ask: (ports) => ask(context, ports) }];
  });
  return (await Promise.all(askings)).flat();
}

async function openAll(context: ProbeContext, plan: FarSidePlan, askings: readonly Asking[]): Promise<OpenRange[]> {
  const always = plan.listen === 'always';
  const addresses = askings.length > 0 ? askings.map(({ address }) => address) : await ownAddress(context, plan);
  const wanted = [...new Set(addresses)].filter((address) => address !== '');
  const ranges = wanted.flatMap((address) =>
    (['sip', 'media'] as const)
      .filter((use) => always || askings.some((one) => one.address === address && one.uses.includes(use)))
      .map((use) => planRange(use, { profile: plan.profile, given: plan.ports, address })),
  );
  return Promise.all(ranges.map((range) => openRange(context, range)));
}

async function askAll(
  context: ProbeContext,
  plan: FarSidePlan,
  askings: readonly Asking[],
): Promise<{ ranges: RangeObservation[]; seen: Observation[] }> {
  const ranges = await openAll(context, plan, askings);
  try {
    const seen = await Promise.all(
      askings.map(({ address, uses, ask }) =>
        ask(
          ranges.flatMap(({ ports }) => ports.filter((one) => one.local.address === address && uses.includes(one.use))),
        ),
      ),
    );
    return { ranges: ranges.map(({ observation }) => observation), seen: seen.flat() };
  } finally {
    for (const range of ranges) range.close();
  }
}

/** A person is asked last, and alone: whatever arrives then is what he has sent. */
async function askPerson(
  context: ProbeContext,
  plan: FarSidePlan,
  { person, before }: { person: readonly Asking[]; before: readonly RangeObservation[] },
): Promise<Observation[]> {
  if (person.length === 0 || context.signal?.aborted === true) return [];
  const { ranges, seen } = await askAll(context, plan, person);
  const isNew = ({ about }: RangeObservation): boolean =>
    !before.some((one) => one.about.use === about.use && one.about.address === about.address);
  return [...ranges.filter(isNew), ...seen];
}

/**
 * The rungs callback and media: opens the ports that a client would advertise, and asks every witness that can be asked, side
 * by side, to reach them. Gives nothing where there is nobody to ask.
 */
export async function probeFarSide(context: ProbeContext, plan: FarSidePlan): Promise<Observation[]> {
  const askings = [...(await sipAsking(context, plan)), ...(await othersAsking(context, plan))];
  const inVain = askings.some(({ witness }) => witness === 'sip') ? [] : sipInVain(context, plan);
  if (askings.length === 0 && plan.listen === 'for-witnesses') return inVain;
  const person = askings.filter(({ witness }) => witness === 'manual');
  const machines = askings.filter(({ witness }) => witness !== 'manual');
  const first =
    machines.length > 0 || person.length === 0 ? await askAll(context, plan, machines) : { ranges: [], seen: [] };
  const last = await askPerson(context, plan, { person, before: first.ranges });
  return [...first.ranges, ...inVain, ...first.seen, ...last];
}
