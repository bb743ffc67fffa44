import type { Report } from '../../model.ts';
import type { DiscoveryStep, Fate, ProfileOutcome, RecordFate } from '../../model/dns.ts';
import { differencesOf } from '../dns-differences.ts';
import { distinctSteps } from '../dns-profiles.ts';
import { markup, nothing, type Markup } from '../markup.ts';
import { drawTable, plainCell } from './table.ts';

const STATUS_WORDS: Readonly<Record<ProfileOutcome['status'], string>> = {
  reaches: 'connects',
  fails: 'does not connect',
  'finds-nothing': 'finds nothing',
  unknown: 'cannot be told',
  'not-checked': 'not checked',
};

const FATES: Readonly<Record<Fate, { word: string; tone: string }>> = {
  used: { word: 'used', tone: 'good' },
  ignored: { word: 'ignored', tone: 'caution' },
  absent: { word: 'absent', tone: 'faint' },
  broken: { word: 'broken', tone: 'bad' },
  refused: { word: 'refused', tone: 'unsure' },
  'not-checked': { word: 'not checked', tone: 'faint' },
};

/** Records of one answer: a reader compares a few, the JSON report holds them all. */
const MAX_RECORDS = 12;
const MAX_STEPS = 60;

function drawRecord({ text, fate, why, addresses = [] }: RecordFate): Markup {
  const arrow = addresses.length > 0 ? ` -> ${addresses.join(', ')}` : '';
  const { word, tone } = FATES[fate] ?? FATES['not-checked'];
  return markup`<li class="${tone}"><span class="word">${word}</span> <span class="mono">${text}${arrow}</span> <span class="soft">(${why})</span></li>`;
}

function drawStep({ question, fate, why, records = [] }: DiscoveryStep): Markup {
  const { word, tone } = FATES[fate] ?? FATES['not-checked'];
  // The addresses of a host stand in `why` already.
  const shown = question.endsWith(' A/AAAA') ? [] : records.slice(0, MAX_RECORDS);
  const left = records.length - MAX_RECORDS;
  const more = left > 0 && shown.length > 0 ? markup`<li class="soft">and ${left} more</li>` : nothing;
  const list = shown.length === 0 ? nothing : markup`<ul>${shown.map(drawRecord)}${more}</ul>`;
  return markup`<li class="${tone}"><span class="word">${word}</span> <span class="mono">${question}</span>: ${why}${list}</li>
`;
}

/** Every name that a client of this kind asks for, the losers included. */
function drawSteps(steps: readonly DiscoveryStep[], state: 'open' | 'folded'): Markup {
  if (steps.length === 0) return nothing;
  const count = steps.length === 1 ? 'the name that it asks for' : `the ${steps.length} names that it asks for`;
  return markup`<details class="steps"${state === 'open' ? markup` open` : nothing}><summary>${count}</summary><ol>${steps.slice(0, MAX_STEPS).map(drawStep)}</ol></details>`;
}

/** Where each kind of client would connect by DNS. */
export function drawProfiles({ observations, command }: Report): Markup {
  const discovery = observations.find((one) => one.kind === 'discovery');
  if (discovery?.outcome.ok !== true) return nothing;
  const { profile, profiles = [] } = discovery.outcome.value;
  if (profiles.length === 0) return nothing;
  const first = profiles.toSorted((a, b) => Number(b.profile === profile) - Number(a.profile === profile));
  const rows = first.map((one) => {
    const decides = one.profile === profile;
    const state = decides && command === 'dns' ? 'open' : 'folded';
    return {
      name: decides ? markup`<b>${one.title}</b> <span class="soft">(decides here)</span>` : markup`${one.title}`,
      cells: [
        { ...plainCell(STATUS_WORDS[one.status] ?? one.status), tone: one.status === 'fails' ? 'failed' : 'plain' },
        { text: markup`${one.conclusion}${drawSteps(distinctSteps(one.steps), state)}`, tone: 'plain' },
      ] as const,
    };
  });
  return drawTable({ caption: 'Table of clients', head: ['Client', 'By DNS it', 'How'], rows });
}

/** The questions to which the resolvers of a run give different answers (split DNS). */
export function drawDifferences(report: Report): Markup {
  const differences = differencesOf(report);
  const labels = [...new Set(differences.flatMap(({ answers }) => answers.map(([label]) => label)))];
  if (differences.length === 0) return nothing;
  const rows = differences.map(({ question, answers }) => {
    const byLabel = new Map(answers);
    return { name: markup`${question}`, cells: labels.map((label) => plainCell(byLabel.get(label) ?? '-')) };
  });
  return drawTable({ caption: 'Table of differences', head: ['Question', ...labels], rows });
}
