import { UsageError } from '../../src/cli/usage-error.ts';

/** The one line that the user would read; throws when there is none, or when it is more than a line. */
export function complaintOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return lineOf(error);
  }
  throw new Error('nothing was refused');
}

/** As `complaintOf`, for what is refused later. */
export async function laterComplaintOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => Promise.reject(new Error('nothing was refused')),
    (error: unknown) => lineOf(error),
  );
}

function lineOf(error: unknown): string {
  if (!(error instanceof UsageError)) throw error;
  if (error.message.includes('\n')) throw new Error(`more than one line: ${error.message}`);
  return error.message;
}
