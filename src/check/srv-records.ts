import type { Severity, TcpObservation } from '../model.ts';
import type { SipObservation } from '../model/sip.ts';
import { isInside, kindOfAddress } from '../pki/address-kind.ts';
import { isServiceRefused } from '../wire/dns-answer.ts';
import {
  clientsText,
  decisionOf,
  namesText,
  offersNothing,
  type DecidingAnswers,
  type Decision,
} from './deciding-answers.ts';
import { defineCheck } from './define-check.ts';
import type { Product } from './product-setting-rows.ts';
import { productFor, settingWords } from './product-settings.ts';
import { findShadowing, type Shadowing } from './shadowing.ts';

interface AbsentEvidence {
  domain: string;
  profile: string;
  /** What clients fall back to, 'udp host:port'. */
  servers: string[];
  /** What other clients would use, by their profiles. */
  others: string[];
  /** Why published names do not count for this client. */
  passed: string[];
  product?: Product;
}

interface ShadowEvidence {
  name: string;
  profile: string;
  addresses: string[];
  hidden: string[];
  severity: Severity;
  why: string;
}

interface FamilyEvidence {
  domain: string;
  profile: string;
  published: string;
  asked: string;
  servers: number;
}

type Attempts = readonly (TcpObservation | SipObservation)[];

const byPolicy = (e: AbsentEvidence): string => {
  const words = settingWords('srv-records.absent', e);
  return words === '' ? '' : `, or to the clients by policy (${words})`;
};

function absentEvidence(decision: Decision): AbsentEvidence {
  const { domain, discovery } = decision;
  const { servers, steps, profiles = [] } = discovery;
  return {
    domain,
    profile: clientsText(decision.discovery.profile),
    servers: servers.map(({ transport, host, port }) => `${transport} ${host}:${port}`),
    others: profiles.flatMap((one) => (one.status === 'reaches' ? `${one.profile}: ${one.conclusion}` : [])),
    passed: steps.flatMap(({ fate, question, why }) => (fate === 'ignored' ? `${question}: ${why}` : [])),
    ...productFor(discovery.profile),
  };
}

/** Whether the deciding client ends up with nothing although no name that it asks for is faulty. */
function findsNothing(decision: Decision, answers: DecidingAnswers): boolean {
  const { discovery, alive } = decision;
  if (alive.length > 0 || discovery.servers.length > 0) return false;
  if (offersNothing(decision) || discovery.steps.some(({ fate }) => fate === 'broken' || fate === 'refused'))
    return false;
  return answers.seen.some(({ outcome }) => outcome.ok && outcome.value.records.length > 0);
}

function publishesNoService({ discovery, alive }: Decision): boolean {
  const services = discovery.steps.filter(({ question }) => / (SRV|NAPTR)$/.test(question));
  const clear = services.every(({ fate, records = [] }) => records.length === 0 && fate === 'absent');
  return alive.length > 0 && services.length > 0 && clear;
}

/** Whether an address has no meaning on the Internet. */
const isLocal = (address: string): boolean => isInside(address) || kindOfAddress(address) === 'loopback';

/** What an internal name does to a client, as far as the evidence goes; undefined: nothing that anybody would notice. */
function weighShadow(
  shadow: Shadowing,
  seen: { attempts: Attempts; resolver: string; decides: 'deciding' | 'other' },
): Pick<ShadowEvidence, 'severity' | 'why'> | undefined {
  const { addresses, hidden, name } = shadow;
  const grave = seen.decides === 'deciding' ? 'error' : 'warning';
  if (addresses.length === 0) return { severity: grave, why: shadow.why };
  const tried = seen.attempts.filter(({ about }) => about.set === name);
  if (tried.some(({ outcome }) => outcome.ok)) return undefined;
  const list = addresses.join(', ');
  const leaked = addresses.every(isLocal) && hidden.some((one) => !one.addresses.every(isLocal));
  if (leaked && tried.length > 0)
    return { severity: grave, why: `its private address ${list} cannot be reached from here` };
  if (leaked && !isLocal(seen.resolver.replace(/^\[|\]?:\d+$/g, '')))
    return { severity: grave, why: `the public resolver ${seen.resolver} gives it with the private address ${list}` };
  if (leaked) return { severity: 'info', why: `its private address ${list} works inside only` };
  return tried.length > 0 ? { severity: 'warning', why: `${list} cannot be reached from here` } : undefined;
}

/** The TLS names of the two worlds, which never look at each other's. */
function confusedFamilies(decision: Decision, answers: DecidingAnswers): FamilyEvidence | undefined {
  const { domain, discovery, alive, profile } = decision;
  const holds = (name: string): boolean => {
    const lookup = answers.lookUp(name, 'SRV');
    return lookup.state === 'found' && !isServiceRefused(lookup.records);
  };
  const misses = (name: string): boolean => ['nxdomain', 'nodata'].includes(answers.lookUp(name, 'SRV').state);
  const standard = `_sips._tcp.${domain}`;
  const microsoft = `_sip._tls.${domain}`;
  if (alive.some(({ transport }) => transport === 'tls')) return undefined;
  const base = { domain, profile: clientsText(decision.discovery.profile), servers: alive.length };
  if (profile?.auto === 'rfc' && holds(microsoft) && misses(standard)) {
    return { ...base, published: microsoft, asked: standard };
  }
  const asksMicrosoft = discovery.steps.some(({ question }) => question === `${microsoft} SRV`);
  if (profile?.auto !== 'rfc' && asksMicrosoft && holds(standard) && misses(microsoft)) {
    return { ...base, published: standard, asked: microsoft };
  }
  return undefined;
}

export const srvRecords = defineCheck({
  id: 'srv-records',
  rung: 'dns',
  question: 'Does the domain publish its SIP servers as SRV records, under the names that its clients ask for?',
  source: 'RFC 3263 section 4.2',
  reads: ['dns'],
  uses: ['discovery', 'tcp', 'sip'],
  cases: {
    shadowed: {
      means:
        'Clients use the first SRV name that resolves and try no other; here that name is no good, and hides the ones that are.',
      causes: [
        'an internal record (_sipinternaltls._tcp) was published in public DNS',
        'the record of an old server was left behind',
        'the server that it names is down or cannot be reached from here',
      ],
      fix: 'Take the internal SRV name out of the DNS zone that clients outside see; if this machine is inside, repair the server that it names.',
      severity: (e: ShadowEvidence) => e.severity,
      weighs:
        'error when it stops the client of the profile; warning when it stops other clients, or when its server cannot be reached from here; info when its address works inside only',
      text: (e: ShadowEvidence) =>
        `${e.name} hides ${namesText(e.hidden)} from ${e.profile}, which use the first SRV name that resolves and no other; and ${e.why}.`,
      remedy: (e) =>
        `Remove ${e.name} from the DNS zone that clients outside see, and publish it inside only; if this machine is inside, repair the server that it names.`,
    },
    'family-confusion': {
      means:
        'TLS is published under the SRV name that another kind of client asks for: _sips._tcp is of RFC 3263, _sip._tls of Microsoft.',
      causes: [
        'the records follow the guide of another product',
        'the clients were replaced by others, and DNS stayed',
        'the --profile is not that of the client',
      ],
      fix: 'Publish the missing name as well, with the same target and port.',
      severity: (e: FamilyEvidence) => (e.servers === 0 ? 'error' : 'info'),
      weighs: 'error when the client of the profile finds no server at all; info when it finds one without TLS',
      text: (e: FamilyEvidence) =>
        `${e.domain} publishes TLS as ${e.published} only, but ${e.profile} ask for ${e.asked}: they find no TLS${e.servers === 0 ? ' and no server at all' : ''}.`,
      remedy: (e) => `Publish ${e.asked} with the same target and port as ${e.published}.`,
    },
    absent: {
      means: 'The domain publishes no SRV record that leads this kind of client to a server.',
      causes: [
        'the records were never published, or in the internal DNS only',
        'they were published for another kind of client or transport',
        'the clients are set up by hand, or fall back to fixed host names',
      ],
      fix: 'Publish the SRV records that this kind of client asks for, choose another --profile or --transport, or name the server with --server.',
      severity: (e: AbsentEvidence) => (e.servers.length === 0 ? 'error' : 'info'),
      weighs: 'error when the client of the profile finds no server; info when it falls back to fixed host names',
      text: (e: AbsentEvidence) =>
        e.servers.length > 0
          ? `${e.domain} publishes no SRV record for ${e.profile}; they fall back to ${e.servers.join(', ')}.`
          : `${e.domain} has DNS records, but none that leads ${e.profile} to a server${e.passed.length > 0 ? ` (${e.passed.join('; ')})` : ''}.${e.others.length > 0 ? ` Other clients find one: ${e.others.join('; ')}.` : ''}`,
      remedy: (e) =>
        e.servers.length > 0
          ? `Publish SRV records for ${e.domain}, so that the server is found on any host and port; without them it works only where a server listens on these addresses.`
          : `Publish the SRV records of this kind of client for ${e.domain}, choose another --profile or --transport, or name the server with --server${byPolicy(e)}.`,
    },
    'not-found': {
      means: 'The name that was asked for has no SRV record.',
      causes: [
        'a spelling mistake, or a missing underscore',
        'the record was published in another zone, or inside only',
      ],
      fix: 'Correct the spelling, or publish the SRV record.',
      severity: 'error',
      text: (e: { name: string; resolver: string; exists: 'yes' | 'no' }) =>
        e.exists === 'yes'
          ? `${e.name} exists, but ${e.resolver} knows no SRV record for it.`
          : `${e.name} does not exist: ${e.resolver} knows no such name.`,
      remedy: (e) => `Check the spelling of ${e.name}, or publish the SRV record; compare with: dig ${e.name} SRV`,
    },
  },
  run({ dns, discovery, tcp, sip }, found, { answersIn }) {
    const answers = answersIn(dns);
    const [first] = answers.seen;
    const decision = decisionOf(discovery);
    if (decision === undefined) {
      if (first?.about.type !== 'SRV') return;
      const { name, resolver } = first.about;
      const { state } = answers.lookUp(name, 'SRV');
      if (state === 'nxdomain') found('not-found', name, { name, resolver, exists: 'no' });
      if (state === 'nodata') found('not-found', name, { name, resolver, exists: 'yes' });
      return;
    }
    const shadow = findShadowing(decision.discovery);
    if (shadow !== undefined) {
      const decides = shadow.outcome.profile === decision.discovery.profile ? 'deciding' : 'other';
      const resolver = first?.about.resolver ?? '';
      const weight = weighShadow(shadow, { attempts: [...tcp, ...sip], resolver, decides });
      const { name, addresses, outcome } = shadow;
      const profile = clientsText(outcome.profile);
      const hidden = shadow.hidden.map((one) => one.name);
      if (weight !== undefined) found('shadowed', name, { name, profile, addresses, hidden, ...weight });
    }
    const confused = confusedFamilies(decision, answers);
    if (confused !== undefined) found('family-confusion', decision.domain, confused);
    const absent = confused?.servers !== 0 && findsNothing(decision, answers);
    if (absent || publishesNoService(decision)) found('absent', decision.domain, absentEvidence(decision));
  },
});
