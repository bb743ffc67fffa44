import type { Attempt, Outcome } from '../model.ts';
import type { TlsObservation, TlsVersion, VariantObservation, VariantSeen } from '../model/tls.ts';
import type { ServerFlight } from '../wire/tls-flight.ts';
import type { ByteStream, TlsSettings } from '../world.ts';
import { endpointOf, subjectOf } from './climb-tcp.ts';
import { asBase64, failureOf, offsetMs, leftOf, sinceMs, waitOf, type ProbeContext } from './context.ts';
import { REFUSALS, flightOfError } from './handshake-facts.ts';

export const TLS_VERSIONS: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** What today's libraries offer. */
const MODERN: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];
/** All that a server of another age may speak. */
const LEGACY: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2'];
/** OpenSSL's level 0 allows every key size and digest, which the versions before 1.2 need. */
const ANY_STRENGTH = 'ALL:@SECLEVEL=0';

interface Variant {
  way: VariantObservation['about']['way'];
  sni: string | null;
  offered: readonly TlsVersion[];
}

function settingsOf({ way, sni, offered }: Variant): TlsSettings {
  const range = { minVersion: offered[0], maxVersion: offered.at(-1) };
  return { serverName: sni ?? undefined, ...(way === 'by-address' ? {} : { ...range, ciphers: ANY_STRENGTH }) };
}

const leafOf = (certificates: readonly Uint8Array[]): Pick<VariantSeen, 'leaf'> => {
  const [leaf] = certificates;
  return leaf === undefined ? {} : { leaf: asBase64(leaf) };
};

/** A server that has said all and asked for a certificate has accepted the version; what it refuses then is the client. */
const wasAccepted = (flight: ServerFlight | undefined): flight is ServerFlight =>
  flight?.certificateRequest !== undefined && flight.certificates.length > 0 && flight.end === 'said';

async function shakeHands(context: ProbeContext, about: Attempt, variant: Variant): Promise<Outcome<VariantSeen>> {
  const from = context.world.now();
  let tcp: ByteStream | undefined;
  try {
    tcp = await context.world.net.connect(endpointOf(about), waitOf(context));
    const stream = await context.world.net.startTls(tcp, settingsOf(variant), waitOf(leftOf(context, from)));
    const ms = sinceMs(context, from);
    const { version, cipher } = stream.facts;
    const value = { version, cipher, ...leafOf(stream.facts.readChain()) };
    stream.close();
    return { ok: true, value, ms };
  } catch (error) {
    const ms = sinceMs(context, from);
    const flight = flightOfError(error);
    const failure = failureOf(error);
    if (!REFUSALS.has(failure.reason) || !wasAccepted(flight)) return { ok: false, ...failure, ms };
    return { ok: true, value: { version: flight.version, cipher: '', ...leafOf(flight.certificates) }, ms };
  } finally {
    tcp?.close();
  }
}

const WAY_TEXT = { 'by-address': 'by its address', version: 'with', legacy: 'with old versions' } as const;

async function tryVariant(context: ProbeContext, about: Attempt, variant: Variant): Promise<VariantObservation> {
  const { way, sni, offered } = variant;
  const at = offsetMs(context);
  const outcome = await shakeHands(context, about, variant);
  const suffix = way === 'version' ? ` ${offered.join(', ')}` : '';
  return {
    kind: 'variant',
    subject: `${subjectOf(about)} ${WAY_TEXT[way]}${suffix}`,
    at,
    about: { ...about, way, sni, offered: [...offered] },
    outcome,
  };
}

/** The same server without a server name, as a client that only knows its address would come. */
export const tryByAddress = (context: ProbeContext, about: Attempt): Promise<VariantObservation> =>
  tryVariant(context, about, { way: 'by-address', sni: null, offered: MODERN });

/** Each version on a connection of its own, side by side. */
export const tryVersions = (context: ProbeContext, about: Attempt, sni: string | null): Promise<VariantObservation[]> =>
  Promise.all(TLS_VERSIONS.map((one) => tryVariant(context, about, { way: 'version', sni, offered: [one] })));

/** Alerts that speak of the client's certificate or of the name: another version would not help. RFC 8446 section 6.2. */
const OTHER_CAUSES: ReadonlySet<number> = new Set([42, 43, 44, 45, 46, 48, 49, 112, 116, 120]);
const RETRIED: ReadonlySet<string> = new Set(['tls-alert', 'closed', 'reset', 'tls-failed', 'malformed']);

/** Tries what only old servers speak, where today's handshake failed in a way that this may explain. */
export async function tryLegacy(context: ProbeContext, failed: TlsObservation): Promise<VariantObservation[]> {
  const { about, outcome } = failed;
  if (outcome.ok || !RETRIED.has(outcome.reason) || OTHER_CAUSES.has(outcome.alert ?? -1)) return [];
  const { transport, host, address, port, published, set } = about;
  const server = { transport, host, address, port, published, set };
  return [await tryVariant(context, server, { way: 'legacy', sni: about.sni, offered: LEGACY })];
}
