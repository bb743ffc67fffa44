import type { Certificate } from './certificate.ts';
import { sameBytes } from './der-primitives.ts';
import { depthInside, normalizeHost } from './host-name.ts';
import { parseAddress } from './ip-address.ts';
import { commonNameCandidates, dnsCandidates, sipUriCandidates } from './name-candidates.ts';
import {
  type Candidate,
  compareNames,
  type ComparedIdentity,
  makeVerdict,
  type NameRule,
  type NameTarget,
  type NameVerdict,
} from './name-verdict.ts';

type Matcher = (certificate: Certificate, target: NameTarget) => NameVerdict;

const superseded = { ignored: 'a sip: URI without user is present' };
const noCommonName = { ignored: 'the common name is not read by this rule' };
const sanPresent = { ignored: 'the certificate has alternative names' };

const notApplicable = (rule: NameRule): NameVerdict => makeVerdict({ rule, wanted: [] }, 'nothing-to-compare', []);

/** The SIP domain: sip: URIs, else DNS names, else the common name when there are no alternative names. No wildcards. */
function matchSipDomain(certificate: Certificate, { domain }: NameTarget): NameVerdict {
  if (domain === undefined) return notApplicable('rfc5922');
  const uris = sipUriCandidates(certificate);
  const usable = uris.some(({ ignored }) => ignored === undefined);
  const candidates: Candidate[] = [
    ...uris,
    ...dnsCandidates(certificate, usable ? superseded : 'compare'),
    ...commonNameCandidates(certificate, certificate.san.present ? sanPresent : 'compare'),
  ];
  return compareNames({ rule: 'rfc5922', wanted: [normalizeHost(domain)], candidates, wildcards: 'never' });
}

function matchAddress(certificate: Certificate, address: string): NameVerdict {
  const wanted = parseAddress(address);
  const listed = certificate.san.ip.map((value): ComparedIdentity => {
    const bytes = parseAddress(value);
    const same = wanted !== undefined && bytes !== undefined && sameBytes(bytes, wanted);
    return {
      source: 'san-ip',
      value,
      result: same ? 'match' : 'mismatch',
      why: same ? 'the same address' : 'another address',
    };
  });
  const names = [
    ...dnsCandidates(certificate, { ignored: 'a name, not an address' }),
    ...commonNameCandidates(certificate, noCommonName),
  ];
  const others = names.map(({ source, value, ignored }): ComparedIdentity => ({
    source,
    value,
    result: 'ignored',
    why: ignored ?? '',
  }));
  const reason = listed.some(({ result }) => result === 'match') ? 'exact' : 'address-not-listed';
  return makeVerdict({ rule: 'rfc9525', wanted: [address] }, reason, [...listed, ...others]);
}

/** The connected host, or the connected address when the client knows no name. */
function matchConnectedHost(certificate: Certificate, { host, address }: NameTarget): NameVerdict {
  const name = host === undefined ? address : normalizeHost(host);
  if (name === undefined) return notApplicable('rfc9525');
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  if (parseAddress(bare) !== undefined) return matchAddress(certificate, bare);
  const candidates = [...dnsCandidates(certificate, 'compare'), ...commonNameCandidates(certificate, noCommonName)];
  return compareNames({ rule: 'rfc9525', wanted: [name], candidates, wildcards: 'one-label' });
}

/** DNS names; the common name stands in only when there is none, as in RFC 2818, which these clients follow. */
function microsoftCandidates(certificate: Certificate): Candidate[] {
  const use = certificate.san.dns.length > 0 ? sanPresent : 'compare';
  return [...dnsCandidates(certificate, 'compare'), ...commonNameCandidates(certificate, use)];
}

/** The server must be sip.<domain> or stand directly in the domain, and the certificate must name it. */
function matchStrict(certificate: Certificate, target: NameTarget): NameVerdict {
  const rule = 'microsoft-strict';
  const domain = target.domain === undefined ? undefined : normalizeHost(target.domain);
  const host = target.host === undefined ? undefined : normalizeHost(target.host);
  const wanted = host ?? (domain === undefined ? undefined : `sip.${domain}`);
  if (wanted === undefined) return notApplicable(rule);
  const verdict = compareNames({
    rule,
    wanted: [wanted],
    candidates: microsoftCandidates(certificate),
    wildcards: 'never',
  });
  if (domain === undefined || depthInside(wanted, domain) === 1) return verdict;
  return makeVerdict(verdict, 'host-outside-domain', verdict.identities);
}

/** As with DisableStrictDNSNaming: host and certificate need only end in the domain; child domains are taken. */
function matchRelaxed(certificate: Certificate, target: NameTarget): NameVerdict {
  const rule = 'microsoft-relaxed';
  if (target.domain === undefined) return notApplicable(rule);
  const domain = normalizeHost(target.domain);
  const host = target.host === undefined ? `sip.${domain}` : normalizeHost(target.host);
  const accepts = (value: string): boolean => (depthInside(normalizeHost(value), domain) ?? 0) > 0;
  const candidates = microsoftCandidates(certificate);
  const verdict = compareNames({ rule, wanted: [host], candidates, wildcards: 'one-label', accepts });
  if ((depthInside(host, domain) ?? 0) > 0) return verdict;
  return makeVerdict(verdict, 'host-outside-domain', verdict.identities);
}

/** Windows Mobile in high-security mode asks for sip.<domain>, whatever host it connects to. */
function matchSipName(certificate: Certificate, { domain }: NameTarget): NameVerdict {
  const rule = 'microsoft-sip-name';
  if (domain === undefined) return notApplicable(rule);
  const wanted = [`sip.${normalizeHost(domain)}`];
  return compareNames({ rule, wanted, candidates: microsoftCandidates(certificate), wildcards: 'never' });
}

/** Live Communications Server 2003 reads the common name and nothing else. */
function matchCommonName(certificate: Certificate, { host }: NameTarget): NameVerdict {
  const rule = 'microsoft-common-name';
  if (host === undefined) return notApplicable(rule);
  const dns = dnsCandidates(certificate, { ignored: 'alternative names are not read by this generation' });
  const candidates = [...commonNameCandidates(certificate, 'compare'), ...dns];
  return compareNames({ rule, wanted: [normalizeHost(host)], candidates, wildcards: 'never' });
}

/** The SBC's own name in the common name or the DNS names; a wildcard covers one label. */
function matchDirectRouting(certificate: Certificate, target: NameTarget): NameVerdict {
  const rule = 'teams-direct-routing';
  const host = target.host ?? target.domain;
  if (host === undefined) return notApplicable(rule);
  const wanted = [normalizeHost(host)];
  const candidates = [...dnsCandidates(certificate, 'compare'), ...commonNameCandidates(certificate, 'compare')];
  const verdict = compareNames({ rule, wanted, candidates, wildcards: 'one-label' });
  if (depthInside(normalizeHost(host), 'onmicrosoft.com') === undefined) return verdict;
  return makeVerdict(verdict, 'host-not-usable', verdict.identities);
}

const matchers: Record<NameRule, Matcher> = {
  rfc5922: matchSipDomain,
  rfc9525: matchConnectedHost,
  'microsoft-strict': matchStrict,
  'microsoft-relaxed': matchRelaxed,
  'microsoft-sip-name': matchSipName,
  'microsoft-common-name': matchCommonName,
  'teams-direct-routing': matchDirectRouting,
};

/**
 * Whether the certificate names what the client meant to reach, by one rule. RFC 5922 sections 7.1 to 7.3; RFC 9525 section 6;
 * Microsoft: the strict naming of Communicator and Lync and its relaxation, LCS 2003; Teams Direct Routing, "Plan Direct Routing".
 */
export function matchNames(rule: NameRule, certificate: Certificate, target: NameTarget): NameVerdict {
  return matchers[rule](certificate, target);
}
