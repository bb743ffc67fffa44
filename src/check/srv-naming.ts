import type { Severity } from '../model.ts';
import { CUSTOMARY_PORTS, type Profile } from '../profiles.ts';
import type { DecidingAnswers, Decision } from './deciding-answers.ts';
import type { CaseSpec } from './define-check.ts';
import type { Product } from './product-setting-rows.ts';
import { productFor, settingText } from './product-settings.ts';
import { judgeNaming, profilesAsking, severityOfNaming, type NamingVerdict } from './strict-naming.ts';

export interface NamingEvidence extends NamingVerdict {
  name: string;
  target: string;
  domain: string;
  rule: NonNullable<Profile['naming']>;
  profile: string;
  severity: Severity;
  product?: Product;
}

/** Whose rule is put to a name: that of the deciding client where it connects by the name, else that of any client that asks for it. */
function ruleFor(
  name: string,
  { domain, discovery, profile }: Decision,
): { by: Profile; decides: 'yes' | 'no' } | undefined {
  const asking = profilesAsking(name, domain);
  const own = asking.find((one) => one === profile);
  if (own !== undefined) {
    return { by: own, decides: discovery.servers.some(({ set }) => set === name) ? 'yes' : 'no' };
  }
  // Names of RFC 3263 belong to clients without such a rule; only Microsoft's own names are worth a word.
  const [other] = Object.hasOwn(CUSTOMARY_PORTS, name.split('.').slice(0, 2).join('.')) ? asking : [];
  return other === undefined ? undefined : { by: other, decides: 'no' };
}

/** The targets that a client with a rule of naming does not take without more ado, each with whose rule it is. */
export function foreignTargets(dns: DecidingAnswers, decision: Decision): NamingEvidence[] {
  const { domain } = decision;
  const foreign: NamingEvidence[] = [];
  const distinct = new Map(dns.srv.map((one) => [`${one.name} ${one.srv.target}`, one]));
  for (const { name, srv } of distinct.values()) {
    const rule = srv.target === '.' ? undefined : ruleFor(name, decision);
    if (rule?.by.naming === undefined) continue;
    const verdict = judgeNaming(srv.target, domain, rule.by.naming);
    // What is uncertain is worth a word only of a host that the deciding client would connect to.
    const isTried = rule.decides === 'yes' && dns.host(srv.target).state === 'addressed';
    if (verdict.strict === 'accepted' || (verdict.strict === 'uncertain' && !isTried)) continue;
    const severity = rule.decides === 'yes' ? severityOfNaming(verdict, rule.by.naming) : 'info';
    const profile = `${rule.by.title} (profile ${rule.by.name})`;
    foreign.push({
      name,
      target: srv.target,
      domain,
      rule: rule.by.naming,
      profile,
      severity,
      ...verdict,
      ...productFor(rule.by.name),
    });
  }
  return foreign;
}

const placeText = ({ labelsBelow, domain }: NamingEvidence): string => {
  if (labelsBelow === null) return `outside ${domain}`;
  if (labelsBelow === 0) return 'the domain itself';
  return labelsBelow === 1 ? `directly in ${domain}` : `${labelsBelow} labels below ${domain}`;
};

function strictText({ strict, domain }: NamingEvidence): string {
  if (strict === 'accepted') return 'accepted';
  if (strict === 'refused') return 'refused (0x80EE0042, the server does not match an authorized domain)';
  return `not certain (the guides of Microsoft show such hosts, the help text of the policy allows sip.${domain} and ${domain} only)`;
}

function namingText(e: NamingEvidence): string {
  const place = `${e.name} points to ${e.target}, which is ${placeText(e)}.`;
  if (e.provider === 'trusted') return `${place} Clients of Lync 2013 and later trust this provider by their own list.`;
  if (e.rule === 'exact')
    return `${place} Federation partners accept a host directly in ${e.domain} only (SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH, diagnostic 1009).`;
  const mode = e.rule === 'high-security' ? 'in High Security Mode' : 'as shipped';
  return `${place} Strict naming of ${e.profile}: ${mode} ${strictText(e)}; with DisableStrictDNSNaming=1 ${e.relaxed}.`;
}

function namingRemedy(e: NamingEvidence): string {
  if (e.provider === 'trusted') return 'Nothing to do for clients of Lync 2013 and later.';
  const host = e.rule === 'exact' ? `a host directly in ${e.domain}, for example sip.${e.domain}` : `sip.${e.domain}`;
  const change = `Let ${e.name} point to ${host}, and give the server a certificate with that name`;
  const isBound = e.rule === 'exact' || e.relaxed === 'refused';
  const policy = isBound
    ? '; the policy DisableStrictDNSNaming does not help here'
    : `, or set the policy DisableStrictDNSNaming to 1 on the clients${settingText('srv-target.foreign-domain', e)}`;
  const when = e.strict === 'uncertain' ? 'If clients end with 0x80EE0042: ' : '';
  return `${when}${change}${policy}.`;
}

export const FOREIGN_DOMAIN: CaseSpec<NamingEvidence> = {
  means:
    'An SRV record points to a host with another name than sip.<domain>, which clients with strict naming may refuse.',
  causes: [
    'the SIP domain is not the domain of the servers',
    'several SIP domains share one pool',
    'a provider runs the service under its own name',
  ],
  fix: 'Let the SRV record point to sip.<domain>, and give the server a certificate with that name; for another name in the domain, the policy DisableStrictDNSNaming=1 on the clients will do.',
  // Only clients with this rule are stopped by it; for all others it is worth knowing.
  severity: (e: NamingEvidence) => e.severity,
  weighs:
    'by the profile: error when strict naming refuses the host even where it is relaxed, and under federation; warning when only the strict rule refuses it; info where the documents differ, for clients without the rule and for trusted providers',
  text: namingText,
  remedy: namingRemedy,
};
