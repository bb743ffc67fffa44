import type { Attempt, Transport } from '../model.ts';
import { readAnswers } from '../wire/dns-lookup.ts';
import { parseNameAddr } from '../wire/sip-fields.ts';
import { formatHostPort } from '../wire/sip-host.ts';
import { headerValues, type SipResponse } from '../wire/sip-message.ts';
import { paramValue } from '../wire/sip-params.ts';
import { parseSipUri, uriParam, type SipUri } from '../wire/sip-uri.ts';
import { WireError } from '../wire/wire-error.ts';
import { askResolver, type Question, type Resolver } from './ask-dns.ts';
import type { ProbeContext } from './context.ts';
import { createFollowUps } from './discover.ts';
import { familyOf, isAddress } from './endpoint-text.ts';
import type { Pins } from './pins.ts';
import { orderSrv } from './srv-order.ts';

/** Contacts of one answer that are tried: a registrar names one, rarely two. */
const MAX_CONTACTS = 2;
/** Addresses of one target; the rest of a pool stands in for one that is down, and is no business of a diagnosis. */
const MAX_ADDRESSES = 2;
const MAX_URI = 512;

/** Where a 3xx sends the client. */
export interface RedirectTarget {
  /** As written, for a reader. */
  uri: string;
  transport: Transport;
  /** The name that a certificate has to prove: what the URI says, whatever `maddr` says. RFC 3261 section 19.1.1. */
  host: string;
  /** The host to connect to. */
  connectTo: string;
  port?: number;
  /** The Request-URI of a REGISTER there: without user, parameters and headers. RFC 3261 section 10.2. */
  requestUri: string;
}

const isTransport = (text: string): text is Transport => text === 'udp' || text === 'tcp' || text === 'tls';

/** A client without a word about the transport stays with the one that it uses. */
function transportOf(uri: SipUri, about: Attempt): Transport | undefined {
  if (uri.scheme === 'sips') return 'tls';
  const given = uriParam(uri, 'transport')?.toLowerCase();
  if (given === undefined || given === '') return about.transport;
  return isTransport(given) ? given : undefined;
}

/** Throws WireError for what is no SIP URI. */
function readTarget(written: string, about: Attempt): RedirectTarget | string {
  const uri = parseSipUri(written);
  const transport = transportOf(uri, about);
  if (transport === undefined) return `its transport ${uriParam(uri, 'transport') ?? ''} is none that sipdiag speaks`;
  const { scheme, host, port } = uri;
  const place = formatHostPort({ host, ...(port === undefined ? {} : { port }) });
  const connectTo = uriParam(uri, 'maddr') ?? host;
  return {
    uri: written.slice(0, MAX_URI),
    transport,
    host: host.toLowerCase(),
    connectTo: connectTo.toLowerCase().replace(/^\[|\]$/g, ''),
    ...(port === undefined ? {} : { port }),
    requestUri: `${scheme}:${place}`,
  };
}

/** A Contact that cannot be followed, and why. */
export interface DeadEnd {
  uri: string;
  why: string;
}

/** The Contacts of a 3xx, the preferred one first. RFC 3261 sections 8.1.3.4 and 20.10. */
export function readTargets(response: SipResponse, about: Attempt): (RedirectTarget | DeadEnd)[] {
  const read = headerValues(response, 'contact').map((value) => {
    try {
      const { uri, params } = parseNameAddr(value);
      const q = Number(paramValue(params, 'q') ?? 1);
      const target = readTarget(uri, about);
      return { q: q >= 0 ? q : 0, one: typeof target === 'string' ? { uri, why: target } : target };
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return { q: 0, one: { uri: value.slice(0, MAX_URI), why: `it cannot be read: ${error.message}` } };
    }
  });
  return read
    .toSorted((a, b) => b.q - a.q)
    .slice(0, MAX_CONTACTS)
    .map(({ one }) => one);
}

/** What finding a target takes. */
export interface Locator {
  /** The first is asked; called only when a name is to be looked up. */
  resolversOf: () => Promise<readonly Resolver[]>;
  pinned: Pins;
  families: readonly (4 | 6)[];
}

const DEFAULT_PORT: Record<Transport, number> = { udp: 5060, tcp: 5060, tls: 5061 };
/** RFC 3263 section 4.1; Microsoft clients have a name of their own for TLS. */
const SRV_NAMES: Record<Transport, readonly string[]> = {
  udp: ['_sip._udp'],
  tcp: ['_sip._tcp'],
  tls: ['_sips._tcp', '_sip._tls'],
};

export interface Place {
  address: string;
  port: number;
}

async function lookUp(context: ProbeContext, target: RedirectTarget, resolver: Resolver): Promise<Place[]> {
  const { connectTo, port, transport } = target;
  const srvNames = port === undefined ? SRV_NAMES[transport].map((name) => `${name}.${connectTo}`) : [];
  const questions: Question[] = [
    ...srvNames.map((name) => ({ name, type: 'SRV' as const })),
    { name: connectTo, type: 'A' },
    { name: connectTo, type: 'AAAA' },
  ];
  const dns = await askResolver(context, resolver, { questions, followUps: createFollowUps() });
  const answers = readAnswers(dns);
  const draw = (label: string, most: number): number =>
    Number.parseInt(context.world.randomHex(label, 6), 16) % (most + 1);
  for (const name of srvNames) {
    const found = answers.lookUp(name, 'SRV');
    const ordered = found.state === 'found' ? orderSrv(found.records, `redirect/${name}`, draw) : [];
    const places = ordered.flatMap((srv) =>
      srv.target === '.' ? [] : answers.host(srv.target).addresses.map((address) => ({ address, port: srv.port })),
    );
    if (places.length > 0) return places;
  }
  return answers.host(connectTo).addresses.map((address) => ({ address, port: port ?? DEFAULT_PORT[transport] }));
}

/** The addresses of a target, the first to try first; none: its name leads nowhere. RFC 3263 section 4. */
export async function locate(context: ProbeContext, target: RedirectTarget, locator: Locator): Promise<Place[]> {
  const { connectTo, transport } = target;
  const port = target.port ?? DEFAULT_PORT[transport];
  const pin = isAddress(connectTo) ? { address: connectTo, port } : locator.pinned.get(`${connectTo}:${port}`);
  if (pin !== undefined) return [pin];
  const [resolver] = await locator.resolversOf();
  const found = resolver === undefined ? [] : await lookUp(context, target, resolver);
  return found.filter(({ address }) => locator.families.includes(familyOf(address))).slice(0, MAX_ADDRESSES);
}
