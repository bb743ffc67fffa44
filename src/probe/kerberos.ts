import type { Observation } from '../model.ts';
import type { KdcObservation, KdcSeen } from '../model/sip.ts';
import { readAnswers } from '../wire/dns-lookup.ts';
import { sipHeader } from '../wire/sip-message.ts';
import { readOffers, type AuthOffer } from '../wire/sip-offers.ts';
import { askResolver, type Resolver } from './ask-dns.ts';
import { attempt, offsetMs, sideBySide, sinceMs, waitOf, type ProbeContext } from './context.ts';
import { createFollowUps } from './discover.ts';

/** RFC 4120 section 7.2.1. */
const KDC_PORT = 88;
/** One that answers is enough, and a realm has two or three. */
const MAX_CENTRES = 3;

/** The ways to authenticate that the registrars of a run have offered, in order. */
function offersIn(observations: readonly Observation[]): AuthOffer[] {
  return observations.flatMap((one) => {
    if (one.kind !== 'sip' || one.about.method !== 'REGISTER' || !one.outcome.ok) return [];
    const { headers } = one.outcome.value;
    const written = ['www-authenticate', 'proxy-authenticate'].flatMap((name) =>
      (Object.hasOwn(headers, name) ? (headers[name] ?? []) : []).map((value) => sipHeader(name, value)),
    );
    return readOffers({ headers: written });
  });
}

/** user@realm, the style in which a client takes Kerberos; undefined for DOMAIN\user and for a bare name. [MS-ADA3] userPrincipalName. */
function realmOf(account: string): string | undefined {
  const at = account.lastIndexOf('@');
  const realm = at < 0 || account.includes('\\') ? '' : account.slice(at + 1).toLowerCase();
  return /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(realm) && realm.length <= 253 ? realm : undefined;
}

async function findCentres(context: ProbeContext, realm: string, resolver: Resolver) {
  const questions = [{ name: `_kerberos._tcp.${realm}`, type: 'SRV' as const }];
  const answers = await askResolver(context, resolver, { questions, followUps: createFollowUps() });
  const targets = answers
    .flatMap(({ outcome }) => (outcome.ok ? outcome.value.records.flatMap(({ srv }) => srv ?? []) : []))
    .filter(({ target }) => target !== '.')
    .toSorted((a, b) => a.priority - b.priority);
  const read = readAnswers(answers);
  return targets.flatMap(({ target, port }) => {
    const [address] = read.host(target).addresses;
    return address === undefined ? [] : [{ host: target, port: port === 0 ? KDC_PORT : port, address }];
  });
}

async function tryCentres(context: ProbeContext, realm: string, resolver: Resolver | undefined): Promise<KdcSeen> {
  if (resolver === undefined) return { centres: [], detail: 'there is no DNS server to ask' };
  const found = await findCentres(context, realm, resolver);
  const centres = await sideBySide(found.slice(0, MAX_CENTRES), MAX_CENTRES, async (centre) => {
    const { address, port } = centre;
    const outcome = await attempt(context, async () =>
      (await context.world.net.connect({ address, port }, waitOf(context))).close(),
    );
    return { ...centre, reached: outcome.ok ? ('open' as const) : outcome.reason };
  });
  const detail = found.length === 0 ? `_kerberos._tcp.${realm} names no server` : '';
  return { centres, detail };
}

/**
 * Where a server offers Kerberos and the account is written user@realm: whether a key distribution centre can be reached from
 * here. Nothing is logged in. RFC 4120 section 7.2.3.2.
 */
export async function probeKdc(
  context: ProbeContext,
  plan: {
    seen: readonly Observation[];
    account: string;
    given: 'account' | 'address';
    resolversOf: () => Promise<readonly Resolver[]>;
  },
): Promise<KdcObservation[]> {
  const { account, given } = plan;
  const realm = realmOf(account);
  if (realm === undefined || !offersIn(plan.seen).some(({ kind }) => kind === 'kerberos')) return [];
  const at = offsetMs(context);
  const from = context.world.now();
  const [resolver] = await plan.resolversOf();
  const value = await tryCentres(context, realm, resolver);
  return [
    {
      kind: 'kdc',
      subject: `Kerberos of ${realm}`,
      at,
      about: { realm, account, given },
      outcome: { ok: true, value, ms: sinceMs(context, from) },
    },
  ];
}
