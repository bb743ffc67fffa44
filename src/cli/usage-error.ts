/** What the user typed or handed in cannot be used. One line: what was wrong, and what is expected. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}
