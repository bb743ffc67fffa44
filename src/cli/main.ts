import { VERSION } from './version.ts';

/** Monitors ask for the version often: the answer needs nothing of what a run needs. */
async function main(argv: readonly string[]): Promise<void> {
  const [only] = argv;
  if (argv.length === 1 && (only === '--version' || only === '-V')) {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  const { runProgram } = await import('./program.ts');
  process.exitCode = await runProgram(argv);
}

/** The reader of a pipe may leave early, as `head -1` does: what is left to say then interests nobody. */
function forgiveClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

process.stdout.on('error', forgiveClosedPipe);
process.stderr.on('error', forgiveClosedPipe);
void main(process.argv.slice(2));
