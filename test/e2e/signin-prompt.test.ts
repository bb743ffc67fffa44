/** The hidden prompt for the password, on a real terminal. */
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha512Truncated } from './sip-scripts.ts';
import { startScripted } from './sip-servers.ts';
import { stopAfterAll, temporaryFolder } from './real/clean-up.ts';
import { runForReport } from './real/doctor-run.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { onTerminal, shellLine } from './real/terminal.ts';
import { playScenes } from './scenes/play.ts';
import { KEYS, PROMPT_COMMAND, SECRET } from './scenes/prompt.ts';
import { argsOf } from './scenes/row.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const PROMPT = 'Password of alice (Enter: sign in without): ';
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
const lineOf = (args: readonly string[]): string => shellLine([process.execPath, BIN, ...args]);

describeWith(['terminal'], 'the prompt for the password', () => {
  const keep = stopAfterAll();
  const address = loopbackAddress(0);
  let server: Awaited<ReturnType<typeof startScripted>>;
  let folder: string;
  let values: Record<string, string>;
  beforeAll(async () => {
    // It takes this password alone.
    server = keep(await startScripted(address, sha512Truncated(SECRET)));
    folder = keep(temporaryFolder('prompt')).path;
    values = { server: `${address}:${server.port}`, nobody: `${address}:1` };
  });

  const seen = playScenes('prompt', async (scene) => {
    const file = join(folder, `${scene.id}.json`);
    const { shown, code } = await onTerminal(lineOf([...argsOf(scene, values), '--save', file]), [
      [PROMPT, scene.world.typed],
    ]);
    return { report: (await runForReport(['judge', file])).report, code, shown };
  });

  test('takes what is typed, and shows none of it', async () => {
    const { shown } = await seen('prompt-typed');
    expect(oneLine(shown)).toContain('and the password is taken');
    expect(['wrong', SECRET, SECRET.slice(0, 4), '*'].filter((text) => shown.includes(text))).toEqual([]);
  });

  test('says that no password was given after Enter alone', async () => {
    const { shown } = await seen('prompt-enter');
    expect(oneLine(shown)).toContain('no password was given');
  });

  describe.each([
    ['Ctrl-C', `tang${KEYS.ctrlC}`],
    ['Ctrl-D', KEYS.ctrlD],
  ])('%s', (_name, key) => {
    test('ends with a usage error, sends nothing, and leaves the terminal as it was', async () => {
      const before = server.requests.length;
      const line = lineOf(argsOf({ command: PROMPT_COMMAND }, values));
      const script = `stty -a; ${line}; echo "code $?"; stty -a`;
      const { shown } = await onTerminal(script, [[PROMPT, key]]);
      expect(shown).toContain('code 2');
      expect(shown).toContain('no password was given; expected one');
      expect(shown).not.toContain('tang');
      expect(server.requests).toHaveLength(before);
      const [then, now] = [...shown.matchAll(/^speed [^]*?(?=^\S*[Pp]assword|(?![^]))/gm)].map(([text]) => text);
      expect(now).toBe(then);
      expect(now).toMatch(/(?<!-)\becho\b/);
    });
  });
});
