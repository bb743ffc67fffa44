#!/usr/bin/env node
try {
  require('../dist/start.cjs');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND' || !error.message.includes('start.cjs')) throw error;
  process.stderr.write('sipdiag: it is not built yet; expected npm ci && npm run build in its folder beforehand\n');
  process.exitCode = 2;
}
