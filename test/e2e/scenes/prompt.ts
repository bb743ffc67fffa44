/** What is typed at the hidden prompt for the password, on a real terminal. */
import { DOMAIN } from '../real/stage.ts';
import { HEALTHY, type Expected, type Row } from './row.ts';

/** The keys that send no character. */
export const KEYS = { backspace: '\u007f', enter: '\r', ctrlC: '\u0003', ctrlD: '\u0004', ctrlU: '\u0015' } as const;

/** The one password that the server takes. */
export const SECRET = 'tangerine-6e6f6e6365';

export type PromptScene = Row<'prompt', { typed: string }>;

export const PROMPT_COMMAND = `signin sip:alice@${DOMAIN} --server {server} --transport tcp --digest-sha512t --resolver {nobody} --timeout 900 --no-color`;

const row = (tale: Pick<PromptScene, 'id' | 'name'>, typed: string, expected: Expected): PromptScene => ({
  ...tale,
  stage: 'prompt',
  servers: ['TCP by Node'],
  command: PROMPT_COMMAND,
  world: { typed },
  expected,
});

export const PROMPT: readonly PromptScene[] = [
  row(
    { id: 'prompt-typed', name: 'what is typed, corrections included, is the password' },
    `wrong${KEYS.ctrlU}${SECRET}x${KEYS.backspace}${KEYS.enter}`,
    { ...HEALTHY, rungs: { auth: 'passed' } },
  ),
  row({ id: 'prompt-enter', name: 'Enter alone goes on without a password' }, KEYS.enter, {
    ...HEALTHY,
    rungs: { auth: 'not-tested' },
  }),
];
