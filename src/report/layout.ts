/** Scripts and ranges whose characters take two columns (Unicode Standard Annex 11, Wide and Fullwidth). */
const isWide = (character: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u2e80-\u303e\u3200-\u33ff\uff01-\uff60\uffe0-\uffe6]/u.test(
    character,
  );

/** A longer part of a word is worth more to the reader than a clean end: mostly it is a name or an address. */
const MAX_CUT_WORD = 8;

/** A blank where a line may end: not the one between a number and its unit. */
const BREAK = /(?<!\d) | (?!(?:ms|s|min|h|KiB|MiB)\b)/;

/** One printed line: a lead (a mark, a label, or the blanks under them) and a text. */
export interface Row {
  lead: string;
  text: string;
}

function columnsOfCharacter(character: string): number {
  // ASCII is nearly all of it, and the expression is slow.
  return character > '\u10ff' && isWide(character) ? 2 : 1;
}

/** Terminal columns of an escaped text. Never too few: a combining mark counts as one. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

/** As many characters as fit into `width` columns, at least one. */
function fitting(text: string, width: number): string {
  let columns = 0;
  let end = 0;
  for (const character of text) {
    columns += columnsOfCharacter(character);
    if (columns > width && end > 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function breakWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = word;
  do {
    const piece = fitting(rest, width);
    pieces.push(piece);
    rest = rest.slice(piece.length);
  } while (rest !== '');
  return pieces;
}

/** Lines of at most `width` columns (2 or more), broken between words but not between a number and its unit, and inside a word only when it is longer than a line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.split(BREAK).flatMap((word) => breakWord(word, width))) {
    const longer = line === '' ? piece : `${line} ${piece}`;
    if (columnsOf(longer) > width) {
      lines.push(line.trimEnd());
      line = piece;
    } else {
      line = longer;
    }
  }
  const last = line.trimEnd();
  return last === '' && lines.length > 0 ? lines : [...lines, last];
}

/**
 * Wraps a text to the right of its lead. Every further line starts under the first, so that no text from a remote can begin
 * where a mark of the report begins.
 */
export function hang(lead: string, text: string, width: number): Row[] {
  const blanks = ' '.repeat(columnsOf(lead));
  const room = Math.max(2, width - blanks.length);
  return wrap(text, room).map((line, index) => ({ lead: index === 0 ? lead : blanks, text: line }));
}

/** The text on one line of at most `width` columns (4 or more); what does not fit is cut, after a word where that costs little. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text.trimEnd();
  const fits = fitting(text, width - 3);
  const blank = fits.lastIndexOf(' ');
  return `${(blank > 0 && fits.length - blank <= MAX_CUT_WORD ? fits.slice(0, blank) : fits).trimEnd()}...`;
}
