import { runProgram } from './program.ts';

async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await runProgram(argv);
}

void main(process.argv.slice(2));
