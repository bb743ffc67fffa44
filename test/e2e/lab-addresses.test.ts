import { resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createEmptyNamespace, runIn } from './real/namespaces.ts';
import { describeWith } from './real/requirements.ts';
import type { Stoppable } from './real/clean-up.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const made: Stoppable[] = [];

afterEach(async () => {
  for (const one of made.splice(0)) await one.stop();
});

/** Loopback as macOS has it: 127.0.0.1, and nothing else of 127.0.0.0/8. */
const AS_ON_MACOS = 'ip link set lo up && ip address del 127.0.0.1/8 dev lo && ip address add 127.0.0.1/32 dev lo';

async function onOneAddress(args: readonly string[]) {
  const namespace = createEmptyNamespace();
  made.push(namespace);
  return runIn(namespace.name, ['sh', '-c', `${AS_ON_MACOS} && exec "$@"`, 'sh', process.execPath, BIN, ...args]);
}

describeWith(['namespaces'], 'a machine whose loopback has one address', () => {
  test.each([[['doctor', '--lab']], [['doctor', '--lab', 'callback-partial', '--timeout', '1000']]])(
    'has the lab (%j)',
    async (args) => {
      const { stdout, stderr } = await onOneAddress(args);
      expect([stdout.split(' ')[0], stderr]).toEqual([args.length > 2 ? 'DEGRADED' : 'HEALTHY', '']);
    },
  );

  test.each([
    [['doctor', '--lab', 'nat-mapping-by-address']],
    [['lab', '--fault', 'nat-filtering-by-port', '--for', '1']],
  ])('is told in one line that the STUN server needs a second (%j)', async (args) => {
    const { stdout, stderr, code } = await onOneAddress(args);
    expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    expect(stderr).toMatch(
      /^sipdiag: the lab cannot start: cannot listen on 127\.0\.0\.2:\d+: this machine does not have/,
    );
    expect(stderr).toContain('sudo ifconfig lo0 alias 127.0.0.2');
  });
});
