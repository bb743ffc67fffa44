import type { Observation } from '../model.ts';
import type { AutodiscoverObservation, AutodiscoverSeen } from '../model/dns.ts';
import { PROFILES, stepName } from '../profiles.ts';
import { readAnswers } from '../wire/dns-lookup.ts';
import { buildHttpRequest, type HttpResponse } from '../wire/http.ts';
import { readLyncRoot } from '../wire/lync-discover.ts';
import type { ByteStream, Endpoint } from '../world.ts';
import { askResolver, type Resolver } from './ask-dns.ts';
import { checkPeer } from './check-peer.ts';
import { attempt, offsetMs, leftOf, waitOf, type ProbeContext } from './context.ts';
import { createFollowUps } from './discover.ts';
import { familyOf, isAddress } from './endpoint-text.ts';
import { receiveHttp } from './http-answer.ts';
import { mayLeadTo } from './own-place.ts';
import { placeOf, type Pins } from './pins.ts';

export interface AutodiscoverPlan {
  /** The discovery of the run, and the answers of DNS that it rests on. */
  seen: readonly Observation[];
  /** The first is asked where a redirection leads to another host. */
  resolversOf: () => Promise<readonly Resolver[]>;
  families: readonly (4 | 6)[];
  /** Where a port of a published host is, if not at its address. */
  pinned: Pins;
  /** The sign-in address, where one was given: the service answers for it. */
  aor: string | undefined;
}

/** Autodiscover documents have one or two kilobytes. */
const MAX_BODY = 65_536;
const PORTS = { 'https:': 443, 'http:': 80 } as const;

interface Place {
  url: URL;
  endpoint: Endpoint;
  /** The document that has sent here. */
  sentBy?: string;
}

/** Where a URL leads whose host has that address. */
function endpointOf(url: URL, address: string, pinned: Pins): Endpoint {
  const port = url.port === '' ? PORTS[url.protocol === 'https:' ? 'https:' : 'http:'] : Number(url.port);
  return placeOf(pinned, url.hostname, { address, port });
}

async function openTo(
  context: ProbeContext,
  { url, endpoint }: Place,
): Promise<{ stream: ByteStream; doubt?: string }> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const from = context.world.now();
  const tcp = await context.world.net.connect(endpoint, waitOf(context));
  if (url.protocol === 'http:') return { stream: tcp };
  const left = waitOf(leftOf(context, from));
  const stream = await context.world.net.startTls(tcp, isAddress(host) ? {} : { serverName: host }, left);
  const doubt = await checkPeer(context, stream.facts, host);
  return { stream, ...(doubt === undefined ? {} : { doubt }) };
}

function seenOf({ status, headers, body }: HttpResponse, doubt: string | undefined): AutodiscoverSeen {
  const root = readLyncRoot(Buffer.from(body).toString('utf8'));
  const { location } = headers;
  return {
    httpStatus: status,
    contentType: (headers['content-type'] ?? '').slice(0, 128),
    links: root?.links ?? [],
    servers: root?.servers ?? [],
    ...(status >= 300 && status < 400 && location !== undefined ? { location: location.slice(0, 512) } : {}),
    ...(doubt === undefined ? {} : { doubt }),
  };
}

async function fetchRoot(context: ProbeContext, place: Place): Promise<AutodiscoverObservation> {
  const { url, sentBy } = place;
  const { address } = place.endpoint;
  const at = offsetMs(context);
  const from = context.world.now();
  const outcome = await attempt(context, async () => {
    const { stream, doubt } = await openTo(context, place);
    try {
      const accept = { method: 'GET' as const, host: url.host, path: `${url.pathname}${url.search}` };
      await stream.send(buildHttpRequest(accept), waitOf(leftOf(context, from)));
      return seenOf(await receiveHttp(leftOf(context, from), stream, MAX_BODY), doubt);
    } finally {
      stream.close();
    }
  });
  const about = { url: url.href, host: url.hostname, address, ...(sentBy === undefined ? {} : { sentBy }) };
  return { kind: 'autodiscover', subject: url.href, at, about, outcome };
}

/** Where the answer sends the client: a link of its own, or a redirection of HTTP. */
function nextUrl({ about, outcome }: AutodiscoverObservation): URL | undefined {
  if (!outcome.ok) return undefined;
  const { links, location } = outcome.value;
  const href = links.find(({ token }) => token.toLowerCase() === 'redirect')?.href ?? location;
  if (href === undefined || !URL.canParse(href, about.url)) return undefined;
  const url = new URL(href, about.url);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}

async function addressOf(context: ProbeContext, host: string, plan: AutodiscoverPlan): Promise<string[]> {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isAddress(bare)) return [bare];
  const [resolver] = await plan.resolversOf();
  if (resolver === undefined) return [];
  const questions = (['A', 'AAAA'] as const).map((type) => ({ name: bare, type }));
  const dns = await askResolver(context, resolver, { questions, followUps: createFollowUps() });
  return readAnswers(dns).host(bare).addresses;
}

const unasked = (url: URL, sentBy: string, at: number): AutodiscoverObservation => ({
  kind: 'autodiscover',
  subject: url.href,
  at,
  about: { url: url.href, host: url.hostname, address: '', sentBy },
  outcome: { ok: false, reason: 'other', detail: `${url.hostname} has no address to ask`, ms: 0 },
});

/** One redirection: a further one would be a circle, or a matter for the client itself. */
async function follow(
  context: ProbeContext,
  plan: AutodiscoverPlan,
  first: AutodiscoverObservation,
): Promise<AutodiscoverObservation[]> {
  const url = nextUrl(first);
  if (url === undefined) return [];
  if (plan.aor !== undefined && url.search === '') url.search = `?sipuri=${encodeURIComponent(plan.aor)}`;
  const found = await addressOf(context, url.hostname, plan);
  // A stranger's document leads to no service of this machine.
  const address = found.find((one) => plan.families.includes(familyOf(one)) && mayLeadTo(one, first.about.address));
  if (address === undefined) return [unasked(url, first.about.url, offsetMs(context))];
  const endpoint = endpointOf(url, address, plan.pinned);
  return [await fetchRoot(context, { url, endpoint, sentBy: first.about.url })];
}

const isUseful = ({ outcome }: AutodiscoverObservation): boolean =>
  outcome.ok &&
  (outcome.value.links.length > 0 || outcome.value.servers.length > 0 || outcome.value.location !== undefined);

/** The names that a client of the deciding profile asks by HTTP, and their addresses. */
function hostsOf({ seen, families }: AutodiscoverPlan): { host: string; address: string }[] {
  const discovery = seen.find((one) => one.kind === 'discovery');
  if (discovery?.outcome.ok !== true) return [];
  const { profile } = discovery.outcome.value;
  const steps = PROFILES.find(({ name }) => name === profile)?.steps.filter(({ kind }) => kind === 'http') ?? [];
  const answers = readAnswers(seen.filter((one) => one.kind === 'dns'));
  return steps.flatMap((step) => {
    const host = stepName(step, discovery.about.domain);
    const address = answers.host(host).addresses.find((one) => families.includes(familyOf(one)));
    return address === undefined ? [] : [{ host, address }];
  });
}

/**
 * Asks the autodiscover services of the domain in the order of the client, over HTTPS and then HTTP, until one gives a document; one
 * redirection is followed. Nothing but the sign-in address is sent. [MS-OCDISCWS] section 3.1.
 */
export async function probeAutodiscover(
  context: ProbeContext,
  plan: AutodiscoverPlan,
): Promise<AutodiscoverObservation[]> {
  const asked: AutodiscoverObservation[] = [];
  const query = plan.aor === undefined ? '' : `?sipuri=${encodeURIComponent(plan.aor)}`;
  for (const { host, address } of hostsOf(plan)) {
    for (const scheme of ['https', 'http']) {
      const url = new URL(`${scheme}://${host}/${query}`);
      const one = await fetchRoot(context, { url, endpoint: endpointOf(url, address, plan.pinned) });
      asked.push(one);
      if (isUseful(one)) return [...asked, ...(await follow(context, plan, one))];
      if (context.signal?.aborted === true) return asked;
    }
  }
  return asked;
}
