import type { Certificate } from './certificate.ts';
import type { PathFailure, PathRequest, PathRule } from './path-types.ts';

/** One certificate of a path and its part in it. */
export interface PathMember {
  certificate: Certificate;
  /** 0 is the leaf. */
  index: number;
  /** An anchor is trusted; the leaf is a leaf even when it is an authority, unless it is trusted itself. */
  role: 'leaf' | 'intermediate' | 'anchor';
  /** Leaf first. */
  path: readonly Certificate[];
}

/** What is wrong with a member. */
export interface Breach {
  rule: PathRule;
  detail: string;
}

/** The request as the rules need it: the time cut to whole seconds, ISO 8601. */
export type RuleContext = Pick<PathRequest, 'purpose' | 'rules' | 'maxIntermediates'> & { at: string };

/** One rule: nothing, or what is wrong. Pure. */
export type MemberRule = (member: PathMember, context: RuleContext) => Breach[];

/** The breach when the condition is true, for one optional flag after another. */
export function breachIf(condition: unknown, rule: PathRule, detail: string): Breach[] {
  return condition === true ? [{ rule, detail }] : [];
}

/** Details quote what a stranger wrote, as long as he liked. */
const MAX_DETAIL_LENGTH = 512;

/** The breach with its place in the path. */
export function failureOf(member: PathMember, { rule, detail }: Breach): PathFailure {
  return {
    rule,
    index: member.index,
    subject: member.certificate.subject.text,
    detail: detail.slice(0, MAX_DETAIL_LENGTH),
  };
}

/** The first extension with the identifier. */
export function extensionOf({ extensions }: Certificate, oid: string): Certificate['extensions'][number] | undefined {
  return extensions.find((extension) => extension.oid === oid);
}
