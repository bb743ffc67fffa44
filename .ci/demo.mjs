// The main job on an embedded default: builds, then diagnoses the lab on loopback, healthy and with one fault.
import { spawnSync } from 'node:child_process';

const FAULT = 'cert-expired';

function node(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  return status;
}

function show(line, expected) {
  console.log(`\n$ sipdiag ${line}\n`);
  const status = node('bin/sipdiag.js', ...line.split(' '));
  console.log(`\n[exit code ${status}]`);
  if (status !== expected) process.exitCode = 1;
}

if (node('.ci/build.mjs') === 0) {
  show('doctor --lab', 0);
  show(`doctor --lab ${FAULT}`, 1);
} else {
  process.exitCode = 1;
}
