/** What a piece of text means; how that looks is the paint's business. */
export type Tone = 'good' | 'caution' | 'bad' | 'unsure' | 'faint' | 'strong';

/** Puts colour around a text that holds no line feed. */
export type Paint = (tone: Tone, text: string) => string;

/** No colour at all. */
export const plainPaint: Paint = (_tone, text) => text;

/** The paint for a stream. chalk costs 14 ms to load, so only a coloured run loads it. */
export async function loadPaint(color: 'always' | 'never'): Promise<Paint> {
  if (color === 'never') return plainPaint;
  const { Chalk } = await import('chalk');
  // Level 1: the sixteen colours that every terminal, and every theme for tired eyes, has.
  const chalk = new Chalk({ level: 1 });
  const tones: Record<Tone, (text: string) => string> = {
    good: chalk.green,
    caution: chalk.yellow,
    bad: chalk.red.bold,
    unsure: chalk.magenta,
    faint: chalk.dim,
    strong: chalk.bold,
  };
  return (tone, text) => (text === '' ? '' : tones[tone](text));
}
