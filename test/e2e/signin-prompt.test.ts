/** The hidden prompt for the password, on a real terminal. */
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha512Truncated, startScripted } from './lcs-server.ts';
import { stopAfterAll } from './real/clean-up.ts';
import { loopbackAddress } from './real/ports.ts';
import { describeWith } from './real/requirements.ts';
import { onTerminal, shellLine } from './real/terminal.ts';

const BIN = resolve(import.meta.dirname, '../../bin/sipdiag.js');
const SECRET = 'tangerine-6e6f6e6365';
const PROMPT = 'Password of alice (Enter: sign in without): ';
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
const [BACKSPACE, ENTER, CTRL_C, CTRL_D, CTRL_U] = ['\u007f', '\r', '\u0003', '\u0004', '\u0015'];

describeWith(['terminal'], 'the prompt for the password', () => {
  const keep = stopAfterAll();
  const address = loopbackAddress(0);
  let server: Awaited<ReturnType<typeof startScripted>>;
  let line = '';
  beforeAll(async () => {
    // It takes this password alone.
    server = keep(await startScripted(address, sha512Truncated(SECRET)));
    const to = ['--server', `${address}:${server.port}`, '--transport', 'tcp', '--digest-sha512t'];
    const words = [process.execPath, BIN, 'signin', 'sip:alice@fuzzybunny.local', ...to, '--resolver', `${address}:1`];
    line = shellLine([...words, '--timeout', '900', '--no-color']);
  });

  test('takes what is typed, corrections included, and shows none of it', async () => {
    const typed = `wrong${CTRL_U}${SECRET}x${BACKSPACE}${ENTER}`;
    const { shown, code } = await onTerminal(line, [[PROMPT, typed]]);
    expect(oneLine(shown)).toContain('and the password is taken');
    expect(code).toBe(0);
    expect(['wrong', SECRET, SECRET.slice(0, 4), '*'].filter((text) => shown.includes(text))).toEqual([]);
  });

  test('Enter alone goes on without a password', async () => {
    const { shown, code } = await onTerminal(line, [[PROMPT, ENTER]]);
    expect(oneLine(shown)).toContain('no password was given');
    expect(code).toBe(0);
  });

  describe.each([
    ['Ctrl-C', `tang${CTRL_C}`],
    ['Ctrl-D', CTRL_D],
  ])('%s', (_name, key) => {
    test('ends with a usage error, sends nothing, and leaves the terminal as it was', async () => {
      const before = server.requests.length;
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
