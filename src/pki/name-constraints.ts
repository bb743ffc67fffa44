import type { Certificate } from './certificate.ts';
import type { DistinguishedName, NameAttribute } from './distinguished-name.ts';
import type { NameConstraints } from './extension-values.ts';
import type { GeneralName } from './general-name.ts';
import { type ConstraintSyntax, matchSubtree, type SubtreeMatch } from './subtree-match.ts';
import { isHostName } from './host-name.ts';

/** Comparisons of one name with one subtree, for a whole path. Constrained authorities of practice need some hundreds. */
const MAX_COMPARISONS = 100_000;

export type ConstraintResult =
  { result: 'inside' } | { result: 'outside' | 'malformed' | 'unsupported' | 'limit'; detail: string };

function emailAttributes(name: DistinguishedName): string[] {
  return name.rdns
    .flat()
    .flatMap((attribute: NameAttribute) => (attribute.type === 'emailAddress' ? [attribute.value] : []));
}

/**
 * The names of a certificate that constraints apply to: all alternative names, the subject, e-mail addresses in the subject, and,
 * without alternative names, a common name that looks like a host, because some clients take it for one.
 */
function namesOf(certificate: Certificate): GeneralName[] {
  const { san, subject, commonName } = certificate;
  const names: GeneralName[] = [...certificate.alternativeNames];
  if (subject.rdns.length > 0) names.push({ type: 'dirName', name: subject });
  if (san.email.length === 0)
    names.push(...emailAttributes(subject).map((value): GeneralName => ({ type: 'email', value })));
  if (!san.present && commonName !== undefined && commonName.includes('.') && isHostName(commonName)) {
    names.push({ type: 'dns', value: commonName });
  }
  return names;
}

/** The name as a report may show it. */
function show(name: GeneralName): string {
  return name.type === 'dirName' ? name.name.text : name.value;
}

function sameForm(base: GeneralName, name: GeneralName): boolean {
  if (base.type !== 'other' || name.type !== 'other') return base.type === name.type;
  return base.form === name.form && base.oid === name.oid;
}

export interface ConstraintWork {
  comparisons: number;
}

interface Query {
  name: GeneralName;
  syntax: ConstraintSyntax;
  work: ConstraintWork;
}

/** The first subtree that decides; 'no-match' when none does. */
function findSubtree(bases: GeneralName[], { name, syntax }: Query, list: 'permitted' | 'excluded'): SubtreeMatch {
  for (const base of bases) {
    const found = matchSubtree(base, name, { syntax, list });
    if (found !== 'no-match') return found;
  }
  return 'no-match';
}

function testName({ permitted, excluded }: NameConstraints, query: Query): ConstraintResult {
  const { name, work } = query;
  work.comparisons += permitted.length + excluded.length;
  if (work.comparisons > MAX_COMPARISONS) return { result: 'limit', detail: 'too many names and constraints' };
  const permits = permitted.filter((base) => sameForm(base, name));
  const forbids = findSubtree(
    excluded.filter((base) => sameForm(base, name)),
    query,
    'excluded',
  );
  const found = forbids === 'match' || forbids === 'no-match' ? findSubtree(permits, query, 'permitted') : forbids;
  if (found === 'malformed') return { result: 'malformed', detail: `constraint or name cannot be read: ${show(name)}` };
  if (found === 'unsupported')
    return { result: 'unsupported', detail: `constraints on this form of name are not understood: ${show(name)}` };
  if (forbids === 'match') return { result: 'outside', detail: `${show(name)} is excluded` };
  if (permits.length > 0 && found === 'no-match')
    return { result: 'outside', detail: `${show(name)} is not permitted` };
  return { result: 'inside' };
}

/** Tests all names of a certificate against the constraints of one issuer above it. RFC 5280 section 4.2.1.10. */
export function testConstraints(
  constraints: NameConstraints,
  certificate: Certificate,
  { syntax, work }: { syntax: ConstraintSyntax; work: ConstraintWork },
): ConstraintResult {
  for (const name of namesOf(certificate)) {
    const result = testName(constraints, { name, syntax, work });
    if (result.result !== 'inside') return result;
  }
  return { result: 'inside' };
}
