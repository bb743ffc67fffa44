import { markup, type Markup } from '../markup.ts';

/** What a mark means; each has a shape of its own, so that no reader depends on a colour. */
export type Mark = 'good' | 'caution' | 'bad' | 'unsure' | 'faint' | 'note';

/** The drawings of all marks, once in a page; `icon` refers to them. */
export const SYMBOLS: Markup = markup`<svg width="0" height="0" aria-hidden="true" focusable="false">
<symbol id="mark-good" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9" fill="currentColor"/><path d="M5.7 10.3l3 3 5.6-6.2" fill="none" stroke="var(--card)" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="mark-caution" viewBox="0 0 20 20"><path d="M10 1.6 19 17.6H1z" fill="currentColor" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round"/><path d="M10 7.2v5M10 14.9v.1" fill="none" stroke="var(--card)" stroke-width="2" stroke-linecap="round"/></symbol>
<symbol id="mark-bad" viewBox="0 0 20 20"><path d="M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3z" fill="currentColor"/><path d="M6.8 6.8l6.4 6.4M13.2 6.8l-6.4 6.4" fill="none" stroke="var(--card)" stroke-width="2" stroke-linecap="round"/></symbol>
<symbol id="mark-unsure" viewBox="0 0 20 20"><rect x="1.5" y="1.5" width="17" height="17" rx="5" fill="currentColor"/><path d="M7.4 7.6c0-1.6 1.1-2.5 2.6-2.5s2.6 1 2.6 2.3c0 1.9-2.6 2-2.6 4M10 14.7v.1" fill="none" stroke="var(--card)" stroke-width="1.9" stroke-linecap="round"/></symbol>
<symbol id="mark-faint" viewBox="0 0 20 20"><circle cx="10" cy="10" r="8" fill="var(--card)" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.6 2.4"/></symbol>
<symbol id="mark-note" viewBox="0 0 20 20"><circle cx="10" cy="10" r="8.2" fill="var(--card)" stroke="currentColor" stroke-width="1.6"/><path d="M10 9.2v5M10 6v.1" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/></symbol>
</svg>`;

/** One mark; a word beside it says the same, so it is no news to a screen reader. */
export const icon = (mark: Mark): Markup =>
  markup`<svg class="icon" aria-hidden="true" focusable="false"><use href="#mark-${mark}"></use></svg>`;
