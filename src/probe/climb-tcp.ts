import type { Attempt, TcpObservation } from '../model.ts';
import type { ByteStream, Endpoint } from '../world.ts';
import { attempt, offsetMs, waitOf, type ProbeContext } from './context.ts';
import { formatEndpoint } from './endpoint-text.ts';

export const endpointOf = ({ address, port }: Attempt): Endpoint => ({ address, port });
export const subjectOf = (about: Attempt): string => `${about.transport} ${formatEndpoint(endpointOf(about))}`;

/** A rung that was climbed: what was seen, and the stream to climb on with; undefined: it ends here. */
export interface TcpClimb {
  observation: TcpObservation;
  stream: ByteStream | undefined;
}

/** Opens one TCP connection. */
export async function climbTcp(context: ProbeContext, about: Attempt): Promise<TcpClimb> {
  const at = offsetMs(context);
  let stream: ByteStream | undefined;
  const outcome = await attempt(context, async () => {
    stream = await context.world.net.connect(endpointOf(about), waitOf(context));
    return { localAddress: stream.local.address, localPort: stream.local.port };
  });
  const observation: TcpObservation = { kind: 'tcp', subject: subjectOf(about), at, about, outcome };
  context.seen?.(observation);
  return { observation, stream };
}
