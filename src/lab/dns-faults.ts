import type { Severity } from '../model.ts';
import { expecting, type Fault, type LabPlan } from './plan.ts';

/** What clients of Lync find at the name that they ask over HTTP. */
const ofAutodiscover = (
  title: string,
  autodiscover: LabPlan['autodiscover'],
  [name, severity]: readonly [string, Severity],
): Fault => ({
  title,
  expects: expecting('dns', `autodiscover.${name}`, severity),
  change: { zone: 'microsoft-only', autodiscover },
  look: { profile: 'lync' },
});

/** What can be wrong with the DNS server and with the records of the domain. */
export const DNS_FAULTS = {
  'srv-target-missing': {
    title: 'the SRV records point to a host name that does not exist',
    expects: expecting('dns', 'srv-target.missing'),
    change: { zone: 'target-missing' },
    also: [{ findingId: 'name-lookup.failed', look: { command: 'signin' } }],
  },
  'srv-target-missing-tcp': {
    title: 'only the SRV record for TCP points to a host name that does not exist',
    expects: expecting('dns', 'srv-target.missing'),
    change: { zone: 'target-missing-tcp' },
  },
  'srv-target-without-address': {
    title: 'the SRV records point to a host that has no address',
    expects: expecting('dns', 'srv-target.no-address'),
    change: { zone: 'target-without-address' },
  },
  'srv-target-null': {
    title: 'the SRV records say that the domain offers no SIP',
    expects: expecting('dns', 'srv-target.null'),
    change: { zone: 'target-null' },
  },
  'srv-target-alias': {
    title: 'the SRV records point to an alias',
    expects: expecting('dns', 'srv-target.alias', 'warning'),
    change: { zone: 'target-alias' },
  },
  'srv-target-foreign-domain': {
    title: 'the SRV record of Lync points to a host of another domain',
    expects: expecting('dns', 'srv-target.foreign-domain'),
    change: { zone: 'foreign-target' },
    look: { command: 'dns', profile: 'lync' },
  },
  'srv-records-shadowed': {
    title: 'the internal SRV name of Lync is in public DNS, with a target that does not exist',
    expects: expecting('dns', 'srv-records.shadowed'),
    change: { zone: 'internal-leaked' },
    look: { profile: 'lync' },
  },
  'srv-records-family-confusion': {
    title: 'TLS is published under the SRV name of Microsoft clients only',
    expects: expecting('dns', 'srv-records.family-confusion'),
    change: { zone: 'microsoft-only' },
    look: { profile: 'rfc3263' },
  },
  'srv-records-absent': {
    title: 'the domain has an address and no SRV record',
    expects: expecting('dns', 'srv-records.absent', 'info'),
    change: { zone: 'no-service' },
    look: { command: 'dns' },
  },
  'srv-records-not-found': {
    title: 'the SRV name that is asked for does not exist',
    expects: expecting('dns', 'srv-records.not-found'),
    change: { zone: 'no-tls' },
    look: { command: 'dns', service: '_sips._tcp' },
  },
  'srv-records-absent-and-no-address': {
    title: 'DNS knows neither the domain nor anything below it',
    expects: expecting('dns', 'domain.not-found'),
    change: { zone: 'empty' },
  },
  'domain-no-address': {
    title: 'the domain exists, with neither SRV records nor an address',
    expects: expecting('dns', 'domain.no-address'),
    change: { zone: 'no-address' },
  },
  'naptr-broken': {
    title: 'the NAPTR record leads to an SRV name that does not exist',
    expects: expecting('dns', 'naptr.broken'),
    change: { zone: 'naptr-broken' },
  },
  'naptr-port-mismatch': {
    title: 'the NAPTR record for UDP leads to the SRV name for TCP',
    expects: expecting('dns', 'naptr.port-mismatch', 'warning'),
    change: { zone: 'naptr-crossed' },
    look: { command: 'dns' },
  },
  'cname-loop': {
    title: 'the name of the server is an alias of an alias of itself',
    expects: expecting('dns', 'cname.loop'),
    change: { zone: 'alias-loop' },
  },
  'cname-too-long': {
    title: 'the name of the server leads through more aliases than clients follow',
    expects: expecting('dns', 'cname.too-long'),
    change: { zone: 'alias-chain' },
  },
  'srv-port-unexpected': {
    title: 'the SRV record for TLS names the port of SIP in clear',
    expects: expecting('dns', 'srv-port.unexpected', 'warning'),
    change: { zone: 'port-of-tcp' },
    look: { command: 'dns' },
  },
  'srv-port-zero': {
    title: 'the SRV record names port 0',
    expects: expecting('dns', 'srv-port.zero'),
    change: { zone: 'port-zero' },
  },
  'dns-ttl-zero': {
    title: 'nobody may keep the DNS records (TTL 0)',
    expects: expecting('dns', 'dns-ttl.zero', 'info'),
    change: { zone: 'ttl-zero' },
  },
  'name-server-no-address': {
    title: 'the name server of the domain has no address',
    expects: expecting('dns', 'authority.no-address', 'warning'),
    change: { zone: 'name-server-missing' },
    look: { command: 'dns', asks: 'authority' },
  },
  'name-server-closed': {
    title: 'the second name server of the domain does not run',
    expects: expecting('dns', 'authority.silent', 'warning'),
    change: { secondNameServer: 'closed' },
    look: { command: 'dns', asks: 'authority' },
  },
  'name-server-lame': {
    title: 'the second name server of the domain does not serve it',
    expects: expecting('dns', 'authority.lame', 'warning'),
    change: { secondNameServer: 'lame' },
    look: { command: 'dns', asks: 'authority' },
  },
  'name-server-partial': {
    title: 'the second name server of the domain fails for one service',
    expects: expecting('dns', 'authority.partial', 'warning'),
    change: { secondNameServer: 'partial' },
    look: { command: 'dns', asks: 'authority' },
  },
  'name-server-unresolved': {
    title: 'the address of the second name server of the domain cannot be looked up',
    expects: expecting('dns', 'authority.unresolved', 'warning'),
    change: { secondNameServer: 'unresolved' },
    look: { command: 'dns', asks: 'authority' },
  },
  'name-server-stale': {
    title: 'the second name server of the domain has older records',
    expects: expecting('dns', 'authority.disagree', 'warning'),
    change: { secondNameServer: 'stale' },
    look: { command: 'dns', asks: 'authority' },
  },
  'autodiscover-unanswered': ofAutodiscover(
    'the autodiscover name of Lync is in DNS, and nobody answers there',
    'closed',
    ['unanswered', 'warning'],
  ),
  'autodiscover-not-understood': ofAutodiscover('a web site answers at the autodiscover name of Lync', 'web-site', [
    'not-understood',
    'warning',
  ]),
  'autodiscover-redirect-dead': ofAutodiscover(
    'autodiscover sends clients of Lync to a host that has no address',
    'dead-end',
    ['redirect-dead', 'warning'],
  ),
  'autodiscover-answered': ofAutodiscover('autodiscover tells clients of Lync where to go', 'answers', [
    'answered',
    'info',
  ]),
  'resolver-unverified': {
    title: 'the DNS server is asked over TLS, and nobody says by what name to know it',
    expects: expecting('dns', 'resolver.unverified', 'info'),
    change: { resolverOver: 'tls' },
  },
  'resolver-silent': {
    title: 'the DNS server does not answer',
    expects: expecting('dns', 'resolver.timeout'),
    change: { dns: 'silent' },
  },
  'resolver-closed': {
    title: 'nothing listens where the DNS server should be',
    expects: expecting('dns', 'resolver.unreachable'),
    change: { dns: 'closed' },
  },
  'resolver-servfail': {
    title: 'the DNS server answers SERVFAIL',
    expects: expecting('dns', 'resolver.failure'),
    change: { dns: 'servfail' },
  },
  'resolver-refused': {
    title: 'the DNS server answers REFUSED',
    expects: expecting('dns', 'resolver.failure'),
    change: { dns: 'refused' },
  },
  'resolver-truncated-no-tcp': {
    title: 'the DNS server truncates its answers and is closed on TCP',
    expects: expecting('dns', 'resolver.truncated-no-tcp'),
    change: { dns: 'truncated-no-tcp' },
  },
  'resolver-slow': {
    title: 'the DNS server takes most of a second for every answer',
    expects: expecting('dns', 'resolver.slow', 'info'),
    change: { dns: 'slow' },
  },
  'split-view-differs': {
    title: 'one of two DNS servers does not know the domain',
    expects: expecting('dns', 'split-view.differs', 'warning'),
    change: { outside: 'empty' },
  },
} as const satisfies Readonly<Record<string, Fault>>;
