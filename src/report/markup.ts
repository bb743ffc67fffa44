import { escapeTerminal } from './escape.ts';

/** A symbol is what no JSON can hold: nothing that was read from a saved file passes for markup of ours. */
const SAFE = Symbol('markup');

/** HTML, SVG or XML in which every text from outside is escaped already. Made by the template `markup` alone. */
export interface Markup {
  readonly [SAFE]: string;
}

/** What may stand in a template: markup as it is, everything else as escaped text. */
export type Value = string | number | Markup | readonly Markup[];

/** Code points of one text: our own are far shorter, a remote's share in them is not ours to trust. */
const MAX_TEXT = 2000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // Not active by itself, but a reader that strips the quotes of an attribute would take it for one.
  '`': '&#96;',
};

const isMarkup = (value: unknown): value is Markup => typeof value === 'object' && value !== null && SAFE in value;

const isList = (value: unknown): value is readonly Markup[] => Array.isArray(value);

function textOf(value: Value): string {
  if (isMarkup(value)) return value[SAFE];
  if (isList(value)) return value.map(textOf).join('');
  // A damaged saved file may hold anything where a text should be.
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return escapeTerminal(text, { limit: MAX_TEXT }).replace(/[&<>"'`]/g, (one) => ENTITIES[one] ?? '');
}

/**
 * A template for HTML, SVG and XML 1.0: every value is escaped for text and for quoted attributes alike, freed of what acts on a
 * terminal or is forbidden in XML, and bounded. Attributes must be quoted, and no value may stand in a name, a script or a style.
 */
export function markup(strings: TemplateStringsArray, ...values: Value[]): Markup {
  const parts = strings.map((own, at) => {
    const value = values[at];
    return value === undefined ? own : own + textOf(value);
  });
  return { [SAFE]: parts.join('') };
}

/** Nothing at all. */
export const nothing: Markup = markup``;

/** The finished document. */
export const printMarkup = (document: Markup): string => document[SAFE];
