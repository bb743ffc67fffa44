import type { Observation, Rung } from '../model.ts';
import type { DnsAnswer, Server } from '../model/dns.ts';
import type { Certificate } from '../pki/certificate.ts';
import { leftFamilyText, untriedFamily } from './left-family.ts';
import { portWords, portsText, reachedPorts, unreachedPorts, witnessName, type PortWord } from './port-reach.ts';
import type { ChainReadings } from './sent-chain.ts';
import { LINE, listed, WIDE_LINE } from './short-list.ts';
import { endpointText } from './standing.ts';

/** The ladder: each rung makes sense only when the ones below it hold. */
export const RUNGS: readonly Rung[] = ['dns', 'connect', 'tls', 'certificate', 'sip', 'auth', 'callback', 'media'];

export interface RungSummary {
  /** False: nothing was tried on this rung, so that it can be neither good nor bad. */
  climbed: boolean;
  summary: string;
  ms: number;
}

type Of<K extends Observation['kind']> = Extract<Observation, { kind: K }>;
const of = <K extends Observation['kind']>(all: readonly Observation[], kind: K): Of<K>[] =>
  all.filter((one): one is Of<K> => one.kind === kind);

/** From the start of the first attempt to the end of the last: attempts run side by side. */
function spanMs(observations: readonly Observation[]): number {
  if (observations.length === 0) return 0;
  const start = Math.min(...observations.map((one) => one.at));
  const end = Math.max(...observations.map((one) => one.at + one.outcome.ms));
  return Math.round((end - start) * 100) / 100;
}

/** For a rung on which nothing worked: what was missing, and the first reason that the network gave. */
function nothing(what: string, tried: readonly Observation[]): string {
  const failed = tried.find(({ outcome }) => !outcome.ok);
  return failed === undefined || failed.outcome.ok ? what : `${what} (${failed.outcome.detail})`;
}

/** Where an SRV name leads, when it was asked for alone. */
const servicesOf = (name: string, { records }: DnsAnswer): string[] =>
  records.flatMap(({ srv }) => (srv === undefined ? [] : `${name} -> ${srv.target}:${srv.port}`));

/** By which record DNS leads to a server: of an SRV name in the domain itself, the labels that tell the service. */
function leadText({ transport, host, port, via }: Server, domain: string): string {
  const to = `${host}:${port} (${transport})`;
  if (via === `address of ${host}`) return to;
  const name = via.replace(/^SRV /, '');
  const service = name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : '';
  return `${/^_[^.]+\._[^.]+$/.test(service) ? service : name} -> ${to}`;
}

function dnsSummary(all: readonly Observation[]): RungSummary {
  const dns = of(all, 'dns');
  const texts = of(all, 'discovery').flatMap(({ about, outcome }) =>
    outcome.ok
      ? outcome.value.servers.filter(({ addresses }) => addresses.length > 0).map((one) => leadText(one, about.domain))
      : [],
  );
  const addresses = dns.flatMap(({ about, outcome }) =>
    outcome.ok
      ? outcome.value.records.flatMap(({ address }) => address ?? []).map((one) => `${about.name} -> ${one}`)
      : [],
  );
  const services = dns.flatMap(({ about, outcome }) => (outcome.ok ? servicesOf(about.name, outcome.value) : []));
  const led = texts.length > 0 ? texts : [...services, ...addresses];
  const answered = dns.some(({ outcome }) => outcome.ok);
  const empty = answered ? 'no address was found' : nothing('no answer from DNS', dns);
  const summary = dns.length === 0 ? 'no name was looked up' : led.length > 0 ? listed(led) : empty;
  return { climbed: dns.length > 0, summary, ms: spanMs(dns) };
}

/**
 * Leaves out the attempts that were made by custom and failed, where the server answers SIP in another way: they say nothing
 * about the way that clients take.
 */
function counting<T extends Of<'tcp'> | Of<'tls'>>(tried: readonly T[], all: readonly Observation[]): T[] {
  const serving = new Set(of(all, 'sip').flatMap(({ about, outcome }) => (outcome.ok ? about.set : [])));
  return tried.filter(({ about, outcome }) => outcome.ok || about.published || !serving.has(about.set));
}

const TCP_BY = 'TCP accepted by ';

function connectSummary(all: readonly Observation[]): RungSummary {
  const tcp = counting(of(all, 'tcp'), all);
  const open = tcp.filter((one) => one.outcome.ok).map((one) => endpointText(one.about));
  const udpOnly = tcp.length === 0 && of(all, 'sip').length > 0;
  const family = untriedFamily(all);
  const idle = family === undefined ? 'not tested' : leftFamilyText(family);
  const untried = udpOnly ? 'not tested: UDP opens no connection' : idle;
  const tried =
    open.length > 0 ? TCP_BY + listed(open, LINE - TCP_BY.length) : nothing('no TCP connection opened', tcp);
  return { climbed: tcp.length > 0, summary: tcp.length > 0 ? tried : untried, ms: spanMs(tcp) };
}

function tlsSummary(all: readonly Observation[]): RungSummary {
  const tls = counting(of(all, 'tls'), all);
  const spoken = tls.flatMap(({ about, outcome }) =>
    outcome.ok ? `${outcome.value.version} with ${endpointText(about)}` : [],
  );
  const tried = spoken.length > 0 ? listed(spoken) : nothing('no TLS handshake came to its end', tls);
  const customary = of(all, 'tls').length > 0;
  const untried = customary ? 'not tested: SIP answers without TLS' : 'not tested: no server was tried over TLS';
  const summary = tls.length > 0 ? tried : untried;
  return { climbed: tls.length > 0, summary, ms: spanMs(tls) };
}

/** The names that clients compare: the subject counts only where there is no other (RFC 5922 section 7.1). */
function validText({ san, subject, notAfter }: Certificate): string {
  const names = [...san.dns, ...san.ip, ...san.uri];
  const lead = `valid until ${notAfter.slice(0, 10)}, for `;
  return lead + listed(names.length === 0 ? [subject.text] : names, WIDE_LINE - lead.length);
}

function certificateSummary(all: readonly Observation[], readings: ChainReadings): RungSummary {
  const tls = of(all, 'tls');
  const texts = tls.flatMap((one) => {
    const leaf = readings.chainOf(one)?.leaf;
    return leaf === undefined ? [] : validText(leaf);
  });
  const climbed = tls.some((one) => one.outcome.ok);
  return { climbed, summary: climbed ? listed(texts, WIDE_LINE) : 'not tested: no certificate was seen', ms: 0 };
}

type SipAnswered = Pick<Of<'sip'>, 'about'> & { answer: string };

/** 'OPTIONS 200 OK, REGISTER 403 Forbidden (udp), 200 OK (tcp)': answers that came the same ways share them. */
function answersText(answered: readonly SipAnswered[]): string[] {
  const ways = new Map<string, Set<string>>();
  for (const { about, answer } of answered) {
    const key = `${about.method} ${answer}`.trimEnd();
    ways.set(key, (ways.get(key) ?? new Set()).add(about.transport));
  }
  const answers = new Map<string, string[]>();
  for (const [answer, transports] of ways) {
    const key = [...transports].join(', ');
    answers.set(key, [...(answers.get(key) ?? []), answer]);
  }
  const groups = [...answers];
  const methodOf = (given: readonly string[] | undefined): string | undefined =>
    given?.length === 1 ? given[0]?.replace(/ .*/, '') : undefined;
  return groups.map(([transports, given], at) => {
    // The method need not be said again right behind itself.
    const method = methodOf(given);
    const isSaid = method !== undefined && method === methodOf(groups[at - 1]?.[1]);
    const text = given.join(', ');
    return `${isSaid ? text.slice(method.length + 1) : text} (${transports})`;
  });
}

function sipSummary(all: readonly Observation[]): RungSummary {
  const sip = of(all, 'sip').filter(({ about }) => about.step === undefined);
  const answered = sip.flatMap(({ about, outcome }) => (outcome.ok ? { about, ...outcome.value } : []));
  const full = answersText(answered.map((one) => ({ ...one, answer: `${one.status} ${one.reason}` })));
  const codes = answersText(answered.map((one) => ({ ...one, answer: String(one.status) })));
  const tried = listed(full.join(', ').length <= LINE ? full : codes);
  const summary =
    sip.length === 0 ? 'not tested: no server was tried' : tried === '' ? nothing('no SIP answer', sip) : tried;
  return { climbed: sip.length > 0, summary, ms: spanMs(sip) };
}

/** Nobody signs in where nothing asks for a password, or where it must not be sent. */
function authSummary(all: readonly Observation[]): RungSummary {
  const signIns = of(all, 'sip').filter(({ about }) => about.step === 'sign-in');
  const [withheld] = of(all, 'withheld');
  const [first] = signIns;
  if (first === undefined) {
    const why = withheld?.outcome.ok ? withheld.outcome.value.detail : 'nothing asked for a password';
    return { climbed: false, summary: `not tested: ${why}`, ms: 0 };
  }
  const accepted = signIns.filter(({ outcome }) => outcome.ok && outcome.value.status < 300);
  const transports = listed(accepted.map(({ about }) => about.transport));
  const { account = '' } = first.about;
  const summary =
    accepted.length > 0
      ? `signed in as ${account} (${transports})`
      : nothing(`could not sign in as ${account}`, signIns);
  return { climbed: true, summary, ms: spanMs(signIns) };
}

/** The rungs that were left out on purpose say so themselves. */
function skippedSummary(all: readonly Observation[], rung: Rung): RungSummary {
  const skipped = of(all, 'skipped').find((one) => one.about.rung === rung);
  const why = skipped?.outcome.ok ? skipped.outcome.value.why : 'not part of this command';
  return { climbed: false, summary: `not tested: ${why}`, ms: 0 };
}

function wordSummary({ who, address, ports }: PortWord, transport: string): string {
  const { reused = [], reached = [] } = ports;
  if (reused.length > 0 && reached.length === 0)
    return `${who.replace(/^the SIP server /, '')} comes back on the client's connection`;
  return `${who} reaches ${transport} ${portsText(reached)} of ${address}`;
}

/** Why nobody has tried a port: the whole reason stands in a finding, and only its name has room in a line. */
function untriedText(witnesses: readonly Of<'witness'>[], reach: readonly Of<'reach'>[]): string {
  const failed = witnesses.find(({ outcome }) => !outcome.ok);
  if (failed !== undefined && failed.about.server !== '')
    return `${witnessName(failed.about.witness, failed.about.server)} could not be asked`;
  if (failed === undefined && reach.length === 0) return 'no witness that can try a port (give --agent or --turn)';
  return nothing('no witness could try a port', [...witnesses, ...reach]);
}

/** The rungs callback and media: who reaches what. Nothing was climbed where no witness has tried a port. */
function portSummary(all: readonly Observation[], use: 'sip' | 'media'): RungSummary {
  const reach = of(all, 'reach').filter(({ about }) => about.use === use);
  const words = portWords(reach, use).filter(
    ({ connection, idleSeconds }) => connection !== 'closed' && idleSeconds === undefined,
  );
  if (words.length === 0) {
    return { climbed: false, summary: `not tested: ${untriedText(of(all, 'witness'), reach)}`, ms: 0 };
  }
  const good = words.filter((word) => reachedPorts(word).length > 0 && unreachedPorts(word).length === 0);
  const transport = use === 'sip' ? 'TCP' : 'UDP';
  const summary = good.length > 0 ? listed(good.map((word) => wordSummary(word, transport))) : 'no port was reached';
  return { climbed: true, summary, ms: spanMs(reach) };
}

/** What was seen on a rung, in one line. */
export function summarizeRung(rung: Rung, observations: readonly Observation[], readings: ChainReadings): RungSummary {
  if (observations.some((one) => one.kind === 'skipped' && one.about.rung === rung))
    return skippedSummary(observations, rung);
  switch (rung) {
    case 'dns':
      return dnsSummary(observations);
    case 'connect':
      return connectSummary(observations);
    case 'tls':
      return tlsSummary(observations);
    case 'certificate':
      return certificateSummary(observations, readings);
    case 'sip':
      return sipSummary(observations);
    case 'auth':
      return authSummary(observations);
    case 'callback':
      return portSummary(observations, 'sip');
    case 'media':
      return portSummary(observations, 'media');
  }
}
