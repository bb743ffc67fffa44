/**
 * Characters that act instead of showing: controls (C0, DEL, C1), format characters (bidi, zero width, tags), halves of
 * surrogate pairs, private use, code points that this Node does not know, line and paragraph separators, fillers and variation
 * selectors; every blank but the plain one (a no-break space in a host name is a fault that nobody sees); and each
 * combining mark after the third in a row, which only serves to paint over the lines above.
 */
const active = (): RegExp => /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|(?<=\p{M}{3})\p{M}/gu;

/** Nothing in it can act: true of nearly all texts, and found out without the tables of Unicode, which take long to load. */
const isPlain = (text: string): boolean => /^[\n\x20-\x7e]*$/.test(text);

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

function escapeCodePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
}

/** The first `limit` code points, and how many were left out. */
function bound(text: string, limit: number): { kept: string; left: number } {
  // A string never has more code points than code units, so short texts need no count.
  if (text.length <= limit) return { kept: text, left: 0 };
  let kept = 0;
  let count = 0;
  for (const character of text) {
    if (count < limit) kept += character.length;
    count += 1;
  }
  return { kept: text.slice(0, kept), left: Math.max(0, count - limit) };
}

/**
 * Makes a text from a stranger harmless on a terminal, on one line: ESC becomes `\x1b`, U+202E becomes `\u202e`, U+E0041
 * becomes `\u{e0041}`. A backslash stays single, as DNS names carry it; the JSON report is the form without ambiguity.
 * `limit`, in code points of the input, cuts the rest off and says how many were left out.
 */
export function escapeTerminal(text: string, options: { limit?: number } = {}): string {
  const { kept, left } = bound(text, options.limit ?? Number.POSITIVE_INFINITY);
  const shown = isPlain(kept) && !kept.includes('\n') ? kept : kept.replace(active(), escapeCodePoint);
  return left === 0 ? shown : `${shown}... (${left} more character${left === 1 ? '' : 's'})`;
}

/**
 * Escapes what JSON.stringify leaves active (DEL, C1, bidi, zero width, U+2028/9, …) as `\uXXXX`, so that `cat` of the
 * document is harmless and parsing it gives the same values. Takes a whole document: its line feeds stay.
 */
export function escapeJson(document: string): string {
  if (isPlain(document)) return document;
  return document.replace(active(), (character) => {
    if (character === '\n') return character;
    return Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`).join('');
  });
}
