import type { RungResult } from '../../model.ts';
import { markup, nothing, type Markup } from '../markup.ts';
import type { ShownRung } from '../shown-rungs.ts';
import { icon, type Mark } from './icon.ts';
import { timeText } from './words.ts';

interface Look {
  mark: Mark;
  word: string;
  /** What the rail below it looks like. */
  rail: 'held' | 'failed' | 'untested';
}

const LOOKS: Readonly<Record<RungResult['status'], Look>> = {
  passed: { mark: 'good', word: 'passed', rail: 'held' },
  warning: { mark: 'caution', word: 'warning', rail: 'held' },
  failed: { mark: 'bad', word: 'failed', rail: 'failed' },
  unknown: { mark: 'unsure', word: 'unknown', rail: 'untested' },
  'not-tested': { mark: 'faint', word: 'not tested', rail: 'untested' },
};

function drawRung({ rung, status, summary, ms, decides }: ShownRung): Markup {
  const { mark, word, rail } = LOOKS[status];
  const text = summary.replace(/^not tested: /, '');
  const time = ms > 0 ? markup`<span class="time">${timeText(ms)}</span>` : nothing;
  const first = decides && status === 'failed' ? markup`<b class="first">First broken rung:</b> ` : nothing;
  return markup`<li class="${mark} ${rail}${decides ? ' decides' : ''}">${icon(mark)}<span class="rung">${rung}</span><span class="word">${word}</span><span class="text">${first}${text}</span>${time}</li>
`;
}

/** The rungs from the bottom of a sign-in upwards, as they are climbed: first to last. */
export const drawLadder = (rungs: readonly ShownRung[]): Markup =>
  markup`<ol class="ladder card">
${rungs.map(drawRung)}</ol>`;
