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

await main(process.argv.slice(2));
