import type { Severity } from '../model.ts';
import { TRUSTED_DOMAINS } from '../profiles.ts';
import { isServiceRefused } from '../wire/dns-answer.ts';
import type { HostLookup } from '../wire/dns-lookup.ts';
import {
  decisionOf,
  namesText,
  offersNothing,
  severityOfWeight,
  verbFor,
  weighTarget,
  weightText,
  type DecidingAnswers,
  type Decision,
  type Weight,
} from './deciding-answers.ts';
import { defineCheck, type Found } from './define-check.ts';
import { findShadowing, type Shadowing } from './shadowing.ts';
import { FOREIGN_DOMAIN, foreignTargets, type NamingEvidence } from './srv-naming.ts';

type TargetEvidence = Weight & {
  target: string;
  /** The end of the target's aliases, where it is one. */
  alias: string | null;
};

interface Cases {
  missing: TargetEvidence;
  'no-address': TargetEvidence;
  null: { names: string[]; severity: Severity };
  alias: { target: string; names: string[]; alias: string; owner: 'provider' | 'own' };
  'foreign-domain': NamingEvidence;
}

const through = ({ target, alias }: TargetEvidence): string =>
  alias === null ? target : `${target}, an alias of ${alias}`;

const isTrusted = (host: string): boolean => TRUSTED_DOMAINS.some((one) => host === one || host.endsWith(`.${one}`));

/** A dead internal name that hides others is told once, as what it does to its clients. */
function toldAsShadow({ names }: Weight, shadow: Shadowing | undefined): boolean {
  return shadow?.addresses.length === 0 && names.every((name) => name === shadow.name);
}

function judgeTarget(
  found: Found<Cases>,
  host: HostLookup,
  { target, weight }: { target: string; weight: Weight },
): void {
  const alias = host.chain.at(-1)?.host ?? null;
  if (host.state === 'nxdomain') found('missing', target, { ...weight, target, alias });
  if (host.state === 'nodata') found('no-address', target, { ...weight, target, alias });
  if (host.state === 'addressed' && alias !== null) {
    found('alias', target, { target, names: weight.names, alias, owner: isTrusted(target) ? 'provider' : 'own' });
  }
}

/** Names whose only record says that the service is not offered. */
function refusedNames(dns: DecidingAnswers): string[] {
  const all = dns.srv;
  const names = new Set(all.map(({ name }) => name));
  return [...names].filter((one) => isServiceRefused(all.flatMap(({ name, record }) => (name === one ? record : []))));
}

function judgeRefusals(found: Found<Cases>, dns: DecidingAnswers, decision: Decision | undefined): void {
  const names = refusedNames(dns);
  if (names.length === 0) return;
  const asked = new Set(decision?.discovery.steps.map(({ question }) => question.replace(/ SRV$/, '')));
  const decisive =
    decision === undefined ||
    offersNothing(decision) ||
    (decision.discovery.servers.length === 0 && names.some((one) => asked.has(one)));
  found('null', namesText(names), { names, severity: decisive ? 'error' : 'info' });
}

export const srvTarget = defineCheck({
  id: 'srv-target',
  rung: 'dns',
  question: 'Do the SRV records point to hosts that exist?',
  source: 'RFC 2782',
  reads: ['dns'],
  uses: ['discovery'],
  cases: {
    missing: {
      means: 'An SRV record points to a host name that does not exist in DNS.',
      causes: [
        'the server was renamed or removed, and the SRV record stayed',
        'a spelling mistake in the target, or the dot at its end is missing',
        'the host is known in the internal DNS only',
      ],
      fix: 'Create an A or AAAA record for the target, or correct the target of the SRV record.',
      severity: severityOfWeight,
      weighs: 'error when the client of the profile needs the name and nothing stands in for it; warning otherwise',
      text: (e: TargetEvidence) =>
        `${namesText(e.names)} ${verbFor(e.names, 'points')} to ${through(e)}, and that host name does not exist in DNS.${weightText(e)}`,
      remedy: (e) =>
        `Create an A or AAAA record for ${e.alias ?? e.target}, or correct the target of ${namesText(e.names)}; check with: dig ${e.target} A`,
    },
    'no-address': {
      means: 'An SRV record points to a host name that exists but has no address.',
      causes: [
        'the address record was removed, or never created',
        'the name has records of other types only',
        'the address is published in the internal DNS only',
      ],
      fix: 'Give the target the address of the server as an A or AAAA record, or correct the target of the SRV record.',
      severity: severityOfWeight,
      weighs: 'error when the client of the profile needs the name and nothing stands in for it; warning otherwise',
      text: (e: TargetEvidence) =>
        `${namesText(e.names)} ${verbFor(e.names, 'points')} to ${through(e)}, which exists but has neither an A nor an AAAA record.${weightText(e)}`,
      remedy: (e) =>
        `Add the server's address to ${e.alias ?? e.target} as an A or AAAA record, or correct the target of ${namesText(e.names)}.`,
    },
    null: {
      means: 'The SRV record has the target ".": the domain says that it does not offer this service.',
      causes: [
        'the service was turned off on purpose',
        'the provider of the domain publishes such records by default',
        'the service moved elsewhere',
      ],
      fix: 'If the service is meant to be offered, replace the record by one that names the server.',
      severity: (e: Cases['null']) => e.severity,
      weighs: 'error when it leaves the client of the profile without a server; info otherwise',
      text: (e: Cases['null']) =>
        `${namesText(e.names)} ${verbFor(e.names, 'has')} the target ".": the domain says that it does not offer this service.`,
      remedy: (e) =>
        `If the service is meant to be offered, replace the record of ${namesText(e.names)} by one that names the server.`,
    },
    alias: {
      means: 'An SRV record points to an alias (CNAME), which RFC 2782 forbids and some clients do not follow.',
      causes: [
        'the server moved, and its old name became an alias',
        'a load balancer or cloud service that gives out names only',
        'the provider of the service publishes it so',
      ],
      fix: 'Point the SRV record straight at the host that has the address, or give its target an address of its own.',
      // A provider's names are its own business, and the customer cannot change them.
      severity: (e: Cases['alias']) => (e.owner === 'provider' ? 'info' : 'warning'),
      weighs: 'warning; info for the names of a provider, which the customer cannot change',
      text: (e: Cases['alias']) =>
        `${namesText(e.names)} ${verbFor(e.names, 'points')} to ${e.target}, which is an alias (CNAME) of ${e.alias}; RFC 2782 forbids that, and some clients do not follow it.`,
      remedy: (e) =>
        e.owner === 'provider'
          ? 'Nothing to do: the provider of the service wants it so.'
          : `Point ${namesText(e.names)} straight at ${e.alias}, or give ${e.target} an address of its own.`,
    },
    'foreign-domain': FOREIGN_DOMAIN,
  },
  notApplicable: ({ dns }, { answersIn }) => (answersIn(dns).srv.length === 0 ? 'no SRV record was found' : null),
  run({ dns, discovery }, found, { answersIn }) {
    const answers = answersIn(dns);
    const decision = decisionOf(discovery);
    const shadow = decision && findShadowing(decision.discovery);
    const targets = new Set(answers.srv.map(({ srv }) => srv.target));
    judgeRefusals(found, answers, decision);
    for (const foreign of decision === undefined ? [] : foreignTargets(answers, decision)) {
      found('foreign-domain', foreign.target, foreign);
    }
    for (const target of targets) {
      if (target === '.') continue;
      const weight = weighTarget(target, answers, decision);
      if (toldAsShadow(weight, shadow)) continue;
      judgeTarget(found, answers.host(target), { target, weight });
    }
  },
});
