/** What a number on the wire means for somebody who cannot sign in. */
export interface CodeEntry {
  meaning: string;
  /** What to do, or whom to ask. */
  remedy: string;
  /** 'unconfirmed': no document of the maker was found; one source, or experience, says so. */
  confidence: 'documented' | 'unconfirmed';
}

/** A table of one family of numbers. */
export type CodeTable = Readonly<Record<number, CodeEntry>>;

/** The entry of a documented number. */
export const known = (meaning: string, remedy: string): CodeEntry => ({ meaning, remedy, confidence: 'documented' });

/** The entry of a number that no document of its maker explains. */
export const supposed = (meaning: string, remedy: string): CodeEntry => ({
  meaning,
  remedy,
  confidence: 'unconfirmed',
});
