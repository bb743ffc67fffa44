// Goal P1: `sipdiag --version` costs hardly more than an empty Node, on Node 20 and 24.
import { execFileSync } from 'node:child_process';
import { BIN, compare, createReport } from './measure.mjs';

const report = createReport('P1', 'sipdiag --version');
const other = execFileSync('npx', ['-y', '-p', 'node@24', '-c', 'command -v node'], { encoding: 'utf8' }).trim();

for (const node of [process.execPath, other]) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const { ms, codes } = await compare({
    floor: [node, '-e', '0'],
    version: [node, BIN, '--version'],
    help: [node, BIN, '--help'],
  });
  report.expect(`exit code on ${version}`, codes.version, 0);
  report.fact(`F: node -e 0 on ${version}`, ms.floor);
  report.fact(`--help on ${version} / F`, ms.help / ms.floor, 'x');
  report.goal(`--version on ${version} / F`, ms.version / ms.floor, 1.35);
}
report.end();
