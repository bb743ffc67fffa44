import type { Observation, Report } from '../../model.ts';
import { markup, nothing, type Markup } from '../markup.ts';
import { describeOutcome } from '../observation-words.ts';
import { drawPairs } from './findings.ts';
import { percent, timeText } from './words.ts';

/** Probes that are drawn: a sign-in has some forty. */
const MAX_PROBES = 300;
/** About as many marks as fit beside one another on a phone. */
const MAX_TICKS = 4;

/** The first round number of milliseconds that divides the time into few enough parts. */
function stepOf(total: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, total / MAX_TICKS)));
  const steps = [1, 2, 5, 10].map((one) => one * magnitude);
  return steps.find((one) => total / one <= MAX_TICKS) ?? magnitude * 10;
}

function drawAxis(total: number): Markup {
  const step = stepOf(total);
  const ticks = Array.from({ length: Math.floor(total / step) + 1 }, (_, at) => at * step);
  const drawn = ticks.map((ms) => {
    const x = percent(ms, total);
    const anchor = ms === 0 ? 'start' : ms / total > 0.93 ? 'end' : 'middle';
    return markup`<text x="${x}" y="11" text-anchor="${anchor}">${timeText(ms).replace('<1', '0')}</text><line x1="${x}" x2="${x}" y1="15" y2="21"></line>`;
  });
  return markup`<div class="axis" aria-hidden="true"><svg>${drawn}</svg></div>`;
}

/** A bar from asking to answer; without an answer it is hollow and ends in a cross. */
function drawBar({ at, outcome }: Observation, total: number): Markup {
  const rail = markup`<rect class="rail" width="100%" height="100%" rx="3"></rect>`;
  const bar = markup`<rect class="took" x="${percent(at, total)}" width="${percent(Math.max(outcome.ms, total / 250), total)}" height="100%" rx="3"></rect>`;
  if (outcome.ok) return markup`<svg class="bar" aria-hidden="true">${rail}${bar}</svg>`;
  const cross = markup`<svg x="${percent(at + outcome.ms, total)}" overflow="visible"><path class="cross" d="M-4 2.5l8 8M4 2.5l-8 8"></path></svg>`;
  return markup`<svg class="bar lost" aria-hidden="true">${rail}${bar}${cross}</svg>`;
}

function drawProbe(one: Observation, total: number): Markup {
  const { kind, subject, at, about, outcome } = one;
  const why = outcome.ok ? nothing : markup`<span class="why">${outcome.reason}</span>`;
  const facts = Object.entries(about).filter(([, value]) => value !== undefined);
  const pairs = drawPairs([['result', describeOutcome(one)], ['began', `after ${timeText(at)}`], ...facts]);
  return markup`<li><details class="probe"><summary><span class="kind">${kind}</span><span class="what">${subject}${why}</span>${drawBar(one, total)}<span class="time">${timeText(outcome.ms)}</span></summary>
<div class="seen">${pairs}</div></details></li>
`;
}

/** Whatever was measured, of kinds known today or not; a rung that was left out took no time and has no bar. */
const isProbe = ({ kind }: Observation): boolean => kind !== 'skipped';

/** Every probe of the run beside the others, by the time at which it began. */
export function drawTimeline({ observations }: Report): Markup {
  const probes = observations.filter(isProbe);
  if (probes.length === 0) return nothing;
  const ends = probes.map(({ at, outcome }) => at + outcome.ms).filter(Number.isFinite);
  const total = Math.max(1, ...ends);
  const shown = probes.slice(0, MAX_PROBES).toSorted((a, b) => a.at - b.at);
  const left = probes.length - shown.length;
  const more = left > 0 ? markup`<li class="seen soft">and ${left} more, in the JSON report</li>` : nothing;
  return markup`<div class="card">${drawAxis(total)}<ol class="probes">
${shown.map((one) => drawProbe(one, total))}${more}</ol></div>`;
}
