import type { Observation, ObservationKind } from '../model.ts';

type Value<K extends ObservationKind> = Extract<Extract<Observation, { kind: K }>['outcome'], { ok: true }>['value'];

/** More than this never fits on the one line that an observation gets. */
const MAX_LISTED = 8;

/** A kind that is missing here is shown as compact JSON. */
const WORDS: { readonly [K in ObservationKind]?: (value: Value<K>) => string } = {
  dns: ({ status, records }) =>
    status === 'answer'
      ? records
          .slice(0, MAX_LISTED)
          // The question names the type; an alias on the way is the answer that it does not name.
          .map(({ type, text }) => (type === 'CNAME' ? `CNAME ${text}` : text))
          .join('; ')
      : status,
  authority: ({ answers }) => {
    const serials = answers.flatMap(({ outcome }) =>
      outcome.ok ? outcome.value.records.flatMap(({ soa }) => soa?.serial ?? []) : [],
    );
    const answered = answers.filter(({ outcome }) => outcome.ok).length;
    return `${serials.length > 0 ? `serial ${serials[0]}` : 'no SOA'}, answers: ${answered} of ${answers.length}`;
  },
  lookup: ({ addresses }) => (addresses.length === 0 ? 'no address' : addresses.slice(0, MAX_LISTED).join(', ')),
  route: ({ local }) => `would be sent from ${local}`,
  discovery: ({ profile, servers }) =>
    servers.length === 0
      ? `no server (profile ${profile})`
      : servers
          .slice(0, MAX_LISTED)
          .map((server) => `${server.transport} ${server.host}:${server.port}`)
          .join(', '),
  tcp: () => 'connected',
  tls: ({ version, cipher, chain }) =>
    [version, cipher, `certificates: ${chain.length}`].filter((part) => part !== '').join(', '),
  variant: ({ version, cipher }) => [version, cipher].join(', '),
  cleartext: ({ received }) => `SIP in clear: ${received}`,
  offer: ({ chain }) => `certificates: ${chain.length}`,
  sip: ({ status, reason }) => `${status} ${reason}`,
  redirect: ({ status, reason, doubt }) =>
    doubt === undefined ? `${status} ${reason}` : `${status} ${reason}, ${doubt}`,
  autodiscover: ({ httpStatus, links, servers }) =>
    [
      `HTTP ${httpStatus}`,
      ...links.slice(0, MAX_LISTED).map(({ token, href }) => `${token} ${href}`),
      ...servers.slice(0, MAX_LISTED).map(({ fqdn, port }) => `${fqdn}:${port}`),
    ].join(', '),
  revocation: ({ status, detail }) => `${status}, ${detail}`,
  withheld: ({ why, detail }) => `password not sent (${why}): ${detail}`,
  path: ({ addresses }) => (addresses.length === 0 ? 'no address' : addresses.slice(0, MAX_LISTED).join(', ')),
  latency: ({ samples, sent, lost }) => `answered ${samples.length} of ${sent}, lost ${lost}`,
  kdc: ({ centres, detail }) =>
    centres.length === 0
      ? detail
      : centres
          .slice(0, MAX_LISTED)
          .map(({ host, port, reached }) => `${host}:${port} ${reached}`)
          .join(', '),
  range: ({ ports }) => {
    const listening = ports.filter(({ state }) => state === 'listening').length;
    const others = ports.filter(({ state }) => state !== 'listening').map(({ port, state }) => `, ${port} ${state}`);
    return `listening on ${listening} of ${ports.length}${others.slice(0, MAX_LISTED).join('')}`;
  },
  witness: ({ proves, software }) => `${software === undefined ? '' : `${software}: `}can prove ${proves}`,
  reach: ({ result, detail }) => (detail === '' ? result : `${result}: ${detail}`),
  mapped: ({ local, seen }) => `${local} is seen as ${seen}`,
  nat: ({ mapping, filtering }) => `mapping ${mapping}, filtering ${filtering}`,
  mirror: ({ changes }) =>
    changes.length === 0
      ? 'arrived as it was sent'
      : `changed on the way: ${changes
          .slice(0, MAX_LISTED)
          .map(({ field }) => field)
          .join(', ')}`,
  skipped: ({ why }) => why,
};

/** What an observation has shown, in a few words, not yet escaped. */
export function describeOutcome({ kind, outcome }: Observation): string {
  if (!outcome.ok) return outcome.detail === '' ? outcome.reason : `${outcome.reason}: ${outcome.detail}`;
  if (!Object.hasOwn(WORDS, kind)) return JSON.stringify(outcome.value);
  // The table pairs each kind with its own value; TypeScript cannot follow the pair through a union.
  const words = WORDS[kind] as (value: unknown) => string;
  return words(outcome.value);
}
